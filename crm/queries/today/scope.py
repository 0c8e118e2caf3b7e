"""Whose work is on the list: what a person answers for, which is less than what he may see.

1. An account manager, a project manager and their leads: the customers they or their people own, and those of
   the projects they or their people manage. A member: what is assigned to him.
2. An executive: the whole company, of that only what is bad. An admin: what keeps the product running, and
   what he himself owns.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from accounts import access
from accounts.customers.models import Customer
from accounts.keys import among
from accounts.projects.models import Project
from accounts.snoozes.models import Snooze
from accounts.surveys.models import CorrectiveAction
from accounts.users.models import Role, User
from scoring.models import ScoringRun
from scoring.rescore import current_run

M = TypeVar("M", bound=Model)

FEW = 1_000


@dataclass(frozen=True)
class Scope:
    """``people``: himself and those he leads, by id. ``customers`` and ``projects`` are those of his work.

    ``sees_money``: the customers whose money at risk he may see. ``snoozed``: what he put off, by kind and
    key, with what it was then. ``today``: the day where he is.
    """

    user: User
    now: dt.datetime
    today: dt.date
    people: frozenset[int]
    customers: QuerySet[Customer]
    projects: QuerySet[Project]
    sees_money: QuerySet[Customer]
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
    def cases(self) -> QuerySet[CorrectiveAction]:
        """Corrective actions he is to do something about; of an executive, all he sees."""
        if self.works:
            return access.workable_cases(self.user)
        visible = access.visible_cases(self.user)
        return visible if self.user.is_executive else visible.filter(owner__in=self.people)

    def name_unless_mine(self, person: User | None) -> str:
        return "" if person is None or person.pk == self.user.pk else str(person)


def scope_of(user: User, *, now: dt.datetime, today: dt.date) -> Scope:
    """Five queries at most. What is few is read once and then asked for by key: see `page_of_customers`."""
    people = frozenset(access.people_of(user).values_list("pk", flat=True))
    return Scope(
        user=user,
        now=now,
        today=today,
        people=people,
        customers=_resolved(_customers(user)),
        projects=_resolved(_projects(user, people)),
        sees_money=_resolved(access.profit_customers(user)),
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


def _resolved(found: QuerySet[M]) -> QuerySet[M]:
    ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(ids) > FEW else found.model._default_manager.filter(pk__in=among(ids))


def _snoozed(user: User, now: dt.datetime) -> dict[str, dict[str, str]]:
    by_kind: dict[str, dict[str, str]] = {}
    wishes = Snooze.objects.filter(user=user, until__gt=now)
    for kind, key, was in wishes.values_list("kind", "key", "was"):
        by_kind.setdefault(kind, {})[key] = was
    return by_kind
