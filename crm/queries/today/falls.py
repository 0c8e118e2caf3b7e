"""Falls of one dimension, which an index that is a mean over five hides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from accounts.facts import CURRENT
from accounts.surveys.models import AnswerGrade
from accounts.surveys.weeks import monday_of
from crm.queries.today.items import Fall

LOOKED_BACK = dt.timedelta(weeks=9)
LEAST_GRADES = 4
"""A fall of fewer grades is one bad grade or two."""
WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class _Reading:
    """The lowest grade of a week."""

    monday: dt.date
    letter: str
    points: int

    def is_worse_than(self, before: _Reading) -> bool:
        return self.monday - before.monday == WEEK and self.points < before.points


def falls_of(pairs: Collection[tuple[int, int]], today: dt.date) -> dict[tuple[int, int], Fall]:
    """Of the (project, dimension) pairs those whose lowest grade of the week was worse every week, up to the
    latest that anybody graded; a week without a grade ends it. One query."""
    grades = AnswerGrade.objects.filter(
        CURRENT,
        project__in={project for project, _dimension in pairs},
        dimension__in={dimension for _project, dimension in pairs},
        week__gt=monday_of(today) - LOOKED_BACK,
    )
    lowest = grades.order_by("project_id", "dimension_id", "week_id", "grade__points").distinct(
        "project_id", "dimension_id", "week_id"
    )
    weeks: dict[tuple[int, int], list[_Reading]] = {pair: [] for pair in pairs}
    for project, dimension, monday, letter, points in lowest.values_list(
        "project_id", "dimension_id", "week_id", "grade__letter", "grade__points"
    ):
        if (project, dimension) in weeks:
            weeks[project, dimension].append(_Reading(monday, letter, points))
    found = {pair: _fall(readings) for pair, readings in weeks.items()}
    return {pair: fall for pair, fall in found.items() if fall is not None}


def _fall(readings: Sequence[_Reading]) -> Fall | None:
    """The end of the readings, oldest first, in which every one is below that of the week before."""
    first = len(readings) - 1
    while first > 0 and readings[first].is_worse_than(readings[first - 1]):
        first -= 1
    falling = readings[max(first, 0) :]
    if len(falling) < LEAST_GRADES:
        return None
    return Fall(tuple(each.letter for each in falling), tuple(each.points for each in falling))
