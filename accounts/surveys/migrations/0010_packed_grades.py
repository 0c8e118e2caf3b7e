"""The grades of an answer as one number on the answer, kept by triggers, and indexes that cover an index.

Answers that are there are packed before the index on them is made.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from django.db.models import Q

PACK = """
update surveys_answer a set packed_grades = given.packed
from (
  select x.answer_id, sum((grade.position + 1)::bigint << (5 * part.position))::bigint as packed
  from surveys_answergrade x
  join surveys_programmegrade grade on grade.id = x.grade_id
  join surveys_programmedimension part
    on part.version_id = x.programme_version_id and part.dimension_id = x.dimension_id
  group by x.answer_id
) given
where a.id = given.answer_id
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0009_programme_kinds")]

    operations = [
        migrations.RemoveIndex(model_name="answer", name="answer_of_week"),
        migrations.RemoveIndex(model_name="invitation", name="invitation_board"),
        migrations.AddConstraint(
            model_name="programmedimension",
            constraint=models.CheckConstraint(
                condition=Q(("position__lt", 12)), name="programme_dimension_packs"
            ),
        ),
        migrations.AddConstraint(
            model_name="programmegrade",
            constraint=models.CheckConstraint(condition=Q(("position__lt", 31)), name="grade_packs"),
        ),
        migrations.AddField(
            model_name="answer",
            name="packed_grades",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        migrations.RunSQL(PACK, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                fields=["project", "week"],
                include=("programme_version", "invitation", "packed_grades", "known_at", "superseded_at"),
                name="answer_of_week",
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                fields=["project", "week"],
                include=("programme_version", "level", "closes_at", "answered_at", "failed_at", "known_at"),
                name="invitation_board",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answergrade',
            trigger=pgtrigger.compiler.Trigger(name='grades_are_packed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nupdate surveys_answer a set packed_grades = a.packed_grades + given.packed\nfrom (\n  select x.answer_id, sum((grade.position + 1)::bigint << (5 * part.position))::bigint as packed\n  from given_now x\n  join surveys_programmegrade grade on grade.id = x.grade_id\n  join surveys_programmedimension part\n    on part.version_id = x.programme_version_id and part.dimension_id = x.dimension_id\n  group by x.answer_id\n) given\nwhere a.id = given.answer_id; return null;', hash='9c95bb7bdbfe2e208856c80ff1d458e75bd4646d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_grades_are_packed_5d407', referencing='REFERENCING NEW TABLE AS given_now ', table='surveys_answergrade', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answergrade',
            trigger=pgtrigger.compiler.Trigger(name='grades_are_unpacked', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nupdate surveys_answer a set packed_grades = a.packed_grades - given.packed\nfrom (\n  select x.answer_id, sum((grade.position + 1)::bigint << (5 * part.position))::bigint as packed\n  from gone_now x\n  join surveys_programmegrade grade on grade.id = x.grade_id\n  join surveys_programmedimension part\n    on part.version_id = x.programme_version_id and part.dimension_id = x.dimension_id\n  group by x.answer_id\n) given\nwhere a.id = given.answer_id; return null;', hash='a5e0d5e6c616c3e4531a1e94457cb43732d50f6f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_grades_are_unpacked_77d30', referencing='REFERENCING OLD TABLE AS gone_now ', table='surveys_answergrade', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answergrade',
            trigger=pgtrigger.compiler.Trigger(name='grade_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            raise exception 'grade % was given and cannot be changed', old.id\n            using errcode = 'restrict_violation';\n            ", hash='d0a9cddc8476ab1001455b53ffb9fe5b28874400', operation='UPDATE OF "answer_id", "dimension_id", "grade_id"', pgid='pgtrigger_grade_is_fixed_f5c12', table='surveys_answergrade', when='BEFORE')),
        ),
    ]
