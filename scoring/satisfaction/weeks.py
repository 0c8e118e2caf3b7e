"""Satisfaction index for pages: of projects by week, of a customer, of a group, of each dimension.

The formulas are those of `scoring.core.satisfaction` (docs/scoring.md, section 12); here answers are read and
laid out by project and week. Whose grades somebody may see is decided by the ids that come in
(`accounts.access.graded_projects`). Everything is as of an instant: what was known, and who still had time.

How many queries it takes does not depend on how many projects and weeks there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from django.db import connection

from accounts.customers.services import company_day
from accounts.surveys.queries import VersionScale
from scoring.core.satisfaction import (
    MOST_WEEKS,
    NOT_GRADED,
    GroupIndex,
    Scale,
    answer_index,
    dimension_index,
)
from scoring.core.types import FloatArray, IntArray
from scoring.satisfaction.said import Said, by_version, index_above, index_of_projects, read, waiting_in

REVENUE_DAYS = 365

# Ids as one array: a list of 100,000 parameters takes longer than the statement.
_REVENUE = """
select o.customer_id, sum(o.base_amount_minor) from orders_order o
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


@dataclass(frozen=True)
class DimensionWeek:
    """``points``: mean of the ``graded`` grades, None without any; ``lowest``: letter of the worst."""

    week: dt.date
    points: float | None
    lowest: str
    graded: int


@dataclass(frozen=True)
class Picture:
    """A set of projects as one customer; weeks are oldest first everywhere, and gaps stand in them.

    ``dimensions`` by id of SurveyDimension, in the order of the latest version that anybody was asked under.
    """

    weeks: tuple[WeekIndex, ...]
    dimensions: dict[int, tuple[DimensionWeek, ...]]
    projects: dict[int, tuple[WeekIndex, ...]]


def customer_history(
    project_ids: Collection[int], *, week: dt.date, weeks: int = MOST_WEEKS, as_of: dt.datetime
) -> tuple[WeekIndex, ...]:
    """These projects as one customer: the mean of those that have an index, each counting the same."""
    said = read(project_ids, week=week, weeks=weeks, as_of=as_of)
    return _as_customer(said, index_of_projects(said))


def picture_of(
    project_ids: Collection[int], *, week: dt.date, weeks: int = MOST_WEEKS, as_of: dt.datetime
) -> Picture:
    """One customer's weeks with their projects and dimensions."""
    said = read(project_ids, week=week, weeks=weeks, as_of=as_of)
    of_projects = index_of_projects(said)
    return Picture(
        weeks=_as_customer(said, of_projects),
        dimensions=_by_dimension(said),
        projects=_by_project(said, of_projects),
    )


def group_week(project_ids: Collection[int], *, week: dt.date, as_of: dt.datetime) -> WeekIndex:
    """The company or any group of projects: the mean of their customers, and the same weighted by revenue.

    Revenue: sales less credit notes of the last 365 days, in the company's currency.
    """
    said = read(project_ids, week=week, weeks=1, as_of=as_of)
    return _whole(said, index_of_projects(said), partial(_revenue, as_of=as_of))[-1]


def board_of(
    project_ids: Collection[int], *, week: dt.date, as_of: dt.datetime
) -> tuple[dict[int, tuple[WeekIndex, ...]], WeekIndex]:
    """The 13 weeks of every project asked for, oldest first, and `group_week` of them all, read once.

    The whole is not weighted by revenue: its ``weighted_index`` is None.
    """
    said = read(project_ids, week=week, weeks=MOST_WEEKS, as_of=as_of)
    of_projects = index_of_projects(said)
    whole = _whole(said, of_projects, lambda customers: np.ones(len(customers)))[-1]
    return _by_project(said, of_projects), replace(whole, weighted_index=None)


def _whole(
    said: Said, of_projects: GroupIndex, revenue_of: Callable[[Sequence[int]], FloatArray]
) -> tuple[WeekIndex, ...]:
    customer_of = {row.project_id: row.customer_id for row in said.responses}
    customers = sorted(set(customer_of.values())) or [0]
    place = {customer: number for number, customer in enumerate(customers)}
    # A project that nobody was asked about adds nothing, whichever customer it is counted with.
    group = np.array([place[customer_of.get(pk, customers[0])] for pk in said.projects], dtype=np.int64)
    of_customers = index_above(said, of_projects, group, np.ones(len(group)), groups=len(customers))
    everybody = np.zeros(len(customers), dtype=np.int64)
    company = index_above(said, of_customers, everybody, revenue_of(customers), groups=1)
    return _weeks(said, company, 0, waiting_in(said).sum(axis=0))


def answer_indices(grades: Sequence[Sequence[int]], scale: VersionScale) -> list[float | None]:
    """The index of each answer given under one version; ``grades`` as in `Reading`."""
    found = answer_index(
        np.array(grades, dtype=np.int8).reshape(len(grades), len(scale.weights)),
        Scale(scale.points, scale.weights),
    )
    return [_known(value) for value in found.index]


def _by_project(said: Said, of_projects: GroupIndex) -> dict[int, tuple[WeekIndex, ...]]:
    waiting = waiting_in(said)
    return {pk: _weeks(said, of_projects, number, waiting[number]) for number, pk in enumerate(said.projects)}


def _as_customer(said: Said, of_projects: GroupIndex) -> tuple[WeekIndex, ...]:
    projects = len(said.projects)
    same = np.zeros(projects, dtype=np.int64)
    found = index_above(said, of_projects, same, np.ones(projects), groups=1)
    return _weeks(said, found, 0, waiting_in(said).sum(axis=0))


def _by_dimension(said: Said) -> dict[int, tuple[DimensionWeek, ...]]:
    dimensions = said.versions.dimensions
    place = {pk: number for number, pk in enumerate(dimensions)}
    points = np.full((len(said.readings), len(dimensions)), np.nan)
    codes = np.full(points.shape, NOT_GRADED, dtype=np.int8)
    for version, rows, grades in by_version(said):
        cells = np.ix_(rows, [place[pk] for pk in said.versions.scales[version].dimensions])
        of_grade = np.array([*said.versions.scales[version].points, np.nan])
        points[cells], codes[cells] = of_grade[grades], said.versions.codes[version][grades]
    weeks = len(said.mondays)
    week = said.cells(said.readings) % weeks
    mean = dimension_index(points, week, weeks)
    worst = np.full((weeks, len(dimensions)), NOT_GRADED, dtype=np.int8)
    np.maximum.at(worst, week, codes)
    graded = np.zeros((weeks, len(dimensions)), dtype=np.int64)
    np.add.at(graded, week, (codes != NOT_GRADED).astype(np.int64))
    return {
        pk: tuple(
            DimensionWeek(
                week=monday,
                points=_known(mean[number, column]),
                lowest=said.versions.letter(int(worst[number, column])),
                graded=int(graded[number, column]),
            )
            for number, monday in enumerate(said.mondays)
        )
        for column, pk in enumerate(dimensions)
    }


def _weeks(said: Said, found: GroupIndex, place: int, waiting: IntArray) -> tuple[WeekIndex, ...]:
    """The weeks of the group at ``place``."""
    weeks = len(said.mondays)
    return tuple(
        WeekIndex(
            week=monday,
            index=_known(found.index[cell]),
            weighted_index=_known(found.weighted_index[cell]),
            lowest=said.versions.letter(int(found.lowest[cell])),
            answered=int(found.answered[cell]),
            invited=int(found.invited[cell]),
            response_rate=_known(found.response_rate[cell]),
            is_too_few=bool(found.is_too_few[cell]),
            is_open=bool(waiting[cell - place * weeks] > 0),
        )
        for cell, monday in enumerate(said.mondays, start=place * weeks)
    )


def _revenue(customers: Sequence[int], *, as_of: dt.datetime) -> FloatArray:
    """Base sales of the last 365 days by customer, minor units."""
    day = company_day(as_of)
    since = day - dt.timedelta(days=REVENUE_DAYS - 1)
    values: dict[str, Any] = {"customers": list(customers), "since": since, "day": day, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_REVENUE, values)
        sales = dict(cursor.fetchall())
    return np.array([float(sales.get(pk, 0)) for pk in customers])


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
