"""Answers and response of a set of projects over weeks, in one statement, as columns of numbers.

As of an instant: what was known then, in the version that was current then. Only the weekly programme. The
grades of an answer travel as one number, since a project has five times as many grades as answers: five bits
for each dimension, at its place in the version; 0 is no grade, 1 the best.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from accounts.contacts.models import Level
from scoring.core.types import CodeArray, IntArray

WEEK = dt.timedelta(days=7)
LEVELS = tuple(Level.values)
BITS = 5
MOST_DIMENSIONS = 12
MOST_GRADES = 2**BITS - 1
_COLUMNS = ("is_response", "customer", "project", "week", "version", "level", "number", "counted")

# Ids as one array: a list of 100,000 parameters takes longer than the statement. All rows come as one value:
# a board has thousands, and the driver waits for each row of a COPY or a result by itself.
_ROWS = f"""
select string_agg(int8send(is_response) || int8send(customer) || int8send(project) || int8send(week)
    || int8send(version) || int8send(level) || int8send(number) || int8send(counted), ''::bytea)
from (
  select 0::bigint, a.customer_id, a.project_id, ((a.week_id - %(first)s::date) / 7)::bigint,
    a.programme_version_id, {{level}},
    coalesce(sum((grade.position + 1)::bigint << ({BITS} * part.position)), 0)::bigint, 0::bigint
  from surveys_answer a
  {{invitation}}
  left join surveys_answergrade given on given.answer_id = a.id
  left join surveys_programmegrade grade on grade.id = given.grade_id
  left join surveys_programmedimension part
    on part.version_id = a.programme_version_id and part.dimension_id = given.dimension_id
  where a.project_id = any(%(projects)s::bigint[]) and a.week_id between %(first)s and %(last)s
    and a.programme_version_id = any({{weekly}})
    and a.known_at <= %(as_of)s and (a.superseded_at is null or a.superseded_at > %(as_of)s)
  group by a.id {{also}}
  union all
  select 1::bigint, i.customer_id, i.project_id, ((i.week_id - %(first)s::date) / 7)::bigint,
    max(i.programme_version_id), {{level}}, count(*),
    count(*) filter (where i.closes_at <= %(as_of)s or i.answered_at <= %(as_of)s)
  from surveys_invitation i
  where i.project_id = any(%(projects)s::bigint[]) and i.week_id between %(first)s and %(last)s
    and i.programme_version_id = any({{weekly}})
    and i.known_at <= %(as_of)s
    and (i.failed_at is null or i.failed_at > %(as_of)s or i.answered_at <= %(as_of)s)
  group by i.customer_id, i.project_id, i.week_id {{also}}
) as found ({", ".join(_COLUMNS)})
"""  # noqa: S608 -- constants of this module
_WEEKLY = """array(select v.id from surveys_programmeversion v
      join surveys_surveyprogramme p on p.id = v.programme_id where p.is_weekly)"""
_LEVEL = f"array_position(array{list(LEVELS)}, i.level::text)::bigint - 1"


@dataclass(frozen=True)
class Rows:
    """Answers or responses; every array has one entry per row. ``week``: its place, 0 is the first one asked
    for; ``level``: place in LEVELS, 0 unless levels were asked for.

    ``number``: of an answer its grades, packed; of a response how many were invited (whom no letter reached
    was not asked), ``counted`` of them: closed or answered, since who still has time is not silent. The
    version of a response is the latest that anybody of the project-week was asked under.
    """

    customer: IntArray
    project: IntArray
    week: IntArray
    version: IntArray
    level: IntArray
    number: IntArray
    counted: IntArray

    def only(self, chosen: np.ndarray) -> Rows:
        return Rows(*(column[chosen] for column in vars(self).values()))

    def __len__(self) -> int:
        return len(self.week)


def rows_of(
    project_ids: Sequence[int], *, first: dt.date, last: dt.date, as_of: dt.datetime, with_levels: bool
) -> tuple[Rows, Rows]:
    """(answers, responses) from the Monday ``first`` to the Monday ``last``; one response per project-week,
    and per organisational level of the invited where levels are asked for. One statement."""
    statement = _ROWS.format(
        weekly=_WEEKLY,
        level=_LEVEL if with_levels else "0::bigint",
        invitation="join surveys_invitation i on i.id = a.invitation_id" if with_levels else "",
        also=", i.level" if with_levels else "",
    )
    values: dict[str, Any] = {"projects": list(project_ids), "first": first, "last": last, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        (sent,) = cursor.fetchone()
    table = np.frombuffer(sent or b"", dtype=">i8").reshape(-1, len(_COLUMNS)).astype(np.int64)
    found = {name: table[:, place] for place, name in enumerate(_COLUMNS)}
    is_response = found.pop("is_response") == 1
    both = Rows(**found)
    return both.only(~is_response), both.only(is_response)


def unpacked(number: IntArray, dimensions: int) -> CodeArray:
    """The grades of answers, n x d: positions with 0 the best, -1 where a dimension was not graded."""
    places = np.arange(dimensions, dtype=np.int64) * BITS
    grades: CodeArray = (((number[:, None] >> places) & MOST_GRADES) - 1).astype(np.int8)
    return grades
