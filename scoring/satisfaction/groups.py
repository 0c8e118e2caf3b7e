"""The index of any grouping of projects by week: of people, teams, customers, categories, the company.

A project may be in several groups, and in a group for some weeks only. A group is the mean of its customers,
each of them the mean of its projects there: plain, and weighted by the customers' revenue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import ArrayLike

from accounts.customers.services import company_day
from scoring.core.satisfaction import GroupIndex, Trend, level_above, taken, trend
from scoring.core.types import BoolArray, FloatArray, IntArray
from scoring.satisfaction.said import Said

REVENUE_DAYS = 365
EVER = dt.date.min.toordinal(), dt.date.max.toordinal()

# Ids as one array: a list of 100,000 parameters takes longer than the statement.
_REVENUE = """
select o.customer_id, sum(o.base_amount_minor)::float8 from orders_order o
where o.customer_id = any(%(customers)s::bigint[]) and o.ordered_on between %(since)s and %(day)s
  and o.known_at <= %(as_of)s and (o.superseded_at is null or o.superseded_at > %(as_of)s)
group by 1
"""


@dataclass(frozen=True)
class WeekIndex:
    """A week of a project, customer or group; ``week`` is its Monday.

    ``index``: -100 to 100 by default, higher is better, None where nobody graded; ``weighted_index``: the
    same by revenue; ``lowest``: letter of the worst grade, else empty. ``response_rate``: answered / invited,
    0..1, None when nobody was invited; ``is_too_few``: the index is for reference only. ``is_open``: somebody
    who has not answered still has time.
    """

    week: dt.date
    index: float | None
    weighted_index: float | None
    lowest: str
    answered: int
    invited: int
    response_rate: float | None
    is_too_few: bool
    is_open: bool


class Member(NamedTuple):
    """A project in a group, in the weeks that begin on the Mondays ``first`` to ``last``; None: no limit."""

    project: int
    group: int
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class Members:
    """m of `Member` as columns; ``first`` and ``last`` are ordinals of days."""

    project: IntArray
    group: IntArray
    first: IntArray
    last: IntArray

    @classmethod
    def always(cls, project: ArrayLike, group: ArrayLike) -> Members:
        """Without limits. ``group``: of each, or one of all."""
        projects = np.asarray(project, dtype=np.int64)
        size = len(projects)
        groups = np.broadcast_to(np.asarray(group, dtype=np.int64), size)
        return cls(projects, groups, np.full(size, EVER[0]), np.full(size, EVER[1]))

    @classmethod
    def of(cls, members: Iterable[Member]) -> Members:
        rows = [
            (
                each.project,
                each.group,
                EVER[0] if each.first is None else each.first.toordinal(),
                EVER[1] if each.last is None else each.last.toordinal(),
            )
            for each in members
        ]
        return cls(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)

    def __len__(self) -> int:
        return len(self.project)

    def only(self, chosen: BoolArray | IntArray) -> Members:
        return Members(self.project[chosen], self.group[chosen], self.first[chosen], self.last[chosen])

    def within(self, scope: Members) -> Members:
        """These members in the weeks in which their projects are in the scope as well."""
        order = np.argsort(scope.project, kind="stable")
        begin = np.searchsorted(scope.project[order], self.project, side="left")
        many = np.searchsorted(scope.project[order], self.project, side="right") - begin
        mine = np.repeat(np.arange(len(self)), many)
        span = order[np.arange(len(mine)) - np.repeat(np.cumsum(many) - many, many) + begin[mine]]
        return Members(
            self.project[mine],
            self.group[mine],
            np.maximum(self.first[mine], scope.first[span]),
            np.minimum(self.last[mine], scope.last[span]),
        )


@dataclass(frozen=True)
class Groups:
    """g groups over w weeks, oldest first; ``whole`` and ``waiting`` (who still has time) have g x w entries.

    ``ids``: ascending.
    """

    ids: tuple[int, ...]
    said: Said
    whole: GroupIndex
    waiting: IntArray

    @property
    def mondays(self) -> tuple[dt.date, ...]:
        return self.said.mondays

    def matrix(self, *, weighted: bool = False) -> FloatArray:
        """g x w, NaN where a group has no index."""
        values = self.whole.weighted_index if weighted else self.whole.index
        return values.reshape(len(self.ids), len(self.mondays))

    def trend(self, *, weighted: bool = False) -> Trend:
        return trend(self.matrix(weighted=weighted))

    def weeks_of(self, group: int) -> tuple[WeekIndex, ...]:
        """Raises ValueError for a group that has no member."""
        return weeks_at(self.said, self.whole, self.waiting, self.ids.index(group))

    def week_of(self, place: int, week: int) -> WeekIndex:
        """By the places of the group and of the week."""
        cell = place * len(self.mondays) + week
        return _weeks(self.said, self.whole, self.waiting, slice(cell, cell + 1))[0]


@dataclass(frozen=True)
class Grouping:
    """How the projects of what was said make up groups: the same for whole answers and every dimension.

    For each project and week that counts its place among the project-weeks, the weeks of customers within
    their groups, and those of the groups; ``above`` and ``weight``: the group and the revenue of each of the
    customers' weeks, None where all weigh the same.
    """

    ids: tuple[int, ...]
    said: Said
    cells: IntArray
    customer_weeks: IntArray
    group_weeks: IntArray
    above: IntArray
    weight: FloatArray | None

    @classmethod
    def of(cls, said: Said, members: Members, revenue: Mapping[int, float] | None) -> Grouping:
        """Every group that has a member. ``revenue``: minor units by customer; one that is missing has none;
        None: not asked for."""
        weeks = len(said.mondays)
        ids, group = np.unique(members.group, return_inverse=True)
        project, inside = _inside(said, members)
        customers, customer = np.unique(
            said.customers[project] if len(said.customers) else np.zeros(len(project), dtype=np.int64),
            return_inverse=True,
        )
        pairs, pair = np.unique(group * max(len(customers), 1) + customer, return_inverse=True)
        above, of_pair = pairs // max(len(customers), 1), pairs % max(len(customers), 1)
        week = np.arange(weeks)

        def spread(first_cells: IntArray) -> IntArray:
            return (first_cells[:, None] * weeks + week)[inside]

        weight = None
        if revenue is not None:
            by_customer = np.array([float(revenue.get(pk, 0.0)) for pk in customers.tolist()])
            weight = np.repeat(by_customer[of_pair], weeks)
        return cls(
            ids=tuple(ids.tolist()),
            said=said,
            cells=spread(project),
            customer_weeks=spread(pair),
            group_weeks=spread(group),
            above=(above[:, None] * weeks + week).ravel(),
            weight=weight,
        )

    def groups(self, of_projects: GroupIndex) -> Groups:
        """``of_projects``: of whole answers, or of one dimension. No statement."""
        size = len(self.ids) * len(self.said.mondays)
        of_customers = level_above(taken(of_projects, self.cells), self.customer_weeks, len(self.above))
        waiting = np.bincount(self.group_weeks, weights=self.said.waiting[self.cells], minlength=size)
        return Groups(
            ids=self.ids,
            said=self.said,
            whole=level_above(of_customers, self.above, size, self.weight),
            waiting=waiting.astype(np.int64),
        )


def groups_of(
    said: Said, of_projects: GroupIndex, members: Members, revenue: Mapping[int, float] | None
) -> Groups:
    """The groups of one index, where no other is asked for."""
    return Grouping.of(said, members, revenue).groups(of_projects)


def weeks_at(said: Said, found: GroupIndex, waiting: IntArray, place: int) -> tuple[WeekIndex, ...]:
    """The w weeks of the group at ``place``; ``waiting``: of all groups, as long as ``found``."""
    weeks = len(said.mondays)
    return tuple(_weeks(said, found, waiting, slice(place * weeks, (place + 1) * weeks)))


def all_weeks(said: Said, found: GroupIndex, waiting: IntArray) -> list[tuple[WeekIndex, ...]]:
    """`weeks_at` every place; a board has a hundred, and laying them out one by one is half of it."""
    weeks = len(said.mondays)
    found_weeks = _weeks(said, found, waiting, slice(0, len(found.index)))
    return [tuple(found_weeks[first : first + weeks]) for first in range(0, len(found_weeks), weeks)]


def _weeks(said: Said, found: GroupIndex, waiting: IntArray, cells: slice) -> list[WeekIndex]:
    """``cells``: whole groups, or one week."""
    weeks = len(said.mondays)
    columns = zip(
        (said.mondays[cell % weeks] for cell in range(cells.start, cells.stop)),
        _known(found.index[cells]),
        _known(found.weighted_index[cells]),
        [said.versions.letter(code) for code in found.lowest[cells].tolist()],
        found.answered[cells].tolist(),
        found.invited[cells].tolist(),
        _known(found.response_rate[cells]),
        found.is_too_few[cells].tolist(),
        (waiting[cells] > 0).tolist(),
        strict=True,
    )
    return [WeekIndex(*row) for row in columns]


def revenue_of(customers: Iterable[int], *, as_of: dt.datetime) -> dict[int, float]:
    """Sales less credit notes of the last 365 days by customer, minor units of the company's currency."""
    day = company_day(as_of)
    values: dict[str, Any] = {
        "customers": sorted(int(pk) for pk in set(customers)),
        "since": day - dt.timedelta(days=REVENUE_DAYS - 1),
        "day": day,
        "as_of": as_of,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REVENUE, values)
        return dict(cursor.fetchall())


def known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _known(values: FloatArray) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _inside(said: Said, members: Members) -> tuple[IntArray, BoolArray]:
    """(m places of the projects, m x w: weeks in which each counts); none of a project not in ``said``."""
    weeks = len(said.mondays)
    if not len(said.projects):
        return np.zeros(len(members), dtype=np.int64), np.zeros((len(members), weeks), dtype=np.bool_)
    project = np.minimum(np.searchsorted(said.projects, members.project), len(said.projects) - 1)
    is_known = said.projects[project] == members.project
    monday = np.array([each.toordinal() for each in said.mondays])
    counts = (members.first[:, None] <= monday) & (monday <= members.last[:, None])
    return project, is_known[:, None] & counts
