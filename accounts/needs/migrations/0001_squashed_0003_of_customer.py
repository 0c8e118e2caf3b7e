"""What an empty database gets at once in place of the 3 migrations up to 0003_of_customer."""

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
        ("needs", "0001_initial"),
        ("needs", "0002_same_customer"),
        ("needs", "0003_of_customer"),
    ]

    dependencies = [
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("orders", "0001_squashed_0006_recent_deliveries"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Need',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='what is needed')),
                        ('text', models.TextField(blank=True, verbose_name='in more words')),
                        ('origin', models.CharField(choices=[('organisation', 'The organisation'), ('person', 'One person'), ('long_term', 'Long-term'), ('experimental', 'Experimental')], default='organisation', max_length=16, verbose_name='where it comes from')),
                        ('expression', models.CharField(choices=[('stated', 'Stated'), ('latent', 'Latent')], default='stated', max_length=8, verbose_name='stated or latent')),
                        ('level', models.CharField(choices=[('basic', 'Basic need'), ('beyond', 'Beyond expectation'), ('shared_view', 'Shared viewpoint'), ('success', 'Customer success')], default='basic', max_length=16, verbose_name='level')),
                        ('about', models.CharField(choices=[('price', 'Price'), ('quality', 'Quality'), ('delivery', 'Delivery'), ('technology', 'Technology'), ('service', 'Service')], max_length=16, verbose_name='about')),
                        ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='tags')),
                        ('budget_minor', models.BigIntegerField(blank=True, null=True, verbose_name='budget')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('needed_on', models.DateField(blank=True, null=True, verbose_name='needed on')),
                        ('run_by', models.CharField(blank=True, max_length=200, verbose_name='who runs it')),
                        ('must_fit', models.CharField(blank=True, max_length=400, verbose_name='what it must fit with')),
                        ('importance', models.PositiveSmallIntegerField(default=3, verbose_name='importance')),
                        ('raised_on', models.DateField(verbose_name='raised on')),
                        ('interaction', models.UUIDField(blank=True, editable=False, null=True, verbose_name='interaction')),
                        ('triage_by', models.DateField(verbose_name='decide by')),
                        ('state', models.CharField(choices=[('raised', 'Raised'), ('negotiating', 'Negotiating'), ('accepted', 'Accepted'), ('promised', 'Promised'), ('delivered', 'Delivered'), ('confirmed', 'Confirmed'), ('parked', 'Parked'), ('declined', 'Declined')], default='raised', max_length=12, verbose_name='state')),
                        ('fit', models.CharField(blank=True, choices=[('good', 'Fits well'), ('partial', 'Fits in part'), ('poor', 'Does not fit')], max_length=8, verbose_name='fit with our strategy')),
                        ('capability', models.CharField(blank=True, choices=[('within', 'Within reach'), ('stretch', 'A stretch'), ('beyond', 'Beyond us')], max_length=8, verbose_name='our capability')),
                        ('decision', models.CharField(blank=True, choices=[('accept', 'Accept'), ('negotiate', 'Negotiate'), ('decline', 'Decline'), ('park', 'Park')], max_length=10, verbose_name='decision')),
                        ('reason', models.TextField(blank=True, verbose_name='reason')),
                        ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                        ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                        ('delivered_on', models.DateField(blank=True, null=True, verbose_name='delivered on')),
                        ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='confirmed on')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.contact', verbose_name='confirmed by')),
                        ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.contact', verbose_name='raised by')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='customers.customer', verbose_name='customer')),
                        ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='needs', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('product_line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.productline', verbose_name='product line')),
                    ],
                    options={
                        'verbose_name': 'need',
                        'verbose_name_plural': 'needs',
                        'indexes': [models.Index(fields=['customer', '-raised_on', '-id'], name='need_latest_of_customer'), models.Index(fields=['-raised_on', '-id'], name='need_all_latest_first'), models.Index(fields=['-importance', '-raised_on', '-id'], name='need_most_important_first'), models.Index(condition=models.Q(('state__in', ['raised', 'negotiating', 'accepted', 'promised'])), fields=['owner', 'state', 'id'], name='need_of_owner'), models.Index(condition=models.Q(('state', 'raised')), fields=['triage_by', 'id'], name='need_to_decide'), models.Index(condition=models.Q(('state', 'promised')), fields=['promised_on', 'id'], name='need_to_deliver'), models.Index(condition=models.Q(('interaction__isnull', False)), fields=['interaction'], name='need_of_interaction'), django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='need_tags')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('origin__in', ['organisation', 'person', 'long_term', 'experimental'])), name='need_origin_known'), models.CheckConstraint(condition=models.Q(('expression__in', ['stated', 'latent'])), name='need_expression_known'), models.CheckConstraint(condition=models.Q(('level__in', ['basic', 'beyond', 'shared_view', 'success'])), name='need_level_known'), models.CheckConstraint(condition=models.Q(('about__in', ['price', 'quality', 'delivery', 'technology', 'service'])), name='need_about_known'), models.CheckConstraint(condition=models.Q(('fit__in', ['', 'good', 'partial', 'poor'])), name='need_fit_known'), models.CheckConstraint(condition=models.Q(('capability__in', ['', 'within', 'stretch', 'beyond'])), name='need_capability_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'raised'), ('confirmed_on__isnull', True), ('decision', ''), ('delivered_on__isnull', True), ('promised_on__isnull', True)), models.Q(('state', 'accepted'), ('confirmed_on__isnull', True), ('decision', 'accept'), ('delivered_on__isnull', True), ('promised_on__isnull', True)), models.Q(('state', 'promised'), ('confirmed_on__isnull', True), ('decision', 'accept'), ('delivered_on__isnull', True), ('promised_on__isnull', False)), models.Q(('state', 'delivered'), ('confirmed_on__isnull', True), ('decision', 'accept'), ('delivered_on__isnull', False)), models.Q(('state', 'confirmed'), ('confirmed_on__isnull', False), ('decision', 'accept'), ('delivered_on__isnull', False)), models.Q(('state', 'negotiating'), ('confirmed_on__isnull', True), ('decision', 'negotiate'), ('delivered_on__isnull', True), ('promised_on__isnull', True)), models.Q(('state', 'parked'), ('confirmed_on__isnull', True), ('decision', 'park'), ('delivered_on__isnull', True), ('promised_on__isnull', True)), models.Q(('state', 'declined'), ('confirmed_on__isnull', True), ('decision', 'decline'), ('delivered_on__isnull', True), ('promised_on__isnull', True)), _connector='OR'), name='need_state_is_what_was_done'), models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), ('reason__length__lte', 1000), ('text__length__lte', 4000)), name='need_says_something'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', ''), ('reason', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision', ''), _negated=True), models.Q(('reason', ''), _negated=True), models.Q(('fit', ''), _negated=True), models.Q(('capability', ''), _negated=True)), _connector='OR'), name='need_decided_with_a_reason'), models.CheckConstraint(condition=models.Q(('importance__gte', 1), ('importance__lte', 5)), name='need_importance_of_five'), models.CheckConstraint(condition=models.Q(('budget_minor__isnull', True), ('budget_minor__gte', 0), _connector='OR'), name='need_budget_not_negative'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='need_currency_code'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), ('confirmed_on__isnull', False), _connector='OR'), name='need_confirmed_on_a_day'), models.UniqueConstraint(fields=('customer', 'id'), name='need_of_customer')],
                    },
                ),
                migrations.CreateModel(
                    name='NeedAlarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clock', models.CharField(choices=[('triage', 'Decide'), ('promise', 'Keep the promise')], max_length=8, verbose_name='clock')),
                        ('due_on', models.DateField(verbose_name='due on')),
                        ('raised_at', models.DateTimeField(verbose_name='raised')),
                        ('need', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='needs.need')),
                    ],
                    options={
                        'verbose_name': 'alarm of a need',
                        'verbose_name_plural': 'alarms of a need',
                        'constraints': [models.CheckConstraint(condition=models.Q(('clock__in', ['triage', 'promise'])), name='need_alarm_clock_known'), models.UniqueConstraint(fields=('need', 'clock', 'due_on'), name='need_alarm_once')],
                    },
                ),
                migrations.CreateModel(
                    name='NeedEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='what is needed')),
                        ('text', models.TextField(blank=True, verbose_name='in more words')),
                        ('origin', models.CharField(choices=[('organisation', 'The organisation'), ('person', 'One person'), ('long_term', 'Long-term'), ('experimental', 'Experimental')], default='organisation', max_length=16, verbose_name='where it comes from')),
                        ('expression', models.CharField(choices=[('stated', 'Stated'), ('latent', 'Latent')], default='stated', max_length=8, verbose_name='stated or latent')),
                        ('level', models.CharField(choices=[('basic', 'Basic need'), ('beyond', 'Beyond expectation'), ('shared_view', 'Shared viewpoint'), ('success', 'Customer success')], default='basic', max_length=16, verbose_name='level')),
                        ('about', models.CharField(choices=[('price', 'Price'), ('quality', 'Quality'), ('delivery', 'Delivery'), ('technology', 'Technology'), ('service', 'Service')], max_length=16, verbose_name='about')),
                        ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='tags')),
                        ('budget_minor', models.BigIntegerField(blank=True, null=True, verbose_name='budget')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('needed_on', models.DateField(blank=True, null=True, verbose_name='needed on')),
                        ('run_by', models.CharField(blank=True, max_length=200, verbose_name='who runs it')),
                        ('must_fit', models.CharField(blank=True, max_length=400, verbose_name='what it must fit with')),
                        ('importance', models.PositiveSmallIntegerField(default=3, verbose_name='importance')),
                        ('raised_on', models.DateField(verbose_name='raised on')),
                        ('interaction', models.UUIDField(blank=True, editable=False, null=True, verbose_name='interaction')),
                        ('triage_by', models.DateField(verbose_name='decide by')),
                        ('state', models.CharField(choices=[('raised', 'Raised'), ('negotiating', 'Negotiating'), ('accepted', 'Accepted'), ('promised', 'Promised'), ('delivered', 'Delivered'), ('confirmed', 'Confirmed'), ('parked', 'Parked'), ('declined', 'Declined')], default='raised', max_length=12, verbose_name='state')),
                        ('fit', models.CharField(blank=True, choices=[('good', 'Fits well'), ('partial', 'Fits in part'), ('poor', 'Does not fit')], max_length=8, verbose_name='fit with our strategy')),
                        ('capability', models.CharField(blank=True, choices=[('within', 'Within reach'), ('stretch', 'A stretch'), ('beyond', 'Beyond us')], max_length=8, verbose_name='our capability')),
                        ('decision', models.CharField(blank=True, choices=[('accept', 'Accept'), ('negotiate', 'Negotiate'), ('decline', 'Decline'), ('park', 'Park')], max_length=10, verbose_name='decision')),
                        ('reason', models.TextField(blank=True, verbose_name='reason')),
                        ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                        ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                        ('delivered_on', models.DateField(blank=True, null=True, verbose_name='delivered on')),
                        ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='confirmed on')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('confirmed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contact', verbose_name='confirmed by')),
                        ('contact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contact', verbose_name='raised by')),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer')),
                        ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='needs.need')),
                        ('product_line', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='orders.productline', verbose_name='product line')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='need',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "needs_needevent" ("about", "author_id", "budget_minor", "capability", "confirmed_by_id", "confirmed_on", "contact_id", "currency", "customer_id", "decided_at", "decided_by_id", "decision", "delivered_on", "expression", "fit", "id", "import_id", "importance", "interaction", "known_at", "level", "must_fit", "needed_on", "origin", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line_id", "promised_on", "raised_on", "reason", "recorded_at", "run_by", "state", "tags", "text", "title", "token", "triage_by", "version") SELECT old_values."about", old_values."author_id", old_values."budget_minor", old_values."capability", old_values."confirmed_by_id", old_values."confirmed_on", old_values."contact_id", old_values."currency", old_values."customer_id", old_values."decided_at", old_values."decided_by_id", old_values."decision", old_values."delivered_on", old_values."expression", old_values."fit", old_values."id", old_values."import_id", old_values."importance", old_values."interaction", old_values."known_at", old_values."level", old_values."must_fit", old_values."needed_on", old_values."origin", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."product_line_id", old_values."promised_on", old_values."raised_on", old_values."reason", old_values."recorded_at", old_values."run_by", old_values."state", old_values."tags", old_values."text", old_values."title", old_values."token", old_values."triage_by", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='0f36245d9692569c934ce51b10853a2fa74e4f91', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_8d6f1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='needs_need', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='need',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "needs_needevent" ("about", "author_id", "budget_minor", "capability", "confirmed_by_id", "confirmed_on", "contact_id", "currency", "customer_id", "decided_at", "decided_by_id", "decision", "delivered_on", "expression", "fit", "id", "import_id", "importance", "interaction", "known_at", "level", "must_fit", "needed_on", "origin", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line_id", "promised_on", "raised_on", "reason", "recorded_at", "run_by", "state", "tags", "text", "title", "token", "triage_by", "version") SELECT old_values."about", old_values."author_id", old_values."budget_minor", old_values."capability", old_values."confirmed_by_id", old_values."confirmed_on", old_values."contact_id", old_values."currency", old_values."customer_id", old_values."decided_at", old_values."decided_by_id", old_values."decision", old_values."delivered_on", old_values."expression", old_values."fit", old_values."id", old_values."import_id", old_values."importance", old_values."interaction", old_values."known_at", old_values."level", old_values."must_fit", old_values."needed_on", old_values."origin", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."product_line_id", old_values."promised_on", old_values."raised_on", old_values."reason", old_values."recorded_at", old_values."run_by", old_values."state", old_values."tags", old_values."text", old_values."title", old_values."token", old_values."triage_by", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='46e1366dfc350bc92a42f2c605b1a9137bd50d07', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_a756b', referencing='REFERENCING OLD TABLE AS old_values ', table='needs_need', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table needs_need add constraint need_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table needs_need drop constraint need_contact_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table needs_need add constraint need_confirmed_by_of_customer
            foreign key (customer_id, confirmed_by_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table needs_need drop constraint need_confirmed_by_of_customer',
        ),
    ]
