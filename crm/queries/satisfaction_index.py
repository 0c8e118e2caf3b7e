"""The satisfaction index of what the reader chooses: its weeks, its parts, and what it stands beside.

Only of projects whose grades he sees. How many queries it takes does not depend on how many there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.contacts.models import Level as OrganisationalLevel
from accounts.customers.services import company_day
from accounts.surveys.models import SurveyDimension
from accounts.surveys.queries.weeks import last_asked_week
from accounts.surveys.weeks import monday_of
from accounts.users.models import User
from crm.queries.satisfaction import LEAST_CHANGE, Mark, marks_of
from crm.queries.satisfaction_index_company import company_weeks
from crm.queries.satisfaction_index_members import (
    CATEGORIES,
    WHOLE,
    Level,
    Scope,
    Seen,
    Unit,
    members_of,
    seen_by,
    shared_projects,
    units_of,
)
from crm.queries.satisfaction_index_ranking import Ranking
from scoring.satisfaction import (
    Grouping,
    Groups,
    Members,
    Said,
    WeekIndex,
    groups_of,
    index_of_projects,
    read,
    revenue_of,
)

MOST_LINES = 6


class Cut(TextChoices):
    """What the picture is cut into lines by."""

    WHOLE = "whole", pgettext_lazy("of an index", "Not divided")
    DIMENSION = "dimension", _("By dimension")
    LEVEL = "level", _("By organisational level")
    TIER = "tier", _("By tier")
    INDUSTRY = "industry", _("By industry")
    REGION = "region", _("By region")
    CHANNEL = "channel", _("By sales channel")
    KIND = "kind", _("By kind of customer")


@dataclass(frozen=True)
class Wish:
    """``level``: what the list is of; ``weeks``: how many; ``is_weighted``: by revenue."""

    scope: Scope
    level: Level
    cut: Cut
    weeks: int
    is_weighted: bool


@dataclass(frozen=True)
class Standing:
    """``value``: the index of the week, plain or weighted as wished; ``change`` against the week before, None
    where that one has none."""

    week: WeekIndex
    value: float | None
    change: float | None

    @property
    def shown_change(self) -> float | None:
        """None when it would read as zero."""
        return None if self.change is None or abs(self.change) < LEAST_CHANGE else self.change


@dataclass(frozen=True)
class Line:
    """``values``: the index by week, plain or weighted as wished; ``weeks``: all that is known of them."""

    name: str
    weeks: tuple[WeekIndex, ...]
    values: tuple[float | None, ...]

    @property
    def settled(self) -> tuple[float | None, ...]:
        """Without a last week in which most still have time: a few early answers are no fall."""
        last = self.weeks[-1]
        return self.values[:-1] if last.is_open and last.is_too_few else self.values

    @property
    def standing(self) -> Standing | None:
        """Where it stands: the latest week that has an index, and how it came there from the week before."""
        known = [place for place, value in enumerate(self.values) if value is not None]
        if not known:
            return None
        last = known[-1]
        value, before = self.values[last], self.values[last - 1] if last else None
        change = None if value is None or before is None else value - before
        return Standing(self.weeks[last], value, change)

    @property
    def newest_first(self) -> tuple[tuple[WeekIndex, float | None], ...]:
        return tuple(zip(reversed(self.weeks), reversed(self.values), strict=True))


@dataclass(frozen=True)
class IndexPage:
    """``unit``: what the scope is called; ``picture``: its own line, ``lines``: those it is cut into, else it
    alone; ``company``: the company's index by week, for comparison; ``ranked``: every unit of the level;
    ``shared``: projects that count in several of them at once."""

    wish: Wish
    unit: Unit
    picture: Line
    lines: tuple[Line, ...]
    dimensions: tuple[Line, ...]
    company: tuple[float | None, ...]
    marks: tuple[Mark, ...]
    ranked: Ranking
    shared: int
    said: Said

    @property
    def mondays(self) -> tuple[dt.date, ...]:
        return self.said.mondays

    @property
    def threshold(self) -> float:
        """The least response rate, 0..1, that the latest version in the picture asks for."""
        scales = self.said.versions.scales
        return scales[max(scales)].response_threshold_percent / 100 if scales else 0.0

    @property
    def company_now(self) -> float | None:
        """The company's index of the week in which the picture stands."""
        found = self.picture.standing
        return self.company[self.mondays.index(found.week.week)] if found else None

    @property
    def compares_people(self) -> bool:
        return self.wish.level in (Level.TEAM, Level.ACCOUNT_MANAGER, Level.PROJECT_MANAGER)

    @property
    def was_asked(self) -> bool:
        return any(week.invited for week in self.picture.weeks)


class NoUnitError(Exception):
    """There is no such unit of that level that he may see."""


def index_page(
    wish: Wish, user: User, *, language: str, as_of: dt.datetime, with_revenue: bool = False
) -> IndexPage:
    """``with_revenue``: the means by revenue as well, where the wish is for the plain ones; else both are the
    same. Raises NoUnitError for a scope that is not his to see."""
    seen = seen_by(user)
    mine = scope_members(wish.scope, seen, user, as_of=as_of)
    inside = seen.only(mine.project)
    last = last_week(as_of)
    said = read(
        inside.projects.tolist(),
        week=last,
        weeks=wish.weeks,
        as_of=as_of,
        with_levels=wish.cut == Cut.LEVEL,
    )
    revenue = revenue_of(said.customers, as_of=as_of) if wish.is_weighted or with_revenue else None
    of_projects = index_of_projects(said)
    members = members_of(wish.level, inside, user, as_of=as_of).within(mine)
    listed = groups_of(said, of_projects, members, revenue)
    unit = units_of(wish.scope.level, [wish.scope.id])[wish.scope.id]
    whole = Grouping.of(said, mine, revenue)
    picture = _line(whole.groups(of_projects), WHOLE, unit.name, wish)
    dimensions = _dimensions(whole, wish, language)
    cut = dimensions if wish.cut == Cut.DIMENSION else _cut(said, mine, inside, revenue, wish, user, as_of)
    return IndexPage(
        wish=wish,
        unit=unit,
        picture=picture,
        lines=cut or (picture,),
        dimensions=dimensions,
        company=_company(said, wish, as_of),
        marks=marks_of(said.first_weeks()),
        ranked=Ranking(wish.level, listed, wish.is_weighted),
        shared=shared_projects(members) if wish.level == Level.TEAM else 0,
        said=said,
    )


def last_week(as_of: dt.datetime) -> dt.date:
    """The latest week that anybody was asked about, the present one before the first survey."""
    return last_asked_week(as_of) or monday_of(company_day(as_of))


def scope_members(scope: Scope, seen: Seen, user: User, *, as_of: dt.datetime) -> Members:
    """The projects of a scope, all in the group WHOLE. Raises NoUnitError for one that is not his to see."""
    if scope.level == Level.COMPANY:
        return Members.always(seen.projects if len(seen.projects) else [0], WHOLE)
    found = members_of(scope.level, seen, user, as_of=as_of)
    mine = found.only(found.group == scope.id)
    if not len(mine):
        raise NoUnitError
    return replace(mine, group=np.full(len(mine), WHOLE))


def _company(said: Said, wish: Wish, as_of: dt.datetime) -> tuple[float | None, ...]:
    weeks = company_weeks(as_of)
    return tuple(_value(weeks[monday], wish) if monday in weeks else None for monday in said.mondays)


def _dimensions(whole: Grouping, wish: Wish, language: str) -> tuple[Line, ...]:
    said = whole.said
    names = SurveyDimension.objects.in_bulk(list(said.versions.dimensions))
    return tuple(
        _line(whole.groups(index_of_projects(said, pk)), WHOLE, names[pk].name_in(language), wish)
        for pk in said.versions.dimensions
    )


def _cut(
    said: Said,
    mine: Members,
    seen: Seen,
    revenue: Mapping[int, float] | None,
    wish: Wish,
    user: User,
    as_of: dt.datetime,
) -> tuple[Line, ...]:
    """The lines of a cut by level or category; of categories those with the most people asked."""
    if wish.cut == Cut.LEVEL:
        return _by_level(said, mine, revenue, wish)
    if wish.cut not in [level.value for level in CATEGORIES] or not len(seen.projects):
        return ()
    level = Level(wish.cut.value)
    category = members_of(level, seen, user, as_of=as_of)
    groups = groups_of(said, index_of_projects(said), category.within(mine), revenue)
    units = units_of(level, groups.ids)
    lines = [_line(groups, pk, units[pk].name, wish) for pk in groups.ids]
    asked = sorted(lines, key=lambda line: -sum(week.invited for week in line.weeks))
    return tuple(line for line in asked[:MOST_LINES] if any(week.invited for week in line.weeks))


def _by_level(said: Said, mine: Members, revenue: Mapping[int, float] | None, wish: Wish) -> tuple[Line, ...]:
    lines = []
    for level in OrganisationalLevel:
        part = said.of_level(level.value)
        groups = groups_of(part, index_of_projects(part), mine, revenue)
        lines.append(_line(groups, WHOLE, str(level.label), wish))
    return tuple(line for line in lines if any(week.invited for week in line.weeks))


def _line(groups: Groups, group: int, name: str, wish: Wish) -> Line:
    weeks = groups.weeks_of(group)
    return Line(name, weeks, tuple(_value(week, wish) for week in weeks))


def _value(week: WeekIndex, wish: Wish) -> float | None:
    return week.weighted_index if wish.is_weighted else week.index
