"""What an empty database gets at once in place of the 3 migrations up to 0003_names_in_any_case."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("costs", "0001_initial"),
        ("costs", "0002_same_customer"),
        ("costs", "0003_names_in_any_case"),
    ]

    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='ActivityEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('code', models.CharField(max_length=32, verbose_name='code')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('pool', models.CharField(choices=[('presales', 'Pre-sales'), ('production', 'Production'), ('sales', 'Sales'), ('after_sales', 'After-sales')], max_length=12, verbose_name='cost pool')),
                        ('driver', models.CharField(choices=[('minutes', 'Minutes'), ('visits', 'Visits'), ('set_ups', 'Set-ups'), ('shipments', 'Shipments'), ('tickets', 'Tickets')], max_length=12, verbose_name='counted in')),
                        ('is_value_adding', models.BooleanField(default=True, verbose_name='adds value for the customer')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='costs.activity')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='ActivityRate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('valid_from', models.DateField(verbose_name='from')),
                        ('rate_minor', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='rate')),
                        ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='costs.activity', verbose_name='activity')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'activity rate',
                        'verbose_name_plural': 'activity rates',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('activity', 'valid_from'), name='activity_rate_one_current'), models.CheckConstraint(condition=models.Q(('rate_minor__range', (0, 1000000000000))), name='activity_rate_possible')],
                    },
                ),
                migrations.CreateModel(
                    name='ActivityUsage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('identity', models.CharField(editable=False, max_length=96)),
                        ('reference', models.CharField(blank=True, max_length=64, verbose_name='reference number')),
                        ('used_on', models.DateField(verbose_name='used on')),
                        ('quantity', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='quantity')),
                        ('base_cost_minor', models.BigIntegerField(editable=False, verbose_name='cost')),
                        ('source', models.CharField(choices=[('typed', 'Typed'), ('imported', 'Imported'), ('interaction', 'Interaction'), ('case', 'Corrective action'), ('order', 'Order')], default='typed', editable=False, max_length=12, verbose_name='source')),
                        ('activity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='usages', to='costs.activity', verbose_name='activity')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='activity_usages', to='customers.customer', verbose_name='customer')),
                        ('project', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='activity_usages', to='projects.project', verbose_name='project')),
                    ],
                    options={
                        'verbose_name': 'activity usage',
                        'verbose_name_plural': 'activity usages',
                        'indexes': [models.Index(fields=['customer', 'used_on'], include=('base_cost_minor', 'activity', 'known_at', 'superseded_at'), name='usage_features'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['activity', 'used_on'], name='usage_by_activity'), models.Index(condition=models.Q(('superseded_at__isnull', True), _negated=True), fields=['identity'], name='usage_old_versions'), models.Index(condition=models.Q(('project__isnull', False)), fields=['project'], name='usage_by_project'), models.Index(condition=models.Q(('import_id__isnull', False)), fields=['import_id'], name='usage_by_import')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('identity',), name='usage_one_current'), models.CheckConstraint(condition=models.Q(('identity', ''), _negated=True), name='usage_has_identity'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='usage_quantity_positive'), models.CheckConstraint(condition=models.Q(('source__in', ['typed', 'imported', 'interaction', 'case', 'order'])), name='usage_source_known'), models.CheckConstraint(condition=models.Q(('base_cost_minor__range', (0, 10000000000000))), name='usage_cost_possible')],
                    },
                ),
                migrations.CreateModel(
                    name='Activity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('code', models.CharField(max_length=32, verbose_name='code')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('pool', models.CharField(choices=[('presales', 'Pre-sales'), ('production', 'Production'), ('sales', 'Sales'), ('after_sales', 'After-sales')], max_length=12, verbose_name='cost pool')),
                        ('driver', models.CharField(choices=[('minutes', 'Minutes'), ('visits', 'Visits'), ('set_ups', 'Set-ups'), ('shipments', 'Shipments'), ('tickets', 'Tickets')], max_length=12, verbose_name='counted in')),
                        ('is_value_adding', models.BooleanField(default=True, verbose_name='adds value for the customer')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ],
                    options={
                        'verbose_name': 'activity',
                        'verbose_name_plural': 'activities',
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='activity_has_code_and_name'), models.CheckConstraint(condition=models.Q(('pool__in', ['presales', 'production', 'sales', 'after_sales'])), name='activity_pool_known'), models.CheckConstraint(condition=models.Q(('driver__in', ['minutes', 'visits', 'set_ups', 'shipments', 'tickets'])), name='activity_driver_known'), models.UniqueConstraint(django.db.models.functions.text.Lower('code'), name='activity_code_once'), models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='activity_name_once')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='activity',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "costs_activityevent" ("code", "driver", "id", "import_id", "is_active", "is_value_adding", "known_at", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool", "recorded_at", "version") SELECT old_values."code", old_values."driver", old_values."id", old_values."import_id", old_values."is_active", old_values."is_value_adding", old_values."known_at", old_values."name", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."pool", old_values."recorded_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='358cf192904d8665d14c3035014503c861c78d83', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_ca31c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='costs_activity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='activity',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "costs_activityevent" ("code", "driver", "id", "import_id", "is_active", "is_value_adding", "known_at", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool", "recorded_at", "version") SELECT old_values."code", old_values."driver", old_values."id", old_values."import_id", old_values."is_active", old_values."is_value_adding", old_values."known_at", old_values."name", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."pool", old_values."recorded_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='78560a141d09c094f06a810976f370046dc65426', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_bcbd5', referencing='REFERENCING OLD TABLE AS old_values ', table='costs_activity', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table costs_activityusage add constraint usage_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id)
            deferrable initially deferred
            """,
            'alter table costs_activityusage drop constraint usage_project_of_customer',
        ),
    ]
