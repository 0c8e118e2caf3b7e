"""What an empty database gets at once in place of the 5 migrations up to 0005_custom_fields_found."""

import accounts.customers.models
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
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
        ("customers", "0001_initial"),
        ("customers", "0002_initial"),
        ("customers", "0003_changed_in"),
        ("customers", "0004_whole_names"),
        ("customers", "0005_custom_fields_found"),
    ]

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        Tables(
            [
                migrations.CreateModel(
                    name='Customer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('number', models.CharField(blank=True, max_length=64, null=True, unique=True, verbose_name='customer number')),
                        ('short_name', models.CharField(max_length=120, verbose_name='short name')),
                        ('legal_name', models.CharField(blank=True, max_length=240, verbose_name='legal name')),
                        ('kind', models.CharField(choices=[('company', 'Company'), ('public_body', 'Public body')], default='company', max_length=16, verbose_name='kind')),
                        ('employees', models.PositiveIntegerField(blank=True, null=True, verbose_name='employees')),
                        ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('selected', 'Selected'), ('initial', 'Initial'), ('continuing', 'Continuing'), ('long_term', 'Long-term'), ('dormant', 'Dormant'), ('lost', 'Lost')], default='prospect', max_length=16, verbose_name='stage')),
                        ('acquired_on', models.DateField(blank=True, null=True, verbose_name='acquired on')),
                        ('acquisition_cost_minor', models.BigIntegerField(blank=True, null=True, verbose_name='acquisition cost')),
                        ('retention_cost_minor', models.BigIntegerField(blank=True, null=True, verbose_name='yearly retention cost')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='tags')),
                        ('custom_fields', models.JSONField(blank=True, default=dict, verbose_name='custom fields')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('sort_key', models.CharField(db_collation='C', editable=False, max_length=480)),
                        ('search_text', models.TextField(editable=False)),
                        ('search_tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None)),
                        ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='customers', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subsidiaries', to='customers.customer', verbose_name='group')),
                        ('industry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='customers.industry', verbose_name='industry')),
                        ('market', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='customers.localmarket', verbose_name='local market')),
                        ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='customers.region', verbose_name='region')),
                        ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='customers.saleschannel', verbose_name='sales channel')),
                    ],
                    options={
                        'verbose_name': 'customer',
                        'verbose_name_plural': 'customers',
                        'indexes': [models.Index(fields=['sort_key', 'id'], name='customer_by_name'), models.Index(fields=['owner', 'sort_key', 'id'], name='customer_by_owner'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('search_text', name='gin_trgm_ops'), name='customer_trigrams'), django.contrib.postgres.indexes.GinIndex(fields=['search_tokens'], name='customer_tokens'), django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='customer_tags'), django.contrib.postgres.indexes.GinIndex(fields=['custom_fields'], name='customer_custom_fields')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('short_name', ''), _negated=True), name='customer_has_a_name'), models.CheckConstraint(condition=models.Q(('stage__in', ['prospect', 'selected', 'initial', 'continuing', 'long_term', 'dormant', 'lost'])), name='customer_stage_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['company', 'public_body'])), name='customer_kind_known'), models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='customer_not_merged_into_itself'), models.CheckConstraint(condition=models.Q(('parent', models.F('id')), _negated=True), name='customer_not_its_own_group'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='customer_currency_code'), models.CheckConstraint(condition=models.Q(('acquisition_cost_minor__isnull', True), ('acquisition_cost_minor__gte', 0), _connector='OR'), name='customer_acquisition_cost_not_negative'), models.CheckConstraint(condition=models.Q(('retention_cost_minor__isnull', True), ('retention_cost_minor__gte', 0), _connector='OR'), name='customer_retention_cost_not_negative')],
                    },
                ),
                migrations.CreateModel(
                    name='CustomerEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('number', models.CharField(blank=True, max_length=64, null=True, verbose_name='customer number')),
                        ('short_name', models.CharField(max_length=120, verbose_name='short name')),
                        ('legal_name', models.CharField(blank=True, max_length=240, verbose_name='legal name')),
                        ('kind', models.CharField(choices=[('company', 'Company'), ('public_body', 'Public body')], default='company', max_length=16, verbose_name='kind')),
                        ('employees', models.PositiveIntegerField(blank=True, null=True, verbose_name='employees')),
                        ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('selected', 'Selected'), ('initial', 'Initial'), ('continuing', 'Continuing'), ('long_term', 'Long-term'), ('dormant', 'Dormant'), ('lost', 'Lost')], default='prospect', max_length=16, verbose_name='stage')),
                        ('acquired_on', models.DateField(blank=True, null=True, verbose_name='acquired on')),
                        ('acquisition_cost_minor', models.BigIntegerField(blank=True, null=True, verbose_name='acquisition cost')),
                        ('retention_cost_minor', models.BigIntegerField(blank=True, null=True, verbose_name='yearly retention cost')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='tags')),
                        ('custom_fields', models.JSONField(blank=True, default=dict, verbose_name='custom fields')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('sort_key', models.CharField(db_collation='C', editable=False, max_length=480)),
                        ('search_text', models.TextField(editable=False)),
                        ('search_tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None)),
                        ('merged_into', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('parent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='group')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='customers.customer')),
                        ('industry', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.industry', verbose_name='industry')),
                        ('market', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.localmarket', verbose_name='local market')),
                        ('region', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.region', verbose_name='region')),
                        ('channel', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.saleschannel', verbose_name='sales channel')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CustomerOwner',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('valid_from', models.DateField(verbose_name='from')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='owners', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'owner',
                        'verbose_name_plural': 'owners',
                        'indexes': [models.Index(fields=['customer', '-valid_from', '-id'], name='owner_latest_first')],
                    },
                ),
                migrations.CreateModel(
                    name='CustomerStage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('selected', 'Selected'), ('initial', 'Initial'), ('continuing', 'Continuing'), ('long_term', 'Long-term'), ('dormant', 'Dormant'), ('lost', 'Lost')], max_length=16, verbose_name='stage')),
                        ('valid_from', models.DateField(verbose_name='from')),
                        ('reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stages', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'stage',
                        'verbose_name_plural': 'stages',
                        'indexes': [models.Index(fields=['customer', '-valid_from', '-id'], name='stage_latest_first')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('stage__in', ['prospect', 'selected', 'initial', 'continuing', 'long_term', 'dormant', 'lost'])), name='stage_known')],
                    },
                ),
                migrations.CreateModel(
                    name='FormerName',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('name', models.CharField(max_length=240, verbose_name='name')),
                        ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_names', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'former name',
                        'verbose_name_plural': 'former names',
                    },
                ),
                migrations.CreateModel(
                    name='Industry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'industry',
                        'verbose_name_plural': 'industries',
                    },
                ),
                migrations.CreateModel(
                    name='LocalMarket',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'local market',
                        'verbose_name_plural': 'local markets',
                    },
                ),
                migrations.CreateModel(
                    name='Region',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'region',
                        'verbose_name_plural': 'regions',
                    },
                ),
                migrations.CreateModel(
                    name='SalesChannel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'sales channel',
                        'verbose_name_plural': 'sales channels',
                    },
                ),
                migrations.CreateModel(
                    name='CustomerInput',
                    fields=[
                        ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='input', serialize=False, to='customers.customer')),
                        ('version', models.BigIntegerField(default=1)),
                        ('changed_in', models.BigIntegerField(db_default=accounts.customers.models.CurrentTransaction(), editable=False)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['changed_in'], name='input_latest_changes')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='customer',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "customers_customerevent" ("acquired_on", "acquisition_cost_minor", "channel_id", "currency", "custom_fields", "employees", "id", "import_id", "industry_id", "kind", "known_at", "legal_name", "market_id", "merged_into_id", "number", "owner_id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "region_id", "retention_cost_minor", "search_text", "search_tokens", "short_name", "sort_key", "stage", "tags", "version") SELECT old_values."acquired_on", old_values."acquisition_cost_minor", old_values."channel_id", old_values."currency", old_values."custom_fields", old_values."employees", old_values."id", old_values."import_id", old_values."industry_id", old_values."kind", old_values."known_at", old_values."legal_name", old_values."market_id", old_values."merged_into_id", old_values."number", old_values."owner_id", old_values."parent_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."recorded_at", old_values."region_id", old_values."retention_cost_minor", old_values."search_text", old_values."search_tokens", old_values."short_name", old_values."sort_key", old_values."stage", old_values."tags", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='dbb5c7dd843fbbc6a9f18f0f13f4cd7b2e748f5e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_c4016', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='customers_customer', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='customer',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "customers_customerevent" ("acquired_on", "acquisition_cost_minor", "channel_id", "currency", "custom_fields", "employees", "id", "import_id", "industry_id", "kind", "known_at", "legal_name", "market_id", "merged_into_id", "number", "owner_id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "region_id", "retention_cost_minor", "search_text", "search_tokens", "short_name", "sort_key", "stage", "tags", "version") SELECT old_values."acquired_on", old_values."acquisition_cost_minor", old_values."channel_id", old_values."currency", old_values."custom_fields", old_values."employees", old_values."id", old_values."import_id", old_values."industry_id", old_values."kind", old_values."known_at", old_values."legal_name", old_values."market_id", old_values."merged_into_id", old_values."number", old_values."owner_id", old_values."parent_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."recorded_at", old_values."region_id", old_values."retention_cost_minor", old_values."search_text", old_values."search_tokens", old_values."short_name", old_values."sort_key", old_values."stage", old_values."tags", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b2cf114644d5cfaccfb03874852ec247c65600f5', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_4afc9', referencing='REFERENCING OLD TABLE AS old_values ', table='customers_customer', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='customerinput',
                    trigger=pgtrigger.compiler.Trigger(name='changed_in_this_transaction', sql=pgtrigger.compiler.UpsertTriggerSql(func='new.changed_in = pg_current_xact_id()::text::bigint; return new;', hash='b1e444c92a5d26d8d21aad0e0e84c51c7924ab5c', operation='UPDATE', pgid='pgtrigger_changed_in_this_transaction_a4149', table='customers_customerinput', when='BEFORE')),
                ),
            ]
        ),
    ]
