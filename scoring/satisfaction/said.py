"""Answers and response of a set of projects over weeks, laid out for `scoring.core.satisfaction`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from accounts.surveys.packing import MOST_DIMENSIONS, MOST_GRADES
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
from scoring.core.types import CodeArray, IntArray
from scoring.satisfaction.reading import LEVELS, WEEK, Answers, Asked, Rows, rows_of, unpacked


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

    ``projects``: ids, ascending; ``customers``: p, the customer of each.
    """

    projects: IntArray
    customers: IntArray
    mondays: tuple[dt.date, ...]
    answers: Answers
    asked: Asked
    versions: Versions

    @property
    def size(self) -> int:
        return len(self.projects) * len(self.mondays)

    @cached_property
    def answer_cells(self) -> IntArray:
        """The place of each answer among the p x w."""
        return self._cells(self.answers)

    @cached_property
    def asked_cells(self) -> IntArray:
        return self._cells(self.asked)

    @cached_property
    def graded(self) -> tuple[tuple[int, IntArray, CodeArray], ...]:
        """(version, places of its answers, their grades n x d)."""
        return tuple(
            (
                version,
                rows,
                unpacked(self.answers.packed[rows], len(self.versions.scales[version].dimensions)),
            )
            for version in np.unique(self.answers.version).tolist()
            for rows in [np.flatnonzero(self.answers.version == version)]
        )

    def place_of(self, monday: dt.date) -> int:
        """Of a week, below 0 or above w - 1 where it is none of these."""
        return (monday - self.mondays[0]).days // WEEK.days

    @cached_property
    def invited(self) -> IntArray:
        return np.bincount(self.asked_cells, minlength=self.size).astype(np.int64)

    @cached_property
    def waiting(self) -> IntArray:
        """How many have not answered and still have time."""
        cells = self.asked_cells[~self.asked.is_counted]
        return np.bincount(cells, minlength=self.size).astype(np.int64)

    @cached_property
    def threshold(self) -> IntArray:
        """The least response rate in percent, of the latest version anybody of the project-week was asked
        under; 0 where nobody was."""
        version = np.zeros(self.size, dtype=np.int64)
        np.maximum.at(version, self.asked_cells, self.asked.version)
        percents = {pk: scale.response_threshold_percent for pk, scale in self.versions.scales.items()}
        known, place = np.unique(version, return_inverse=True)
        return np.array([percents.get(int(pk), 0) for pk in known], dtype=np.int64)[place]

    def first_weeks(self) -> dict[int, dt.date]:
        """By programme version: the first of these weeks in which somebody was asked under it."""
        rows = self.asked
        return {
            int(version): self.mondays[int(rows.week[rows.version == version].min())]
            for version in np.unique(rows.version)
        }

    def of_level(self, level: str) -> Said:
        """What was asked of and said by people of one organisational level; needs rows with levels."""
        code = LEVELS.index(level)
        return replace(self, answers=self.answers.of_level(code), asked=self.asked.of_level(code))

    def _cells(self, rows: Rows) -> IntArray:
        return np.searchsorted(self.projects, rows.project) * len(self.mondays) + rows.week


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
    answers, asked, customers = rows_of(
        projects.tolist(), first=mondays[0], last=week, as_of=as_of, with_levels=with_levels
    )
    met = np.unique(np.concatenate([np.unique(answers.version), np.unique(asked.version)])).tolist()
    return Said(projects, customers, mondays, answers, asked, _versions(met))


def index_of_projects(said: Said, dimension: int | None = None) -> GroupIndex:
    """p x w, of whole answers or of the grades of one dimension; its response is that of the whole."""
    answers = _answers(said, dimension)
    return project_weeks(answers, said.answer_cells, said.invited, threshold_percent=said.threshold)


def index_above(said: Said, below: GroupIndex, group: IntArray, *, groups: int) -> GroupIndex:
    """Week by week: `below` has len(group) x w entries, the result groups x w."""
    weeks = len(said.mondays)
    return level_above(below, (group[:, None] * weeks + np.arange(weeks)).ravel(), groups * weeks)


def _answers(said: Said, dimension: int | None) -> AnswerIndex:
    """In the order of the answers, whatever version each was given under."""
    index = np.full(len(said.answers), np.nan)
    lowest = np.full(len(said.answers), NOT_GRADED, dtype=np.int8)
    for version, rows, grades in said.graded:
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
