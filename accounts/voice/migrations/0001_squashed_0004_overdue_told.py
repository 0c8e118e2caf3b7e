"""What an empty database gets at once in place of the 4 migrations up to 0004_overdue_told."""

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
        ("voice", "0001_initial"),
        ("voice", "0002_same_customer"),
        ("voice", "0003_said_by_himself"),
        ("voice", "0004_overdue_told"),
    ]

    dependencies = [
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Voice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('kind', models.CharField(choices=[('complaint', 'Complaint'), ('suggestion', 'Suggestion'), ('praise', 'Praise')], max_length=10, verbose_name='kind')),
                        ('theme', models.CharField(choices=[('quality', 'Quality'), ('delivery', 'Delivery'), ('communication', 'Communication'), ('service', 'Service and flexibility'), ('support', 'Technical support'), ('price', 'Price'), ('other', 'Something else')], default='other', max_length=16, verbose_name='theme')),
                        ('channel', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('message', 'Message'), ('fax', 'Fax or voicemail'), ('training', 'Training'), ('support', 'Support'), ('strategy', 'Strategy session'), ('review', 'Review')], default='call', max_length=16, verbose_name='how it came')),
                        ('text', models.TextField(verbose_name='what was said')),
                        ('heard_on', models.DateField(verbose_name='heard on')),
                        ('answer_by', models.DateField(blank=True, null=True, verbose_name='answer by')),
                        ('answer', models.TextField(blank=True, verbose_name='answer')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('answered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.contact', verbose_name='who said it')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='customers.customer')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='voices', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project', verbose_name='project')),
                    ],
                    options={
                        'verbose_name': 'voice of the customer',
                        'verbose_name_plural': 'voices of the customer',
                        'indexes': [models.Index(fields=['customer', '-heard_on', '-id'], name='voice_latest_first'), models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['owner', 'answer_by', 'id'], name='voice_of_owner'), models.Index(fields=['-heard_on', '-id'], name='voice_all_latest_first')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['complaint', 'suggestion', 'praise'])), name='voice_kind_known'), models.CheckConstraint(condition=models.Q(('theme__in', ['quality', 'delivery', 'communication', 'service', 'support', 'price', 'other'])), name='voice_theme_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['call', 'visit', 'meeting', 'email', 'message', 'fax', 'training', 'support', 'strategy', 'review'])), name='voice_channel_known'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('answer__length__lte', 4000), ('text__length__lte', 4000)), name='voice_says_something'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='voice_answered_with_words'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'complaint'), _negated=True), ('answer_by__isnull', False), _connector='OR'), name='voice_complaint_has_a_clock')],
                    },
                ),
                migrations.CreateModel(
                    name='VoiceEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('kind', models.CharField(choices=[('complaint', 'Complaint'), ('suggestion', 'Suggestion'), ('praise', 'Praise')], max_length=10, verbose_name='kind')),
                        ('theme', models.CharField(choices=[('quality', 'Quality'), ('delivery', 'Delivery'), ('communication', 'Communication'), ('service', 'Service and flexibility'), ('support', 'Technical support'), ('price', 'Price'), ('other', 'Something else')], default='other', max_length=16, verbose_name='theme')),
                        ('channel', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('message', 'Message'), ('fax', 'Fax or voicemail'), ('training', 'Training'), ('support', 'Support'), ('strategy', 'Strategy session'), ('review', 'Review')], default='call', max_length=16, verbose_name='how it came')),
                        ('text', models.TextField(verbose_name='what was said')),
                        ('heard_on', models.DateField(verbose_name='heard on')),
                        ('answer_by', models.DateField(blank=True, null=True, verbose_name='answer by')),
                        ('answer', models.TextField(blank=True, verbose_name='answer')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('answered_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('author', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('contact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contact', verbose_name='who said it')),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='voice.voice')),
                        ('project', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='projects.project', verbose_name='project')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='VoiceAlarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('answer_by', models.DateField(verbose_name='answer by')),
                        ('raised_at', models.DateTimeField(verbose_name='raised')),
                        ('voice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='voice.voice')),
                    ],
                    options={
                        'verbose_name': 'alarm of a voice',
                        'verbose_name_plural': 'alarms of a voice',
                        'constraints': [models.UniqueConstraint(fields=('voice', 'answer_by'), name='voice_alarm_once')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='voice',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "voice_voiceevent" ("answer", "answer_by", "answered_at", "answered_by_id", "author_id", "channel", "contact_id", "customer_id", "heard_on", "id", "import_id", "kind", "known_at", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "text", "theme", "token", "version") SELECT old_values."answer", old_values."answer_by", old_values."answered_at", old_values."answered_by_id", old_values."author_id", old_values."channel", old_values."contact_id", old_values."customer_id", old_values."heard_on", old_values."id", old_values."import_id", old_values."kind", old_values."known_at", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."text", old_values."theme", old_values."token", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='682fdec560ac0f3621e6047ed74be90ece19830d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_05b67', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='voice_voice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='voice',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "voice_voiceevent" ("answer", "answer_by", "answered_at", "answered_by_id", "author_id", "channel", "contact_id", "customer_id", "heard_on", "id", "import_id", "kind", "known_at", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "text", "theme", "token", "version") SELECT old_values."answer", old_values."answer_by", old_values."answered_at", old_values."answered_by_id", old_values."author_id", old_values."channel", old_values."contact_id", old_values."customer_id", old_values."heard_on", old_values."id", old_values."import_id", old_values."kind", old_values."known_at", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."text", old_values."theme", old_values."token", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8873b3ba43f47dbc4b71c57d78b9dd927e686b49', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_1bcf9', referencing='REFERENCING OLD TABLE AS old_values ', table='voice_voice', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table voice_voice add constraint voice_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table voice_voice drop constraint voice_project_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table voice_voice add constraint voice_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table voice_voice drop constraint voice_contact_of_customer',
        ),
    ]
