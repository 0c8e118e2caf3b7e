"""Answers and response by project and week as plain numbers, for whoever computes an index from them.

As of an instant: what was known then, in the version that was current then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

NOT_GRADED = -1

# Answers, then the response: one statement, since every page with an index asks for both.
SAID = """
(select a.customer_id, a.project_id, a.week_id, a.programme_version_id, array(
    select coalesce(grade.position, %(none)s)
    from surveys_programmedimension part
    left join surveys_answergrade given
        on given.answer_id = a.id and given.dimension_id = part.dimension_id
    left join surveys_programmegrade grade on grade.id = given.grade_id
    where part.version_id = a.programme_version_id order by part.position
), null::bigint, null::bigint, null::bigint
from surveys_answer a
where a.project_id = any(%(projects)s) and a.week_id between %(first)s and %(last)s
  and a.known_at <= %(as_of)s and (a.superseded_at is null or a.superseded_at > %(as_of)s)
order by a.project_id, a.week_id, a.invitation_id)
union all
(select i.customer_id, i.project_id, i.week_id, max(i.programme_version_id), null, count(*),
    count(*) filter (where i.closes_at <= %(as_of)s or i.answered_at <= %(as_of)s),
    count(*) filter (where i.answered_at <= %(as_of)s)
from surveys_invitation i
where i.project_id = any(%(projects)s) and i.week_id between %(first)s and %(last)s
  and i.known_at <= %(as_of)s
  and (i.failed_at is null or i.failed_at > %(as_of)s or i.answered_at <= %(as_of)s)
group by 1, 2, 3 order by 2, 3)
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
    version_id: int
    invited: int
    counted: int
    answered: int


@dataclass(frozen=True)
class VersionScale:
    """Points and letters from the best grade to the worst; ids and weights of the dimensions in their order;
    least response rate in percent."""

    points: tuple[float, ...]
    letters: tuple[str, ...]
    dimensions: tuple[int, ...]
    weights: tuple[float, ...]
    response_threshold_percent: int


def readings_and_responses(
    project_ids: list[int], *, first: dt.date, last: dt.date, as_of: dt.datetime
) -> tuple[list[Reading], list[Response]]:
    """Answers of the weeks from the Monday ``first`` to the Monday ``last``, and the response of every
    project-week that anybody was invited for. One query."""
    given: list[Reading] = []
    asked: list[Response] = []
    with connection.cursor() as cursor:
        cursor.execute(
            SAID, {"projects": project_ids, "first": first, "last": last, "as_of": as_of, "none": NOT_GRADED}
        )
        for *key, grades, invited, counted, answered in cursor.fetchall():
            if grades is None:
                asked.append(Response._make((*key, invited, counted, answered)))
            else:
                given.append(Reading._make((*key, grades)))
    return given, asked


def scales_of(version_ids: Iterable[int]) -> dict[int, VersionScale]:
    """By id, of versions that somebody was asked under. One query, none for what was read before."""
    ids = tuple(sorted(set(version_ids)))
    return dict(_scales_of(ids)) if ids else {}


@lru_cache(maxsize=64)
def _scales_of(ids: tuple[int, ...]) -> tuple[tuple[int, VersionScale], ...]:
    """Kept for good: the database refuses to change a version that was asked."""
    with connection.cursor() as cursor:
        cursor.execute(SCALES, {"ids": list(ids)})
        return tuple(
            (pk, VersionScale(tuple(points), tuple(letters), tuple(dimensions), tuple(weights), percent))
            for pk, percent, points, letters, dimensions, weights in cursor.fetchall()
        )
