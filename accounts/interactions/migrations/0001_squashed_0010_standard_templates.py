"""What an empty database gets at once in place of the 10 migrations up to 0010_standard_templates."""

import accounts.interactions.models
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.interactions.standard import STANDARD
from accounts.squashed import Tables


def write_standard(apps, _schema_editor):
    """For kinds that have none."""
    templates = apps.get_model("interactions", "KindTemplate").objects
    present = set(templates.values_list("kind", flat=True))
    for facts in STANDARD:
        if facts.kind.value not in present:
            templates.create(
                kind=facts.kind.value,
                text=facts.text,
                text_zh_hans=facts.text_zh_hans,
                text_zh_hant=facts.text_zh_hant,
            )


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("interactions", "0001_initial"),
        ("interactions", "0002_initial"),
        ("interactions", "0003_same_customer"),
        ("interactions", "0004_superseded_by"),
        ("interactions", "0005_earlier_versions"),
        ("interactions", "0006_follow_up_done"),
        ("interactions", "0007_words"),
        ("interactions", "0008_activity_of_kind"),
        ("interactions", "0009_kind_templates"),
        ("interactions", "0010_standard_templates"),
    ]

    dependencies = [
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("costs", "0001_squashed_0003_names_in_any_case"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGinExtension(),
        migrations.RunSQL(
            r"""
            create function interactions_words(text) returns tsvector
            language sql immutable strict parallel safe
            return (
                with plain as (
                    select regexp_replace(
                        translate(
                            replace(lower(normalize(left($1, 20000), NFKD)), 'ß', 'ss'), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
                            '                                '
                        ),
                        '[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]', '', 'g'
                    ) as words
                )
                select to_tsvector(
                    'simple'::regconfig,
                    regexp_replace(words, '[\u3400-\u9fff\uf900-\ufaff]{2}', ' \& ', 'g')
                    || ' '
                    || case when words ~ '[\u3400-\u9fff\uf900-\ufaff]{3}' then
                        regexp_replace(
                            regexp_replace(words, '(^|[^\u3400-\u9fff\uf900-\ufaff])[\u3400-\u9fff\uf900-\ufaff]', '\1 ', 'g'),
                            '[\u3400-\u9fff\uf900-\ufaff]{2}', ' \& ', 'g'
                        )
                    else '' end
                )
                from plain
            )
            """,
            'drop function interactions_words(text)',
        ),
        Tables(
            [
                migrations.CreateModel(
                    name='Interaction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('identity', models.UUIDField(default=uuid.uuid4, editable=False)),
                        ('kind', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('message', 'Message'), ('fax', 'Fax or voicemail'), ('training', 'Training'), ('support', 'Support'), ('strategy', 'Strategy session'), ('review', 'Review')], max_length=16, verbose_name='kind')),
                        ('direction', models.CharField(choices=[('outbound', 'From us'), ('inbound', 'From the customer')], default='outbound', max_length=8, verbose_name='direction')),
                        ('started_at', models.DateTimeField(verbose_name='start')),
                        ('minutes', models.PositiveIntegerField(default=0, verbose_name='minutes')),
                        ('summary', models.TextField(blank=True, verbose_name='summary')),
                        ('sentiment', models.SmallIntegerField(blank=True, choices=[(-1, 'Negative'), (0, 'Neutral'), (1, 'Positive')], null=True, verbose_name='sentiment')),
                        ('follow_up_on', models.DateField(blank=True, null=True, verbose_name='follow-up by')),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='interactions', to='customers.customer')),
                        ('follow_up_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='follow-up by whom')),
                        ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='interactions', to='projects.project', verbose_name='project')),
                        ('superseded_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('follow_up_done_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='follow-up done')),
                        ('follow_up_done_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'interaction',
                        'verbose_name_plural': 'interactions',
                        'indexes': [models.Index(fields=['customer', 'started_at'], include=('minutes', 'sentiment', 'known_at', 'superseded_at'), name='interaction_features'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['customer', '-started_at', '-id'], name='interaction_latest_first'), models.Index(condition=models.Q(('superseded_at__isnull', True), ('follow_up_on__isnull', False)), fields=['follow_up_by', 'follow_up_on'], name='interaction_follow_ups'), models.Index(condition=models.Q(('superseded_at__isnull', True), ('follow_up_on__isnull', False)), fields=['customer', 'follow_up_on'], name='interaction_next_follow_up'), models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['identity'], name='interaction_earlier_versions'), django.contrib.postgres.indexes.GinIndex(models.F('customer'), accounts.interactions.models.SearchedWords('summary'), condition=models.Q(('superseded_at__isnull', True), models.Q(('summary', ''), _negated=True)), name='interaction_words')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('identity',), name='interaction_one_current'), models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'visit', 'meeting', 'email', 'message', 'fax', 'training', 'support', 'strategy', 'review'])), name='interaction_kind_known'), models.CheckConstraint(condition=models.Q(('sentiment__isnull', True), ('sentiment__in', [-1, 0, 1]), _connector='OR'), name='interaction_sentiment_known'), models.CheckConstraint(condition=models.Q(('minutes__lte', 100000)), name='interaction_minutes_possible'), models.CheckConstraint(condition=models.Q(models.Q(('follow_up_done_at__isnull', True), ('follow_up_done_by__isnull', True)), models.Q(('follow_up_done_at__isnull', False), ('follow_up_done_by__isnull', False), ('follow_up_on__isnull', False)), _connector='OR'), name='interaction_follow_up_done_by_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='InteractionParticipant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('level', models.CharField(blank=True, choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16)),
                        ('started_at', models.DateTimeField()),
                        ('known_at', models.DateTimeField()),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('contact', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='interactions', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('interaction', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='interactions.interaction')),
                        ('user', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'participant',
                        'verbose_name_plural': 'participants',
                        'indexes': [models.Index(condition=models.Q(('contact__isnull', False)), fields=['customer', 'level', 'started_at'], include=('known_at', 'superseded_at'), name='participant_features'), models.Index(condition=models.Q(('contact__isnull', False), ('superseded_at__isnull', True)), fields=['contact', '-started_at'], name='participant_last_touch')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('contact__isnull', False), ('level__in', ['executive', 'management', 'specialist', 'operational']), ('user__isnull', True)), models.Q(('contact__isnull', True), ('level', ''), ('user__isnull', False)), _connector='OR'), name='participant_contact_or_user'), models.UniqueConstraint(fields=('interaction', 'contact'), name='participant_contact_once'), models.UniqueConstraint(fields=('interaction', 'user'), name='participant_user_once')],
                    },
                ),
                migrations.CreateModel(
                    name='KindActivity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('message', 'Message'), ('fax', 'Fax or voicemail'), ('training', 'Training'), ('support', 'Support'), ('strategy', 'Strategy session'), ('review', 'Review')], max_length=16, unique=True, verbose_name='kind')),
                        ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='costs.activity', verbose_name='activity')),
                    ],
                    options={
                        'verbose_name': 'activity of a kind of interaction',
                        'verbose_name_plural': 'activities of kinds of interactions',
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'visit', 'meeting', 'email', 'message', 'fax', 'training', 'support', 'strategy', 'review'])), name='kind_activity_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='KindTemplateEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('message', 'Message'), ('fax', 'Fax or voicemail'), ('training', 'Training'), ('support', 'Support'), ('strategy', 'Strategy session'), ('review', 'Review')], max_length=16, verbose_name='kind')),
                        ('text', models.TextField(verbose_name='template')),
                        ('text_zh_hans', models.TextField(blank=True, verbose_name='template in simplified Chinese')),
                        ('text_zh_hant', models.TextField(blank=True, verbose_name='template in traditional Chinese')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='interactions.kindtemplate')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='KindTemplate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('message', 'Message'), ('fax', 'Fax or voicemail'), ('training', 'Training'), ('support', 'Support'), ('strategy', 'Strategy session'), ('review', 'Review')], max_length=16, verbose_name='kind')),
                        ('text', models.TextField(verbose_name='template')),
                        ('text_zh_hans', models.TextField(blank=True, verbose_name='template in simplified Chinese')),
                        ('text_zh_hant', models.TextField(blank=True, verbose_name='template in traditional Chinese')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'template of a kind of interaction',
                        'verbose_name_plural': 'templates of kinds of interactions',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('kind',), name='kind_template_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'visit', 'meeting', 'email', 'message', 'fax', 'training', 'support', 'strategy', 'review'])), name='kind_template_kind_known'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='kind_template_says_something'), models.CheckConstraint(condition=models.Q(('text__length__lte', 2000), ('text_zh_hans__length__lte', 2000), ('text_zh_hant__length__lte', 2000)), name='kind_template_not_huge')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='kindtemplate',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "interactions_kindtemplateevent" ("deleted_at", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "text_zh_hans", "text_zh_hant", "version") SELECT old_values."deleted_at", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."text", old_values."text_zh_hans", old_values."text_zh_hant", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='135f2a7c5fd572e34ebc52964aa911f2e6bf57d1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_88326', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='interactions_kindtemplate', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='kindtemplate',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "interactions_kindtemplateevent" ("deleted_at", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "text_zh_hans", "text_zh_hant", "version") SELECT old_values."deleted_at", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."text", old_values."text_zh_hans", old_values."text_zh_hant", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5bc86ef2926a8430e66e90ac84c651fdfa0feb61', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_8118a', referencing='REFERENCING OLD TABLE AS old_values ', table='interactions_kindtemplate', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table interactions_interaction add constraint interaction_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id)
            deferrable initially deferred
            """,
            'alter table interactions_interaction drop constraint interaction_project_of_customer',
        ),
        migrations.RunPython(write_standard, migrations.RunPython.noop),
    ]
