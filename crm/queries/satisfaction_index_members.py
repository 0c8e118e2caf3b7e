"""What the index is shown of: which projects belong to whom or to what, in which weeks, and its name.

An account manager has the customers he owned in a week (on its Sunday), a team those that its members of
today owned. Who is in several teams counts in each; what nobody of a team owned is "without a team", so that
the teams add up. A project manager has the projects that are his today: no dated rows are kept of those.
Categories are those of today as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet, TextChoices, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.customers.models import Customer, CustomerKind, Industry, Region, SalesChannel
from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.weeks import monday_of
from accounts.users.models import Team, User
from scoring.core.types import IntArray
from scoring.models import Tier
from scoring.queries import scores_of
from scoring.satisfaction import WEEK, Member, Members

WHOLE = 0
"""The one group of all projects that the reader sees."""
NONE = 0
"""The group of what has no such category."""

# A dated row holds until the next one of its customer; of several of one day the latest counts. Before the
# first one nobody owned him.
_OWNERS = """
select p.id, o.owner_id, o.valid_from, o.until from projects_project p
left join (
  with days as (
    select distinct on (customer_id, valid_from) customer_id, owner_id, valid_from
    from customers_customerowner where known_at <= %(as_of)s order by customer_id, valid_from, id desc
  )
  select customer_id, owner_id, valid_from,
    lead(valid_from) over (partition by customer_id order by valid_from) as until
  from days
  union all
  select customer_id, null, null, min(valid_from) from days group by customer_id
) o on o.customer_id = p.customer_id and (o.valid_from is not null or o.until > p.started_on)
where p.id = any(%(projects)s::bigint[])
"""
_MANAGERS = f"select * from ({_OWNERS}) owned where owner_id is not null"  # noqa: S608 -- no value in it
_TEAMS = f"""
select owned.id, coalesce(m.team_id, 0), owned.valid_from, owned.until from ({_OWNERS}) owned
left join users_teammember m on m.user_id = owned.owner_id
"""  # noqa: S608 -- no value in it


class Level(TextChoices):
    """What has an index. The company is all projects that the reader sees."""

    COMPANY = "company", _("Company")
    TEAM = "team", _("Teams")
    ACCOUNT_MANAGER = "account_manager", _("Account managers")
    PROJECT_MANAGER = "project_manager", _("Project managers")
    CUSTOMER = "customer", _("Customers")
    PROJECT = "project", _("Projects")
    TIER = "tier", pgettext_lazy("of customers", "Tiers")
    INDUSTRY = "industry", _("Industries")
    REGION = "region", _("Regions")
    CHANNEL = "channel", _("Sales channels")
    KIND = "kind", _("Kinds of customers")


CATEGORIES = (Level.TIER, Level.INDUSTRY, Level.REGION, Level.CHANNEL, Level.KIND)
_KINDS = tuple(CustomerKind)


Rows = QuerySet[Any, tuple[int, str, str]]


@dataclass(frozen=True)
class Scope:
    """What a picture is of: one ``id`` of a level, or the company: all projects that the reader sees."""

    level: Level = Level.COMPANY
    id: int = WHOLE

    @property
    def code(self) -> str:
        """As in an address: customer-12; empty for the company."""
        return "" if self.level == Level.COMPANY else f"{self.level.value}-{self.id}"


@dataclass(frozen=True)
class Seen:
    """Projects whose grades the reader sees, each with its customer; ``projects`` ascend."""

    projects: IntArray
    customers: IntArray

    def only(self, projects: IntArray) -> Seen:
        chosen = np.isin(self.projects, projects)
        return Seen(self.projects[chosen], self.customers[chosen])


@dataclass(frozen=True)
class Unit:
    """Something that has an index; ``id`` is that of the record, the number of a tier or kind, or NONE."""

    id: int
    name: str
    detail: str = ""


def seen_by(user: User) -> Seen:
    rows = access.graded_projects(user).order_by("pk").values_list("pk", "customer_id")
    projects, customers = _columns(rows)
    return Seen(projects, customers)


def members_of(level: Level, seen: Seen, user: User, *, as_of: dt.datetime) -> Members:
    """Of projects the reader sees, in the groups whose index he may see. At most three queries."""
    if level == Level.COMPANY:
        return Members.always(seen.projects, WHOLE)
    if level == Level.PROJECT:
        return Members.always(seen.projects, seen.projects)
    if level == Level.CUSTOMER:
        return Members.always(seen.projects, seen.customers)
    if level == Level.ACCOUNT_MANAGER:
        return _only(_dated(_MANAGERS, seen.projects, as_of), access.compared_people(user))
    if level == Level.TEAM:
        found_in = _dated(_TEAMS, seen.projects, as_of)
        return found_in if user.sees_everything else _only(found_in, access.compared_teams(user))
    if level == Level.TIER:
        return Members.always(seen.projects, _tiers(seen.customers))
    found = Project.objects.filter(pk__in=among(seen.projects.tolist())).order_by()
    if level == Level.PROJECT_MANAGER:
        managed = Members.always(*_columns(found.values_list("pk", "manager_id")))
        return _only(managed, access.compared_people(user))
    return _of_category(level, found)


def units_of(level: Level, ids: Sequence[int]) -> dict[int, Unit]:
    """Names by id. One query, or none."""
    if level == Level.TIER:
        return {tier.value: Unit(tier.value, str(tier.label)) for tier in Tier}
    if level == Level.KIND:
        return {number: Unit(number, str(kind.label)) for number, kind in enumerate(_KINDS)}
    if level == Level.COMPANY:
        return {WHOLE: Unit(WHOLE, str(_("All projects you see")))}
    names = {pk: Unit(pk, name, detail) for pk, name, detail in _NAMES[level](ids)}
    if len(names) < len(ids):
        missing = str(_("Without a team") if level == Level.TEAM else _("None given"))
        names |= {pk: Unit(pk, missing) for pk in ids if pk not in names}
    return names


def shared_projects(members: Members) -> int:
    """How many of them count in several groups in the same weeks."""
    spans = np.stack([members.project, members.first, members.last])
    each, times = np.unique(spans, axis=1, return_counts=True)
    return len(np.unique(each[0, times > 1]))


def _tiers(customers: IntArray) -> list[int]:
    scored = scores_of(Customer.objects.filter(pk__in=among(np.unique(customers).tolist())))
    tiers = dict(scored.values_list("customer_id", "tier"))
    return [tiers.get(customer, Tier.NONE.value) for customer in customers.tolist()]


def _of_category(level: Level, projects: QuerySet[Project]) -> Members:
    if level == Level.KIND:
        kinds = projects.values_list("pk", "customer__kind")
        return Members.of(Member(pk, _KINDS.index(CustomerKind(kind))) for pk, kind in kinds)
    rows = projects.values_list("pk", f"customer__{level}_id")
    return Members.of(Member(pk, group or NONE) for pk, group in rows)


def _dated(statement: str, projects: IntArray, as_of: dt.datetime) -> Members:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"projects": projects.tolist(), "as_of": as_of})
        return Members.of(
            Member(
                project,
                group,
                monday_of(since) if since else None,
                monday_of(until) - WEEK if until else None,
            )
            for project, group, since, until in cursor.fetchall()
        )


def _only(members: Members, allowed: QuerySet[User] | QuerySet[Team]) -> Members:
    return members.only(np.isin(members.group, list(allowed.values_list("pk", flat=True))))


def _columns(rows: Iterable[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    one, other = np.array(list(rows), dtype=np.int64).reshape(-1, 2).T
    return one, other


def _named(
    model: type[Team | Industry | Region | SalesChannel | User],
) -> Callable[[Sequence[int]], Rows]:
    return lambda ids: model.objects.filter(pk__in=among(ids)).values_list("pk", "name", Value(""))


def _customers(ids: Sequence[int]) -> Rows:
    return Customer.objects.filter(pk__in=among(ids)).values_list("pk", "short_name", Value(""))


def _projects(ids: Sequence[int]) -> Rows:
    return Project.objects.filter(pk__in=among(ids)).values_list("pk", "name", "customer__short_name")


_NAMES: dict[Level, Callable[[Sequence[int]], Rows]] = {
    Level.TEAM: _named(Team),
    Level.ACCOUNT_MANAGER: _named(User),
    Level.PROJECT_MANAGER: _named(User),
    Level.CUSTOMER: _customers,
    Level.PROJECT: _projects,
    Level.INDUSTRY: _named(Industry),
    Level.REGION: _named(Region),
    Level.CHANNEL: _named(SalesChannel),
}
