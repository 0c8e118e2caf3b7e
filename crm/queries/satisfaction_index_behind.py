"""A week's index taken apart: the customers, or the projects of a customer, that it is the mean of."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from accounts.surveys.models import ProgrammeVersion
from accounts.users.models import User
from crm.queries.graded import NOTHING, Graded, graded_of, sum_of
from crm.queries.satisfaction_index import scope_members
from crm.queries.satisfaction_index_members import (
    WHOLE,
    Level,
    Scope,
    Unit,
    members_of,
    seen_by,
    units_of,
)
from scoring.satisfaction import Said, WeekIndex, groups_of, index_of_projects, read, revenue_of


@dataclass(frozen=True)
class Part:
    """``revenue_minor``: of a customer in the last 365 days, its weight; below zero it weighs nothing.
    ``graded``: how much of what its answers could say."""

    unit: Unit
    week: WeekIndex
    revenue_minor: float
    graded: Graded


@dataclass(frozen=True)
class Behind:
    """``parts``: those anybody was asked about, the lowest index first; ``are_customers``: else projects;
    ``graded``: of them all."""

    unit: Unit
    week: WeekIndex
    parts: tuple[Part, ...]
    are_customers: bool
    graded: Graded
    versions: tuple[ProgrammeVersion, ...]
    as_of: dt.datetime


def parts_behind(scope: Scope, user: User, *, week: dt.date, as_of: dt.datetime) -> Behind:
    """Raises NoUnitError for a scope that is not his to see. Eight queries, however many parts."""
    seen = seen_by(user)
    mine = scope_members(scope, seen, user, as_of=as_of)
    inside = seen.only(mine.project)
    said = read(inside.projects.tolist(), week=week, weeks=1, as_of=as_of)
    revenue = revenue_of(said.customers, as_of=as_of)
    of_projects = index_of_projects(said)
    level = Level.PROJECT if scope.level in (Level.CUSTOMER, Level.PROJECT) else Level.CUSTOMER
    members = members_of(level, inside, user, as_of=as_of).within(mine)
    groups = groups_of(said, of_projects, members, revenue)
    units = units_of(level, groups.ids)
    graded = _graded_by(level, said, as_of=as_of)
    parts = [
        Part(units[pk], groups.week_of(place, 0), revenue.get(pk, 0.0), graded.get(pk, NOTHING))
        for place, pk in enumerate(groups.ids)
        if groups.whole.invited[place]
    ]
    versions = ProgrammeVersion.objects.filter(pk__in=said.versions.scales).order_by("number")
    return Behind(
        unit=units_of(scope.level, [scope.id])[scope.id],
        week=groups_of(said, of_projects, mine, revenue).weeks_of(WHOLE)[0],
        parts=tuple(sorted(parts, key=_lowest_first)),
        are_customers=level == Level.CUSTOMER,
        graded=sum_of(part.graded for part in parts),
        versions=tuple(versions),
        as_of=as_of,
    )


def _graded_by(level: Level, said: Said, *, as_of: dt.datetime) -> dict[int, Graded]:
    """By project, or by customer."""
    projects = said.projects.tolist()
    found = graded_of(projects, said.mondays[-1], as_of=as_of)
    if level == Level.PROJECT:
        return found
    parts: dict[int, list[Graded]] = defaultdict(list)
    for project, customer in zip(projects, said.customers.tolist(), strict=True):
        parts[customer].append(found.get(project, NOTHING))
    return {customer: sum_of(each) for customer, each in parts.items()}


def _lowest_first(part: Part) -> tuple[bool, float, str]:
    index = part.week.index
    return index is None, index or 0.0, part.unit.name
