"""Answers and response of a set of projects over weeks, in one statement, as columns of numbers.

As of an instant: what was known then, in the version that was current then. Only the weekly programme. The
grades of an answer are one number (`accounts.surveys.packing`). Nothing is grouped: two covering indexes are
read from end to end, and numbers are summed where they are laid out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from accounts.contacts.models import Level
from accounts.surveys.packing import BITS, MOST_GRADES
from scoring.core.types import BoolArray, CodeArray, IntArray

WEEK = dt.timedelta(days=7)
LEVELS = tuple(Level.values)

# Of what a row is beside its project: its week in the lowest bits, then its level, a mark and its version.
_WEEK_BITS, _LEVEL_BITS = 12, 3
_MARK = 1 << _WEEK_BITS + _LEVEL_BITS
_VERSION_BITS = _WEEK_BITS + _LEVEL_BITS + 1
_KEY = f"""((v.programme_version_id::bigint << {_VERSION_BITS}) | ({{level}} << {_WEEK_BITS})
    | (v.week_id - %(first)s::date) / 7)"""
_LEVEL = f"coalesce(array_position(array{list(LEVELS)}, {{of}}.level::text), 0)::bigint"
_NO_LEVEL = "0::bigint"
_OF_WEEKS = """v.project_id = any(%(projects)s::bigint[]) and v.week_id between %(first)s and %(last)s
    and v.programme_version_id = any(array(
      select w.id from surveys_programmeversion w join surveys_surveyprogramme p on p.id = w.programme_id
      where p.is_weekly))
    and v.known_at <= %(as_of)s"""

# Ids as one array: 100,000 parameters take longer than the statement. Columns come as one value
# each: there are hundreds of thousands of rows, and the driver waits for each of a result by itself.
_ROWS = f"""
select answers.*, asked.*, (
  select array_send(array_agg(coalesce(p.customer_id, 0) order by w.id))
  from unnest(%(projects)s::bigint[]) w (id) left join projects_project p on p.id = w.id
)
from (
  select array_send(array_agg(v.project_id)), array_send(array_agg({_KEY})),
    array_send(array_agg(v.packed_grades))
  from surveys_answer v {{invitation}}
  where {_OF_WEEKS} and (v.superseded_at is null or v.superseded_at > %(as_of)s)
) answers, (
  select array_send(array_agg(v.project_id)), array_send(array_agg({_KEY.format(level="{level_asked}")}
    | case when v.closes_at <= %(as_of)s or v.answered_at <= %(as_of)s then {_MARK} else 0 end))
  from surveys_invitation v
  where {_OF_WEEKS} and (v.failed_at is null or v.failed_at > %(as_of)s or v.answered_at <= %(as_of)s)
) asked
"""  # noqa: S608 -- constants of this module


@dataclass(frozen=True)
class Rows:
    """Every array has one entry per row. ``week``: its place, 0 is the first one asked for; ``level``: place
    in LEVELS, -1 unless levels were asked for."""

    project: IntArray
    week: IntArray
    level: IntArray
    version: IntArray

    def __len__(self) -> int:
        return len(self.week)


@dataclass(frozen=True)
class Answers(Rows):
    """``packed``: the grades of each."""

    packed: IntArray

    def of_level(self, level: int) -> Answers:
        return Answers(*(column[self.level == level] for column in vars(self).values()))


@dataclass(frozen=True)
class Asked(Rows):
    """Who was asked; whom no letter reached was not. ``is_counted``: closed or answered, since who still has
    time is not silent."""

    is_counted: BoolArray

    def of_level(self, level: int) -> Asked:
        return Asked(*(column[self.level == level] for column in vars(self).values()))


def rows_of(
    project_ids: Sequence[int], *, first: dt.date, last: dt.date, as_of: dt.datetime, with_levels: bool
) -> tuple[Answers, Asked, IntArray]:
    """(answers, who was asked, customer of each project) from the Monday ``first`` to the Monday ``last``.

    ``project_ids``: ascending; the customer of one that does not exist is 0. One statement.
    """
    statement = _ROWS.format(
        level=_LEVEL.format(of="i") if with_levels else _NO_LEVEL,
        level_asked=_LEVEL.format(of="v") if with_levels else _NO_LEVEL,
        invitation="join surveys_invitation i on i.id = v.invitation_id" if with_levels else "",
    )
    # As text: the driver looks at each element of a list, which takes longer than the statement needs for it.
    projects = f"{{{','.join(map(str, project_ids))}}}"
    values: dict[str, Any] = {"projects": projects, "first": first, "last": last, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        columns = [_numbers(sent) for sent in cursor.fetchone()]
    answered, answer_key, packed, asked, asked_key, customers = columns
    return (
        Answers(answered, *_parts(answer_key), packed),
        Asked(asked, *_parts(asked_key), asked_key & _MARK > 0),
        customers,
    )


def unpacked(packed: IntArray, dimensions: int) -> CodeArray:
    """The grades of answers, n x d: positions with 0 the best, -1 where a dimension was not graded."""
    places = np.arange(dimensions, dtype=np.int64) * BITS
    grades: CodeArray = (((packed[:, None] >> places) & MOST_GRADES) - 1).astype(np.int8)
    return grades


def _parts(key: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """(week, level, version)."""
    return (
        key & ((1 << _WEEK_BITS) - 1),
        (key >> _WEEK_BITS & ((1 << _LEVEL_BITS) - 1)) - 1,
        key >> _VERSION_BITS,
    )


def _numbers(sent: bytes | None) -> IntArray:
    """Of an array of bigint without nulls, as PostgreSQL sends it: a head of five numbers, then for each
    element its size and itself."""
    elements = np.frombuffer(sent or b"", dtype=[("size", ">i4"), ("value", ">i8")], offset=20 if sent else 0)
    return elements["value"].astype(np.int64)
