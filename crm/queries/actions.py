"""Actions and follow-ups by the day they are due, as one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from accounts import access
from accounts.actions.models import UNDONE, Action
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.snoozes.models import Snooze
from accounts.users.models import User

MOST_SHOWN = 200
DONE_SHOWN = 30
DONE_FOR = dt.timedelta(days=14)
SUMMARY = 160
SHOWN = (
    "customer",
    "project",
    "owner",
    "case__dimension",
    "case__project",
    "meeting",
    "done_by",
    "need",
    "run_step__run__playbook",
)
SNOOZE_KIND = "action"
"""What is put off here is put off on Today, and there as here."""


class Due(StrEnum):
    """When something is due; ``ASLEEP``: whenever, he put it off; ``DONE`` lately."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    NO_DAY = "no_day"
    ASLEEP = "asleep"
    DONE = "done"


class Whose(StrEnum):
    MINE = "mine"
    TEAM = "team"
    GIVEN = "given"
    ALL = "all"


class Sort(StrEnum):
    """Within what is due at the same time."""

    DAY = "day"
    CUSTOMER = "customer"
    PERSON = "person"


@dataclass(frozen=True)
class Wish:
    """Which of them, in which order. ``words``: part of a title, or of a customer's short name."""

    whose: Whose = Whose.MINE
    words: str = ""
    sort: Sort = Sort.DAY
    customer: Customer | None = None


@dataclass(frozen=True)
class Row:
    """An action, or (``follow_up``) the promise of an interaction. ``may_change``: also tick it off."""

    due_on: dt.date | None
    action: Action | None = None
    follow_up: Interaction | None = None
    may_change: bool = False

    @property
    def customer(self) -> str:
        """The key of its name; empty without one."""
        about = self.action or self.follow_up
        return about.customer.sort_key if about is not None and about.customer is not None else ""

    @property
    def person(self) -> str:
        who = self.action.owner if self.action else self.follow_up and self.follow_up.follow_up_by
        return who.sort_key if who else ""


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


def actions_of(user: User, wish: Wish, *, today: dt.date, now: dt.datetime) -> Actions:
    """What is to be done, the longest overdue first, then what he put off, then what was done lately.

    Eight queries at most.
    """
    undone, promised = _actions(user, wish).filter(UNDONE), _follow_ups(user, wish)
    keys = list(
        _keys(undone, "due_on", "pk")
        .union(_keys(promised, "follow_up_on", "pk", is_follow_up=True), all=True)
        .order_by(F("day").asc(nulls_last=True), "is_follow_up", "key")[: MOST_SHOWN + 1]
    )
    shown = keys[:MOST_SHOWN]
    rows = _rows(user, [key for key, _day, is_one in shown if not is_one], [k for k, _d, one in shown if one])
    asleep = asleep_of(user, now=now)
    lists: dict[Due, list[Row]] = {due: [] for due in Due}
    for key, day, is_follow_up in shown:
        if (row := rows.get((key, is_follow_up))) is not None:
            is_asleep = row.action is not None and asleep.get(key) == was_of(row.action)
            lists[Due.ASLEEP if is_asleep else due_of(day, today)].append(row)
    lists[Due.DONE] = _done(user, wish, now=now)
    return Actions(
        tuple(DueList(due, tuple(_sorted(found, wish.sort))) for due, found in lists.items() if found),
        len(shown),
        len(keys) > MOST_SHOWN,
    )


def was_of(action: Action) -> str:
    """What it is like: when this changes, it is back although he put it off."""
    return f"{action.due_on} {action.version}"


def asleep_of(user: User, *, now: dt.datetime) -> dict[str, str]:
    """By id of what he put off: what it was like then."""
    wishes = Snooze.objects.filter(user=user.pk, kind=SNOOZE_KIND, until__gt=now)
    return dict(wishes.values_list("key", "was"))


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


def _sorted(rows: list[Row], sort: Sort) -> list[Row]:
    """Of equal ones the order by day stays; without a customer last."""
    if sort == Sort.CUSTOMER:
        return sorted(rows, key=lambda row: (not row.customer, row.customer))
    if sort == Sort.PERSON:
        return sorted(rows, key=lambda row: row.person)
    return rows


def _actions(user: User, wish: Wish) -> QuerySet[Action]:
    found = _actions_of_whom(user, wish.whose)
    if wish.customer is not None:
        found = found.filter(customer=wish.customer)
    if wish.words:
        found = found.filter(Q(title__icontains=wish.words) | Q(customer__short_name__icontains=wish.words))
    return found


def _follow_ups(user: User, wish: Wish) -> QuerySet[Interaction]:
    found = _follow_ups_of_whom(user, wish.whose)
    if wish.customer is not None:
        found = found.filter(customer=wish.customer)
    if wish.words:
        about = Q(summary__icontains=wish.words) | Q(customer__short_name__icontains=wish.words)
        found = found.filter(about)
    return found


def _actions_of_whom(user: User, whose: Whose) -> QuerySet[Action]:
    if whose == Whose.MINE:
        return Action.objects.filter(owner=user.pk)
    if whose == Whose.GIVEN:
        return Action.objects.filter(author=user.pk).exclude(owner=user.pk)
    if whose == Whose.TEAM:
        return Action.objects.filter(owner__in=access.people_of(user).values("pk"))
    return access.visible_actions(user)


def _follow_ups_of_whom(user: User, whose: Whose) -> QuerySet[Interaction]:
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


def _done(user: User, wish: Wish, *, now: dt.datetime) -> list[Row]:
    lately = _actions(user, wish).filter(done_at__gt=now - DONE_FOR, done_at__lte=now)
    return _with_rights(user, lately.select_related(*SHOWN).order_by("-done_at", "-pk")[:DONE_SHOWN])


def _with_rights(user: User, found: Iterable[Action]) -> list[Row]:
    actions = list(found)
    changeable = access.changeable_actions(user).filter(pk__in=[action.pk for action in actions])
    mine = set(changeable.values_list("pk", flat=True)) if actions else set()
    return [Row(action.due_on, action=action, may_change=action.pk in mine) for action in actions]
