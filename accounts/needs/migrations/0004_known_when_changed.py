"""What was known of a need on a past day: since when it says what it says."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from accounts.history import note_changes


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0001_squashed_0003_of_customer"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="need",
            name="changed_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="need",
            name="deleted_delete",
        ),
        migrations.AddField(
            model_name="need",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
        migrations.AddField(
            model_name="needevent",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
        migrations.RunSQL(note_changes("needs_need", "needs_needevent"), migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="need",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "needs_needevent" ("about", "author_id", "budget_minor", "capability", "changed_at", "confirmed_by_id", "confirmed_on", "contact_id", "currency", "customer_id", "decided_at", "decided_by_id", "decision", "delivered_on", "expression", "fit", "id", "import_id", "importance", "interaction", "known_at", "level", "must_fit", "needed_on", "origin", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line_id", "promised_on", "raised_on", "reason", "recorded_at", "run_by", "state", "tags", "text", "title", "token", "triage_by", "version") SELECT old_values."about", old_values."author_id", old_values."budget_minor", old_values."capability", old_values."changed_at", old_values."confirmed_by_id", old_values."confirmed_on", old_values."contact_id", old_values."currency", old_values."customer_id", old_values."decided_at", old_values."decided_by_id", old_values."decision", old_values."delivered_on", old_values."expression", old_values."fit", old_values."id", old_values."import_id", old_values."importance", old_values."interaction", old_values."known_at", old_values."level", old_values."must_fit", old_values."needed_on", old_values."origin", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."product_line_id", old_values."promised_on", old_values."raised_on", old_values."reason", old_values."recorded_at", old_values."run_by", old_values."state", old_values."tags", old_values."text", old_values."title", old_values."token", old_values."triage_by", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ab61360d38c34f8b6bfe28b31c34ed9bcec1578c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_8d6f1",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="needs_need",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="need",
            trigger=pgtrigger.compiler.Trigger(
                name="deleted_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "needs_needevent" ("about", "author_id", "budget_minor", "capability", "changed_at", "confirmed_by_id", "confirmed_on", "contact_id", "currency", "customer_id", "decided_at", "decided_by_id", "decision", "delivered_on", "expression", "fit", "id", "import_id", "importance", "interaction", "known_at", "level", "must_fit", "needed_on", "origin", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line_id", "promised_on", "raised_on", "reason", "recorded_at", "run_by", "state", "tags", "text", "title", "token", "triage_by", "version") SELECT old_values."about", old_values."author_id", old_values."budget_minor", old_values."capability", old_values."changed_at", old_values."confirmed_by_id", old_values."confirmed_on", old_values."contact_id", old_values."currency", old_values."customer_id", old_values."decided_at", old_values."decided_by_id", old_values."decision", old_values."delivered_on", old_values."expression", old_values."fit", old_values."id", old_values."import_id", old_values."importance", old_values."interaction", old_values."known_at", old_values."level", old_values."must_fit", old_values."needed_on", old_values."origin", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."product_line_id", old_values."promised_on", old_values."raised_on", old_values."reason", old_values."recorded_at", old_values."run_by", old_values."state", old_values."tags", old_values."text", old_values."title", old_values."token", old_values."triage_by", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7f9491ca4f811628a655f9fb6f4da5d2e9afbebf",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_deleted_delete_a756b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="needs_need",
                    when="AFTER",
                ),
            ),
        ),
    ]
