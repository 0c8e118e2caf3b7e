"""Whose work is on the list: what a person answers for, which is less than what he may see.

1. An account manager, a project manager and their leads: the customers they or their people own, and those of
   the projects they or their people manage. A member: what is assigned to him.
2. An executive: the whole company, of that only what is bad. An admin: what keeps the product running, and
   what he himself owns.
3. Whoever was told that a clock of a corrective action was missed: that case, until somebody stops the clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from accounts import access
from accounts.customers.models import Customer
from accounts.keys import among
from accounts.projects.models import Project
from accounts.snoozes.models import Snooze
from accounts.surveys.models import OPEN, CorrectiveAction
from accounts.users.models import Role, User
from crm.queries.cases import overdue
from scoring.models import ScoringRun
from scoring.rescore import current_run

M = TypeVar("M", bound=Model)

Keys = RawSQL | list[int] | QuerySet[Any, Any]

FEW = 1_000
CUSTOMERS, CHANGED, MONEY, PROJECTS = "customers", "changed", "money", "projects"
CASES, ESCALATED = "cases", "escalated"


@dataclass(frozen=True)
class Scope:
    """``people``: himself and those he leads, by id. ``customers`` and ``projects`` are those of his work.

    ``sees_money``: the customers whose money at risk he may see. ``cases``: open corrective actions he is to
    do something about; of an executive, all he sees. ``escalated``: those with a missed clock that he was
    told of. ``few``: ids of those of these that are few.
    ``snoozed``: what he put off, by kind and key, with what it was then. ``today``: the day where he is.
    """

    user: User
    now: dt.datetime
    today: dt.date
    people: frozenset[int]
    customers: QuerySet[Customer]
    projects: QuerySet[Project]
    sees_money: QuerySet[Customer]
    cases: QuerySet[CorrectiveAction]
    escalated: QuerySet[CorrectiveAction]
    few: dict[str, frozenset[int]]
    snoozed: dict[str, dict[str, str]]

    @cached_property
    def run(self) -> ScoringRun | None:
        """The current run, the same for all of the list."""
        return current_run()

    @property
    def works(self) -> bool:
        """Whether he has customers and projects of his own; executives look on, admins keep the records."""
        return not self.user.sees_everything

    @property
    def manages_projects(self) -> bool:
        return self.works and self.user.role == Role.PROJECT_MANAGER

    @property
    def is_small(self) -> bool:
        """Whether what stands on his list is found by few keys."""
        return self.works and {CUSTOMERS, PROJECTS} <= self.few.keys()

    @property
    def customer_keys(self) -> Keys:
        """For ``customer__in=``."""
        return self._keys(CUSTOMERS, self.customers)

    @property
    def money_keys(self) -> Keys:
        return self._keys(MONEY, self.sees_money)

    @property
    def project_keys(self) -> Keys:
        """For ``project__in=``."""
        return self._keys(PROJECTS, self.projects)

    @property
    def cases_and_escalated(self) -> QuerySet[CorrectiveAction]:
        """What his list shows of corrective actions; an executive sees those that escalated anyway."""
        if self.user.is_executive:
            return self.cases
        if {CASES, ESCALATED} <= self.few.keys():
            both = self.few[CASES] | self.few[ESCALATED]
            return CorrectiveAction.objects.filter(pk__in=among(both))
        keys = (self._keys(CASES, self.cases), self._keys(ESCALATED, self.escalated))
        return CorrectiveAction.objects.filter(Q(pk__in=keys[0]) | Q(pk__in=keys[1]))

    def may_work_on(self, ids: Iterable[int]) -> frozenset[int]:
        """Those of these corrective actions that he works on; a query at most."""
        if self.user.sees_everything:
            return frozenset(ids if self.user.is_admin else ())
        return self._those(CASES, ids, access.workable_cases(self.user))

    def escalated_of(self, ids: Iterable[int]) -> frozenset[int]:
        """Those of these that escalated to him; a query at most."""
        return self._those(ESCALATED, ids, self.escalated)

    def may_log(self, ids: Iterable[int]) -> frozenset[int]:
        """Those of these customers he may log an interaction for; a query at most."""
        kind = CUSTOMERS if self.works else ""
        return self._those(kind, ids, access.loggable_customers(self.user))

    def may_change(self, ids: Iterable[int]) -> frozenset[int]:
        """Those of these customers whose records he may change; a query at most."""
        return self._those(CHANGED, ids, access.changeable_customers(self.user))

    def name_unless_mine(self, person: User | None) -> str:
        return "" if person is None else self.unless_mine(person.pk, str(person))

    def unless_mine(self, person: int | None, name: str | None) -> str:
        """The name of a person who is not the reader."""
        return "" if person is None or person == self.user.pk else name or ""

    def _keys(self, kind: str, found: QuerySet[Any]) -> Keys:
        return among(self.few[kind]) if kind in self.few else found.values("pk")

    def _those(self, kind: str, ids: Iterable[int], allowed: QuerySet[Any]) -> frozenset[int]:
        asked = frozenset(ids)
        if kind in self.few:
            return self.few[kind] & asked
        return frozenset(allowed.filter(pk__in=asked).values_list("pk", flat=True)) if asked else asked


def scope_of(user: User, *, now: dt.datetime, today: dt.date) -> Scope:
    """Three queries. What is few is read once and then asked for by key: see `page_of_customers`."""
    people = frozenset(access.people_of(user).values_list("pk", flat=True))
    customers, projects, cases = _customers(user), _projects(user, people), _cases(user, people)
    money = access.profit_customers(user)
    escalated = overdue(access.escalated_cases(user).filter(corrected_at=None), now)
    few = _few({ESCALATED: escalated} | _asked(user, customers, projects, cases, money))
    return Scope(
        user=user,
        now=now,
        today=today,
        people=people,
        customers=_resolved(customers, few.get(CUSTOMERS)),
        projects=_resolved(projects, few.get(PROJECTS)),
        sees_money=_resolved(money, few.get(MONEY)),
        cases=_resolved(cases, few.get(CASES)),
        escalated=_resolved(escalated, few.get(ESCALATED)),
        few=few,
        snoozed=_snoozed(user, now),
    )


def _customers(user: User) -> QuerySet[Customer]:
    if user.is_admin:
        return access.visible_customers(user).filter(owner=user)
    return access.visible_customers(user) if user.is_executive else access.loggable_customers(user)


def _projects(user: User, people: frozenset[int]) -> QuerySet[Project]:
    """Whose grades are his business; nobody's for those who see everything, nor for a mere member."""
    if user.sees_everything:
        return Project.objects.none()
    mine = Q(manager__in=people) | Q(customer__owner__in=people)
    return access.graded_projects(user).filter(mine)


def _cases(user: User, people: frozenset[int]) -> QuerySet[CorrectiveAction]:
    if not user.sees_everything:
        return access.workable_cases(user).filter(OPEN)
    visible = access.visible_cases(user).filter(OPEN)
    return visible if user.is_executive else visible.filter(owner__in=people)


def _asked(
    user: User,
    customers: QuerySet[Customer],
    projects: QuerySet[Project],
    cases: QuerySet[CorrectiveAction],
    money: QuerySet[Customer],
) -> dict[str, QuerySet[Any]]:
    """Whose ids are worth reading: of whoever sees everything, not that."""
    if user.is_executive:
        return {}
    if user.is_admin:
        return {CUSTOMERS: customers, CASES: cases}
    return {
        CUSTOMERS: customers,
        CHANGED: access.changeable_customers(user),
        MONEY: money,
        PROJECTS: projects,
        CASES: cases,
    }


def _few(asked: dict[str, QuerySet[Any]]) -> dict[str, frozenset[int]]:
    """Their ids, of those that are few, in one statement."""
    parts = [
        found.order_by().values_list(Value(kind, output_field=CharField()), "pk")[: FEW + 1]
        for kind, found in asked.items()
    ]
    ids: dict[str, set[int]] = {kind: set() for kind in asked}
    for kind, pk in parts[0].union(*parts[1:], all=True):
        ids[kind].add(pk)
    return {kind: frozenset(found) for kind, found in ids.items() if len(found) <= FEW}


def _resolved(found: QuerySet[M], ids: frozenset[int] | None) -> QuerySet[M]:
    return found if ids is None else found.model._default_manager.filter(pk__in=among(ids))


def _snoozed(user: User, now: dt.datetime) -> dict[str, dict[str, str]]:
    by_kind: dict[str, dict[str, str]] = {}
    wishes = Snooze.objects.filter(user=user, until__gt=now)
    for kind, key, was in wishes.values_list("kind", "key", "was"):
        by_kind.setdefault(kind, {})[key] = was
    return by_kind
