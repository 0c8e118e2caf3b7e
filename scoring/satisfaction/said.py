"""Answers and response of a set of projects over weeks, laid out for `scoring.core.satisfaction`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from accounts.surveys.queries import Reading, Response, VersionScale, readings_and_responses, scales_of
from scoring.core.satisfaction import (
    NOT_GRADED,
    AnswerIndex,
    GroupIndex,
    Scale,
    answer_index,
    level_above,
    project_weeks,
)
from scoring.core.types import CodeArray, FloatArray, IntArray

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Versions:
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
class Said:
    """p projects over w weeks; an array of length p x w has the weeks of the first project first.

    ``threshold`` w: the least response rate in percent, of the latest version asked under in that week.
    """

    projects: tuple[int, ...]
    mondays: tuple[dt.date, ...]
    readings: Sequence[Reading]
    responses: Sequence[Response]
    versions: Versions
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


def read(project_ids: Collection[int], *, week: dt.date, weeks: int, as_of: dt.datetime) -> Said:
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
    return Said(
        projects=projects,
        mondays=mondays,
        readings=found,
        responses=response,
        versions=versions,
        threshold=np.array(percents, dtype=np.int64),
    )


def _versions(ids: set[int]) -> Versions:
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
    return Versions(
        scales=scales,
        letters=tuple(letter for _points, letter in ladder),
        codes={pk: np.array([*each, NOT_GRADED], dtype=np.int8) for pk, each in codes.items()},
        dimensions=list(
            dict.fromkeys(pk for version in sorted(ids, reverse=True) for pk in scales[version].dimensions)
        ),
    )


def index_of_projects(said: Said) -> GroupIndex:
    answers, group = _answers(said), said.cells(said.readings)
    invited = said.counted([row.invited for row in said.responses])
    return _each_threshold(
        np.tile(said.threshold, len(said.projects)),
        lambda percent: project_weeks(answers, group, invited, threshold_percent=percent),
    )


def _answers(said: Said) -> AnswerIndex:
    """In the order of the readings, whatever version each was given under."""
    index = np.full(len(said.readings), np.nan)
    lowest = np.full(len(said.readings), NOT_GRADED, dtype=np.int8)
    for version, rows, grades in by_version(said):
        scale = said.versions.scales[version]
        found = answer_index(grades, Scale(scale.points, scale.weights))
        index[rows] = found.index
        lowest[rows] = said.versions.codes[version][found.lowest]
    return AnswerIndex(index, lowest)


def by_version(said: Said) -> list[tuple[int, list[int], CodeArray]]:
    """(version, numbers of its readings, their grades n x d)."""
    rows: dict[int, list[int]] = {}
    for number, reading in enumerate(said.readings):
        rows.setdefault(reading.version_id, []).append(number)
    return [
        (version, numbers, np.array([said.readings[each].grades for each in numbers], dtype=np.int8))
        for version, numbers in rows.items()
    ]


def waiting_in(said: Said) -> IntArray:
    """p x w: how many have not answered and still have time."""
    waiting = said.counted([row.invited - row.counted for row in said.responses])
    return waiting.reshape(len(said.projects), len(said.mondays))


def index_above(
    said: Said, below: GroupIndex, group: IntArray, weight: FloatArray, *, groups: int
) -> GroupIndex:
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
