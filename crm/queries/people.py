"""Reads for the pages about people who log in and their teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.db.models import Count, Q, QuerySet

from accounts import access
from accounts.surveys.models import OPEN, CorrectiveAction
from accounts.users.models import Team, User
from crm.queries import keyset

PAGE_ROWS = 50


@dataclass(frozen=True)
class PeoplePage:
    """One page by name. ``newer`` and ``older`` are the ids to stand ``before`` and ``after``, or None."""

    rows: list[User]
    count: int
    newer: int | None
    older: int | None
    count_is_exact: bool = True


def people(user: User, *, q: str = "", role: str = "", state: str = "active") -> QuerySet[User]:
    """Whom he manages. ``state``: active, invited (never logged in), inactive, or "" for all."""
    found = access.manageable_users(user)
    if q:
        found = found.filter(_named(q))
    if role:
        found = found.filter(role=role)
    states = {
        "active": Q(is_active=True),
        "invited": Q(is_active=True, last_login=None),
        "inactive": Q(is_active=False),
    }
    return found.filter(states.get(state, Q()))


def named(people: QuerySet[User], text: str, *, limit: int) -> list[tuple[int, str]]:
    """The first of them by name whose name, pinyin or address has ``text``."""
    found = people.filter(_named(text)).order_by("sort_key", "pk")[:limit]
    return [(person.pk, str(person)) for person in found]


def _named(text: str) -> Q:
    return Q(name__icontains=text) | Q(email__icontains=text) | Q(sort_key__icontains=text)


def page_of_people(found: QuerySet[User], *, after: int | None, before: int | None) -> PeoplePage:
    """A page of `people`: the rows that follow the person ``after``, or precede ``before``."""
    back = before is not None
    border = User.objects.filter(pk=(before if back else after) or 0).first()
    rows = found.order_by("-sort_key", "-pk") if back else found.order_by("sort_key", "pk")
    if border is not None:
        rows = rows.filter(_beyond(border, "lt" if back else "gt"))
    taken = list(rows.prefetch_related("team_memberships__team", "led_teams")[: PAGE_ROWS + 1])
    more, shown = len(taken) > PAGE_ROWS, taken[:PAGE_ROWS]
    if back:
        shown.reverse()
    has_newer, has_older = (more, True) if back else (border is not None, more)
    count, is_exact = keyset.count_of(found)
    return PeoplePage(
        rows=shown,
        count=count,
        count_is_exact=is_exact,
        newer=shown[0].pk if shown and has_newer else None,
        older=shown[-1].pk if shown and has_older else None,
    )


def _beyond(border: User, side: Literal["lt", "gt"]) -> Q:
    same_name = Q(("sort_key", border.sort_key), (f"pk__{side}", border.pk))
    return Q((f"sort_key__{side}", border.sort_key)) | same_name


def teams(user: User) -> QuerySet[Team]:
    """The teams he manages, by name, with their size."""
    return (
        access.manageable_teams(user).select_related("lead").annotate(size=Count("members")).order_by("name")
    )


@dataclass(frozen=True)
class Holdings:
    """What a person leaves behind: how many of each others must take over."""

    customers: int
    projects: int
    cases: int
    teams: int

    def __bool__(self) -> bool:
        return bool(self.customers or self.projects or self.cases or self.teams)


def holdings(person: User) -> Holdings:
    return Holdings(
        customers=person.customers.filter(merged_into=None).count(),
        projects=person.managed_projects.filter(ended_on=None).count(),
        cases=CorrectiveAction.objects.filter(OPEN, owner=person).count(),
        teams=person.led_teams.count(),
    )
