"""Answers and response of a set of projects over weeks, laid out for `scoring.core.satisfaction`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from accounts.surveys.queries import VersionScale, scales_of
from scoring.core.satisfaction import (
    NOT_GRADED,
    AnswerIndex,
    GroupIndex,
    Scale,
    answer_index,
    dimension_answers,
    level_above,
    project_weeks,
)
from scoring.core.types import CodeArray, FloatArray, IntArray
from scoring.satisfaction.reading import (
    LEVELS,
    MOST_DIMENSIONS,
    MOST_GRADES,
    WEEK,
    Rows,
    rows_of,
    unpacked,
)


@dataclass(frozen=True)
class Versions:
    """What the programme versions say of grades, brought into one order from the best to the worst.

    ``codes`` of a version: the place in ``letters`` of each of its grades, and NOT_GRADED at the end, so that
    a grade that is not there (-1) finds it. ``dimensions``: ids, those of the latest version first.
    """

    scales: dict[int, VersionScale]
    letters: tuple[str, ...]
    codes: dict[int, CodeArray]
    dimensions: tuple[int, ...]

    def letter(self, code: int) -> str:
        return "" if code == NOT_GRADED else self.letters[code]


@dataclass(frozen=True)
class Said:
    """p projects over w weeks; an array of length p x w has the weeks of the first project first.

    ``projects``: ids, ascending; ``customers``: p, the customer of each, 0 of one nobody was asked about.
    """

    projects: IntArray
    customers: IntArray
    mondays: tuple[dt.date, ...]
    answers: Rows
    responses: Rows
    versions: Versions

    @property
    def size(self) -> int:
        return len(self.projects) * len(self.mondays)

    @cached_property
    def answer_cells(self) -> IntArray:
        """The place of each answer among the p x w."""
        return self._cells(self.answers)

    @cached_property
    def response_cells(self) -> IntArray:
        return self._cells(self.responses)

    def place_of(self, monday: dt.date) -> int:
        """Of a week, below 0 or above w - 1 where it is none of these."""
        return (monday - self.mondays[0]).days // WEEK.days

    @cached_property
    def invited(self) -> IntArray:
        return self._summed(self.responses.number)

    @cached_property
    def waiting(self) -> IntArray:
        """How many have not answered and still have time."""
        return self._summed(self.responses.number - self.responses.counted)

    @cached_property
    def threshold(self) -> IntArray:
        """The least response rate in percent, of the latest version anybody of the project-week was asked
        under; 0 where nobody was."""
        version = np.zeros(self.size, dtype=np.int64)
        np.maximum.at(version, self.response_cells, self.responses.version)
        percents = {pk: scale.response_threshold_percent for pk, scale in self.versions.scales.items()}
        known, place = np.unique(version, return_inverse=True)
        return np.array([percents.get(int(pk), 0) for pk in known], dtype=np.int64)[place]

    def first_weeks(self) -> dict[int, dt.date]:
        """By programme version: the first of these weeks in which somebody was asked under it."""
        rows = self.responses
        return {
            int(version): self.mondays[int(rows.week[rows.version == version].min())]
            for version in np.unique(rows.version)
        }

    def of_level(self, level: str) -> Said:
        """What was asked of and said by people of one organisational level; needs rows with levels."""
        code = LEVELS.index(level)
        return replace(
            self,
            answers=self.answers.only(self.answers.level == code),
            responses=self.responses.only(self.responses.level == code),
        )

    def _cells(self, rows: Rows) -> IntArray:
        return np.searchsorted(self.projects, rows.project) * len(self.mondays) + rows.week

    def _summed(self, numbers: IntArray) -> IntArray:
        found = np.zeros(self.size, dtype=np.int64)
        np.add.at(found, self.response_cells, numbers)
        return found


def read(
    project_ids: Collection[int],
    *,
    week: dt.date,
    weeks: int,
    as_of: dt.datetime,
    with_levels: bool = False,
) -> Said:
    """The ``weeks`` up to the Monday ``week``. One statement, and one for versions not met before."""
    if week.weekday():
        raise ValueError("A week is known by its Monday.")
    projects = np.array(sorted(set(project_ids)), dtype=np.int64)
    mondays = tuple(week - WEEK * back for back in range(weeks - 1, -1, -1))
    answers, responses = rows_of(
        projects.tolist(), first=mondays[0], last=week, as_of=as_of, with_levels=with_levels
    )
    customers = np.zeros(len(projects), dtype=np.int64)
    customers[np.searchsorted(projects, responses.project)] = responses.customer
    met = np.unique(np.concatenate([answers.version, responses.version])).tolist()
    return Said(projects, customers, mondays, answers, responses, _versions(met))


def index_of_projects(said: Said, dimension: int | None = None) -> GroupIndex:
    """p x w, of whole answers or of the grades of one dimension; its response is that of the whole."""
    answers = _answers(said, dimension)
    return project_weeks(answers, said.answer_cells, said.invited, threshold_percent=said.threshold)


def index_above(
    said: Said, below: GroupIndex, group: IntArray, weight: FloatArray, *, groups: int
) -> GroupIndex:
    """Week by week: `below` has len(group) x w entries, the result groups x w."""
    weeks = len(said.mondays)
    cells = (group[:, None] * weeks + np.arange(weeks)).ravel()
    return level_above(below, cells, groups * weeks, np.repeat(weight, weeks))


def _answers(said: Said, dimension: int | None) -> AnswerIndex:
    """In the order of the answers, whatever version each was given under."""
    index = np.full(len(said.answers), np.nan)
    lowest = np.full(len(said.answers), NOT_GRADED, dtype=np.int8)
    for version, rows, grades in _by_version(said):
        scale = said.versions.scales[version]
        if dimension is None:
            found = answer_index(grades, Scale(scale.points, scale.weights))
        elif dimension in scale.dimensions:
            found = dimension_answers(grades[:, scale.dimensions.index(dimension)], scale.points)
        else:
            continue
        index[rows] = found.index
        lowest[rows] = said.versions.codes[version][found.lowest]
    return AnswerIndex(index, lowest)


def _by_version(said: Said) -> Iterator[tuple[int, IntArray, CodeArray]]:
    """(version, places of its answers, their grades n x d)."""
    for version in np.unique(said.answers.version).tolist():
        rows = np.flatnonzero(said.answers.version == version)
        dimensions = len(said.versions.scales[version].dimensions)
        yield version, rows, unpacked(said.answers.number[rows], dimensions)


def _versions(ids: Iterable[int]) -> Versions:
    scales = scales_of(ids)
    for scale in scales.values():
        if len(scale.dimensions) > MOST_DIMENSIONS or len(scale.points) > MOST_GRADES:
            raise ValueError(f"More than {MOST_DIMENSIONS} dimensions or {MOST_GRADES} grades.")
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
    return Versions(
        scales=scales,
        letters=tuple(letter for _points, letter in ladder),
        codes={pk: np.array([*each, NOT_GRADED], dtype=np.int8) for pk, each in codes.items()},
        dimensions=tuple(
            dict.fromkeys(pk for version in sorted(scales, reverse=True) for pk in scales[version].dimensions)
        ),
    )
