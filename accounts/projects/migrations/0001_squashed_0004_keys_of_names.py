"""What an empty database gets at once in place of the 4 migrations up to 0004_keys_of_names."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("projects", "0001_initial"),
        ("projects", "0002_initial"),
        ("projects", "0003_functional_manager"),
        ("projects", "0004_keys_of_names"),
    ]

    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='ProjectEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('name', models.CharField(max_length=160, verbose_name='name')),
                        ('started_on', models.DateField(verbose_name='started on')),
                        ('ended_on', models.DateField(blank=True, null=True, verbose_name='ended on')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('manager', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='project manager')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='projects.project')),
                        ('search_text', models.TextField(db_default='', editable=False)),
                        ('search_tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, editable=False, size=None)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='ProjectMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('functional_role', models.CharField(choices=[('production', 'Production'), ('engineering', 'Engineering'), ('quality', 'Quality'), ('test', 'Test'), ('planning', 'Planning'), ('materials', 'Materials'), ('sales', 'Sales'), ('project_management', 'Project management')], max_length=20, verbose_name='functional role')),
                        ('styles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('contributor', 'Contributor'), ('collaborator', 'Collaborator'), ('communicator', 'Communicator'), ('challenger', 'Challenger')], max_length=16), blank=True, default=list, size=None, verbose_name='team styles')),
                        ('dominant_style', models.CharField(blank=True, choices=[('contributor', 'Contributor'), ('collaborator', 'Collaborator'), ('communicator', 'Communicator'), ('challenger', 'Challenger')], max_length=16, verbose_name='dominant style')),
                        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='projects.project')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='project_memberships', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'project member',
                        'verbose_name_plural': 'project members',
                        'constraints': [models.UniqueConstraint(fields=('project', 'user', 'functional_role'), name='member_once_per_role'), models.CheckConstraint(condition=models.Q(('functional_role__in', ['production', 'engineering', 'quality', 'test', 'planning', 'materials', 'sales', 'project_management'])), name='member_role_known'), models.CheckConstraint(condition=models.Q(('dominant_style', ''), ('styles__contains', [models.F('dominant_style')]), _connector='OR'), name='dominant_style_is_one_of_his'), models.CheckConstraint(condition=models.Q(('styles__contained_by', ['contributor', 'collaborator', 'communicator', 'challenger'])), name='member_styles_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ProjectMemberEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('functional_role', models.CharField(choices=[('production', 'Production'), ('engineering', 'Engineering'), ('quality', 'Quality'), ('test', 'Test'), ('planning', 'Planning'), ('materials', 'Materials'), ('sales', 'Sales'), ('project_management', 'Project management')], max_length=20, verbose_name='functional role')),
                        ('styles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('contributor', 'Contributor'), ('collaborator', 'Collaborator'), ('communicator', 'Communicator'), ('challenger', 'Challenger')], max_length=16), blank=True, default=list, size=None, verbose_name='team styles')),
                        ('dominant_style', models.CharField(blank=True, choices=[('contributor', 'Contributor'), ('collaborator', 'Collaborator'), ('communicator', 'Communicator'), ('challenger', 'Challenger')], max_length=16, verbose_name='dominant style')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='projects.projectmember')),
                        ('project', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='projects.project')),
                        ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Project',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('name', models.CharField(max_length=160, verbose_name='name')),
                        ('started_on', models.DateField(verbose_name='started on')),
                        ('ended_on', models.DateField(blank=True, null=True, verbose_name='ended on')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='customers.customer')),
                        ('manager', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='managed_projects', to=settings.AUTH_USER_MODEL, verbose_name='project manager')),
                        ('search_text', models.TextField(db_default='', editable=False)),
                        ('search_tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, editable=False, size=None)),
                    ],
                    options={
                        'verbose_name': 'project',
                        'verbose_name_plural': 'projects',
                        'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('search_text', name='gin_trgm_ops'), name='project_trigrams'), django.contrib.postgres.indexes.GinIndex(fields=['search_tokens'], name='project_tokens')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='project_has_a_name'), models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='project_ends_after_it_starts'), models.UniqueConstraint(fields=('customer', 'id'), name='project_of_customer'), models.UniqueConstraint(fields=('customer', 'name'), name='project_name_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FunctionalManager',
                    fields=[
                        ('functional_role', models.CharField(choices=[('production', 'Production'), ('engineering', 'Engineering'), ('quality', 'Quality'), ('test', 'Test'), ('planning', 'Planning'), ('materials', 'Materials'), ('sales', 'Sales'), ('project_management', 'Project management')], max_length=20, primary_key=True, serialize=False, verbose_name='functional role')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='functional manager')),
                    ],
                    options={
                        'verbose_name': 'functional manager',
                        'verbose_name_plural': 'functional managers',
                        'constraints': [models.CheckConstraint(condition=models.Q(('functional_role__in', ['production', 'engineering', 'quality', 'test', 'planning', 'materials', 'sales', 'project_management'])), name='functional_manager_role_known')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='projectmember',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "projects_projectmemberevent" ("dominant_style", "functional_role", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "styles", "user_id") SELECT old_values."dominant_style", old_values."functional_role", old_values."id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."project_id", old_values."styles", old_values."user_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9de0ef1bb4449b81b29c1862b2121821478390ad', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_92193', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='projects_projectmember', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='projectmember',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "projects_projectmemberevent" ("dominant_style", "functional_role", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "styles", "user_id") SELECT old_values."dominant_style", old_values."functional_role", old_values."id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."project_id", old_values."styles", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='eaad219be29c563b8341f2f309146d7416896f0f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_24bbc', referencing='REFERENCING OLD TABLE AS old_values ', table='projects_projectmember', when='AFTER')),
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
        ),
    ]
