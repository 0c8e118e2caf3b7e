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
from accounts.surveys.queries import Reading, Response, VersionScale, readings_and_responses, scales_of
from scoring.core.satisfaction import (
    MOST_WEEKS,
    NOT_GRADED,
    AnswerIndex,
    GroupIndex,
    Scale,
    answer_index,
    dimension_index,
    level_above,
    project_weeks,
)
from scoring.core.types import CodeArray, FloatArray, IntArray

WEEK = dt.timedelta(days=7)
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


@dataclass(frozen=True)
class _Versions:
    """What the programme versions say of grades, brought into one order from the best to the worst.

    ``codes`` of a version: the place in ``letters`` of each of its grades, and NOT_GRADED at the end, so that
    a grade that is not there (-1) finds it. ``dimensions``: ids, those of the latest version first.
    """

    scales: dict[int, VersionScale]
    letters: tuple[str, ...]
    codes: dict[int, CodeArray]
    dimensions: list[int]

    def letter(self, code: int) -> str:
        return "" if code == NOT_GRADED else self.letters[code]


@dataclass(frozen=True)
class _Said:
    """p projects over w weeks; an array of length p x w has the weeks of the first project first.

    ``threshold`` w: the least response rate in percent, of the latest version asked under in that week.
    """

    projects: tuple[int, ...]
    mondays: tuple[dt.date, ...]
    readings: Sequence[Reading]
    responses: Sequence[Response]
    versions: _Versions
    threshold: IntArray

    def cells(self, rows: Sequence[Reading] | Sequence[Response]) -> IntArray:
        """The place of each row among the p x w."""
        project = {pk: number for number, pk in enumerate(self.projects)}
        week = {monday: number for number, monday in enumerate(self.mondays)}
        places = [project[row.project_id] * len(week) + week[row.week] for row in rows]
        return np.array(places, dtype=np.int64)

    def counted(self, counts: list[int]) -> IntArray:
        """A number of each response, at its place among the p x w."""
        found = np.zeros(len(self.projects) * len(self.mondays), dtype=np.int64)
        found[self.cells(self.responses)] = counts
        return found


def customer_history(
    project_ids: Collection[int], *, week: dt.date, weeks: int = MOST_WEEKS, as_of: dt.datetime
) -> tuple[WeekIndex, ...]:
    """These projects as one customer: the mean of those that have an index, each counting the same."""
    said = _read(project_ids, week=week, weeks=weeks, as_of=as_of)
    return _as_customer(said, _of_projects(said))


def picture_of(
    project_ids: Collection[int], *, week: dt.date, weeks: int = MOST_WEEKS, as_of: dt.datetime
) -> Picture:
    """One customer's weeks with their projects and dimensions."""
    said = _read(project_ids, week=week, weeks=weeks, as_of=as_of)
    of_projects = _of_projects(said)
    return Picture(
        weeks=_as_customer(said, of_projects),
        dimensions=_by_dimension(said),
        projects=_by_project(said, of_projects),
    )


def group_week(project_ids: Collection[int], *, week: dt.date, as_of: dt.datetime) -> WeekIndex:
    """The company or any group of projects: the mean of their customers, and the same weighted by revenue.

    Revenue: sales less credit notes of the last 365 days, in the company's currency.
    """
    said = _read(project_ids, week=week, weeks=1, as_of=as_of)
    return _whole(said, _of_projects(said), partial(_revenue, as_of=as_of))[-1]


def board_of(
    project_ids: Collection[int], *, week: dt.date, as_of: dt.datetime
) -> tuple[dict[int, tuple[WeekIndex, ...]], WeekIndex]:
    """The 13 weeks of every project asked for, oldest first, and `group_week` of them all, read once.

    The whole is not weighted by revenue: its ``weighted_index`` is None.
    """
    said = _read(project_ids, week=week, weeks=MOST_WEEKS, as_of=as_of)
    of_projects = _of_projects(said)
    whole = _whole(said, of_projects, lambda customers: np.ones(len(customers)))[-1]
    return _by_project(said, of_projects), replace(whole, weighted_index=None)


def _whole(
    said: _Said, of_projects: GroupIndex, revenue_of: Callable[[Sequence[int]], FloatArray]
) -> tuple[WeekIndex, ...]:
    customer_of = {row.project_id: row.customer_id for row in said.responses}
    customers = sorted(set(customer_of.values())) or [0]
    place = {customer: number for number, customer in enumerate(customers)}
    # A project that nobody was asked about adds nothing, whichever customer it is counted with.
    group = np.array([place[customer_of.get(pk, customers[0])] for pk in said.projects], dtype=np.int64)
    of_customers = _level(said, of_projects, group, np.ones(len(group)), groups=len(customers))
    everybody = np.zeros(len(customers), dtype=np.int64)
    company = _level(said, of_customers, everybody, revenue_of(customers), groups=1)
    return _weeks(said, company, 0, _waiting(said).sum(axis=0))


def answer_indices(grades: Sequence[Sequence[int]], scale: VersionScale) -> list[float | None]:
    """The index of each answer given under one version; ``grades`` as in `Reading`."""
    found = answer_index(
        np.array(grades, dtype=np.int8).reshape(len(grades), len(scale.weights)),
        Scale(scale.points, scale.weights),
    )
    return [_known(value) for value in found.index]


def _read(project_ids: Collection[int], *, week: dt.date, weeks: int, as_of: dt.datetime) -> _Said:
    if week.weekday():
        raise ValueError("A week is known by its Monday.")
    projects = tuple(sorted(set(project_ids)))
    mondays = tuple(week - WEEK * back for back in range(weeks - 1, -1, -1))
    found, response = readings_and_responses(list(projects), first=mondays[0], last=week, as_of=as_of)
    asked: dict[dt.date, int] = {}
    for row in response:
        asked[row.week] = max(row.version_id, asked.get(row.week, 0))
    versions = _versions({*asked.values(), *(reading.version_id for reading in found)})
    percents = [
        versions.scales[asked[monday]].response_threshold_percent if monday in asked else 0
        for monday in mondays
    ]
    return _Said(
        projects=projects,
        mondays=mondays,
        readings=found,
        responses=response,
        versions=versions,
        threshold=np.array(percents, dtype=np.int64),
    )


def _versions(ids: set[int]) -> _Versions:
    scales = scales_of(ids)
    ladder = sorted(
        {
            (-points, letter)
            for scale in scales.values()
            for points, letter in zip(scale.points, scale.letters, strict=True)
        }
    )
    place = {grade: number for number, grade in enumerate(ladder)}
    codes = {
        pk: [place[-points, letter] for points, letter in zip(scale.points, scale.letters, strict=True)]
        for pk, scale in scales.items()
    }
    return _Versions(
        scales=scales,
        letters=tuple(letter for _points, letter in ladder),
        codes={pk: np.array([*each, NOT_GRADED], dtype=np.int8) for pk, each in codes.items()},
        dimensions=list(
            dict.fromkeys(pk for version in sorted(ids, reverse=True) for pk in scales[version].dimensions)
        ),
    )


def _of_projects(said: _Said) -> GroupIndex:
    answers, group = _answers(said), said.cells(said.readings)
    invited = said.counted([row.invited for row in said.responses])
    return _each_threshold(
        np.tile(said.threshold, len(said.projects)),
        lambda percent: project_weeks(answers, group, invited, threshold_percent=percent),
    )


def _answers(said: _Said) -> AnswerIndex:
    """In the order of the readings, whatever version each was given under."""
    index = np.full(len(said.readings), np.nan)
    lowest = np.full(len(said.readings), NOT_GRADED, dtype=np.int8)
    for version, rows, grades in _by_version(said):
        scale = said.versions.scales[version]
        found = answer_index(grades, Scale(scale.points, scale.weights))
        index[rows] = found.index
        lowest[rows] = said.versions.codes[version][found.lowest]
    return AnswerIndex(index, lowest)


def _by_version(said: _Said) -> list[tuple[int, list[int], CodeArray]]:
    """(version, numbers of its readings, their grades n x d)."""
    rows: dict[int, list[int]] = {}
    for number, reading in enumerate(said.readings):
        rows.setdefault(reading.version_id, []).append(number)
    return [
        (version, numbers, np.array([said.readings[each].grades for each in numbers], dtype=np.int8))
        for version, numbers in rows.items()
    ]


def _by_project(said: _Said, of_projects: GroupIndex) -> dict[int, tuple[WeekIndex, ...]]:
    waiting = _waiting(said)
    return {pk: _weeks(said, of_projects, number, waiting[number]) for number, pk in enumerate(said.projects)}


def _as_customer(said: _Said, of_projects: GroupIndex) -> tuple[WeekIndex, ...]:
    projects = len(said.projects)
    same = np.zeros(projects, dtype=np.int64)
    found = _level(said, of_projects, same, np.ones(projects), groups=1)
    return _weeks(said, found, 0, _waiting(said).sum(axis=0))


def _level(said: _Said, below: GroupIndex, group: IntArray, weight: FloatArray, *, groups: int) -> GroupIndex:
    """Week by week: `below` has len(group) x w entries, the result groups x w."""
    weeks = len(said.mondays)
    cells = (group[:, None] * weeks + np.arange(weeks)).ravel()
    weights = np.repeat(weight, weeks)
    return _each_threshold(
        np.tile(said.threshold, groups),
        lambda percent: level_above(below, cells, groups * weeks, weights, threshold_percent=percent),
    )


def _each_threshold(threshold: IntArray, compute: Callable[[int], GroupIndex]) -> GroupIndex:
    """Weeks under different versions may ask for different response rates; nearly always there is one."""
    found = {percent: compute(percent) for percent in sorted({0, *threshold.tolist()})}
    is_too_few = np.zeros(len(threshold), dtype=np.bool_)
    for percent, group in found.items():
        is_too_few |= (threshold == percent) & group.is_too_few
    return replace(found[0], is_too_few=is_too_few)


def _by_dimension(said: _Said) -> dict[int, tuple[DimensionWeek, ...]]:
    dimensions = said.versions.dimensions
    place = {pk: number for number, pk in enumerate(dimensions)}
    points = np.full((len(said.readings), len(dimensions)), np.nan)
    codes = np.full(points.shape, NOT_GRADED, dtype=np.int8)
    for version, rows, grades in _by_version(said):
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


def _waiting(said: _Said) -> IntArray:
    """p x w: how many have not answered and still have time."""
    waiting = said.counted([row.invited - row.counted for row in said.responses])
    return waiting.reshape(len(said.projects), len(said.mondays))


def _weeks(said: _Said, found: GroupIndex, place: int, waiting: IntArray) -> tuple[WeekIndex, ...]:
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
