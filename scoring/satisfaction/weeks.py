"""Weeks of projects and customers, for pages that show one of them or a board of many.

Whose grades somebody may see is decided by the ids that come in (`accounts.access.graded_projects`).
Everything is as of an instant: what was known, and who still had time. How many queries it takes does not
depend on how many projects and weeks there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from accounts.surveys.queries import VersionScale
from scoring.core.satisfaction import MOST_WEEKS, GroupIndex, Scale, answer_index
from scoring.satisfaction.groups import (
    Groups,
    Members,
    WeekIndex,
    all_weeks,
    groups_of,
    known,
    revenue_of,
    weeks_at,
)
from scoring.satisfaction.said import Said, index_above, index_of_projects, read

EVERYBODY = 0
"""The one group of all projects asked for."""


@dataclass(frozen=True)
class DimensionWeek:
    """``points``: as an index of this dimension alone, None where nobody graded it; ``lowest``: letter of the
    worst of the ``graded`` grades."""

    week: dt.date
    points: float | None
    lowest: str
    graded: int


@dataclass(frozen=True)
class Picture:
    """A set of projects as one customer; weeks are oldest first everywhere, and gaps stand in them.

    ``dimensions`` by id of SurveyDimension, in the order of the latest version that anybody was asked under;
    ``first_weeks`` by version of the programme: the first week in which somebody was asked under it.
    """

    weeks: tuple[WeekIndex, ...]
    dimensions: dict[int, tuple[DimensionWeek, ...]]
    projects: dict[int, tuple[WeekIndex, ...]]
    first_weeks: dict[int, dt.date]


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
        first_weeks=said.first_weeks(),
    )


def group_week(project_ids: Collection[int], *, week: dt.date, as_of: dt.datetime) -> WeekIndex:
    """The company or any group of projects: the mean of their customers, and the same weighted by revenue."""
    return group_history(project_ids, week=week, weeks=1, as_of=as_of)[-1]


def group_history(
    project_ids: Collection[int], *, week: dt.date, weeks: int, as_of: dt.datetime
) -> tuple[WeekIndex, ...]:
    """`group_week` of several weeks, oldest first."""
    said = read(project_ids, week=week, weeks=weeks, as_of=as_of)
    revenue = revenue_of(said.customers, as_of=as_of)
    return _everybody(said, index_of_projects(said), revenue).weeks_of(EVERYBODY)


def board_of(
    project_ids: Collection[int], *, week: dt.date, as_of: dt.datetime
) -> tuple[dict[int, tuple[WeekIndex, ...]], WeekIndex]:
    """The 13 weeks of every project asked for, oldest first, and `group_week` of them all, read once.

    The whole is not weighted by revenue: its ``weighted_index`` is None.
    """
    said = read(project_ids, week=week, weeks=MOST_WEEKS, as_of=as_of)
    of_projects = index_of_projects(said)
    whole = _everybody(said, of_projects, None).weeks_of(EVERYBODY)[-1]
    return _by_project(said, of_projects), replace(whole, weighted_index=None)


def answer_indices(grades: Sequence[Sequence[int]], scale: VersionScale) -> list[float | None]:
    """The index of each answer given under one version; ``grades``: positions in the version's order of
    dimensions, 0 the best, -1 not graded."""
    found = answer_index(
        np.array(grades, dtype=np.int8).reshape(len(grades), len(scale.weights)),
        Scale(scale.points, scale.weights),
    )
    return [known(value) for value in found.index]


def _everybody(said: Said, of_projects: GroupIndex, revenue: Mapping[int, float] | None) -> Groups:
    projects = said.projects if len(said.projects) else [EVERYBODY]
    return groups_of(said, of_projects, Members.always(projects, EVERYBODY), revenue)


def _by_project(said: Said, of_projects: GroupIndex) -> dict[int, tuple[WeekIndex, ...]]:
    return dict(zip(said.projects.tolist(), all_weeks(said, of_projects, said.waiting), strict=True))


def _as_customer(said: Said, of_projects: GroupIndex) -> tuple[WeekIndex, ...]:
    """Whatever customer they belong to."""
    waiting = said.waiting.reshape(len(said.projects), len(said.mondays)).sum(axis=0)
    return weeks_at(said, _one_level(said, of_projects), waiting, 0)


def _one_level(said: Said, of_projects: GroupIndex) -> GroupIndex:
    projects = len(said.projects)
    return index_above(said, of_projects, np.zeros(projects, dtype=np.int64), groups=1)


def _by_dimension(said: Said) -> dict[int, tuple[DimensionWeek, ...]]:
    return {pk: _dimension(said, index_of_projects(said, pk)) for pk in said.versions.dimensions}


def _dimension(said: Said, of_projects: GroupIndex) -> tuple[DimensionWeek, ...]:
    whole = _one_level(said, of_projects)
    graded = of_projects.members.reshape(len(said.projects), len(said.mondays)).sum(axis=0)
    return tuple(
        DimensionWeek(
            week=monday,
            points=known(whole.index[place]),
            lowest=said.versions.letter(int(whole.lowest[place])),
            graded=int(graded[place]),
        )
        for place, monday in enumerate(said.mondays)
    )
