"""What stands in somebody's calendar: what he is to do by a day, clocks of his corrective actions, visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import access
from accounts.actions.models import UNDONE, Action
from accounts.appointments.models import Appointment
from accounts.facts import CURRENT
from accounts.interactions.models import Interaction
from accounts.surveys.models import OPEN
from accounts.users.models import User
from crm.queries.appointments import ends_of, mine
from crm.queries.cases import with_due_at

MOST = 500
AN_HOUR = dt.timedelta(hours=1)
BACK = dt.timedelta(days=30)


@dataclass(frozen=True)
class Entry:
    """``uid`` stays the same through changes; ``sequence``: how often it was changed, last at ``changed_at``.
    A whole day where ``starts`` is a day, else until ``ends``."""

    uid: str
    summary: str
    description: str
    url: str
    starts: dt.date | dt.datetime
    ends: dt.datetime | None
    changed_at: dt.datetime
    sequence: int


def entries_of(user: User, *, now: dt.datetime) -> list[Entry]:
    """By day, without what is done. What he may not see today is not there. Four queries or so."""
    found = [*_actions(user, now), *_follow_ups(user, now), *_clocks(user), *_visits(user, now)]
    found += _meetings(user, now)
    return sorted(found, key=lambda entry: (_day(entry.starts), entry.uid))[:MOST]


def _actions(user: User, now: dt.datetime) -> list[Entry]:
    mine = Action.objects.filter(UNDONE, owner=user.pk, due_on__gt=(now - BACK).date())
    return [
        Entry(
            uid=f"action-{each.pk}",
            summary=f"{each.customer.short_name}: {each.title}" if each.customer else each.title,
            description=each.note,
            url=settings.PUBLIC_URL + reverse("action", args=[each.pk]),
            starts=each.due_on,
            ends=None,
            changed_at=each.edited_at,
            sequence=each.changes,
        )
        for each in _with_changes(mine, "known_at").select_related("customer").order_by("due_on", "pk")[:MOST]
        if each.due_on is not None
    ]


def _follow_ups(user: User, now: dt.datetime) -> list[Entry]:
    """Without those that a later touch of the customer fulfilled, as on Today."""
    touched = Interaction.objects.filter(
        customer=OuterRef("customer"), superseded_at=None, started_at__gte=OuterRef("follow_up_on")
    )
    promised = access.visible_interactions(user).filter(
        ~Exists(touched),
        follow_up_by=user.pk,
        follow_up_on__gt=(now - BACK).date(),
        follow_up_done_at=None,
    )
    return [
        Entry(
            uid=f"follow-up-{each.identity}",
            summary=_("Follow-up: %(customer)s") % {"customer": each.customer.short_name},
            description=each.summary,
            url=settings.PUBLIC_URL + reverse("interaction", args=[each.identity]),
            starts=each.follow_up_on,
            ends=None,
            changed_at=each.known_at,
            sequence=each.changes,
        )
        for each in _with_corrections(promised)
        .select_related("customer")
        .order_by("follow_up_on", "pk")[:MOST]
        if each.follow_up_on is not None
    ]


def _clocks(user: User) -> list[Entry]:
    mine = access.visible_cases(user).filter(OPEN, owner=user.pk, corrected_at=None)
    timed: QuerySet[Any] = _with_changes(with_due_at(mine), "opened_at").order_by(
        F("due_at").asc(nulls_last=True), "pk"
    )
    language = get_language() or "en"
    return [
        Entry(
            uid=f"case-{each.pk}",
            summary=_("Corrective action: %(customer)s, %(dimension)s")
            % {"customer": each.customer.short_name, "dimension": each.dimension.name_in(language)},
            description=each.project.name,
            url=settings.PUBLIC_URL + reverse("case", args=[each.pk]),
            starts=each.due_at,
            ends=each.due_at,
            changed_at=each.edited_at,
            sequence=each.changes,
        )
        for each in timed.select_related("customer", "project", "dimension")[:MOST]
        if each.due_at is not None
    ]


def _visits(user: User, now: dt.datetime) -> list[Entry]:
    """Interactions that are still to come, where he wrote them or takes part."""
    mine = Q(author=user.pk) | Q(participants__user=user.pk)
    ids = access.visible_interactions(user).filter(CURRENT, mine, started_at__gt=now).values("pk")
    planned = _with_corrections(Interaction.objects.filter(pk__in=ids)).select_related("customer")
    return [
        Entry(
            uid=f"interaction-{each.identity}",
            summary=f"{each.get_kind_display()}: {each.customer.short_name}",
            description=each.summary,
            url=settings.PUBLIC_URL + reverse("interaction", args=[each.identity]),
            starts=each.started_at,
            ends=each.started_at + (dt.timedelta(minutes=each.minutes) if each.minutes else AN_HOUR),
            changed_at=each.known_at,
            sequence=each.changes,
        )
        for each in planned.order_by("started_at", "pk")[:MOST]
    ]


def _meetings(user: User, now: dt.datetime) -> list[Entry]:
    """What he organises or is to come to. Under another name than in an invitation, which would be a double
    of it: whoever is invited by a letter has the entry of that."""
    planned = access.visible_appointments(user).filter(
        mine(user), cancelled_at=None, starts_at__gt=now - BACK
    )
    written = Q(guests__user=user.pk, guests__letters__sent_at__isnull=False)
    told = Appointment.objects.filter(written).values("pk")
    shown = _with_changes(planned.exclude(pk__in=told), "known_at").select_related("customer")
    return [
        Entry(
            uid=f"appointment-{each.uid}",
            summary=f"{each.customer.short_name}: {each.title}",
            description="\n".join(part for part in (each.place, each.note) if part),
            url=settings.PUBLIC_URL + reverse("appointment", args=[each.pk]),
            starts=each.starts_at,
            ends=ends_of(each),
            changed_at=each.edited_at,
            sequence=each.changes,
        )
        for each in shown.order_by("starts_at", "pk")[:MOST]
    ]


def _with_changes(found: QuerySet[Any], since: str) -> QuerySet[Any]:
    """``changes``: how often a row was changed in place; ``edited_at``: last, or when it came to be.

    By the versions that it left: what a playbook changes has no other trace.
    """
    old = found.model.pgh_event_models["changed"].objects.filter(pgh_obj=OuterRef("pk")).order_by()
    one = old.values("pgh_obj")
    counted: QuerySet[Any] = found.annotate(
        changes=Coalesce(Subquery(one.annotate(found=Count("pk")).values("found")), 0),
        edited_at=Coalesce(Subquery(one.annotate(last=Max("pgh_created_at")).values("last")), F(since)),
    )
    return counted


def _with_corrections(found: QuerySet[Interaction]) -> QuerySet[Any]:
    """``changes``: how many versions of an interaction there were before this one."""
    earlier = Interaction.objects.filter(identity=OuterRef("identity"), superseded_at__isnull=False)
    counted = earlier.order_by().values("identity").annotate(found=Count("pk"))
    return found.annotate(changes=Coalesce(Subquery(counted.values("found")), 0))


def _day(starts: dt.date | dt.datetime) -> dt.date:
    return starts.date() if isinstance(starts, dt.datetime) else starts
