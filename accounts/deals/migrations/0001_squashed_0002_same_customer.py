"""What an empty database gets at once in place of the 2 migrations up to 0002_same_customer."""

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
        ("deals", "0001_initial"),
        ("deals", "0002_same_customer"),
    ]

    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("needs", "0001_squashed_0003_of_customer"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Competitor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'competitor',
                        'verbose_name_plural': 'competitors',
                    },
                ),
                migrations.CreateModel(
                    name='Contract',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('number', models.CharField(blank=True, max_length=64, verbose_name='number')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('kind', models.CharField(choices=[('framework', 'Framework'), ('supply', 'Supply'), ('service', 'Service'), ('development', 'Development'), ('other', 'Other')], default='supply', max_length=12, verbose_name='kind')),
                        ('starts_on', models.DateField(verbose_name='starts on')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='ends on')),
                        ('renewal', models.CharField(choices=[('by_hand', 'By hand'), ('automatic', 'Automatic')], default='by_hand', max_length=10, verbose_name='renewal')),
                        ('notice_on', models.DateField(blank=True, null=True, verbose_name='notice by')),
                        ('value_minor', models.BigIntegerField(blank=True, null=True, verbose_name='value of a year')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('renewed', 'Renewed'), ('ended', 'Ended')], default='active', max_length=8, verbose_name='state')),
                        ('ended_on', models.DateField(blank=True, null=True, verbose_name='ended on')),
                        ('reason', models.TextField(blank=True, verbose_name='why it ended')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='customers.customer', verbose_name='customer')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('renews', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='renewed_by', to='deals.contract', verbose_name='renews')),
                    ],
                    options={
                        'verbose_name': 'contract',
                        'verbose_name_plural': 'contracts',
                        'indexes': [models.Index(fields=['customer', '-starts_on', '-id'], name='contract_of_customer'), models.Index(condition=models.Q(('state', 'active')), fields=['ends_on', 'id'], name='contract_next_end'), models.Index(condition=models.Q(('state', 'active')), fields=['owner', 'id'], name='contract_of_owner')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='contract_has_a_title'), models.CheckConstraint(condition=models.Q(('kind__in', ['framework', 'supply', 'service', 'development', 'other'])), name='contract_kind_known'), models.CheckConstraint(condition=models.Q(('renewal__in', ['by_hand', 'automatic'])), name='contract_renewal_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'renewed', 'ended'])), name='contract_state_known'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='contract_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('notice_on__isnull', True), ('ends_on__isnull', True), ('notice_on__lte', models.F('ends_on')), _connector='OR'), name='contract_notice_before_its_end'), models.CheckConstraint(condition=models.Q(('value_minor__isnull', True), ('value_minor__gte', 0), _connector='OR'), name='contract_value_not_negative'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='contract_currency_code'), models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', False), ('state', 'ended'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_on__isnull', True), ('reason', '')), _connector='OR'), name='contract_ended_with_a_reason'), models.UniqueConstraint(fields=('customer', 'id'), name='contract_and_customer'), models.CheckConstraint(condition=models.Q(('renews', models.F('id')), _negated=True), name='contract_not_its_own_renewal')],
                    },
                ),
                migrations.CreateModel(
                    name='ContractAlarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('due_on', models.DateField(verbose_name='due on')),
                        ('is_over', models.BooleanField(verbose_name='is over')),
                        ('raised_at', models.DateTimeField(verbose_name='raised')),
                        ('contract', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='deals.contract')),
                    ],
                    options={
                        'verbose_name': 'alarm of a contract',
                        'verbose_name_plural': 'alarms of a contract',
                        'constraints': [models.UniqueConstraint(fields=('contract', 'due_on', 'is_over'), name='contract_alarm_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ContractEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('number', models.CharField(blank=True, max_length=64, verbose_name='number')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('kind', models.CharField(choices=[('framework', 'Framework'), ('supply', 'Supply'), ('service', 'Service'), ('development', 'Development'), ('other', 'Other')], default='supply', max_length=12, verbose_name='kind')),
                        ('starts_on', models.DateField(verbose_name='starts on')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='ends on')),
                        ('renewal', models.CharField(choices=[('by_hand', 'By hand'), ('automatic', 'Automatic')], default='by_hand', max_length=10, verbose_name='renewal')),
                        ('notice_on', models.DateField(blank=True, null=True, verbose_name='notice by')),
                        ('value_minor', models.BigIntegerField(blank=True, null=True, verbose_name='value of a year')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('renewed', 'Renewed'), ('ended', 'Ended')], default='active', max_length=8, verbose_name='state')),
                        ('ended_on', models.DateField(blank=True, null=True, verbose_name='ended on')),
                        ('reason', models.TextField(blank=True, verbose_name='why it ended')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='deals.contract')),
                        ('renews', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='deals.contract', verbose_name='renews')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Opportunity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('stage', models.CharField(choices=[('lead', 'Lead'), ('qualified', 'Qualified'), ('proposal', 'Proposal'), ('negotiation', 'Negotiation'), ('won', 'Won'), ('lost', 'Lost')], default='lead', max_length=12, verbose_name='stage')),
                        ('value_minor', models.BigIntegerField(blank=True, null=True, verbose_name='expected value')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('probability', models.PositiveSmallIntegerField(default=20, verbose_name='probability')),
                        ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                        ('lost_reason', models.TextField(blank=True, verbose_name='why it was lost')),
                        ('order_number', models.CharField(blank=True, max_length=96, verbose_name='order')),
                        ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='customers.customer', verbose_name='customer')),
                        ('need', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='needs.need', verbose_name='need')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                    ],
                    options={
                        'verbose_name': 'opportunity',
                        'verbose_name_plural': 'opportunities',
                        'indexes': [models.Index(fields=['customer', 'expected_on', 'id'], name='opportunity_of_customer'), models.Index(condition=models.Q(('stage__in', ['won', 'lost']), _negated=True), fields=['expected_on', 'id'], name='opportunity_next'), models.Index(condition=models.Q(('stage__in', ['won', 'lost']), _negated=True), fields=['owner', 'id'], name='opportunity_of_owner')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='opportunity_has_a_title'), models.CheckConstraint(condition=models.Q(('stage__in', ['lead', 'qualified', 'proposal', 'negotiation', 'won', 'lost'])), name='opportunity_stage_known'), models.CheckConstraint(condition=models.Q(('probability__lte', 100)), name='opportunity_probability'), models.CheckConstraint(condition=models.Q(('value_minor__isnull', True), ('value_minor__gte', 0), _connector='OR'), name='opportunity_value_not_negative'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='opportunity_currency_code'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', False), ('lost_reason', ''), ('stage', 'won')), models.Q(('closed_on__isnull', False), ('order_number', ''), ('stage', 'lost'), models.Q(('lost_reason', ''), _negated=True)), models.Q(models.Q(('stage__in', ['won', 'lost']), _negated=True), ('closed_on__isnull', True), ('lost_reason', ''), ('order_number', '')), _connector='OR'), name='opportunity_closed_with_its_outcome')],
                    },
                ),
                migrations.CreateModel(
                    name='OpportunityEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('stage', models.CharField(choices=[('lead', 'Lead'), ('qualified', 'Qualified'), ('proposal', 'Proposal'), ('negotiation', 'Negotiation'), ('won', 'Won'), ('lost', 'Lost')], default='lead', max_length=12, verbose_name='stage')),
                        ('value_minor', models.BigIntegerField(blank=True, null=True, verbose_name='expected value')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('probability', models.PositiveSmallIntegerField(default=20, verbose_name='probability')),
                        ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                        ('lost_reason', models.TextField(blank=True, verbose_name='why it was lost')),
                        ('order_number', models.CharField(blank=True, max_length=96, verbose_name='order')),
                        ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer')),
                        ('need', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='needs.need', verbose_name='need')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='deals.opportunity')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='SupplyShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('valid_on', models.DateField(verbose_name='on')),
                        ('share', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='share')),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('competitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='deals.competitor', verbose_name='competitor')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='supply_shares', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'supply share',
                        'verbose_name_plural': 'supply shares',
                        'constraints': [models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 100)), name='share_is_a_percentage'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('customer', 'valid_on', 'competitor'), name='share_one_current', nulls_distinct=False)],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='contract',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deals_contractevent" ("author_id", "currency", "customer_id", "ended_on", "ends_on", "id", "import_id", "kind", "known_at", "notice_on", "number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "renewal", "renews_id", "starts_on", "state", "title", "token", "value_minor", "version") SELECT old_values."author_id", old_values."currency", old_values."customer_id", old_values."ended_on", old_values."ends_on", old_values."id", old_values."import_id", old_values."kind", old_values."known_at", old_values."notice_on", old_values."number", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."reason", old_values."recorded_at", old_values."renewal", old_values."renews_id", old_values."starts_on", old_values."state", old_values."title", old_values."token", old_values."value_minor", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='7b026c55c62113ccb15784036f24e5d08fc93313', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_046b0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deals_contract', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='contract',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deals_contractevent" ("author_id", "currency", "customer_id", "ended_on", "ends_on", "id", "import_id", "kind", "known_at", "notice_on", "number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "renewal", "renews_id", "starts_on", "state", "title", "token", "value_minor", "version") SELECT old_values."author_id", old_values."currency", old_values."customer_id", old_values."ended_on", old_values."ends_on", old_values."id", old_values."import_id", old_values."kind", old_values."known_at", old_values."notice_on", old_values."number", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."reason", old_values."recorded_at", old_values."renewal", old_values."renews_id", old_values."starts_on", old_values."state", old_values."title", old_values."token", old_values."value_minor", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='62ff7ecd5bab558446915f4d2427f5c7b7d97095', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_5a19f', referencing='REFERENCING OLD TABLE AS old_values ', table='deals_contract', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deals_opportunityevent" ("author_id", "closed_on", "currency", "customer_id", "expected_on", "id", "import_id", "known_at", "lost_reason", "need_id", "order_number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "probability", "recorded_at", "stage", "title", "token", "value_minor", "version") SELECT old_values."author_id", old_values."closed_on", old_values."currency", old_values."customer_id", old_values."expected_on", old_values."id", old_values."import_id", old_values."known_at", old_values."lost_reason", old_values."need_id", old_values."order_number", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."probability", old_values."recorded_at", old_values."stage", old_values."title", old_values."token", old_values."value_minor", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8c44de55a482de2b1c15c023550d84793995be74', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_466e3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deals_opportunity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deals_opportunityevent" ("author_id", "closed_on", "currency", "customer_id", "expected_on", "id", "import_id", "known_at", "lost_reason", "need_id", "order_number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "probability", "recorded_at", "stage", "title", "token", "value_minor", "version") SELECT old_values."author_id", old_values."closed_on", old_values."currency", old_values."customer_id", old_values."expected_on", old_values."id", old_values."import_id", old_values."known_at", old_values."lost_reason", old_values."need_id", old_values."order_number", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."probability", old_values."recorded_at", old_values."stage", old_values."title", old_values."token", old_values."value_minor", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bef845f3d80af31379dc5551f20051868351deeb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_db0d9', referencing='REFERENCING OLD TABLE AS old_values ', table='deals_opportunity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='supplyshare',
                    trigger=pgtrigger.compiler.Trigger(name='shares_not_above_all', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n                    if (select sum(share) from deals_supplyshare\n                        where customer_id = new.customer_id and valid_on = new.valid_on\n                          and superseded_at is null) > 100 then\n                        raise check_violation using message = 'shares_not_above_all';\n                    end if;\n                    return null;\n                ", hash='fd4e9cf1b76c071c6f7527c481e9c39da68bea95', operation='INSERT OR UPDATE', pgid='pgtrigger_shares_not_above_all_acebb', table='deals_supplyshare', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table deals_opportunity add constraint opportunity_need_of_customer
            foreign key (customer_id, need_id) references needs_need (customer_id, id) deferrable initially deferred
            """,
            'alter table deals_opportunity drop constraint opportunity_need_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table deals_contract add constraint contract_renews_of_customer
            foreign key (customer_id, renews_id) references deals_contract (customer_id, id) deferrable initially deferred
            """,
            'alter table deals_contract drop constraint contract_renews_of_customer',
        ),
    ]
