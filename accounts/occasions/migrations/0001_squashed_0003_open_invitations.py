"""What an empty database gets at once in place of the 3 migrations up to 0003_open_invitations."""

import django.contrib.postgres.fields
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
        ("occasions", "0001_initial"),
        ("occasions", "0002_same_customer"),
        ("occasions", "0003_open_invitations"),
    ]

    dependencies = [
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("interactions", "0001_squashed_0010_standard_templates"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        ("surveys", "0001_squashed_0010_packed_grades"),
        ("users", "0001_squashed_0005_who_hears_for"),
        ("voice", "0001_squashed_0004_overdue_told"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Occasion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('event', models.CharField(blank=True, choices=[('delivery', 'Delivery'), ('installation', 'Installation'), ('repair', 'Repair'), ('other', 'Something else')], max_length=12, verbose_name='event')),
                        ('happened_on', models.DateField(verbose_name='when')),
                        ('about', models.CharField(blank=True, max_length=160, verbose_name='about')),
                        ('order_identity', models.CharField(blank=True, editable=False, max_length=96)),
                        ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                        ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='customers.customer')),
                        ('interaction', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='interactions.interaction')),
                        ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='surveys.surveyprogramme')),
                        ('programme_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='surveys.programmeversion')),
                        ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='projects.project')),
                    ],
                    options={
                        'verbose_name': 'occasion',
                        'verbose_name_plural': 'occasions',
                        'indexes': [models.Index(fields=['customer', '-happened_on', '-id'], name='occasion_latest_first'), models.Index(fields=['programme', '-happened_on', '-id'], name='occasion_of_programme')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('order_identity', ''), _negated=True), fields=('programme', 'order_identity'), name='occasion_once_per_order'), models.UniqueConstraint(condition=models.Q(('interaction__isnull', False)), fields=('programme', 'interaction'), name='occasion_once_per_interaction'), models.UniqueConstraint(condition=models.Q(('year__isnull', False)), fields=('programme', 'customer', 'year'), name='occasion_once_a_year'), models.UniqueConstraint(fields=('id', 'programme_version', 'customer'), name='occasion_key'), models.CheckConstraint(condition=models.Q(('event__in', ['', 'delivery', 'installation', 'repair', 'other'])), name='occasion_event_known')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('comment', models.TextField(blank=True, verbose_name='comment')),
                        ('idempotency_key', models.CharField(max_length=64)),
                        ('digest', models.CharField(max_length=64)),
                        ('fingerprint', models.CharField(blank=True, max_length=64)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('programme_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('taken_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('invitation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='occasions.occasioninvitation')),
                    ],
                    options={
                        'verbose_name': 'answer to a survey',
                        'verbose_name_plural': 'answers to a survey',
                        'indexes': [models.Index(fields=['invitation', '-id'], name='occasion_answer_latest'), models.Index(fields=['customer', '-known_at'], name='occasion_answer_of_customer'), models.Index(fields=['programme_version', '-known_at'], name='occasion_answer_of_version')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('invitation',), name='occasion_answer_one_current'), models.UniqueConstraint(fields=('id', 'programme_version'), name='occasion_answer_key'), models.CheckConstraint(condition=models.Q(('comment__length__lte', 4000)), name='occasion_comment_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionGrade',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('comment', models.TextField(blank=True, verbose_name='comment')),
                        ('answer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='grades', to='occasions.occasionanswer')),
                        ('dimension', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveydimension')),
                        ('grade', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmegrade')),
                        ('programme_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                    ],
                    options={
                        'verbose_name': 'grade of an answer to a survey',
                        'verbose_name_plural': 'grades of an answer to a survey',
                        'constraints': [models.UniqueConstraint(fields=('answer', 'dimension'), name='occasion_grade_once'), models.CheckConstraint(condition=models.Q(('comment__length__lte', 4000)), name='occasion_grade_comment_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionInvitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('level', models.CharField(choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16, verbose_name='organisational level')),
                        ('due_at', models.DateTimeField(verbose_name='due')),
                        ('reminder_at', models.DateTimeField(verbose_name='reminder due')),
                        ('closes_at', models.DateTimeField(verbose_name='closes')),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                        ('reminded_at', models.DateTimeField(blank=True, null=True, verbose_name='reminded')),
                        ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='failed')),
                        ('failure', models.CharField(blank=True, max_length=400, verbose_name='reason of the failure')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='first answered')),
                        ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='occasion_invitations', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('occasion', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='occasions.occasion')),
                        ('programme_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('voice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voice.voice')),
                    ],
                    options={
                        'verbose_name': 'invitation to a survey',
                        'verbose_name_plural': 'invitations to a survey',
                        'indexes': [models.Index(fields=['customer', '-known_at'], name='occasion_invited_latest'), models.Index(condition=models.Q(('answered_at__isnull', True), ('failed_at__isnull', True), ('sent_at__isnull', True)), fields=['due_at', 'id'], name='occasion_to_send'), models.Index(condition=models.Q(('answered_at__isnull', True), ('reminded_at__isnull', True), ('sent_at__isnull', False)), fields=['reminder_at', 'id'], name='occasion_to_remind'), models.Index(fields=['closes_at'], name='occasion_closing')],
                        'constraints': [models.UniqueConstraint(fields=('occasion', 'contact'), name='occasion_contact_once'), models.UniqueConstraint(fields=('id', 'programme_version', 'customer'), name='occasion_invitation_key'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('due_at'))), name='occasion_invitation_times_in_order'), models.CheckConstraint(condition=models.Q(('level__in', ['executive', 'management', 'specialist', 'operational'])), name='occasion_invitation_level_known')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionAttempt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_reminder', models.BooleanField(verbose_name='reminder')),
                        ('fate', models.CharField(choices=[('accepted', 'Taken by the mail server'), ('deferred', 'Will be tried again'), ('refused', 'Refused'), ('not_sent', 'Not sent'), ('bounced', 'Came back')], max_length=8, verbose_name='fate')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('reply', models.CharField(blank=True, max_length=400, verbose_name='reply of the mail server')),
                        ('invitation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='occasions.occasioninvitation')),
                    ],
                    options={
                        'verbose_name': 'try to send an invitation to a survey',
                        'verbose_name_plural': 'tries to send an invitation to a survey',
                        'indexes': [models.Index(fields=['invitation', 'id'], name='occasion_attempt_of')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('fate__in', ['accepted', 'deferred', 'refused', 'not_sent', 'bounced'])), name='occasion_attempt_fate_known')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionToken',
                    fields=[
                        ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('issued_at', models.DateTimeField()),
                        ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='occasions.occasioninvitation')),
                    ],
                    options={
                        'verbose_name': 'link of an invitation to a survey',
                        'verbose_name_plural': 'links of an invitation to a survey',
                        'constraints': [models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='occasion_token_is_hashed')],
                    },
                ),
                migrations.CreateModel(
                    name='Question',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=240, verbose_name='question')),
                        ('name_zh_hans', models.CharField(max_length=240, verbose_name='question in Simplified Chinese')),
                        ('name_zh_hant', models.CharField(max_length=240, verbose_name='question in Traditional Chinese')),
                        ('code', models.SlugField(max_length=24, verbose_name='code')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('kind', models.CharField(choices=[('text', 'Free text'), ('one', 'One choice'), ('several', 'Several choices'), ('number', 'Number')], max_length=8, verbose_name='kind of answer')),
                        ('unit', models.CharField(blank=True, max_length=24, verbose_name='unit')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='surveys.programmeversion')),
                    ],
                    options={
                        'verbose_name': 'question',
                        'verbose_name_plural': 'questions',
                        'constraints': [models.UniqueConstraint(fields=('version', 'code'), name='question_once'), models.UniqueConstraint(fields=('version', 'position'), name='question_in_order'), models.UniqueConstraint(fields=('version', 'id'), name='question_of_version_key'), models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'one', 'several', 'number'])), name='question_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionReply',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField(blank=True, verbose_name='text')),
                        ('number', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='number')),
                        ('answer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='occasions.occasionanswer')),
                        ('programme_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('question', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='occasions.question')),
                    ],
                    options={
                        'verbose_name': 'reply',
                        'verbose_name_plural': 'replies',
                        'constraints': [models.UniqueConstraint(fields=('answer', 'question'), name='occasion_reply_once'), models.CheckConstraint(condition=models.Q(models.Q(('number__isnull', True), models.Q(('text', ''), _negated=True)), models.Q(('number__isnull', False), ('text', '')), _connector='OR'), name='occasion_reply_says_something'), models.CheckConstraint(condition=models.Q(('text__length__lte', 4000)), name='occasion_reply_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='QuestionOption',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('name_zh_hans', models.CharField(max_length=120, verbose_name='name in Simplified Chinese')),
                        ('name_zh_hant', models.CharField(max_length=120, verbose_name='name in Traditional Chinese')),
                        ('code', models.SlugField(max_length=24, verbose_name='code')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('question', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='options', to='occasions.question')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.programmeversion')),
                    ],
                    options={
                        'verbose_name': 'choice',
                        'verbose_name_plural': 'choices',
                        'constraints': [models.UniqueConstraint(fields=('question', 'code'), name='option_once'), models.UniqueConstraint(fields=('question', 'position'), name='option_in_order'), models.UniqueConstraint(fields=('question', 'id'), name='option_of_question_key')],
                    },
                ),
                migrations.CreateModel(
                    name='OccasionChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('answer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='occasions.occasionanswer')),
                        ('programme_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('question', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='occasions.question')),
                        ('option', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='occasions.questionoption')),
                    ],
                    options={
                        'verbose_name': 'ticked choice',
                        'verbose_name_plural': 'ticked choices',
                        'constraints': [models.UniqueConstraint(fields=('answer', 'option'), name='occasion_choice_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SurveyRules',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('asked_levels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16), blank=True, default=list, size=None, verbose_name='whom we ask')),
                        ('asks_deliveries', models.BooleanField(default=False, verbose_name='ask after each delivery')),
                        ('wait_days', models.PositiveSmallIntegerField(default=1, verbose_name='days after the event')),
                        ('answer_days', models.PositiveSmallIntegerField(default=14, verbose_name='days to answer')),
                        ('rest_days', models.PositiveSmallIntegerField(default=30, verbose_name='days of rest for a contact')),
                        ('yearly_month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='month')),
                        ('yearly_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='day')),
                        ('opening', models.CharField(blank=True, max_length=600, verbose_name='opening words')),
                        ('opening_zh_hans', models.CharField(blank=True, max_length=600, verbose_name='opening words in Simplified Chinese')),
                        ('opening_zh_hant', models.CharField(blank=True, max_length=600, verbose_name='opening words in Traditional Chinese')),
                        ('version', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='surveys.programmeversion')),
                    ],
                    options={
                        'verbose_name': 'rules of a survey',
                        'verbose_name_plural': 'rules of a survey',
                        'constraints': [models.CheckConstraint(condition=models.Q(('asked_levels__contained_by', ['executive', 'management', 'specialist', 'operational'])), name='rules_levels_known'), models.CheckConstraint(condition=models.Q(('answer_days__range', (1, 365)), ('rest_days__lte', 1000), ('wait_days__lte', 365)), name='rules_days_possible'), models.CheckConstraint(condition=models.Q(models.Q(('yearly_day__isnull', True), ('yearly_month__isnull', True)), models.Q(('yearly_day__range', (1, 28)), ('yearly_month__range', (1, 12))), _connector='OR'), name='rules_day_of_year_possible')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='question',
                    trigger=pgtrigger.compiler.Trigger(name='part_of_a_fixed_version', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE is_fixed boolean;', func="\n            if tg_op <> 'INSERT' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.version_id)\n    into is_fixed from surveys_programmeversion where id = old.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.version_id\n        using errcode = 'restrict_violation';\n    end if;\n end if;\n            if tg_op <> 'DELETE' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = new.version_id)\n    into is_fixed from surveys_programmeversion where id = new.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', new.version_id\n        using errcode = 'restrict_violation';\n    end if;\n return new; end if;\n            return old;\n        ", hash='e3f072c699fd12cbdb36aac272d56f5c5cb6c711', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_part_of_a_fixed_version_3b240', table='occasions_question', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='questionoption',
                    trigger=pgtrigger.compiler.Trigger(name='part_of_a_fixed_version', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE is_fixed boolean;', func="\n            if tg_op <> 'INSERT' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.version_id)\n    into is_fixed from surveys_programmeversion where id = old.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.version_id\n        using errcode = 'restrict_violation';\n    end if;\n end if;\n            if tg_op <> 'DELETE' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = new.version_id)\n    into is_fixed from surveys_programmeversion where id = new.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', new.version_id\n        using errcode = 'restrict_violation';\n    end if;\n return new; end if;\n            return old;\n        ", hash='1b6e81f96f308056b9271e15c9041e9f36547e34', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_part_of_a_fixed_version_04769', table='occasions_questionoption', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='surveyrules',
                    trigger=pgtrigger.compiler.Trigger(name='part_of_a_fixed_version', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE is_fixed boolean;', func="\n            if tg_op <> 'INSERT' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.version_id)\n    into is_fixed from surveys_programmeversion where id = old.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.version_id\n        using errcode = 'restrict_violation';\n    end if;\n end if;\n            if tg_op <> 'DELETE' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = new.version_id)\n    into is_fixed from surveys_programmeversion where id = new.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', new.version_id\n        using errcode = 'restrict_violation';\n    end if;\n return new; end if;\n            return old;\n        ", hash='e9fc12ad8d4eca65c3ea88eb4384cdba8e287096', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_part_of_a_fixed_version_cb9cf', table='occasions_surveyrules', when='BEFORE')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasion add constraint occasion_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table occasions_occasion drop constraint occasion_project_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasioninvitation add constraint occasion_invitation_of_occasion
            foreign key (occasion_id, programme_version_id, customer_id) references occasions_occasion (id, programme_version_id, customer_id) deferrable initially deferred
            """,
            'alter table occasions_occasioninvitation drop constraint occasion_invitation_of_occasion',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasioninvitation add constraint occasion_invitation_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table occasions_occasioninvitation drop constraint occasion_invitation_contact_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasionanswer add constraint occasion_answer_of_invitation
            foreign key (invitation_id, programme_version_id, customer_id) references occasions_occasioninvitation (id, programme_version_id, customer_id) deferrable initially deferred
            """,
            'alter table occasions_occasionanswer drop constraint occasion_answer_of_invitation',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasiongrade add constraint occasiongrade_of_answer
            foreign key (answer_id, programme_version_id) references occasions_occasionanswer (id, programme_version_id) deferrable initially deferred
            """,
            'alter table occasions_occasiongrade drop constraint occasiongrade_of_answer',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasionreply add constraint occasionreply_of_answer
            foreign key (answer_id, programme_version_id) references occasions_occasionanswer (id, programme_version_id) deferrable initially deferred
            """,
            'alter table occasions_occasionreply drop constraint occasionreply_of_answer',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasionchoice add constraint occasionchoice_of_answer
            foreign key (answer_id, programme_version_id) references occasions_occasionanswer (id, programme_version_id) deferrable initially deferred
            """,
            'alter table occasions_occasionchoice drop constraint occasionchoice_of_answer',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasiongrade add constraint occasiongrade_dimension_of_version
            foreign key (programme_version_id, dimension_id) references surveys_programmedimension (version_id, dimension_id) deferrable initially deferred
            """,
            'alter table occasions_occasiongrade drop constraint occasiongrade_dimension_of_version',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasionreply add constraint occasionreply_question_of_version
            foreign key (programme_version_id, question_id) references occasions_question (version_id, id) deferrable initially deferred
            """,
            'alter table occasions_occasionreply drop constraint occasionreply_question_of_version',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasionchoice add constraint occasionchoice_question_of_version
            foreign key (programme_version_id, question_id) references occasions_question (version_id, id) deferrable initially deferred
            """,
            'alter table occasions_occasionchoice drop constraint occasionchoice_question_of_version',
        ),
        migrations.RunSQL(
            """
            alter table occasions_questionoption add constraint option_question_of_version
            foreign key (version_id, question_id) references occasions_question (version_id, id) deferrable initially deferred
            """,
            'alter table occasions_questionoption drop constraint option_question_of_version',
        ),
        migrations.RunSQL(
            """
            alter table occasions_occasionchoice add constraint occasionchoice_option_of_question
            foreign key (question_id, option_id) references occasions_questionoption (question_id, id) deferrable initially deferred
            """,
            'alter table occasions_occasionchoice drop constraint occasionchoice_option_of_question',
        ),
    ]
