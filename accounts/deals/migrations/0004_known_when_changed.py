"""What was known of contracts and shares on a past day."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.history import note_changes


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("deals", "0003_contract_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="contract",
            name="changed_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="contract",
            name="deleted_delete",
        ),
        migrations.AddField(
            model_name="contract",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
        migrations.AddField(
            model_name="contractevent",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
        migrations.AddIndex(
            model_name="supplyshare",
            index=models.Index(
                fields=["customer", "competitor", "valid_on"],
                include=("share", "known_at", "superseded_at"),
                name="share_features",
            ),
        ),
        migrations.RunSQL(note_changes("deals_contract", "deals_contractevent"), migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="contract",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deals_contractevent" ("author_id", "changed_at", "currency", "customer_id", "ended_on", "ends_on", "id", "import_id", "kind", "known_at", "notice_on", "number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "renewal", "renews_id", "starts_on", "state", "title", "token", "value_minor", "version") SELECT old_values."author_id", old_values."changed_at", old_values."currency", old_values."customer_id", old_values."ended_on", old_values."ends_on", old_values."id", old_values."import_id", old_values."kind", old_values."known_at", old_values."notice_on", old_values."number", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."reason", old_values."recorded_at", old_values."renewal", old_values."renews_id", old_values."starts_on", old_values."state", old_values."title", old_values."token", old_values."value_minor", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="d33573c38d87d005185030c472fb2b91b9bfb92b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_046b0",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="deals_contract",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contract",
            trigger=pgtrigger.compiler.Trigger(
                name="deleted_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deals_contractevent" ("author_id", "changed_at", "currency", "customer_id", "ended_on", "ends_on", "id", "import_id", "kind", "known_at", "notice_on", "number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "renewal", "renews_id", "starts_on", "state", "title", "token", "value_minor", "version") SELECT old_values."author_id", old_values."changed_at", old_values."currency", old_values."customer_id", old_values."ended_on", old_values."ends_on", old_values."id", old_values."import_id", old_values."kind", old_values."known_at", old_values."notice_on", old_values."number", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."reason", old_values."recorded_at", old_values."renewal", old_values."renews_id", old_values."starts_on", old_values."state", old_values."title", old_values."token", old_values."value_minor", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ac871f16a518a19c5c29431e2aa84ee85954870d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_deleted_delete_5a19f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="deals_contract",
                    when="AFTER",
                ),
            ),
        ),
    ]
