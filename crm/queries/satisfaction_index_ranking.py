"""The list beside the picture: every unit of a level. Rows are made of those that are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crm.queries.satisfaction import LEAST_CHANGE
from crm.queries.satisfaction_index_members import Level, Scope, Unit, units_of
from scoring.core.satisfaction import MOST_WEEKS, Trend
from scoring.core.types import BoolArray, FloatArray, IntArray
from scoring.satisfaction import Groups, WeekIndex

SORTS = ("name", "index", "change", "slope", "response")
"""Descending with a hyphen before it. By name within what is equal."""


@dataclass(frozen=True)
class Ranked:
    """A line of the list. ``week``: the latest that has an index; ``index``, ``change`` (against the week
    before), ``slope`` (points per week over the last 13, from ``slope_weeks`` of them) are None where there
    is none."""

    unit: Unit
    scope: Scope
    line: tuple[float | None, ...]
    week: WeekIndex
    index: float | None
    change: float | None
    slope: float | None
    slope_weeks: int

    @property
    def shown_change(self) -> float | None:
        """None when it would read as zero."""
        return None if self.change is None or abs(self.change) < LEAST_CHANGE else self.change


@dataclass(frozen=True)
class Ranking:
    """Those of the ``groups`` that anybody was asked about."""

    level: Level
    groups: Groups
    is_weighted: bool

    def __len__(self) -> int:
        return len(self._asked)

    def rows(self, sort: str, *, start: int = 0, count: int | None = None) -> list[Ranked]:
        """``count`` rows from the place ``start``, all without one. One query for names, or none.

        Names are asked of the rows and of what is equal to one of them: 10,000 take longer than all else.
        """
        name = sort.removeprefix("-")
        keys = self._keys(name, descending=sort.startswith("-") and name != "name")
        order = np.argsort(keys, kind="stable")[start : None if count is None else start + count]
        if not len(order):
            return []
        first, last = keys[order[0]], keys[order[-1]]
        equal = np.flatnonzero((first <= keys) & (keys <= last))
        ids = [self.groups.ids[place] for place in self._asked[equal]]
        units = units_of(self.level, ids)
        named = sorted(
            zip(keys[equal].tolist(), [units[pk] for pk in ids], self._asked[equal].tolist(), strict=True),
            key=lambda each: (each[0], each[1].name.casefold()),
            reverse=sort == "-name",
        )
        begin = start - int((keys < first).sum())
        return [self._row(unit, place) for _key, unit, place in named[begin : begin + len(order)]]

    @cached_property
    def _asked(self) -> IntArray:
        """The places of the groups."""
        invited = self.groups.whole.invited.reshape(len(self.groups.ids), len(self.groups.mondays))
        return np.flatnonzero(invited.sum(axis=1))

    @cached_property
    def _trend(self) -> Trend:
        return self.groups.trend(weighted=self.is_weighted)

    @cached_property
    def _lines(self) -> FloatArray:
        return self.groups.matrix(weighted=self.is_weighted)[:, -MOST_WEEKS:]

    @cached_property
    def _latest(self) -> IntArray:
        """The place of each group's latest week that has an index, else of the latest."""
        return len(self.groups.mondays) - 1 - np.nan_to_num(self._trend.level_age).astype(np.int64)

    def _keys(self, name: str, *, descending: bool) -> FloatArray:
        """What has no number stands at the end, whichever way the others go."""
        values = self._values(name)[self._asked]
        is_unknown: BoolArray = np.isnan(values)
        keys: FloatArray = np.where(is_unknown, np.inf, -values if descending else values)
        return keys

    def _values(self, name: str) -> FloatArray:
        """Of every group."""
        match name:
            case "index":
                return self._trend.level
            case "change":
                return self._trend.change
            case "slope":
                return self._trend.slope
            case "response":
                first = np.arange(len(self.groups.ids)) * len(self.groups.mondays)
                rates: FloatArray = self.groups.whole.response_rate[first + self._latest]
                return rates
        return np.zeros(len(self.groups.ids))

    def _row(self, unit: Unit, place: int) -> Ranked:
        return Ranked(
            unit=unit,
            scope=Scope(self.level, unit.id),
            line=tuple(_known(value) for value in self._lines[place].tolist()),
            week=self.groups.week_of(place, int(self._latest[place])),
            index=_known(float(self._trend.level[place])),
            change=_known(float(self._trend.change[place])),
            slope=_known(float(self._trend.slope[place])),
            slope_weeks=int(self._trend.weeks[place]),
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
