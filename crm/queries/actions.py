"""Actions and follow-ups by the day they are due, as one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast

from accounts import access
from accounts.actions.models import UNDONE, Action
from accounts.interactions.models import Interaction
from accounts.users.models import User

MOST_SHOWN = 400
DONE_SHOWN = 30
DONE_FOR = dt.timedelta(days=14)
SUMMARY = 160
SHOWN = ("customer", "project", "owner", "case__dimension", "case__project", "meeting", "done_by")


class Due(StrEnum):
    """When something is due; ``DONE`` lately."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    NO_DAY = "no_day"
    DONE = "done"


class Whose(StrEnum):
    MINE = "mine"
    TEAM = "team"
    GIVEN = "given"
    ALL = "all"


@dataclass(frozen=True)
class Row:
    """An action, or (``follow_up``) the promise of an interaction. ``may_change``: also tick it off."""

    due_on: dt.date | None
    action: Action | None = None
    follow_up: Interaction | None = None
    may_change: bool = False


@dataclass(frozen=True)
class DueList:
    due: Due
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Actions:
    """``lists`` without the empty ones. ``is_cut``: more is to be done than is shown."""

    lists: tuple[DueList, ...]
    count: int
    is_cut: bool


def actions_of(user: User, whose: Whose, *, today: dt.date, now: dt.datetime) -> Actions:
    """What is to be done, the longest overdue first, then what was done lately. Seven queries at most."""
    undone, promised = _actions(user, whose).filter(UNDONE), _follow_ups(user, whose)
    keys = list(
        _keys(undone, "due_on", "pk")
        .union(_keys(promised, "follow_up_on", "pk", is_follow_up=True), all=True)
        .order_by(F("day").asc(nulls_last=True), "is_follow_up", "key")[: MOST_SHOWN + 1]
    )
    shown = keys[:MOST_SHOWN]
    rows = _rows(user, [key for key, _day, is_one in shown if not is_one], [k for k, _d, one in shown if one])
    done = _done(user, whose, now=now)
    lists: dict[Due, list[Row]] = {due: [] for due in Due}
    for key, day, is_follow_up in shown:
        if (row := rows.get((key, is_follow_up))) is not None:
            lists[due_of(day, today)].append(row)
    lists[Due.DONE] = done
    return Actions(
        tuple(DueList(due, tuple(found)) for due, found in lists.items() if found),
        len(shown),
        len(keys) > MOST_SHOWN,
    )


def actions_about(user: User, found: QuerySet[Action]) -> tuple[Row, ...]:
    """Those of a case or customer that he sees: to be done by day, then done ones."""
    ids = access.visible_actions(user).filter(pk__in=found.values("pk"), dropped_at=None)
    rows = ids.select_related(*SHOWN).order_by(
        F("done_at").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk"
    )[:MOST_SHOWN]
    return tuple(_with_rights(user, rows))


def due_of(day: dt.date | None, today: dt.date) -> Due:
    """The week ends on Sunday."""
    if day is None:
        return Due.NO_DAY
    if day < today:
        return Due.OVERDUE
    if day == today:
        return Due.TODAY
    return Due.WEEK if day <= today + dt.timedelta(days=7 - today.isoweekday()) else Due.LATER


def _keys(found: QuerySet[Any], day: str, key: str, *, is_follow_up: bool = False) -> QuerySet[Any, Any]:
    keyed = found.order_by().annotate(
        key=Cast(key, CharField()), day=F(day), is_follow_up=Value(is_follow_up)
    )
    keys: QuerySet[Any, Any] = keyed.values_list("key", "day", "is_follow_up")
    return keys


def _actions(user: User, whose: Whose) -> QuerySet[Action]:
    if whose == Whose.MINE:
        return Action.objects.filter(owner=user.pk)
    if whose == Whose.GIVEN:
        return Action.objects.filter(author=user.pk).exclude(owner=user.pk)
    if whose == Whose.TEAM:
        return Action.objects.filter(owner__in=access.people_of(user).values("pk"))
    return access.visible_actions(user)


def _follow_ups(user: User, whose: Whose) -> QuerySet[Interaction]:
    """Without those that a later touch of the customer fulfilled; Today says the same."""
    touched = Interaction.objects.filter(
        customer=OuterRef("customer"), superseded_at=None, started_at__gte=OuterRef("follow_up_on")
    )
    promised = access.visible_interactions(user).filter(
        ~Exists(touched), follow_up_on__isnull=False, follow_up_done_at=None, follow_up_by__isnull=False
    )
    if whose == Whose.MINE:
        return promised.filter(follow_up_by=user.pk)
    if whose == Whose.GIVEN:
        return promised.filter(author=user.pk).exclude(follow_up_by=user.pk)
    if whose == Whose.TEAM:
        return promised.filter(follow_up_by__in=access.people_of(user).values("pk"))
    return promised


def _rows(user: User, actions: list[str], follow_ups: list[str]) -> dict[tuple[str, bool], Row]:
    found = Action.objects.filter(pk__in=actions).select_related(*SHOWN)
    rows = {(str(row.action.pk), False): row for row in _with_rights(user, found) if row.action}
    promised = Interaction.objects.filter(pk__in=follow_ups).select_related("customer", "follow_up_by")
    changeable = set(
        access.changeable_interactions(user).filter(pk__in=follow_ups).values_list("pk", flat=True)
        if follow_ups
        else ()
    )
    for each in promised:
        may_change = each.follow_up_by_id == user.pk or each.pk in changeable
        rows[str(each.pk), True] = Row(each.follow_up_on, follow_up=each, may_change=may_change)
    return rows


def _done(user: User, whose: Whose, *, now: dt.datetime) -> list[Row]:
    lately = _actions(user, whose).filter(done_at__gt=now - DONE_FOR, done_at__lte=now)
    return _with_rights(user, lately.select_related(*SHOWN).order_by("-done_at", "-pk")[:DONE_SHOWN])


def _with_rights(user: User, found: Iterable[Action]) -> list[Row]:
    actions = list(found)
    changeable = access.changeable_actions(user).filter(pk__in=[action.pk for action in actions])
    mine = set(changeable.values_list("pk", flat=True)) if actions else set()
    return [Row(action.due_on, action=action, may_change=action.pk in mine) for action in actions]
