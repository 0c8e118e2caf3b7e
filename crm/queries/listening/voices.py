"""The listening map: organisational levels x dimensions, of the last 13 weeks, as of an instant.

The last week is the latest whose survey has closed: who still has time is not silent. Who answers in a week
that is still open is heard, but his grades count when it has closed.

A level is what the respondent's was when he was asked. Points of a cell are the mean of all grades given,
each counting the same; higher is better. Two levels disagree about a dimension when their means lie at least
`DISAGREEMENT` points apart and each rests on `LEAST_GRADES` grades.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from accounts.contacts.models import Level
from accounts.customers.services import company_day
from accounts.surveys.queries.weeks import last_asked_week, last_closed_week
from accounts.surveys.weeks import monday_of
from scoring.core.satisfaction import MOST_WEEKS

WEEK = dt.timedelta(days=7)
DISAGREEMENT = 40.0
"""Two steps of the default grades between A and C."""
LEAST_GRADES = 2
SILENT_WEEKS = 3
"""Closed weeks in a row without an answer of anybody at a level that is asked."""

_GRADES = """
select g.customer_id, i.level, g.dimension_id, avg(grade.points)::float8, count(*),
    (array_agg(grade.letter order by grade.points, grade.position desc))[1]
from surveys_answergrade g
join surveys_answer a on a.id = g.answer_id
join surveys_invitation i on i.id = a.invitation_id
join surveys_programmegrade grade on grade.id = g.grade_id
where g.customer_id = any(%(customers)s) and g.project_id = any(%(projects)s)
  and g.week_id between %(first)s and %(last)s
  and g.known_at <= %(as_of)s and (g.superseded_at is null or g.superseded_at > %(as_of)s)
group by 1, 2, 3
"""

_ASKED = """
with asked as (
    select i.customer_id, i.level, i.contact_id, i.week_id, i.answered_at <= %(as_of)s as has_answered,
        i.week_id <= %(last)s and i.closes_at <= %(as_of)s as is_closed
    from surveys_invitation i
    where i.customer_id = any(%(customers)s) and i.project_id = any(%(projects)s)
      and i.week_id >= %(first)s and i.known_at <= %(as_of)s
      and (i.failed_at is null or i.failed_at > %(as_of)s or i.answered_at <= %(as_of)s)
), heard as (
    select customer_id, level, max(week_id) filter (where has_answered) as week from asked group by 1, 2
)
select customer_id, level, count(distinct contact_id),
    count(distinct contact_id) filter (where has_answered), heard.week,
    count(distinct week_id) filter (where is_closed and (heard.week is null or week_id > heard.week))
from asked join heard using (customer_id, level)
group by 1, 2, heard.week
"""


class VoiceCell(NamedTuple):
    """``points``: mean of ``graded`` grades, None without any; ``lowest``: letter of the worst. ``gap``: how
    far below the level that is most content about this dimension, where they disagree, else 0."""

    points: float | None = None
    graded: int = 0
    lowest: str = ""
    gap: float = 0.0


@dataclass(frozen=True)
class LevelVoice:
    """``asked``: contacts who were asked, of them ``answering`` answered at least once. ``heard_week``: the
    latest week that anybody answered; ``silent_weeks``: closed weeks since then. ``cells``: by dimension."""

    level: Level
    asked: int
    answering: int
    heard_week: dt.date | None
    silent_weeks: int
    cells: tuple[VoiceCell, ...]

    @property
    def is_silent(self) -> bool:
        return self.asked > 0 and self.silent_weeks >= SILENT_WEEKS

    @property
    def silent(self) -> int:
        """Contacts who were asked and never answered."""
        return self.asked - self.answering


class Disagreement(NamedTuple):
    """About one dimension: the most content level and the least content one, with their means."""

    dimension_id: int
    high: Level
    high_points: float
    low: Level
    low_points: float

    @property
    def gap(self) -> float:
        return self.high_points - self.low_points


@dataclass(frozen=True)
class Voices:
    """All four levels, the executives first; ``dimensions``: ids, in the order of the cells."""

    dimensions: tuple[int, ...]
    levels: tuple[LevelVoice, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def was_asked(self) -> bool:
        return any(voice.asked for voice in self.levels)

    @property
    def silent(self) -> tuple[LevelVoice, ...]:
        return tuple(voice for voice in self.levels if voice.is_silent)

    @property
    def unasked(self) -> tuple[LevelVoice, ...]:
        return tuple(voice for voice in self.levels if not voice.asked)

    @property
    def gaps(self) -> int:
        """What there is to do something about."""
        return len(self.silent) + len(self.unasked) + len(self.disagreements)


_Cells = dict[tuple[str, int], VoiceCell]


def last_heard_week(as_of: dt.datetime) -> dt.date:
    """The Monday of the last week of the map; before any survey has closed, of the one that is under way."""
    return last_closed_week(as_of) or last_asked_week(as_of) or monday_of(company_day(as_of))


def voices_of(
    customers: Collection[int],
    project_ids: Collection[int],
    *,
    dimensions: Sequence[int],
    week: dt.date,
    as_of: dt.datetime,
) -> dict[int, Voices]:
    """By customer id, of these projects and the 13 weeks up to the Monday ``week``. Two queries."""
    wanted: dict[str, Any] = {
        "customers": list(customers),
        "projects": list(project_ids),
        "first": week - WEEK * (MOST_WEEKS - 1),
        "last": week,
        "as_of": as_of,
    }
    cells: dict[int, _Cells] = {}
    asked: dict[int, dict[str, tuple[int, int, dt.date | None, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_GRADES, wanted)
        for customer, level, dimension, points, graded, lowest in cursor.fetchall():
            cells.setdefault(customer, {})[level, dimension] = VoiceCell(points, graded, lowest)
        cursor.execute(_ASKED, wanted)
        for customer, level, *counts in cursor.fetchall():
            asked.setdefault(customer, {})[level] = tuple(counts)
    return {
        pk: _voices(cells.get(pk, {}), asked.get(pk, {}), tuple(dimensions))
        for pk in dict.fromkeys(customers)
    }


def _voices(
    cells: _Cells, asked: dict[str, tuple[int, int, dt.date | None, int]], dimensions: tuple[int, ...]
) -> Voices:
    disagreements = tuple(found for each in dimensions if (found := _disagreement(cells, each)) is not None)
    top = {each.dimension_id: each.high_points for each in disagreements}

    def cell(level: Level, dimension: int) -> VoiceCell:
        found = cells.get((level, dimension), VoiceCell())
        if found.points is None or dimension not in top or found.graded < LEAST_GRADES:
            return found
        gap = top[dimension] - found.points
        return found._replace(gap=gap) if gap >= DISAGREEMENT else found

    return Voices(
        dimensions=dimensions,
        levels=tuple(
            LevelVoice(
                level,
                *asked.get(level, (0, 0, None, 0)),
                cells=tuple(cell(level, dimension) for dimension in dimensions),
            )
            for level in Level
        ),
        disagreements=tuple(sorted(disagreements, key=lambda each: -each.gap)),
    )


def _disagreement(cells: _Cells, dimension: int) -> Disagreement | None:
    said = [
        (found.points, level)
        for level in Level
        if (found := cells.get((level, dimension)))
        and found.graded >= LEAST_GRADES
        and found.points is not None
    ]
    if len(said) < 2:
        return None
    (low_points, low), (high_points, high) = min(said), max(said)
    if high_points - low_points < DISAGREEMENT:
        return None
    return Disagreement(dimension, high, high_points, low, low_points)
