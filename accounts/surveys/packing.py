"""The grades of an answer as one number that stands on the answer.

An index of 10,000 projects reads some hundred thousand answers, and five times as many grades: packed, they
come out of one covering index. Five bits for each dimension, at its place in the version: 0 is no grade, 1
the best. A trigger adds what is inserted, so that no way of writing grades can forget it; grades are never
changed, and versions that were asked under neither.
"""

from __future__ import annotations

import pgtrigger

BITS = 5
MOST_DIMENSIONS = 12
"""In the 63 bits above zero of a bigint."""
MOST_GRADES = 2**BITS - 1


def packing(rows: str, sign: str = "+") -> str:
    """The statement that adds the grades of ``rows`` (of surveys_answergrade) to their answers' numbers."""
    return f"""
update surveys_answer a set packed_grades = a.packed_grades {sign} given.packed
from (
  select x.answer_id, sum((grade.position + 1)::bigint << ({BITS} * part.position))::bigint as packed
  from {rows} x
  join surveys_programmegrade grade on grade.id = x.grade_id
  join surveys_programmedimension part
    on part.version_id = x.programme_version_id and part.dimension_id = x.dimension_id
  group by x.answer_id
) given
where a.id = given.answer_id"""  # noqa: S608 -- constants of this package


def packs_grades() -> list[pgtrigger.Trigger]:
    """What keeps the answers' numbers true: one statement for all rows of an insert or delete."""
    return [
        pgtrigger.Trigger(
            name="grades_are_packed",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="given_now"),  # type: ignore[no-untyped-call]
            func=f"{packing('given_now')}; return null;",
        ),
        pgtrigger.Trigger(
            name="grades_are_unpacked",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Delete,
            referencing=pgtrigger.Referencing(old="gone_now"),  # type: ignore[no-untyped-call]
            func=f"{packing('gone_now', '-')}; return null;",
        ),
        pgtrigger.Trigger(
            name="grade_is_fixed",
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
                "answer_id", "dimension_id", "grade_id"
            ),
            func="""
            raise exception 'grade % was given and cannot be changed', old.id
            using errcode = 'restrict_violation';
            """,
        ),
    ]
