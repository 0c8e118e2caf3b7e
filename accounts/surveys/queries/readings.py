"""Answers and response by project and week as plain numbers, for whoever computes an index from them.

As of an instant: what was known then, in the version that was current then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

NOT_GRADED = -1

ANSWERS = """
select a.customer_id, a.project_id, a.week_id, a.programme_version_id, array(
    select coalesce(grade.position, %(none)s)
    from surveys_programmedimension part
    left join surveys_answergrade given
        on given.answer_id = a.id and given.dimension_id = part.dimension_id
    left join surveys_programmegrade grade on grade.id = given.grade_id
    where part.version_id = a.programme_version_id order by part.position
)
from surveys_answer a
where a.project_id = any(%(projects)s) and a.week_id between %(first)s and %(last)s
  and a.known_at <= %(as_of)s and (a.superseded_at is null or a.superseded_at > %(as_of)s)
order by a.project_id, a.week_id, a.invitation_id
"""

RESPONSES = """
select i.customer_id, i.project_id, i.week_id, count(*),
    count(*) filter (where i.closes_at <= %(as_of)s or i.answered_at <= %(as_of)s),
    count(*) filter (where i.answered_at <= %(as_of)s), max(i.programme_version_id)
from surveys_invitation i
where i.project_id = any(%(projects)s) and i.week_id between %(first)s and %(last)s
  and i.known_at <= %(as_of)s
  and (i.failed_at is null or i.failed_at > %(as_of)s or i.answered_at <= %(as_of)s)
group by 1, 2, 3 order by 2, 3
"""

SCALES = """
select v.id, v.response_threshold_percent,
    array(select points::float8 from surveys_programmegrade where version_id = v.id order by position),
    array(select letter from surveys_programmegrade where version_id = v.id order by position),
    array(select dimension_id from surveys_programmedimension where version_id = v.id order by position),
    array(select weight::float8 from surveys_programmedimension where version_id = v.id order by position)
from surveys_programmeversion v where v.id = any(%(ids)s)
"""


class Reading(NamedTuple):
    """One answer. ``grades``: positions (0 the best, -1 not graded) in the version's order of dimensions."""

    customer_id: int
    project_id: int
    week: dt.date
    version_id: int
    grades: list[int]


class Response(NamedTuple):
    """Of a project-week: ``invited`` (whom no letter reached was not asked), of them ``counted`` (closed or
    answered: who still has time is not silent), of them ``answered``. ``version_id``: the latest that anybody
    was asked under."""

    customer_id: int
    project_id: int
    week: dt.date
    invited: int
    counted: int
    answered: int
    version_id: int


@dataclass(frozen=True)
class VersionScale:
    """Points and letters from the best grade to the worst; ids and weights of the dimensions in their order;
    least response rate in percent."""

    points: tuple[float, ...]
    letters: tuple[str, ...]
    dimensions: tuple[int, ...]
    weights: tuple[float, ...]
    response_threshold_percent: int


def readings(project_ids: list[int], *, first: dt.date, last: dt.date, as_of: dt.datetime) -> list[Reading]:
    """Answers of the weeks from the Monday ``first`` to the Monday ``last``. One query."""
    return [Reading(*row) for row in _rows(ANSWERS, project_ids, first, last, as_of)]


def responses(project_ids: list[int], *, first: dt.date, last: dt.date, as_of: dt.datetime) -> list[Response]:
    """Of the same weeks, of every project-week that anybody was invited for. One query."""
    return [Response(*row) for row in _rows(RESPONSES, project_ids, first, last, as_of)]


def scales_of(version_ids: Iterable[int]) -> dict[int, VersionScale]:
    """By version id. One query, none without ids."""
    if not (ids := sorted(set(version_ids))):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SCALES, {"ids": ids})
        return {
            pk: VersionScale(tuple(points), tuple(letters), tuple(dimensions), tuple(weights), percent)
            for pk, percent, points, letters, dimensions, weights in cursor.fetchall()
        }


def _rows(
    statement: str, project_ids: list[int], first: dt.date, last: dt.date, as_of: dt.datetime
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"projects": project_ids, "first": first, "last": last, "as_of": as_of, "none": NOT_GRADED},
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
