"""Today: the page, what is put off, and the one tap on each item."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.contacts.models import Level
from accounts.interactions import services as interactions
from accounts.snoozes.services import end_snooze
from accounts.snoozes.services import snooze as put_off
from crm.queries import today as queries
from crm.queries.today.page import SNOOZED, kinds_of
from crm.templatetags.formats import in_words
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, say_with_undo, wants_fragment
from scoring.models import ChurnFlag
from scoring.queries import open_flag_of
from scoring.services import acknowledge_flag, rescore_soon, take_back_acknowledgement

DAY = dt.timedelta(days=1)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def today(request: UserRequest) -> HttpResponse:
    """An open page asks every few seconds with ``seen``, the pulse and the digest of what it shows.

    Nothing new: 204. Something was written but his list is the same: a new pulse for the page. Else the list.
    """
    now = timezone.now()
    pulse = queries.pulse_of(request.user, now=now)
    seen_pulse, _dot, seen_digest = request.GET.get("seen", "").partition(".")
    is_fragment = wants_fragment(request)
    if is_fragment and seen_pulse == pulse:
        return HttpResponse(status=204)
    scope = _scope(request, now)
    only = request.GET.get("only", "")
    only = only if only in {*kinds_of(request.user.role), SNOOZED} else ""
    found = queries.today_of(scope, only=only)
    digest = queries.digest_of(found)
    context = {
        "today": found,
        "only": only,
        "here": f"{request.path}?only={only}" if only else request.path,
        "pulse": f"{pulse}.{digest}",
        "now": now,
        "day": scope.today,
        "offers": offers_on(scope.today),
        "base_currency": settings.BASE_CURRENCY,
        "levels": Level.choices,
    }
    if is_fragment and seen_digest == digest:
        answer = render(request, "today/_pulse.html", context)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#today-pulse", "outerHTML"
        return answer
    return render(request, "today/_today.html" if is_fragment else "today/today.html", context)


def offers_on(day: dt.date) -> tuple[tuple[str, str], ...]:
    """Until when an item can be put off, in words. Next Monday may be tomorrow, or in a week."""
    monday = (("monday", _("Next Monday")),) if 0 < day.weekday() < 6 else ()
    return ("tomorrow", _("Tomorrow")), *monday, ("week", _("In a week"))


def day_of(wish: str, today: dt.date) -> dt.date:
    """The day that one of the offers means."""
    return today + DAY * {"monday": 7 - today.weekday(), "week": 7, "month": 28}.get(wish, 1)


@require_POST
def snooze(request: UserRequest) -> HttpResponse:
    """Until a day's midnight of his own; sooner when something new happens. ``later``: kind, key, when."""
    now = timezone.now()
    scope = _scope(request, now)
    kind, _space, rest = request.POST.get("later", "").partition(" ")
    key, _space, wish = rest.partition(" ")
    row = queries.find(scope, kind, key)
    if row is None:
        raise Http404
    day = day_of(wish, scope.today)
    until = dt.datetime.combine(day, dt.time(), timezone.get_current_timezone())
    put_off(request.user, kind=kind, key=key, was=queries.QUEUES[kind].was(row), until=until, now=now)
    text = _("Put off until tomorrow.")
    if day > scope.today + DAY:
        text = _("Put off until %(day)s.") % {"day": in_words(day)}
    _say_with_undo(request, text, reverse("unsnooze"), {"kind": kind, "key": key})
    return redirect(back_or(request, reverse("today")))


@require_POST
def unsnooze(request: UserRequest) -> HttpResponse:
    end_snooze(request.user, kind=request.POST.get("kind", ""), key=request.POST.get("key", ""))
    messages.success(request, _("It is back."))
    return redirect(back_or(request, reverse("today")))


@require_POST
def flag_acknowledge(request: UserRequest, pk: int) -> HttpResponse:
    """Somebody takes note; with ``undo`` he takes that back."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    flag = open_flag_of(customer)
    if "undo" in request.POST:
        _take_back(request, flag)
    elif flag is not None and acknowledge_flag(flag, user=request.user, now=timezone.now()):
        url = reverse("flag_acknowledge", args=[customer.pk])
        fields = {"undo": str(flag.level)}
        _say_with_undo(request, _("Acknowledged. It comes back when something new happens."), url, fields)
    else:
        messages.info(request, _("There is no flag that nobody has acknowledged."))
    return redirect(back_or(request, reverse("customer", args=[customer.pk])))


@require_POST
def follow_up_done(request: UserRequest, identity: uuid.UUID) -> HttpResponse:
    """Whoever promised it, or may change the interaction, says so; ``undo`` takes it back."""
    found = access.get_interaction_or_404(request.user, identity)
    if found.follow_up_by_id != request.user.pk:
        demand(access.changeable_interactions(request.user), found)
    if "undo" in request.POST:
        interactions.reopen_follow_up(found)
        rescore_soon([found.customer_id])
        messages.success(request, _("The follow-up is open again."))
    elif interactions.complete_follow_up(found, by=request.user, now=timezone.now()):
        rescore_soon([found.customer_id])
        url = reverse("follow_up_done", args=[identity])
        _say_with_undo(request, _("The follow-up is done."), url, {"undo": "1"})
    else:
        messages.info(request, _("There is no follow-up that is still to be done."))
    return redirect(back_or(request, reverse("interaction", args=[identity])))


def _take_back(request: UserRequest, flag: ChurnFlag | None) -> None:
    """``undo`` is the level that was acknowledged."""
    is_same = flag is not None and request.POST["undo"] == str(flag.level)
    if flag is not None and is_same and take_back_acknowledgement(flag, user=request.user):
        messages.success(request, _("It is back."))
    else:
        messages.info(request, _("The flag has changed since, so nothing was taken back."))


def _scope(request: UserRequest, now: dt.datetime) -> queries.Scope:
    return queries.scope_of(request.user, now=now, today=timezone.localtime(now).date())


def _say_with_undo(request: UserRequest, text: str, url: str, fields: dict[str, str]) -> None:
    say_with_undo(request, text, url, fields, next_url=back_or(request, reverse("today")))
