"""The index of any grouping of projects by week: of people, teams, customers, categories, the company.

A project may be in several groups, and in a group for some weeks only. A group is the mean of its customers,
each of them the mean of its projects there: plain, and weighted by the customers' revenue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from accounts.customers.services import company_day
from scoring.core.satisfaction import GroupIndex, Trend, level_above, taken, trend
from scoring.core.types import BoolArray, FloatArray, IntArray
from scoring.satisfaction.said import Said

REVENUE_DAYS = 365

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
        return _week_at(self.said, self.whole, self.waiting, place * len(self.mondays) + week)


def groups_of(
    said: Said, of_projects: GroupIndex, members: Sequence[Member], revenue: Mapping[int, float]
) -> Groups:
    """Every group that has a member. ``revenue``: minor units by customer; one that is missing has none.

    No statement. ``of_projects``: of whole answers, or of one dimension.
    """
    weeks = len(said.mondays)
    ids, group = np.unique(np.array([each.group for each in members], dtype=np.int64), return_inverse=True)
    project, inside = _inside(said, members)
    customer = said.customers[project] if len(said.customers) else np.zeros(len(project), dtype=np.int64)
    pairs, pair = np.unique(np.stack([group.ravel(), customer]), axis=1, return_inverse=True)

    def spread(first_cells: IntArray) -> IntArray:
        """m x w: the cells of each member's weeks, those that count."""
        return (first_cells[:, None] * weeks + np.arange(weeks))[inside]

    cells = spread(project)
    of_customers = level_above(
        taken(of_projects, cells), spread(pair.ravel()), pairs.shape[1] * weeks, np.ones(len(cells))
    )
    above = (pairs[0][:, None] * weeks + np.arange(weeks)).ravel()
    weight = np.array([float(revenue.get(pk, 0.0)) for pk in pairs[1].tolist()])
    waiting = np.zeros(len(ids) * weeks, dtype=np.int64)
    np.add.at(waiting, spread(group.ravel()), said.waiting[cells])
    return Groups(
        ids=tuple(ids.tolist()),
        said=said,
        whole=level_above(of_customers, above, len(ids) * weeks, np.repeat(weight, weeks)),
        waiting=waiting,
    )


def weeks_at(said: Said, found: GroupIndex, waiting: IntArray, place: int) -> tuple[WeekIndex, ...]:
    """The w weeks of the group at ``place``; ``waiting``: of all groups, as long as ``found``."""
    weeks = len(said.mondays)
    return tuple(_week_at(said, found, waiting, cell) for cell in range(place * weeks, (place + 1) * weeks))


def _week_at(said: Said, found: GroupIndex, waiting: IntArray, cell: int) -> WeekIndex:
    return WeekIndex(
        week=said.mondays[cell % len(said.mondays)],
        index=known(found.index[cell]),
        weighted_index=known(found.weighted_index[cell]),
        lowest=said.versions.letter(int(found.lowest[cell])),
        answered=int(found.answered[cell]),
        invited=int(found.invited[cell]),
        response_rate=known(found.response_rate[cell]),
        is_too_few=bool(found.is_too_few[cell]),
        is_open=bool(waiting[cell] > 0),
    )


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


def _inside(said: Said, members: Sequence[Member]) -> tuple[IntArray, BoolArray]:
    """(m places of the projects, m x w: weeks in which each counts); none of a project not in ``said``."""
    wanted = np.array([each.project for each in members], dtype=np.int64)
    weeks = len(said.mondays)
    if not len(said.projects):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros((len(wanted), weeks), dtype=np.bool_)
    project = np.minimum(np.searchsorted(said.projects, wanted), len(said.projects) - 1)
    is_known = said.projects[project] == wanted
    first = np.array([0 if each.first is None else said.place_of(each.first) for each in members])
    last = np.array([weeks if each.last is None else said.place_of(each.last) for each in members])
    week = np.arange(weeks)
    return project, is_known[:, None] & (first[:, None] <= week) & (week <= last[:, None])
