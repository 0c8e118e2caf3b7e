"""Falls of one dimension, which an index that is a mean over five hides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from accounts.facts import CURRENT
from accounts.surveys.models import AnswerGrade
from accounts.surveys.weeks import monday_of
from crm.queries.today.items import Fall

LOOKED_BACK = dt.timedelta(weeks=9)
LEAST_WEEKS = 4
"""A fall of fewer weeks is one bad grade or two."""


def falls_of(pairs: Collection[tuple[int, int]], today: dt.date) -> dict[tuple[int, int], Fall]:
    """Of the (project, dimension) pairs those whose lowest grade of the week was worse every week, up to the
    latest that anybody graded. One query."""
    grades = AnswerGrade.objects.filter(
        CURRENT,
        project__in={project for project, _dimension in pairs},
        dimension__in={dimension for _project, dimension in pairs},
        week__gt=monday_of(today) - LOOKED_BACK,
    )
    lowest = grades.order_by("project_id", "dimension_id", "week_id", "grade__points").distinct(
        "project_id", "dimension_id", "week_id"
    )
    weeks: dict[tuple[int, int], list[tuple[str, int]]] = {pair: [] for pair in pairs}
    for project, dimension, letter, points in lowest.values_list(
        "project_id", "dimension_id", "grade__letter", "grade__points"
    ):
        if (project, dimension) in weeks:
            weeks[project, dimension].append((letter, points))
    found = {pair: _fall(readings) for pair, readings in weeks.items()}
    return {pair: fall for pair, fall in found.items() if fall is not None}


def _fall(readings: Sequence[tuple[str, int]]) -> Fall | None:
    """The end of the readings, oldest first, in which every one is below the one before."""
    first = len(readings) - 1
    while first > 0 and readings[first - 1][1] > readings[first][1]:
        first -= 1
    falling = readings[max(first, 0) :]
    if len(falling) < LEAST_WEEKS:
        return None
    return Fall(tuple(letter for letter, _points in falling), tuple(points for _letter, points in falling))
