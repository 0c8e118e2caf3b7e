"""Reminders outside the product: one's own page of them, the calendar at a secret address, and its end."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.reminding import services
from accounts.reminding.models import CalendarFeed, DigestDays, DigestWish
from accounts.surveys.weeks import zone_of
from accounts.users.models import User
from crm.calendar_feed import calendar_of
from crm.forms.reminders import DigestForm
from crm.mail.digest import user_of_stop
from crm.queries.calendar import entries_of
from crm.views.request import UserRequest
from crm.views.survey_limits import is_guessing
from crm.views.writing import page_or_post, status_of

FIRST_HOUR = 7


@never_cache
@page_or_post
def reminders(request: UserRequest) -> HttpResponse:
    """The page; a POST says when the letter of the day comes."""
    person = access.get_myself(request.user)
    wish = DigestWish.objects.filter(user=person).first()
    start = {"days": wish.days, "hour": wish.hour} if wish else {"days": DigestDays.OFF, "hour": FIRST_HOUR}
    form = DigestForm(request.POST or None, initial=start)
    if form.is_valid():
        chosen = DigestDays(form.cleaned_data["days"])
        services.wish_digest(person, days=chosen, hour=form.cleaned_data["hour"])
        messages.success(request, _("Saved."))
        return redirect("reminders")
    return _page(request, person, form, new_url="")


@never_cache
@require_POST
def feed_new(request: UserRequest) -> HttpResponse:
    """A secret address, shown with this one answer; the one before it no longer works."""
    person = access.get_myself(request.user)
    token = services.make_feed(person, now=timezone.now())
    wish = DigestWish.objects.filter(user=person).first()
    start = {"days": wish.days, "hour": wish.hour} if wish else {"days": DigestDays.OFF, "hour": FIRST_HOUR}
    new_url = settings.PUBLIC_URL + reverse("calendar_feed", args=[token])
    return _page(request, person, DigestForm(initial=start), new_url=new_url)


@require_POST
def feed_revoke(request: UserRequest) -> HttpResponse:
    services.revoke_feed(access.get_myself(request.user))
    messages.success(request, _("Your calendar is at no address any more."))
    return redirect("reminders")


def _page(request: UserRequest, person: User, form: DigestForm, *, new_url: str) -> HttpResponse:
    context = {
        "form": form,
        "feed": CalendarFeed.objects.filter(user=person).first(),
        "new_url": new_url,
        "person": person,
    }
    return render(request, "account/reminders.html", context, status=status_of(form))


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever has the address, as he may see it now. No session, no cookie."""
    feed = services.feed_of(token)
    if feed is None:
        if is_guessing(request):
            return HttpResponse(status=429)
        raise Http404
    person = feed.user
    with translation.override(person.language), timezone.override(zone_of(person.time_zone)):
        body = calendar_of(entries_of(person, now=timezone.now()))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer: HttpResponse
    if tag in request.headers.get("If-None-Match", ""):
        answer = HttpResponseNotModified()
    else:
        answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'inline; filename="truenorth.ics"'
    answer["ETag"], answer["Cache-Control"] = tag, "private, no-cache"
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "no-referrer", "noindex"
    return answer


@csrf_exempt
@login_not_required
@never_cache
@page_or_post
def digest_stop(request: HttpRequest, token: str) -> HttpResponse:
    """One click in the mail program (RFC 8058), or the button of the page; opening it ends nothing."""
    person = user_of_stop(token)
    if person is None:
        if is_guessing(request):
            return HttpResponse(status=429)
        raise Http404
    if request.method == "POST":
        services.stop_digest(person)
    with translation.override(person.language):
        return render(request, "account/digest_stop.html", {"is_stopped": request.method == "POST"})
