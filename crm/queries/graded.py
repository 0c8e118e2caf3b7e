"""How much of what was asked about a week was graded: the index of an answer leaves out what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import connection

# What does not apply is neither graded nor left open.
_GRADED = """
select a.project_id, sum(graded.n), sum(asked.n - beside.n)
from surveys_answer a
cross join lateral (
    select count(*) as n from surveys_programmedimension d where d.version_id = a.programme_version_id
) asked
cross join lateral (select count(*) as n from surveys_answergrade g where g.answer_id = a.id) graded
cross join lateral (select count(*) as n from surveys_answernotapplicable x where x.answer_id = a.id) beside
where a.project_id = any(%s::bigint[]) and a.week_id = %s and a.known_at <= %s
    and (a.superseded_at is null or a.superseded_at > %s)
group by 1
"""


class Graded(NamedTuple):
    """Dimensions that were ``graded``, of those that were ``asked`` and apply, over all answers."""

    graded: int
    asked: int

    @property
    def is_partial(self) -> bool:
        return self.graded < self.asked


NOTHING = Graded(0, 0)


def graded_of(project_ids: Collection[int], week: dt.date, *, as_of: dt.datetime) -> dict[int, Graded]:
    """By project, of those with an answer about the week of this Monday. One query."""
    if not project_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_GRADED, [list(project_ids), week, as_of, as_of])
        return {project: Graded(int(graded), int(asked)) for project, graded, asked in cursor.fetchall()}


def sum_of(parts: Iterable[Graded]) -> Graded:
    found = list(parts)
    return Graded(sum(each.graded for each in found), sum(each.asked for each in found))
