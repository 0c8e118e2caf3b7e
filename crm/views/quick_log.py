"""The quick log from anywhere: of which customer, and what the words for a day mean."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode, urlsplit

from babel.dates import format_skeleton
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from crm.date_words import DateWordsError, day_of, moment_of
from crm.forms.day_words import NOT_A_DAY, NOT_A_MOMENT
from crm.queries import customers as queries
from crm.templatetags.formats import reader_locale
from crm.views.request import UserRequest
from crm.views.writing import wants_fragment

CHOICES_SHOWN = 20
YEAR = 330
"""From so many days away on, a day is told with its year."""


@require_safe
@vary_on_headers("HX-Request", "HX-Target", "HX-Current-URL")
def quick_log(request: UserRequest) -> HttpResponse:
    """Which customer? Known from the page he stands on; else chosen, with ``take`` the first that fits."""
    loggable = access.loggable_customers(request.user)
    back = came_from(request)
    text = request.GET.get("q", "")[:200].strip()
    if "q" not in request.GET and (of_page := _customer_of(request, back)) is not None:
        return _to_form(of_page, back)
    found = list(loggable.filter(queries.matching(text)).order_by("sort_key", "pk")[:CHOICES_SHOWN])
    if request.GET.get("take") and text and found:
        return _to_form(found[0], back)
    context = {
        "q": text,
        "found": found,
        "target": "interaction_new",
        "title": _("Log an interaction"),
        "question": _("With which customer was it?"),
        "next": back,
        "may_log": access.may_log(request.user),
        "may_add": access.may_add_customers(request.user),
    }
    if wants_fragment(request):
        is_list = request.htmx.target == "log-found"
        return render(
            request, "interactions/_found.html" if is_list else "interactions/_choose.html", context
        )
    return render(request, "interactions/quick_log.html", context)


@require_safe
def day_words(request: UserRequest) -> HttpResponse:
    """What is understood of ``field``, a day to come or (``kind=moment``) a moment that was."""
    now = timezone.localtime(timezone.now())
    text = request.GET.get(request.GET.get("field", ""), "")
    is_moment = request.GET.get("kind") == "moment"
    context: dict[str, object] = {}
    if text.strip():
        language = get_language() or "en"
        try:
            if is_moment:
                moment = moment_of(text, now, language)
                context["understood"] = f"{_in_words(moment.date(), now.date())}, {moment:%H:%M}"
            else:
                context["understood"] = _in_words(day_of(text, now.date(), language), now.date())
        except DateWordsError:
            context["error"] = NOT_A_MOMENT if is_moment else NOT_A_DAY
    return render(request, "interactions/_echo.html", context)


def came_from(request: UserRequest) -> str:
    """The page of ours that he was on: named in ``next``, else told by htmx or the browser; "" for none."""
    wish = request.GET.get("next") or request.POST.get("next") or ""
    if not wish:
        told = request.htmx.current_url or request.headers.get("Referer", "")
        parts = urlsplit(told)
        if parts.netloc == request.get_host() and parts.path != request.path:
            wish = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_ours = url_has_allowed_host_and_scheme(wish, allowed_hosts=None)
    return wish if is_ours and wish.startswith("/") else ""


def _to_form(customer: Customer, back: str) -> HttpResponse:
    form = reverse("interaction_new", args=[customer.pk])
    return redirect(f"{form}?{urlencode({'next': back})}" if back else form)


def _customer_of(request: UserRequest, path: str) -> Customer | None:
    """Whose page this is, if he may log for him: of the customer, or of one of his records."""
    try:
        place = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    key = place.kwargs.get("pk") or place.kwargs.get("identity")
    name = place.url_name or ""
    try:
        if key is None:
            return None
        if (place.route or "").startswith("customers/<int:pk>"):
            customer = access.get_customer_or_404(request.user, key)
        elif name == "contact":
            customer = access.get_contact_or_404(request.user, key).customer
        elif name in {"project", "project_satisfaction"}:
            customer = access.get_project_or_404(request.user, key).customer
        elif name == "case":
            customer = access.get_case_or_404(request.user, key).customer
        elif name == "interaction":
            customer = access.get_interaction_or_404(request.user, key).customer
        else:
            return None
    except Http404:
        return None
    return access.loggable_customers(request.user).filter(pk=customer.pk).first()


def _in_words(day: dt.date, today: dt.date) -> str:
    skeleton = "MMMEd" if abs((day - today).days) < YEAR else "yMMMEd"
    return str(format_skeleton(skeleton, day, locale=reader_locale()))
