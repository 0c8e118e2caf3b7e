"""Answers written in bulk: 15,000 by the service would take minutes.

Only those of which nothing comes: no grade that opens or confirms a case, no notice.
"""

from collections.abc import Iterable

from django.db import connection

from crm.demo.story.moods import THEMES
from crm.demo.story.sheets import Sheet

STAGE = """
create temporary table demo_sheet (
    invitation_id bigint, known_at timestamptz, is_late boolean, key text, digest text, comment text,
    codes text[], letters text[], comments text[]
) on commit drop
"""
UNSTAGE = "drop table demo_sheet"
COPY = "copy demo_sheet from stdin"
ANSWERS = """
insert into surveys_answer (
    invitation_id, customer_id, project_id, week_id, programme_version_id,
    comment, is_late, idempotency_key, digest, fingerprint, known_at
)
select i.id, i.customer_id, i.project_id, i.week_id, i.programme_version_id,
    s.comment, s.is_late, s.key, s.digest, '', s.known_at
from demo_sheet s join surveys_invitation i on i.id = s.invitation_id
order by s.known_at, i.id
"""
SAID = """
from demo_sheet s
join surveys_answer a on a.invitation_id = s.invitation_id and a.superseded_at is null
cross join unnest(s.codes, s.letters, s.comments) as said (code, letter, comment)
join surveys_programmedimension part on part.version_id = a.programme_version_id
join surveys_surveydimension dimension on dimension.id = part.dimension_id and dimension.code = said.code
"""
GRADES = f"""
insert into surveys_answergrade (
    answer_id, customer_id, project_id, week_id, programme_version_id,
    dimension_id, grade_id, opens_case, comment, known_at
)
select a.id, a.customer_id, a.project_id, a.week_id, a.programme_version_id,
    dimension.id, grade.id, grade.opens_case, said.comment, s.known_at
{SAID}
join surveys_programmegrade grade on grade.version_id = a.programme_version_id and grade.letter = said.letter
order by a.id, part.position
"""
ABSENT = f"""
insert into surveys_answernotapplicable (
    answer_id, customer_id, project_id, week_id, programme_version_id, dimension_id, known_at
)
select a.id, a.customer_id, a.project_id, a.week_id, a.programme_version_id, dimension.id, s.known_at
{SAID}
where said.letter is null
order by a.id, part.position
"""


def write_in_bulk(sheets: Iterable[Sheet]) -> None:
    """The same rows as `answer_invitation` writes for such an answer, set-wise."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy:
            for sheet in sheets:
                copy.write_row(_row(sheet))
        cursor.execute("analyze demo_sheet")
        for statement in (ANSWERS, GRADES, ABSENT):
            cursor.execute(statement)
            cursor.execute("analyze surveys_answer")
        cursor.execute("analyze surveys_answergrade")
        cursor.execute(UNSTAGE)


def key_of(sheet: Sheet) -> str:
    """That of the only form he sent."""
    return f"form-{sheet.invitation.id}"


def _row(sheet: Sheet) -> tuple[object, ...]:
    facts = sheet.facts
    codes = [theme for theme in THEMES if theme in facts.grades or theme in facts.not_applicable]
    return (
        sheet.invitation.id,
        sheet.at,
        sheet.is_late,
        key_of(sheet),
        facts.digest,
        facts.comment,
        codes,
        [facts.grades.get(theme) for theme in codes],
        [facts.dimension_comments.get(theme, "") for theme in codes],
    )
