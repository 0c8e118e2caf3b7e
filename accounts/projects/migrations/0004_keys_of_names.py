import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


from accounts import names
from accounts.renewing import renew_keys


def renew(apps, editor):
    renew_keys(
        editor, 'projects_project', 'array[row.name]', lambda spoken: (names.search_text(*spoken), names.search_tokens(*spoken))
    )


class Migration(migrations.Migration):
    """A project is found like a customer: by characters, pinyin, initials and beginnings."""

    dependencies = [
        ('customers', '0004_whole_names'),
        ('projects', '0003_functional_manager'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='project',
            name='changed_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='project',
            name='deleted_delete',
        ),
        migrations.AddField(
            model_name='project',
            name='search_text',
            field=models.TextField(db_default='', editable=False),
        ),
        migrations.AddField(
            model_name='project',
            name='search_tokens',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, editable=False, size=None),
        ),
        migrations.AddField(
            model_name='projectevent',
            name='search_text',
            field=models.TextField(db_default='', editable=False),
        ),
        migrations.AddField(
            model_name='projectevent',
            name='search_tokens',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, editable=False, size=None),
        ),
        migrations.RunPython(renew, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='project',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('search_text', name='gin_trgm_ops'), name='project_trigrams'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_tokens'], name='project_tokens'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='project',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "projects_projectevent" ("customer_id", "ended_on", "id", "import_id", "known_at", "manager_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "search_text", "search_tokens", "started_on", "version") SELECT old_values."customer_id", old_values."ended_on", old_values."id", old_values."import_id", old_values."known_at", old_values."manager_id", old_values."name", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."recorded_at", old_values."search_text", old_values."search_tokens", old_values."started_on", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cef6d3dfc6a5299a1f14d84a85f96a6104e82f24', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_46dd8', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='projects_project', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='project',
            trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "projects_projectevent" ("customer_id", "ended_on", "id", "import_id", "known_at", "manager_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "search_text", "search_tokens", "started_on", "version") SELECT old_values."customer_id", old_values."ended_on", old_values."id", old_values."import_id", old_values."known_at", old_values."manager_id", old_values."name", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."recorded_at", old_values."search_text", old_values."search_tokens", old_values."started_on", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a041feb95a8eea4b3127210ad6e846e34760052b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_45f5b', referencing='REFERENCING OLD TABLE AS old_values ', table='projects_project', when='AFTER')),
        ),
    ]
