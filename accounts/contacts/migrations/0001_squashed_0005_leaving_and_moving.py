"""What an empty database gets at once in place of the 5 migrations up to 0005_leaving_and_moving."""

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
        ("contacts", "0001_initial"),
        ("contacts", "0002_initial"),
        ("contacts", "0003_same_customer"),
        ("contacts", "0004_whole_names"),
        ("contacts", "0005_leaving_and_moving"),
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
                    name='Contact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('title', models.CharField(blank=True, max_length=120, verbose_name='title')),
                        ('department', models.CharField(blank=True, max_length=120, verbose_name='department')),
                        ('level', models.CharField(choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16, verbose_name='organisational level')),
                        ('decision_role', models.CharField(blank=True, choices=[('decision_maker', 'Decision maker'), ('influencer', 'Influencer'), ('user', 'User'), ('buyer', 'Buyer'), ('gatekeeper', 'Gatekeeper')], max_length=16, verbose_name='decision role')),
                        ('attitude', models.CharField(choices=[('supporter', 'Supporter'), ('neutral', 'Neutral'), ('opponent', 'Opponent')], default='neutral', max_length=16, verbose_name='attitude')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                        ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                        ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                        ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                        ('opted_out', models.BooleanField(default=False, verbose_name='wants no surveys')),
                        ('left_on', models.DateField(blank=True, null=True, verbose_name='left the company on')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('sort_key', models.CharField(db_collation='C', editable=False, max_length=480)),
                        ('search_text', models.TextField(editable=False)),
                        ('search_tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None)),
                        ('counterpart', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='our counterpart')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='customers.customer')),
                        ('reports_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='contacts.contact', verbose_name='reports to')),
                    ],
                    options={
                        'verbose_name': 'contact',
                        'verbose_name_plural': 'contacts',
                        'indexes': [models.Index(fields=['customer', 'sort_key', 'id'], name='contact_by_name'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('search_text', name='gin_trgm_ops'), name='contact_trigrams'), django.contrib.postgres.indexes.GinIndex(fields=['search_tokens'], name='contact_tokens')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='contact_has_a_name'), models.CheckConstraint(condition=models.Q(('level__in', ['executive', 'management', 'specialist', 'operational'])), name='contact_level_known'), models.CheckConstraint(condition=models.Q(('attitude__in', ['supporter', 'neutral', 'opponent'])), name='contact_attitude_known'), models.CheckConstraint(condition=models.Q(('decision_role__in', ['', 'decision_maker', 'influencer', 'user', 'buyer', 'gatekeeper'])), name='contact_decision_role_known'), models.CheckConstraint(condition=models.Q(('reports_to', models.F('id')), _negated=True), name='contact_not_his_own_superior'), models.UniqueConstraint(fields=('customer', 'id'), name='contact_of_customer')],
                    },
                ),
                migrations.CreateModel(
                    name='ContactAttitude',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('attitude', models.CharField(choices=[('supporter', 'Supporter'), ('neutral', 'Neutral'), ('opponent', 'Opponent')], max_length=16, verbose_name='attitude')),
                        ('decision_role', models.CharField(blank=True, choices=[('decision_maker', 'Decision maker'), ('influencer', 'Influencer'), ('user', 'User'), ('buyer', 'Buyer'), ('gatekeeper', 'Gatekeeper')], max_length=16, verbose_name='decision role')),
                        ('stated_on', models.DateField(verbose_name='stated on')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                        ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attitudes', to='contacts.contact')),
                    ],
                    options={
                        'verbose_name': 'attitude',
                        'verbose_name_plural': 'attitudes',
                        'indexes': [models.Index(fields=['contact', '-stated_on', '-id'], name='attitude_latest_first')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('attitude__in', ['supporter', 'neutral', 'opponent'])), name='attitude_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ContactDeparture',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('left_on', models.DateField(verbose_name='left on')),
                        ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='departures', to='contacts.contact')),
                        ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('reports', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                        ('successor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='contacts.contact')),
                    ],
                    options={
                        'verbose_name': 'departure',
                        'verbose_name_plural': 'departures',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('contact',), name='departure_one_current')],
                    },
                ),
                migrations.CreateModel(
                    name='ContactEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('title', models.CharField(blank=True, max_length=120, verbose_name='title')),
                        ('department', models.CharField(blank=True, max_length=120, verbose_name='department')),
                        ('level', models.CharField(choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16, verbose_name='organisational level')),
                        ('decision_role', models.CharField(blank=True, choices=[('decision_maker', 'Decision maker'), ('influencer', 'Influencer'), ('user', 'User'), ('buyer', 'Buyer'), ('gatekeeper', 'Gatekeeper')], max_length=16, verbose_name='decision role')),
                        ('attitude', models.CharField(choices=[('supporter', 'Supporter'), ('neutral', 'Neutral'), ('opponent', 'Opponent')], default='neutral', max_length=16, verbose_name='attitude')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                        ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                        ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                        ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                        ('opted_out', models.BooleanField(default=False, verbose_name='wants no surveys')),
                        ('left_on', models.DateField(blank=True, null=True, verbose_name='left the company on')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('sort_key', models.CharField(db_collation='C', editable=False, max_length=480)),
                        ('search_text', models.TextField(editable=False)),
                        ('search_tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None)),
                        ('counterpart', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='our counterpart')),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contacts.contact')),
                        ('reports_to', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contact', verbose_name='reports to')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='ContactLevel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('level', models.CharField(choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16, verbose_name='organisational level')),
                        ('valid_from', models.DateField(verbose_name='from')),
                        ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='levels', to='contacts.contact')),
                    ],
                    options={
                        'verbose_name': 'organisational level',
                        'verbose_name_plural': 'organisational levels',
                        'indexes': [models.Index(fields=['contact', '-valid_from', '-id'], name='level_latest_first')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('level__in', ['executive', 'management', 'specialist', 'operational'])), name='level_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ContactMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('moved_on', models.DateField(verbose_name='moved on')),
                        ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('earlier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='moved_to', to='contacts.contact')),
                        ('later', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='moved_from', to='contacts.contact')),
                    ],
                    options={
                        'verbose_name': 'move to another customer',
                        'verbose_name_plural': 'moves to another customer',
                        'constraints': [models.CheckConstraint(condition=models.Q(('earlier', models.F('later')), _negated=True), name='move_to_another_contact')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='contact',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactevent" ("attitude", "counterpart_id", "customer_id", "decision_role", "department", "email", "id", "import_id", "known_at", "language", "left_on", "level", "name", "opted_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "recorded_at", "reports_to_id", "search_text", "search_tokens", "sort_key", "time_zone", "title", "version") SELECT old_values."attitude", old_values."counterpart_id", old_values."customer_id", old_values."decision_role", old_values."department", old_values."email", old_values."id", old_values."import_id", old_values."known_at", old_values."language", old_values."left_on", old_values."level", old_values."name", old_values."opted_out", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."phone", old_values."recorded_at", old_values."reports_to_id", old_values."search_text", old_values."search_tokens", old_values."sort_key", old_values."time_zone", old_values."title", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='aecab851ba11b78210e8448c47d086861c4a9e4f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_7cf79', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_contact', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='contact',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactevent" ("attitude", "counterpart_id", "customer_id", "decision_role", "department", "email", "id", "import_id", "known_at", "language", "left_on", "level", "name", "opted_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "recorded_at", "reports_to_id", "search_text", "search_tokens", "sort_key", "time_zone", "title", "version") SELECT old_values."attitude", old_values."counterpart_id", old_values."customer_id", old_values."decision_role", old_values."department", old_values."email", old_values."id", old_values."import_id", old_values."known_at", old_values."language", old_values."left_on", old_values."level", old_values."name", old_values."opted_out", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."phone", old_values."recorded_at", old_values."reports_to_id", old_values."search_text", old_values."search_tokens", old_values."sort_key", old_values."time_zone", old_values."title", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9cc0d240ce6d058722ae999a220581c9337ed7bd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_c18db', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_contact', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table contacts_contact add constraint contact_reports_within_customer
            foreign key (customer_id, reports_to_id) references contacts_contact (customer_id, id)
            deferrable initially deferred
            """,
            'alter table contacts_contact drop constraint contact_reports_within_customer',
        ),
    ]
