"""Holiday calendars, for admins."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.customers.services import company_day
from accounts.surveys.models import HolidayCalendar
from accounts.surveys.services import calendars as services
from accounts.surveys.services.calendars import Filled
from crm.forms.calendars import WORKED, CalendarForm, DayForm, FillForm
from crm.queries import programmes as queries
from crm.templatetags.formats import number
from crm.views.request import UserRequest
from crm.views.writing import page_or_post, status_of


@page_or_post
def calendars(request: UserRequest) -> HttpResponse:
    """All calendars, and a form for a new one."""
    access.require(access.may_keep_programme(request.user))
    form = CalendarForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.create_calendar(**form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The calendar is there. Give it its days now."))
            return redirect("calendar", made.pk)
    context = {"calendars": queries.calendars_with_counts(), "form": form}
    return render(request, "programmes/calendars.html", context, status=status_of(form))


@page_or_post
def calendar(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.manageable_calendars(request.user), pk)
    form = CalendarForm(request.POST or None, stored=found)
    if form.is_valid():
        try:
            services.change_calendar(found, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("calendar", found.pk)
    return _page(request, found, form=form)


@page_or_post
def calendar_fill(request: UserRequest, pk: int) -> HttpResponse:
    """Fill in the days of the country; a GET, say of a reload after an error, leads to the calendar."""
    found = access.get_or_404(access.manageable_calendars(request.user), pk)
    if request.method != "POST":
        return redirect("calendar", found.pk)
    form = FillForm(request.POST, year=company_day(timezone.now()).year)
    if form.is_valid():
        try:
            filled = services.fill_calendar(
                found,
                years=form.years,
                language=get_language() or "en",
                is_anew=form.cleaned_data["is_anew"],
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _filled(filled))
            return redirect(_address(found, form.years[0]))
    return _page(request, found, fill_form=form)


@page_or_post
def calendar_day(request: UserRequest, pk: int) -> HttpResponse:
    """Set one day; a GET leads to the calendar."""
    found = access.get_or_404(access.manageable_calendars(request.user), pk)
    if request.method != "POST":
        return redirect("calendar", found.pk)
    form = DayForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        services.set_day(found, day=typed["day"], is_working=typed["kind"] == WORKED, name=typed["name"])
        messages.success(request, _("Saved."))
        return redirect(_address(found, typed["day"].year))
    return _page(request, found, day_form=form)


@require_POST
def calendar_day_remove(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.manageable_calendars(request.user), pk)
    try:
        day = dt.date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return redirect("calendar", found.pk)
    if services.remove_day(found, day=day):
        messages.success(request, _("The day is as its weekday says again."))
    return redirect(_address(found, day.year))


@require_POST
def calendar_delete(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.manageable_calendars(request.user), pk)
    try:
        services.delete_calendar(found)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("calendar", found.pk)
    messages.success(request, _("The calendar is deleted."))
    return redirect("calendars")


def _page(
    request: UserRequest,
    found: HolidayCalendar,
    *,
    form: CalendarForm | None = None,
    fill_form: FillForm | None = None,
    day_form: DayForm | None = None,
) -> HttpResponse:
    this_year = company_day(timezone.now()).year
    years = queries.years_of(found)
    asked = request.GET.get("year", "")
    latest = this_year if this_year in years or not years else years[-1]
    year = int(asked) if asked.isdecimal() and int(asked) in years else latest
    bound = next((one for one in (form, fill_form, day_form) if one is not None and one.is_bound), None)
    context = {
        "calendar": found,
        "form": form or CalendarForm(stored=found),
        "fill_form": fill_form or FillForm(year=this_year),
        "day_form": day_form or DayForm(),
        "years": years,
        "year": year,
        "days": services.named_days(found, year, get_language() or "en"),
    }
    return render(request, "programmes/calendar.html", context, status=status_of(bound) if bound else 200)


def _address(calendar: HolidayCalendar, year: int) -> str:
    return f"{reverse('calendar', args=[calendar.pk])}?year={year}#days"


def _filled(filled: Filled) -> str:
    off = ngettext("%(count)s holiday", "%(count)s holidays", filled.holidays)
    worked = ngettext("%(count)s make-up working day", "%(count)s make-up working days", filled.make_up_days)
    words = {
        "holidays": off % {"count": number(filled.holidays)},
        "worked": worked % {"count": number(filled.make_up_days)},
    }
    return _("Added: %(holidays)s and %(worked)s.") % words
