"""What was known of an action on a past day: since when it says what it says."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.history import note_changes


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0001_squashed_0003_links_and_repeats"),
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("needs", "0004_known_when_changed"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        ("surveys", "0001_squashed_0010_packed_grades"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="action",
            name="changed_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="action",
            name="deleted_delete",
        ),
        migrations.AddField(
            model_name="action",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
        migrations.AddField(
            model_name="actionevent",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("customer__isnull", False)),
                fields=["customer", "due_on"],
                include=("id", "known_at", "changed_at", "done_at", "dropped_at"),
                name="action_features",
            ),
        ),
        migrations.RunSQL(note_changes("actions_action", "actions_actionevent"), migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="action",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "actions_actionevent" ("author_id", "case_id", "changed_at", "contact_id", "customer_id", "done_at", "done_by_id", "drop_reason", "dropped_at", "due_on", "id", "import_id", "interaction", "known_at", "meeting_id", "need_id", "note", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "repeat_day", "repeat_every", "repeat_unit", "repeat_until", "repeats_id", "title", "token", "version") SELECT old_values."author_id", old_values."case_id", old_values."changed_at", old_values."contact_id", old_values."customer_id", old_values."done_at", old_values."done_by_id", old_values."drop_reason", old_values."dropped_at", old_values."due_on", old_values."id", old_values."import_id", old_values."interaction", old_values."known_at", old_values."meeting_id", old_values."need_id", old_values."note", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."repeat_day", old_values."repeat_every", old_values."repeat_unit", old_values."repeat_until", old_values."repeats_id", old_values."title", old_values."token", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="d6a0ba83dd2cadfc06ef79c6c856097a4932da73",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_61972",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="actions_action",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="action",
            trigger=pgtrigger.compiler.Trigger(
                name="deleted_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "actions_actionevent" ("author_id", "case_id", "changed_at", "contact_id", "customer_id", "done_at", "done_by_id", "drop_reason", "dropped_at", "due_on", "id", "import_id", "interaction", "known_at", "meeting_id", "need_id", "note", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "repeat_day", "repeat_every", "repeat_unit", "repeat_until", "repeats_id", "title", "token", "version") SELECT old_values."author_id", old_values."case_id", old_values."changed_at", old_values."contact_id", old_values."customer_id", old_values."done_at", old_values."done_by_id", old_values."drop_reason", old_values."dropped_at", old_values."due_on", old_values."id", old_values."import_id", old_values."interaction", old_values."known_at", old_values."meeting_id", old_values."need_id", old_values."note", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."repeat_day", old_values."repeat_every", old_values."repeat_unit", old_values."repeat_until", old_values."repeats_id", old_values."title", old_values."token", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c583f0f645430f970b21a67de0d48a67f52abc49",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_deleted_delete_446a3",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="actions_action",
                    when="AFTER",
                ),
            ),
        ),
    ]
