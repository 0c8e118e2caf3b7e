"""What an empty database gets at once in place of the 10 migrations up to 0010_packed_grades."""

import accounts.surveys.models.programmes
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("surveys", "0001_initial"),
        ("surveys", "0002_same_customer"),
        ("surveys", "0003_case_event_once"),
        ("surveys", "0004_invitation_of_week"),
        ("surveys", "0005_answer_of_week"),
        ("surveys", "0006_failed_letters"),
        ("surveys", "0007_calendars_letters_reviews"),
        ("surveys", "0008_same_customer_again"),
        ("surveys", "0009_programme_kinds"),
        ("surveys", "0010_packed_grades"),
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
                    name='SurveyDimension',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('name_zh_hans', models.CharField(max_length=120, verbose_name='name in Simplified Chinese')),
                        ('name_zh_hant', models.CharField(max_length=120, verbose_name='name in Traditional Chinese')),
                        ('code', models.SlugField(max_length=24, verbose_name='code')),
                        ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dimensions', to='surveys.surveyprogramme')),
                    ],
                    options={
                        'verbose_name': 'dimension',
                        'verbose_name_plural': 'dimensions',
                        'constraints': [models.UniqueConstraint(fields=('programme', 'code'), name='dimension_code_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Invitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('level', models.CharField(choices=[('executive', 'Executive level'), ('management', 'Management level'), ('specialist', 'Specialist level'), ('operational', 'Operational level')], max_length=16, verbose_name='organisational level')),
                        ('due_at', models.DateTimeField(verbose_name='due')),
                        ('reminder_at', models.DateTimeField(verbose_name='reminder due')),
                        ('closes_at', models.DateTimeField(verbose_name='closes')),
                        ('expires_at', models.DateTimeField(verbose_name='expires')),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                        ('reminded_at', models.DateTimeField(blank=True, null=True, verbose_name='reminded')),
                        ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='failed')),
                        ('failure', models.CharField(blank=True, max_length=400, verbose_name='reason of the failure')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='first answered')),
                        ('contact', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='customers.customer')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='projects.project')),
                        ('programme_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='surveys.programmeversion')),
                        ('respondent', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='surveys.respondent')),
                        ('week', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='surveys.week')),
                    ],
                    options={
                        'verbose_name': 'invitation',
                        'verbose_name_plural': 'invitations',
                        'indexes': [models.Index(condition=models.Q(('failed_at__isnull', True), ('sent_at__isnull', True)), fields=['due_at', 'id'], name='invitation_to_send'), models.Index(condition=models.Q(('answered_at__isnull', True), ('reminded_at__isnull', True), ('sent_at__isnull', False)), fields=['reminder_at', 'id'], name='invitation_to_remind'), models.Index(fields=['week', 'id'], name='invitation_of_week'), models.Index(fields=['customer', 'week'], include=('project', 'closes_at', 'answered_at', 'failed_at', 'known_at'), name='invitation_features'), models.Index(condition=models.Q(('answered_at__isnull', True), ('failed_at__isnull', False)), fields=['failed_at'], name='invitation_failed'), models.Index(fields=['project', 'week'], include=('programme_version', 'level', 'closes_at', 'answered_at', 'failed_at', 'known_at'), name='invitation_board')],
                        'constraints': [models.UniqueConstraint(fields=('project', 'contact', 'week'), name='invitation_once'), models.UniqueConstraint(fields=('id', 'programme_version', 'customer', 'project', 'week'), name='invitation_key'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('due_at')), ('expires_at__gte', models.F('closes_at'))), name='invitation_times_in_order'), models.CheckConstraint(condition=models.Q(('level__in', ['executive', 'management', 'specialist', 'operational'])), name='invitation_level_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Answer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('comment', models.TextField(blank=True, verbose_name='comment')),
                        ('is_late', models.BooleanField(verbose_name='late')),
                        ('idempotency_key', models.CharField(max_length=64)),
                        ('digest', models.CharField(max_length=64)),
                        ('fingerprint', models.CharField(blank=True, max_length=64)),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='customers.customer')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='projects.project')),
                        ('invitation', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='surveys.invitation')),
                        ('programme_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('week', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.week')),
                        ('packed_grades', models.BigIntegerField(db_default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'answer',
                        'verbose_name_plural': 'answers',
                        'indexes': [models.Index(fields=['invitation', '-id'], name='answer_latest_first'), models.Index(fields=['customer', 'week'], include=('project', 'known_at', 'superseded_at'), name='answer_features'), models.Index(fields=['project', 'week'], include=('programme_version', 'invitation', 'packed_grades', 'known_at', 'superseded_at'), name='answer_of_week')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('invitation',), name='answer_one_current'), models.UniqueConstraint(fields=('id', 'programme_version', 'customer', 'project', 'week'), name='answer_key'), models.CheckConstraint(condition=models.Q(('comment__length__lte', 4000)), name='answer_comment_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='ProgrammeVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField(verbose_name='version')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('retired', 'Retired')], default='draft', max_length=8, verbose_name='state')),
                        ('send_weekday', models.PositiveSmallIntegerField(default=5, verbose_name='sent on')),
                        ('send_hour', models.PositiveSmallIntegerField(default=14, verbose_name='sent at')),
                        ('remind_after_days', models.PositiveSmallIntegerField(default=4, verbose_name='reminded after days')),
                        ('close_weekday', models.PositiveSmallIntegerField(default=4, verbose_name='closes after')),
                        ('late_days', models.PositiveSmallIntegerField(default=14, verbose_name='late answers taken for days')),
                        ('response_threshold_percent', models.PositiveSmallIntegerField(default=70, verbose_name='least response rate')),
                        ('acknowledge_hours', models.PositiveSmallIntegerField(default=24, verbose_name='hours to acknowledge')),
                        ('plan_hours', models.PositiveSmallIntegerField(default=72, verbose_name='hours to plan')),
                        ('repeat_days', models.PositiveSmallIntegerField(default=91, verbose_name='days in which a low grade repeats')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                        ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activated at')),
                        ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='surveys.surveyprogramme')),
                        ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='retired at')),
                        ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('executives_after_hours', models.PositiveSmallIntegerField(default=24, verbose_name='executives told after hours')),
                        ('note', models.CharField(blank=True, max_length=400, verbose_name='what changed')),
                        ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project')),
                        ('remind_owner_percent', models.PositiveSmallIntegerField(default=50, verbose_name='owner reminded after percent')),
                        ('work_from', models.PositiveSmallIntegerField(default=0, verbose_name='working hours from')),
                        ('work_until', models.PositiveSmallIntegerField(default=1440, verbose_name='working hours until')),
                        ('work_weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=accounts.surveys.models.programmes.every_day, size=None, verbose_name='working days')),
                        ('calendar', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.holidaycalendar', verbose_name='holiday calendar')),
                    ],
                    options={
                        'verbose_name': 'survey programme version',
                        'verbose_name_plural': 'survey programme versions',
                        'constraints': [models.UniqueConstraint(fields=('programme', 'number'), name='programme_version_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'retired'])), name='programme_version_state_known'), models.CheckConstraint(condition=models.Q(('close_weekday__range', (1, 7)), ('send_hour__lte', 23), ('send_weekday__range', (1, 7))), name='programme_week_possible'), models.CheckConstraint(condition=models.Q(('response_threshold_percent__lte', 100)), name='programme_threshold_possible'), models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('programme', 'customer', 'project'), name='programme_one_active', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('programme', 'customer', 'project'), name='programme_one_draft', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('customer__isnull', True), ('project__isnull', True), _connector='OR'), name='programme_one_scope'), models.CheckConstraint(condition=models.Q(('work_from__lt', models.F('work_until')), ('work_until__lte', 1440), ('work_weekdays__contained_by', [1, 2, 3, 4, 5, 6, 7]), ('work_weekdays__len__gte', 1)), name='programme_working_time_possible'), models.CheckConstraint(condition=models.Q(('remind_owner_percent__range', (1, 100))), name='programme_reminder_in_time')],
                    },
                ),
                migrations.CreateModel(
                    name='ProgrammeGrade',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('name_zh_hans', models.CharField(max_length=120, verbose_name='name in Simplified Chinese')),
                        ('name_zh_hant', models.CharField(max_length=120, verbose_name='name in Traditional Chinese')),
                        ('letter', models.CharField(max_length=4, verbose_name='grade')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('points', models.SmallIntegerField(verbose_name='points')),
                        ('warns', models.BooleanField(default=False, verbose_name='warns')),
                        ('opens_case', models.BooleanField(default=False, verbose_name='opens a corrective action')),
                        ('confirms_case', models.BooleanField(default=False, verbose_name='confirms a corrective action')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='grades', to='surveys.programmeversion')),
                    ],
                    options={
                        'verbose_name': 'grade',
                        'verbose_name_plural': 'grades',
                        'constraints': [models.UniqueConstraint(fields=('version', 'letter'), name='grade_letter_once'), models.UniqueConstraint(fields=('version', 'position'), name='grade_in_order'), models.UniqueConstraint(fields=('version', 'id', 'opens_case'), name='grade_opens_case_key'), models.CheckConstraint(condition=models.Q(('letter', ''), _negated=True), name='grade_has_a_letter'), models.CheckConstraint(condition=models.Q(('opens_case', False), models.Q(('confirms_case', False), ('warns', True)), _connector='OR'), name='grade_that_opens_warns'), models.CheckConstraint(condition=models.Q(('position__lt', 31)), name='grade_packs')],
                    },
                ),
                migrations.CreateModel(
                    name='CorrectiveAction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('state', models.CharField(choices=[('open', 'Open'), ('acknowledged', 'Acknowledged'), ('planned', 'Planned'), ('contained', 'Contained'), ('cause_found', 'Cause found'), ('corrected', 'Corrected'), ('confirmed', 'Confirmed by the customer')], default='open', max_length=12, verbose_name='state')),
                        ('opened_at', models.DateTimeField(verbose_name='opened at')),
                        ('acknowledge_by', models.DateTimeField(verbose_name='acknowledge by')),
                        ('plan_by', models.DateTimeField(verbose_name='plan by')),
                        ('solve_by', models.DateField(blank=True, null=True, verbose_name='solve by')),
                        ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged at')),
                        ('planned_at', models.DateTimeField(blank=True, null=True, verbose_name='planned at')),
                        ('contained_at', models.DateTimeField(blank=True, null=True, verbose_name='contained at')),
                        ('cause_found_at', models.DateTimeField(blank=True, null=True, verbose_name='cause found at')),
                        ('corrected_at', models.DateTimeField(blank=True, null=True, verbose_name='corrected at')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                        ('times_reopened', models.PositiveIntegerField(default=0, verbose_name='times opened again')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='customers.customer')),
                        ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.answer')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='projects.project')),
                        ('programme_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('dimension', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveydimension')),
                        ('prevented_at', models.DateTimeField(blank=True, null=True, verbose_name='prevented at')),
                    ],
                    options={
                        'verbose_name': 'corrective action',
                        'verbose_name_plural': 'corrective actions',
                        'indexes': [models.Index(fields=['project', 'dimension', '-closed_at'], name='case_latest_closed'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['owner', 'acknowledge_by'], name='case_of_owner')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('project', 'dimension'), name='case_one_open'), models.UniqueConstraint(fields=('id', 'project', 'dimension'), name='case_key'), models.UniqueConstraint(fields=('id', 'customer'), name='case_of_customer'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'acknowledged', 'planned', 'contained', 'cause_found', 'corrected', 'confirmed'])), name='case_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'confirmed')), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='case_closed_when_confirmed'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'confirmed']), ('acknowledged_at__isnull', False), _connector='OR'), name='case_acknowledged_first')],
                    },
                ),
                migrations.CreateModel(
                    name='Respondent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('state', models.CharField(choices=[('active', 'Asked every week'), ('paused', 'Paused'), ('opted_out', 'Wants no surveys')], default='active', max_length=10, verbose_name='state')),
                        ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='survey_roles', to='contacts.contact')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='respondents', to='customers.customer')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='respondents', to='projects.project')),
                        ('paused_until', models.DateField(blank=True, null=True, verbose_name='paused until')),
                    ],
                    options={
                        'verbose_name': 'respondent',
                        'verbose_name_plural': 'respondents',
                        'indexes': [models.Index(condition=models.Q(('paused_until__isnull', False)), fields=['paused_until'], name='respondent_pause_ends')],
                        'constraints': [models.UniqueConstraint(fields=('project', 'contact'), name='respondent_once_per_project'), models.UniqueConstraint(fields=('id', 'customer', 'project', 'contact'), name='respondent_of_customer'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'opted_out'])), name='respondent_state_known'), models.CheckConstraint(condition=models.Q(('paused_until__isnull', True), ('state', 'paused'), _connector='OR'), name='respondent_only_pauses_end')],
                    },
                ),
                migrations.CreateModel(
                    name='RespondentChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('state', models.CharField(choices=[('active', 'Asked every week'), ('paused', 'Paused'), ('opted_out', 'Wants no surveys')], max_length=10, verbose_name='state')),
                        ('reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('respondent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='surveys.respondent')),
                        ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                    ],
                    options={
                        'verbose_name': 'change of a respondent',
                        'verbose_name_plural': 'changes of a respondent',
                        'indexes': [models.Index(fields=['respondent', '-known_at', '-id'], name='respondent_latest_first')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'opted_out'])), name='respondent_change_known')],
                    },
                ),
                migrations.CreateModel(
                    name='RespondentEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('state', models.CharField(choices=[('active', 'Asked every week'), ('paused', 'Paused'), ('opted_out', 'Wants no surveys')], default='active', max_length=10, verbose_name='state')),
                        ('contact', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='surveys.respondent')),
                        ('project', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='projects.project')),
                        ('paused_until', models.DateField(blank=True, null=True, verbose_name='paused until')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='ProgrammeDimension',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('weight', models.PositiveIntegerField(verbose_name='weight')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='dimensions', to='surveys.programmeversion')),
                        ('dimension', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveydimension')),
                        ('functional_role', models.CharField(blank=True, choices=[('production', 'Production'), ('engineering', 'Engineering'), ('quality', 'Quality'), ('test', 'Test'), ('planning', 'Planning'), ('materials', 'Materials'), ('sales', 'Sales'), ('project_management', 'Project management')], db_default='', max_length=20, verbose_name='functional role')),
                        ('name', models.CharField(blank=True, db_default='', max_length=120, verbose_name='name')),
                        ('name_zh_hans', models.CharField(blank=True, db_default='', max_length=120, verbose_name='name in Simplified Chinese')),
                        ('name_zh_hant', models.CharField(blank=True, db_default='', max_length=120, verbose_name='name in Traditional Chinese')),
                    ],
                    options={
                        'verbose_name': 'dimension of a version',
                        'verbose_name_plural': 'dimensions of a version',
                        'constraints': [models.UniqueConstraint(fields=('version', 'dimension'), name='programme_dimension_once'), models.UniqueConstraint(fields=('version', 'position'), name='programme_dimension_in_order'), models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='programme_dimension_counts'), models.CheckConstraint(condition=models.Q(('functional_role__in', ['', 'production', 'engineering', 'quality', 'test', 'planning', 'materials', 'sales', 'project_management'])), name='programme_dimension_role_known'), models.CheckConstraint(condition=models.Q(('position__lt', 12)), name='programme_dimension_packs')],
                    },
                ),
                migrations.CreateModel(
                    name='CorrectiveActionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('state', models.CharField(choices=[('open', 'Open'), ('acknowledged', 'Acknowledged'), ('planned', 'Planned'), ('contained', 'Contained'), ('cause_found', 'Cause found'), ('corrected', 'Corrected'), ('confirmed', 'Confirmed by the customer')], default='open', max_length=12, verbose_name='state')),
                        ('opened_at', models.DateTimeField(verbose_name='opened at')),
                        ('acknowledge_by', models.DateTimeField(verbose_name='acknowledge by')),
                        ('plan_by', models.DateTimeField(verbose_name='plan by')),
                        ('solve_by', models.DateField(blank=True, null=True, verbose_name='solve by')),
                        ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged at')),
                        ('planned_at', models.DateTimeField(blank=True, null=True, verbose_name='planned at')),
                        ('contained_at', models.DateTimeField(blank=True, null=True, verbose_name='contained at')),
                        ('cause_found_at', models.DateTimeField(blank=True, null=True, verbose_name='cause found at')),
                        ('corrected_at', models.DateTimeField(blank=True, null=True, verbose_name='corrected at')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                        ('times_reopened', models.PositiveIntegerField(default=0, verbose_name='times opened again')),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('opened_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='surveys.answer')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='surveys.correctiveaction')),
                        ('project', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='projects.project')),
                        ('programme_version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='surveys.programmeversion')),
                        ('dimension', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='surveys.surveydimension')),
                        ('prevented_at', models.DateTimeField(blank=True, null=True, verbose_name='prevented at')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='SurveyProgramme',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                        ('kind', models.CharField(choices=[('weekly', 'Every week'), ('event', 'After an event'), ('any_time', 'At any time'), ('yearly', 'Once a year')], default='any_time', max_length=10, verbose_name='when it is asked')),
                        ('is_weekly', models.GeneratedField(db_persist=True, expression=django.db.models.lookups.Exact(models.F('kind'), 'weekly'), output_field=models.BooleanField())),
                    ],
                    options={
                        'verbose_name': 'survey programme',
                        'verbose_name_plural': 'survey programmes',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'weekly')), fields=('kind',), name='programme_one_weekly'), models.CheckConstraint(condition=models.Q(('kind__in', ['weekly', 'event', 'any_time', 'yearly'])), name='programme_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Week',
                    fields=[
                        ('monday', models.DateField(primary_key=True, serialize=False, verbose_name='Monday')),
                        ('iso_year', models.GeneratedField(db_persist=True, expression=django.db.models.functions.datetime.ExtractIsoYear('monday'), output_field=models.SmallIntegerField())),
                        ('iso_week', models.GeneratedField(db_persist=True, expression=django.db.models.functions.datetime.ExtractWeek('monday'), output_field=models.SmallIntegerField())),
                    ],
                    options={
                        'verbose_name': 'week',
                        'verbose_name_plural': 'weeks',
                        'constraints': [models.CheckConstraint(condition=models.Q(('monday__iso_week_day', 1)), name='week_starts_on_monday')],
                    },
                ),
                migrations.CreateModel(
                    name='AnswerNotApplicable',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('answer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='not_applicable', to='surveys.answer')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project')),
                        ('programme_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('dimension', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveydimension')),
                        ('week', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.week')),
                    ],
                    options={
                        'verbose_name': 'dimension that does not apply',
                        'verbose_name_plural': 'dimensions that do not apply',
                        'constraints': [models.UniqueConstraint(fields=('answer', 'dimension'), name='not_applicable_once')],
                    },
                ),
                migrations.CreateModel(
                    name='AnswerGrade',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('opens_case', models.BooleanField()),
                        ('comment', models.TextField(blank=True, verbose_name='comment')),
                        ('answer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='surveys.answer')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project')),
                        ('case', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='surveys.correctiveaction')),
                        ('grade', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmegrade')),
                        ('programme_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.programmeversion')),
                        ('dimension', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveydimension')),
                        ('week', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.week')),
                    ],
                    options={
                        'verbose_name': 'grade of an answer',
                        'verbose_name_plural': 'grades of an answer',
                        'indexes': [models.Index(fields=['customer', 'week'], include=('project', 'answer', 'dimension', 'grade', 'opens_case', 'known_at', 'superseded_at'), name='answer_grade_features'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['project', 'week'], name='answer_grade_board'), models.Index(condition=models.Q(('case__isnull', False)), fields=['case'], name='answer_grade_of_case')],
                        'constraints': [models.UniqueConstraint(fields=('answer', 'dimension'), name='answer_grade_once'), models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', True), ('opens_case', False)), models.Q(('case__isnull', False), ('opens_case', True)), _connector='OR'), name='low_grade_has_a_case'), models.CheckConstraint(condition=models.Q(('comment__length__lte', 4000)), name='grade_comment_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='CaseEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('kind', models.CharField(choices=[('opened', 'Opened'), ('attached', 'Another low grade'), ('reopened', 'Opened again'), ('assigned', 'Assigned'), ('acknowledged', 'Acknowledged'), ('planned', 'Planned'), ('contained', 'Contained'), ('cause_found', 'Cause found'), ('corrected', 'Corrected'), ('prevented', 'Prevention in place'), ('commented', 'Comment'), ('linked', 'Interaction linked'), ('reminded', 'Owner reminded'), ('escalated', 'Escalated'), ('asked', 'Customer asked'), ('confirmed', 'Confirmed by the customer'), ('rejected', 'Rejected by the customer'), ('closed', 'Closed')], max_length=12, verbose_name='kind')),
                        ('comment', models.TextField(blank=True, verbose_name='comment')),
                        ('answer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.answer')),
                        ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('contact', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='log', to='surveys.correctiveaction')),
                        ('assignee', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'event of a corrective action',
                        'verbose_name_plural': 'events of a corrective action',
                        'indexes': [models.Index(fields=['case', 'id'], name='case_event_in_order')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('comment__length__lte', 4000)), name='case_comment_not_huge'), models.UniqueConstraint(condition=models.Q(('token__isnull', False)), fields=('case', 'token'), name='case_event_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['opened', 'attached', 'reopened', 'assigned', 'acknowledged', 'planned', 'contained', 'cause_found', 'corrected', 'prevented', 'commented', 'linked', 'reminded', 'escalated', 'asked', 'confirmed', 'rejected', 'closed'])), name='case_event_known')],
                    },
                ),
                migrations.CreateModel(
                    name='InvitationToken',
                    fields=[
                        ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('issued_at', models.DateTimeField()),
                        ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='surveys.invitation')),
                    ],
                    options={
                        'verbose_name': 'link of an invitation',
                        'verbose_name_plural': 'links of an invitation',
                        'constraints': [models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='token_is_hashed')],
                    },
                ),
                migrations.CreateModel(
                    name='CalendarDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(verbose_name='day')),
                        ('is_working', models.BooleanField(default=False, verbose_name='make-up working day')),
                        ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                        ('calendar', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='surveys.holidaycalendar')),
                    ],
                    options={
                        'verbose_name': 'day of a calendar',
                        'verbose_name_plural': 'days of a calendar',
                        'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='calendar_day_once')],
                    },
                ),
                migrations.CreateModel(
                    name='CaseAlarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clock', models.CharField(choices=[('acknowledge', 'Acknowledge'), ('plan', 'Plan'), ('solve', 'Solve')], max_length=12, verbose_name='clock')),
                        ('due_at', models.DateTimeField(verbose_name='due')),
                        ('step', models.CharField(choices=[('owner', 'The owner was reminded'), ('last_day', 'The owner was reminded on the day'), ('line', 'Missed: functional manager and lead were told'), ('executives', 'Missed: executives were told')], max_length=10, verbose_name='step')),
                        ('raised_at', models.DateTimeField(verbose_name='raised')),
                        ('told', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('posted_at', models.DateTimeField(blank=True, null=True, verbose_name='letters posted')),
                        ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='surveys.correctiveaction')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'alarm of a corrective action',
                        'verbose_name_plural': 'alarms of a corrective action',
                        'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['told'], name='case_alarm_of_person'), models.Index(condition=models.Q(('posted_at__isnull', True)), fields=['id'], name='case_alarm_to_post')],
                        'constraints': [models.UniqueConstraint(fields=('case', 'clock', 'due_at', 'step'), name='case_alarm_once'), models.CheckConstraint(condition=models.Q(('clock__in', ['acknowledge', 'plan', 'solve'])), name='case_alarm_clock_known'), models.CheckConstraint(condition=models.Q(('step__in', ['owner', 'last_day', 'line', 'executives'])), name='case_alarm_step_known')],
                    },
                ),
                migrations.CreateModel(
                    name='CaseInteraction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('identity', models.UUIDField()),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='interactions', to='surveys.correctiveaction')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'interaction of a corrective action',
                        'verbose_name_plural': 'interactions of a corrective action',
                        'indexes': [models.Index(fields=['identity'], name='case_of_interaction')],
                        'constraints': [models.UniqueConstraint(fields=('case', 'identity'), name='case_interaction_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ConfirmationRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('round', models.PositiveIntegerField()),
                        ('message', models.TextField(blank=True, verbose_name='message')),
                        ('expires_at', models.DateTimeField(verbose_name='expires')),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                        ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='failed')),
                        ('failure', models.CharField(blank=True, max_length=400, verbose_name='reason of the failure')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                        ('verdict', models.CharField(blank=True, choices=[('confirmed', 'Solved'), ('rejected', 'Not solved')], max_length=10, verbose_name='verdict')),
                        ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='surveys.correctiveaction')),
                        ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmation_requests', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('invitation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.invitation')),
                    ],
                    options={
                        'verbose_name': 'confirmation request',
                        'verbose_name_plural': 'confirmation requests',
                        'indexes': [models.Index(fields=['case', 'id'], name='confirmation_of_case'), models.Index(condition=models.Q(('answered_at__isnull', True), ('failed_at__isnull', True), ('sent_at__isnull', True)), fields=['known_at', 'id'], name='confirmation_to_send')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at__isnull', True)), fields=('case', 'contact'), name='confirmation_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('verdict', '')), models.Q(('answered_at__isnull', False), ('verdict__in', ['confirmed', 'rejected'])), _connector='OR'), name='confirmation_answered_with_a_verdict'), models.CheckConstraint(condition=models.Q(('message__length__lte', 4000)), name='confirmation_message_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='ConfirmationToken',
                    fields=[
                        ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('issued_at', models.DateTimeField()),
                        ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='surveys.confirmationrequest')),
                    ],
                    options={
                        'verbose_name': 'link of a confirmation request',
                        'verbose_name_plural': 'links of a confirmation request',
                        'constraints': [models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='confirmation_token_is_hashed')],
                    },
                ),
                migrations.CreateModel(
                    name='HolidayCalendar',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                        ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                    ],
                    options={
                        'verbose_name': 'holiday calendar',
                        'verbose_name_plural': 'holiday calendars',
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='calendar_has_a_name')],
                    },
                ),
                migrations.CreateModel(
                    name='LetterAttempt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('invitation', 'Invitation'), ('reminder', 'Reminder'), ('confirmation', 'Question whether it is solved')], max_length=12, verbose_name='letter')),
                        ('fate', models.CharField(choices=[('accepted', 'Taken by the mail server'), ('deferred', 'Will be tried again'), ('refused', 'Refused'), ('not_sent', 'Not sent'), ('bounced', 'Came back')], max_length=8, verbose_name='fate')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('reply', models.CharField(blank=True, max_length=400, verbose_name='reply of the mail server')),
                        ('invitation', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='surveys.invitation')),
                        ('request', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='surveys.confirmationrequest')),
                    ],
                    options={
                        'verbose_name': 'try to send a letter',
                        'verbose_name_plural': 'tries to send a letter',
                        'indexes': [models.Index(condition=models.Q(('invitation__isnull', False)), fields=['invitation', 'id'], name='attempt_of_invitation'), models.Index(condition=models.Q(('request__isnull', False)), fields=['request', 'id'], name='attempt_of_request')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('invitation__isnull', True), ('kind', 'confirmation'), ('request__isnull', False)), models.Q(models.Q(('kind', 'confirmation'), _negated=True), ('invitation__isnull', False), ('request__isnull', True)), _connector='OR'), name='attempt_of_one_letter'), models.CheckConstraint(condition=models.Q(('kind__in', ['invitation', 'reminder', 'confirmation'])), name='attempt_kind_known'), models.CheckConstraint(condition=models.Q(('fate__in', ['accepted', 'deferred', 'refused', 'not_sent', 'bounced'])), name='attempt_fate_known')],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingAttendee',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('meeting', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attendees', to='surveys.reviewmeeting')),
                    ],
                    options={
                        'verbose_name': 'attendee of a meeting',
                        'verbose_name_plural': 'attendees of a meeting',
                        'constraints': [models.UniqueConstraint(fields=('meeting', 'user'), name='attendee_once')],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingDecision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('text', models.TextField(verbose_name='decision')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('customer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('decided_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('project', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project')),
                        ('meeting', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='surveys.reviewmeeting')),
                    ],
                    options={
                        'verbose_name': 'decision of a meeting',
                        'verbose_name_plural': 'decisions of a meeting',
                        'indexes': [models.Index(fields=['meeting', 'id'], name='decision_of_meeting')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('token__isnull', False)), fields=('meeting', 'token'), name='meeting_decision_once'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('text__length__lte', 4000)), name='decision_says_something')],
                    },
                ),
                migrations.CreateModel(
                    name='Referral',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('name', models.CharField(max_length=160, verbose_name='name')),
                        ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                        ('message', models.CharField(blank=True, max_length=400, verbose_name='message')),
                        ('state', models.CharField(choices=[('proposed', 'Proposed'), ('accepted', 'Accepted'), ('declined', 'Declined')], default='proposed', max_length=8, verbose_name='state')),
                        ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                        ('colleague', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.contact')),
                        ('contact', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='contacts.contact')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='customers.customer')),
                        ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('invitation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='surveys.invitation')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='projects.project')),
                    ],
                    options={
                        'verbose_name': 'referral',
                        'verbose_name_plural': 'referrals',
                        'indexes': [models.Index(condition=models.Q(('state', 'proposed')), fields=['project'], name='referral_to_decide')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('project', 'contact'), name='referral_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'proposed')), models.Q(('decided_at__isnull', False), ('state__in', ['accepted', 'declined'])), _connector='OR'), name='referral_decided_at_an_instant'), models.CheckConstraint(condition=models.Q(('colleague__isnull', True), models.Q(('state', 'accepted'), models.Q(('colleague', models.F('contact')), _negated=True)), _connector='OR'), name='referral_to_somebody_else')],
                    },
                ),
                migrations.CreateModel(
                    name='ReviewMeeting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('held_on', models.DateField(verbose_name='held on')),
                        ('notes', models.TextField(blank=True, verbose_name='notes')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('chair', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='chair')),
                        ('week', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.week')),
                    ],
                    options={
                        'verbose_name': 'review meeting',
                        'verbose_name_plural': 'review meetings',
                        'constraints': [models.UniqueConstraint(fields=('week', 'chair'), name='meeting_once_per_week'), models.CheckConstraint(condition=models.Q(('notes__length__lte', 20000)), name='meeting_notes_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='ReviewNote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('text', models.TextField(verbose_name='note')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('dimension', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveydimension')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project')),
                        ('week', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.week')),
                    ],
                    options={
                        'verbose_name': 'note of a review',
                        'verbose_name_plural': 'notes of a review',
                        'indexes': [models.Index(fields=['project', 'week', 'id'], name='review_note_of_week')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('token__isnull', False)), fields=('project', 'week', 'token'), name='review_note_once'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('text__length__lte', 4000)), name='review_note_says_something')],
                    },
                ),
                migrations.CreateModel(
                    name='WeekReview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project')),
                        ('week', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.week')),
                    ],
                    options={
                        'verbose_name': 'review of a week',
                        'verbose_name_plural': 'reviews of a week',
                        'constraints': [models.UniqueConstraint(fields=('project', 'week'), name='week_reviewed_once')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='programmeversion',
                    trigger=pgtrigger.compiler.Trigger(name='version_is_no_draft_again', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" = \'draft\' AND NOT (OLD."state" = \'draft\'))', declare='DECLARE is_fixed boolean;', func="\n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.id)\n    into is_fixed from surveys_programmeversion where id = old.id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.id\n        using errcode = 'restrict_violation';\n    end if;\nif tg_op = 'DELETE' then return old; end if; return new;", hash='fe24356d983150d57e8b7434b0a5017cd54a6362', operation='UPDATE', pgid='pgtrigger_version_is_no_draft_again_5d8bb', table='surveys_programmeversion', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='programmeversion',
                    trigger=pgtrigger.compiler.Trigger(name='version_is_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE is_fixed boolean;', func="\n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.id)\n    into is_fixed from surveys_programmeversion where id = old.id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.id\n        using errcode = 'restrict_violation';\n    end if;\nif tg_op = 'DELETE' then return old; end if; return new;", hash='9b117831bf26ea10b8005523ce1e2216537d9d98', operation='DELETE', pgid='pgtrigger_version_is_never_deleted_69474', table='surveys_programmeversion', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='programmeversion',
                    trigger=pgtrigger.compiler.Trigger(name='version_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."acknowledge_hours" IS DISTINCT FROM (NEW."acknowledge_hours") OR OLD."based_on_id" IS DISTINCT FROM (NEW."based_on_id") OR OLD."calendar_id" IS DISTINCT FROM (NEW."calendar_id") OR OLD."close_weekday" IS DISTINCT FROM (NEW."close_weekday") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."executives_after_hours" IS DISTINCT FROM (NEW."executives_after_hours") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."late_days" IS DISTINCT FROM (NEW."late_days") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."plan_hours" IS DISTINCT FROM (NEW."plan_hours") OR OLD."programme_id" IS DISTINCT FROM (NEW."programme_id") OR OLD."project_id" IS DISTINCT FROM (NEW."project_id") OR OLD."remind_after_days" IS DISTINCT FROM (NEW."remind_after_days") OR OLD."remind_owner_percent" IS DISTINCT FROM (NEW."remind_owner_percent") OR OLD."repeat_days" IS DISTINCT FROM (NEW."repeat_days") OR OLD."response_threshold_percent" IS DISTINCT FROM (NEW."response_threshold_percent") OR OLD."send_hour" IS DISTINCT FROM (NEW."send_hour") OR OLD."send_weekday" IS DISTINCT FROM (NEW."send_weekday") OR OLD."work_from" IS DISTINCT FROM (NEW."work_from") OR OLD."work_until" IS DISTINCT FROM (NEW."work_until") OR OLD."work_weekdays" IS DISTINCT FROM (NEW."work_weekdays"))', declare='DECLARE is_fixed boolean;', func="\n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.id)\n    into is_fixed from surveys_programmeversion where id = old.id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.id\n        using errcode = 'restrict_violation';\n    end if;\nif tg_op = 'DELETE' then return old; end if; return new;", hash='7a896ef7a982cf741d23d50edeb5380f55ac66fb', operation='UPDATE', pgid='pgtrigger_version_is_fixed_4ca1a', table='surveys_programmeversion', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='programmegrade',
                    trigger=pgtrigger.compiler.Trigger(name='part_of_a_fixed_version', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE is_fixed boolean;', func="\n            if tg_op <> 'INSERT' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.version_id)\n    into is_fixed from surveys_programmeversion where id = old.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.version_id\n        using errcode = 'restrict_violation';\n    end if;\n end if;\n            if tg_op <> 'DELETE' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = new.version_id)\n    into is_fixed from surveys_programmeversion where id = new.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', new.version_id\n        using errcode = 'restrict_violation';\n    end if;\n return new; end if;\n            return old;\n        ", hash='5a3c7449a4d7d0d1f7b5d2cf7ab1275c46a0d512', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_part_of_a_fixed_version_ca3cf', table='surveys_programmegrade', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='correctiveaction',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "surveys_correctiveactionevent" ("acknowledge_by", "acknowledged_at", "cause_found_at", "closed_at", "contained_at", "corrected_at", "customer_id", "dimension_id", "id", "import_id", "known_at", "opened_at", "opened_by_id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_by", "planned_at", "prevented_at", "programme_version_id", "project_id", "recorded_at", "solve_by", "state", "times_reopened") SELECT old_values."acknowledge_by", old_values."acknowledged_at", old_values."cause_found_at", old_values."closed_at", old_values."contained_at", old_values."corrected_at", old_values."customer_id", old_values."dimension_id", old_values."id", old_values."import_id", old_values."known_at", old_values."opened_at", old_values."opened_by_id", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."plan_by", old_values."planned_at", old_values."prevented_at", old_values."programme_version_id", old_values."project_id", old_values."recorded_at", old_values."solve_by", old_values."state", old_values."times_reopened" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8397c61ed637c3ffc7cc68d0e7c83424a633d67a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_65cae', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='surveys_correctiveaction', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='correctiveaction',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "surveys_correctiveactionevent" ("acknowledge_by", "acknowledged_at", "cause_found_at", "closed_at", "contained_at", "corrected_at", "customer_id", "dimension_id", "id", "import_id", "known_at", "opened_at", "opened_by_id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_by", "planned_at", "prevented_at", "programme_version_id", "project_id", "recorded_at", "solve_by", "state", "times_reopened") SELECT old_values."acknowledge_by", old_values."acknowledged_at", old_values."cause_found_at", old_values."closed_at", old_values."contained_at", old_values."corrected_at", old_values."customer_id", old_values."dimension_id", old_values."id", old_values."import_id", old_values."known_at", old_values."opened_at", old_values."opened_by_id", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."plan_by", old_values."planned_at", old_values."prevented_at", old_values."programme_version_id", old_values."project_id", old_values."recorded_at", old_values."solve_by", old_values."state", old_values."times_reopened" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='341cbdb98ec2b5f8c2690b7c16b60a5aacf0eaef', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_98238', referencing='REFERENCING OLD TABLE AS old_values ', table='surveys_correctiveaction', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='respondent',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "surveys_respondentevent" ("contact_id", "customer_id", "id", "import_id", "known_at", "paused_until", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "state") SELECT old_values."contact_id", old_values."customer_id", old_values."id", old_values."import_id", old_values."known_at", old_values."paused_until", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."state" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2fdf8ab7906457ba88127307e2d37c008ea67c95', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_1c3dc', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='surveys_respondent', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='respondent',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "surveys_respondentevent" ("contact_id", "customer_id", "id", "import_id", "known_at", "paused_until", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "state") SELECT old_values."contact_id", old_values."customer_id", old_values."id", old_values."import_id", old_values."known_at", old_values."paused_until", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4d949b3e81e100eb676ee5f36adeb675696f3f8d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_aa375', referencing='REFERENCING OLD TABLE AS old_values ', table='surveys_respondent', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='programmedimension',
                    trigger=pgtrigger.compiler.Trigger(name='part_of_a_fixed_version', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE is_fixed boolean;', func="\n            if tg_op <> 'INSERT' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = old.version_id)\n    into is_fixed from surveys_programmeversion where id = old.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', old.version_id\n        using errcode = 'restrict_violation';\n    end if;\n end if;\n            if tg_op <> 'DELETE' then \n    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = new.version_id)\n    into is_fixed from surveys_programmeversion where id = new.version_id;\n    if is_fixed then\n        raise exception 'survey programme version % is in use and cannot be changed', new.version_id\n        using errcode = 'restrict_violation';\n    end if;\n return new; end if;\n            return old;\n        ", hash='c7d6f0a88af4291e6b672c87ea0299767952b561', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_part_of_a_fixed_version_1df3d', table='surveys_programmedimension', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='answergrade',
                    trigger=pgtrigger.compiler.Trigger(name='grades_are_packed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nupdate surveys_answer a set packed_grades = a.packed_grades + given.packed\nfrom (\n  select x.answer_id, sum((grade.position + 1)::bigint << (5 * part.position))::bigint as packed\n  from given_now x\n  join surveys_programmegrade grade on grade.id = x.grade_id\n  join surveys_programmedimension part\n    on part.version_id = x.programme_version_id and part.dimension_id = x.dimension_id\n  group by x.answer_id\n) given\nwhere a.id = given.answer_id; return null;', hash='9c95bb7bdbfe2e208856c80ff1d458e75bd4646d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_grades_are_packed_5d407', referencing='REFERENCING NEW TABLE AS given_now ', table='surveys_answergrade', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='answergrade',
                    trigger=pgtrigger.compiler.Trigger(name='grades_are_unpacked', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nupdate surveys_answer a set packed_grades = a.packed_grades - given.packed\nfrom (\n  select x.answer_id, sum((grade.position + 1)::bigint << (5 * part.position))::bigint as packed\n  from gone_now x\n  join surveys_programmegrade grade on grade.id = x.grade_id\n  join surveys_programmedimension part\n    on part.version_id = x.programme_version_id and part.dimension_id = x.dimension_id\n  group by x.answer_id\n) given\nwhere a.id = given.answer_id; return null;', hash='a5e0d5e6c616c3e4531a1e94457cb43732d50f6f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_grades_are_unpacked_77d30', referencing='REFERENCING OLD TABLE AS gone_now ', table='surveys_answergrade', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='answergrade',
                    trigger=pgtrigger.compiler.Trigger(name='grade_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            raise exception 'grade % was given and cannot be changed', old.id\n            using errcode = 'restrict_violation';\n            ", hash='d0a9cddc8476ab1001455b53ffb9fe5b28874400', operation='UPDATE OF "answer_id", "dimension_id", "grade_id"', pgid='pgtrigger_grade_is_fixed_f5c12', table='surveys_answergrade', when='BEFORE')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table surveys_respondent add constraint respondent_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_respondent drop constraint respondent_project_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_respondent add constraint respondent_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_respondent drop constraint respondent_contact_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_invitation add constraint invitation_of_respondent
            foreign key (respondent_id, customer_id, project_id, contact_id) references surveys_respondent (id, customer_id, project_id, contact_id) deferrable initially deferred
            """,
            'alter table surveys_invitation drop constraint invitation_of_respondent',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answer add constraint answer_of_invitation
            foreign key (invitation_id, programme_version_id, customer_id, project_id, week_id) references surveys_invitation (id, programme_version_id, customer_id, project_id, week_id) deferrable initially deferred
            """,
            'alter table surveys_answer drop constraint answer_of_invitation',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answergrade add constraint answergrade_of_answer
            foreign key (answer_id, programme_version_id, customer_id, project_id, week_id) references surveys_answer (id, programme_version_id, customer_id, project_id, week_id) deferrable initially deferred
            """,
            'alter table surveys_answergrade drop constraint answergrade_of_answer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answernotapplicable add constraint answernotapplicable_of_answer
            foreign key (answer_id, programme_version_id, customer_id, project_id, week_id) references surveys_answer (id, programme_version_id, customer_id, project_id, week_id) deferrable initially deferred
            """,
            'alter table surveys_answernotapplicable drop constraint answernotapplicable_of_answer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answergrade add constraint answergrade_dimension_of_version
            foreign key (programme_version_id, dimension_id) references surveys_programmedimension (version_id, dimension_id) deferrable initially deferred
            """,
            'alter table surveys_answergrade drop constraint answergrade_dimension_of_version',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answernotapplicable add constraint answernotapplicable_dimension_of_version
            foreign key (programme_version_id, dimension_id) references surveys_programmedimension (version_id, dimension_id) deferrable initially deferred
            """,
            'alter table surveys_answernotapplicable drop constraint answernotapplicable_dimension_of_version',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answergrade add constraint answergrade_is_of_version_and_true
            foreign key (programme_version_id, grade_id, opens_case) references surveys_programmegrade (version_id, id, opens_case) deferrable initially deferred
            """,
            'alter table surveys_answergrade drop constraint answergrade_is_of_version_and_true',
        ),
        migrations.RunSQL(
            """
            alter table surveys_answergrade add constraint answergrade_case_of_dimension
            foreign key (case_id, project_id, dimension_id) references surveys_correctiveaction (id, project_id, dimension_id) deferrable initially deferred
            """,
            'alter table surveys_answergrade drop constraint answergrade_case_of_dimension',
        ),
        migrations.RunSQL(
            """
            alter table surveys_correctiveaction add constraint case_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_correctiveaction drop constraint case_project_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_correctiveaction add constraint case_opened_by_a_grade
            foreign key (opened_by_id, dimension_id) references surveys_answergrade (answer_id, dimension_id) deferrable initially deferred
            """,
            'alter table surveys_correctiveaction drop constraint case_opened_by_a_grade',
        ),
        migrations.RunSQL(
            """
            alter table surveys_caseevent add constraint case_event_of_case
            foreign key (case_id, customer_id) references surveys_correctiveaction (id, customer_id) deferrable initially deferred
            """,
            'alter table surveys_caseevent drop constraint case_event_of_case',
        ),
        migrations.RunSQL(
            """
            alter table surveys_confirmationrequest add constraint confirmation_of_case_of_customer
            foreign key (case_id, customer_id) references surveys_correctiveaction (id, customer_id) deferrable initially deferred
            """,
            'alter table surveys_confirmationrequest drop constraint confirmation_of_case_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_confirmationrequest add constraint confirmation_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_confirmationrequest drop constraint confirmation_contact_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_caseinteraction add constraint case_interaction_of_customer
            foreign key (case_id, customer_id) references surveys_correctiveaction (id, customer_id) deferrable initially deferred
            """,
            'alter table surveys_caseinteraction drop constraint case_interaction_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_casealarm add constraint case_alarm_of_customer
            foreign key (case_id, customer_id) references surveys_correctiveaction (id, customer_id) deferrable initially deferred
            """,
            'alter table surveys_casealarm drop constraint case_alarm_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_referral add constraint referral_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_referral drop constraint referral_project_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_referral add constraint referral_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_referral drop constraint referral_contact_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_weekreview add constraint week_review_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_weekreview drop constraint week_review_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_reviewnote add constraint review_note_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_reviewnote drop constraint review_note_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table surveys_meetingdecision add constraint meeting_decision_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table surveys_meetingdecision drop constraint meeting_decision_of_customer',
        ),
    ]
