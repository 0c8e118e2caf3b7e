"""How fast corrective actions are answered: medians, shares within the clock, and how old the open ones are.

Measured is the present round of each case that was opened in the quarter, in working time of the version it
runs under. A share is of those that are decided: done, or not done and over. Beside each number stands that
of the quarter before.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db.models import Count, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.surveys.models import OPEN, CaseState, CorrectiveAction, ProgrammeVersion
from accounts.surveys.worktime import DAY, Worktime, worktimes_of
from accounts.users.models import TeamMember
from crm.queries.cases import overdue, rows_of, with_due_at
from scoring.core.rates import Rate, wilson

if TYPE_CHECKING:
    from crm.queries.cases import ListedCase

IN_COLUMN = 40
HOUR = 3600.0
LEAST_DECIDED = 5
"""Cases under which a share is no percentage."""
LEAST_DAYS = 2.0
AGES = (7, 28, 91)
"""Days at which the age classes of open cases end."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class By(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    TEAM = "team"
    DIMENSION = "dimension"
    MONTH = "month"


@dataclass(frozen=True)
class Column:
    state: CaseState
    count: int
    cases: tuple[ListedCase, ...]


@dataclass(frozen=True)
class Reading:
    """``median``: working hours, ``median_days``: the same in days of that clock, of ``done`` cases;
    ``in_time``: within the clock, of ``decided`` ones."""

    median: float | None
    median_days: float | None
    done: int
    in_time: int
    decided: int

    @property
    def share(self) -> float | None:
        return self.in_time / self.decided if self.decided else None

    @property
    def rate(self) -> Rate:
        """The share with its interval."""
        return wilson(self.in_time, self.decided)

    @property
    def is_enough(self) -> bool:
        """Whether the share says anything: of one case it is all or nothing."""
        return self.decided >= LEAST_DECIDED

    @property
    def is_long(self) -> bool:
        """Whether days are read more easily than hours."""
        return self.median_days is not None and self.median_days >= LEAST_DAYS


@dataclass(frozen=True)
class Measure:
    """A reading and that of the quarter before."""

    now: Reading
    before: Reading

    @property
    def change(self) -> float | None:
        """Of the share; above zero is better."""
        if self.now.share is None or self.before.share is None:
            return None
        return self.now.share - self.before.share

    @property
    def shown_change(self) -> float | None:
        """None where either quarter has too few to be compared."""
        return self.change if self.now.is_enough and self.before.is_enough else None


@dataclass(frozen=True)
class Line:
    label: str
    cases: int
    acknowledge: Measure
    plan: Measure
    solve: Measure


@dataclass(frozen=True)
class Age:
    """Open cases from ``from_days`` up to ``until_days`` (None: without end) old."""

    from_days: int
    until_days: int | None
    open: int
    overdue: int


@dataclass(frozen=True)
class CaseFigures:
    """``in_working_time``: whether some clocks stand still outside of it."""

    quarter: Quarter
    everything: Line
    lines: tuple[Line, ...]
    ages: tuple[Age, ...]
    in_working_time: bool


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def named(cls, text: str) -> Quarter | None:
        """``2026-Q4``; None for any other text."""
        year, _dash, number = text.partition("-Q")
        if not (year.isascii() and year.isdigit() and len(year) == 4 and number in {"1", "2", "3", "4"}):
            return None
        return cls(int(year), int(number)) if int(year) > 1 else None

    def back(self, quarters: int) -> Quarter:
        year, rest = divmod(self.year * 4 + self.number - 1 - quarters, 4)
        return Quarter(year, rest + 1)

    @property
    def starts_at(self) -> dt.datetime:
        return dt.datetime(self.year, self.number * 3 - 2, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


class Row(NamedTuple):
    opened_at: dt.datetime
    acknowledged_at: dt.datetime | None
    acknowledge_by: dt.datetime
    planned_at: dt.datetime | None
    plan_by: dt.datetime
    corrected_at: dt.datetime | None
    solve_by: dt.date | None
    closed_at: dt.datetime | None
    version: int
    owner: int
    owner_name: str
    manager_name: str
    dimension: str


def board_of(found: QuerySet[CorrectiveAction]) -> tuple[Column, ...]:
    """Open cases by state, the clock that runs out first on top; at most `IN_COLUMN` of each. Six queries."""
    counts = dict(found.filter(OPEN).order_by().values_list("state").annotate(count=Count("pk")))
    timed = with_due_at(found.filter(OPEN)).annotate(
        place=Window(RowNumber(), partition_by="state", order_by=["due_at", "pk"])
    )
    ids = list(timed.filter(place__lte=IN_COLUMN).order_by("place").values_list("pk", flat=True))
    by_state: dict[str, list[ListedCase]] = defaultdict(list)
    for case in rows_of(ids):
        by_state[case.state].append(case)
    states = [state for state in CaseState if state != CaseState.CONFIRMED]
    return tuple(Column(state, counts.get(state, 0), tuple(by_state[state])) for state in states)


def figures_of(
    cases: QuerySet[CorrectiveAction], quarter: Quarter, by: By, *, language: str, now: dt.datetime
) -> CaseFigures:
    """Six queries, however many cases there are."""
    name = {"zh-hans": "_zh_hans", "zh-hant": "_zh_hant"}.get(language, "")
    spans = [_rows(cases, each, name) for each in (quarter, quarter.back(1))]
    versions = ProgrammeVersion.objects.filter(pk__in={row.version for rows in spans for row in rows})
    worktimes = worktimes_of(versions)
    teams = _teams({row.owner for rows in spans for row in rows}) if by == By.TEAM else {}
    groups: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for number, rows in enumerate(spans):
        for row in rows:
            for label in _labels(row, by, teams, shift=3 * number):
                groups[label][number].append(row)
    return CaseFigures(
        quarter=quarter,
        everything=_line("", spans[0], spans[1], worktimes, now),
        lines=tuple(
            _line(label, rows, before, worktimes, now)
            for label, (rows, before) in sorted(groups.items())
            if rows
        ),
        ages=_ages(cases, now),
        in_working_time=any(each.until_minute - each.from_minute < 1440 for each in worktimes.values()),
    )


def worked_hours(start: Floats, end: Floats, worktime: Worktime) -> Floats:
    """Hours of running clock from ``start`` to ``end`` (seconds since the epoch), one for each pair."""
    if not len(start):
        return np.zeros(0)
    first, last = (dt.datetime.fromtimestamp(at, tz=worktime.zone).date() for at in (start.min(), end.max()))
    opens, closes = _spans(worktime, first.replace(day=1), (last.replace(day=1) + 31 * DAY).replace(day=1))
    if not len(opens):
        return np.zeros(len(start))
    run = np.concatenate([[0.0], np.cumsum(closes - opens)])

    def until(at: Floats) -> Floats:
        day = np.searchsorted(opens, at, side="right") - 1
        inside = np.clip(at - opens[day], 0.0, closes[day] - opens[day])
        return np.where(day < 0, 0.0, run[day] + inside)

    return (until(end) - until(start)) / HOUR


@lru_cache(maxsize=64)
def _spans(worktime: Worktime, first: dt.date, end: dt.date) -> tuple[Floats, Floats]:
    """When each working day from ``first`` to before ``end`` opens and closes, in seconds since the epoch.

    Every line of a page asks for the same months.
    """
    days = (first + DAY * number for number in range((end - first).days))
    spans = [worktime.hours_of(day) for day in days if worktime.is_working(day)]
    opens, closes = (np.array([span[side].timestamp() for span in spans]) for side in (0, 1))
    return opens, closes


def _rows(cases: QuerySet[CorrectiveAction], quarter: Quarter, name: str) -> list[Row]:
    opened = cases.filter(opened_at__gte=quarter.starts_at, opened_at__lt=quarter.back(-1).starts_at)
    columns = [
        *Row._fields[:8],
        "programme_version",
        "owner",
        "owner__name",
        "project__manager__name",
        f"dimension__name{name}",
    ]
    return [Row(*values) for values in opened.order_by().values_list(*columns)]


def _labels(row: Row, by: By, teams: dict[int, list[str]], *, shift: int) -> Iterable[str]:
    """``shift``: months from the quarter before to this one, so that its months stand beside these."""
    if by == By.TEAM:
        return teams.get(row.owner, [])
    if by == By.MONTH:
        day = row.opened_at.astimezone(ZoneInfo(settings.TIME_ZONE))
        year, month = divmod(day.year * 12 + day.month - 1 + shift, 12)
        return [f"{year}-{month + 1:02}"]
    return [{By.OWNER: row.owner_name, By.MANAGER: row.manager_name, By.DIMENSION: row.dimension}[by]]


def _teams(owners: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for user, team in TeamMember.objects.filter(user__in=owners).values_list("user", "team__name"):
        found[user].append(team)
    return found


def _line(
    label: str, rows: list[Row], before: list[Row], worktimes: dict[int, Worktime], now: dt.datetime
) -> Line:
    measures = [
        Measure(_reading(rows, step, worktimes, now), _reading(before, step, worktimes, now))
        for step in (_acknowledged, _planned, _solved)
    ]
    return Line(label, len(rows), *measures)


def _reading(rows: list[Row], step: Any, worktimes: dict[int, Worktime], now: dt.datetime) -> Reading:
    taken = [(row, *step(row)) for row in rows]
    done = [(row, at) for row, at, _due in taken if at is not None]
    in_time = sum(at is not None and at < due for _row, at, due in taken if due is not None)
    # What the customer closed before the clock was over was neither in time nor late.
    decided = sum(
        at is not None or (row.closed_at or now) >= due for row, at, due in taken if due is not None
    )
    hours, days = _medians(done, worktimes)
    return Reading(median=hours, median_days=days, done=len(done), in_time=in_time, decided=decided)


def _acknowledged(row: Row) -> tuple[dt.datetime | None, dt.datetime | None]:
    return row.acknowledged_at, row.acknowledge_by


def _planned(row: Row) -> tuple[dt.datetime | None, dt.datetime | None]:
    return row.planned_at, row.plan_by


def _solved(row: Row) -> tuple[dt.datetime | None, dt.datetime | None]:
    if row.solve_by is None:
        return row.corrected_at, None
    midnight = dt.datetime.combine(row.solve_by + DAY, dt.time(), ZoneInfo(settings.TIME_ZONE))
    return row.corrected_at, midnight


def _medians(
    done: list[tuple[Row, dt.datetime]], worktimes: dict[int, Worktime]
) -> tuple[float | None, float | None]:
    """In hours of running clock, and in days of it; each version has days of its own length."""
    hours, days = [], []
    for version in {row.version for row, _at in done}:
        pairs = [(row.opened_at.timestamp(), at.timestamp()) for row, at in done if row.version == version]
        start, end = np.array(pairs).T
        worktime = worktimes[version]
        hours.append(worked_hours(start, end, worktime))
        days.append(hours[-1] * 60 / (worktime.until_minute - worktime.from_minute))
    if not hours:
        return None, None
    return float(np.median(np.concatenate(hours))), float(np.median(np.concatenate(days)))


def _ages(cases: QuerySet[CorrectiveAction], now: dt.datetime) -> tuple[Age, ...]:
    """Two queries: how many are open, and of these overdue, in each class of age."""
    bounds = [(0, AGES[0]), *pairwise(AGES), (AGES[-1], None)]
    counts = {
        f"age_{start}": Count(
            "pk",
            filter=Q(opened_at__lte=now - dt.timedelta(days=start))
            & (Q(opened_at__gt=now - dt.timedelta(days=end)) if end else Q()),
        )
        for start, end in bounds
    }
    open_now = cases.filter(OPEN).order_by()
    found, late = open_now.aggregate(**counts), overdue(open_now, now).aggregate(**counts)
    return tuple(Age(start, end, found[f"age_{start}"], late[f"age_{start}"]) for start, end in bounds)
