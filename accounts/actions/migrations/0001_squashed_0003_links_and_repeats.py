"""What an empty database gets at once in place of the 3 migrations up to 0003_links_and_repeats."""

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
        ("actions", "0001_initial"),
        ("actions", "0002_same_customer"),
        ("actions", "0003_links_and_repeats"),
    ]

    dependencies = [
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("needs", "0001_squashed_0003_of_customer"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        ("surveys", "0001_squashed_0010_packed_grades"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Action',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='what is to be done')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('due_on', models.DateField(blank=True, null=True, verbose_name='by')),
                        ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                        ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='dropped at')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='surveys.correctiveaction')),
                        ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.contact', verbose_name='contact')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='customers.customer', verbose_name='customer')),
                        ('done_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('meeting', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='surveys.reviewmeeting')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                        ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project', verbose_name='project')),
                        ('drop_reason', models.CharField(blank=True, max_length=200, verbose_name='why it is dropped')),
                        ('interaction', models.UUIDField(blank=True, editable=False, null=True)),
                        ('need', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='needs.need', verbose_name='need')),
                        ('repeat_day', models.PositiveSmallIntegerField(blank=True, editable=False, null=True)),
                        ('repeat_every', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='repeated every')),
                        ('repeat_unit', models.CharField(blank=True, choices=[('day', 'days'), ('week', 'weeks'), ('month', 'months')], max_length=5)),
                        ('repeat_until', models.DateField(blank=True, null=True, verbose_name='repeated until')),
                        ('repeats', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='next', to='actions.action')),
                    ],
                    options={
                        'verbose_name': 'action',
                        'verbose_name_plural': 'actions',
                        'indexes': [models.Index(condition=models.Q(('done_at__isnull', True), ('dropped_at__isnull', True)), fields=['owner', 'due_on', 'id'], name='action_of_owner'), models.Index(condition=models.Q(('interaction__isnull', False)), fields=['interaction'], name='action_of_interaction')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='action_has_a_title'), models.CheckConstraint(condition=models.Q(('note__length__lte', 4000)), name='action_note_not_huge'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('done_by__isnull', True)), models.Q(('done_at__isnull', False), ('done_by__isnull', False), ('dropped_at__isnull', True)), _connector='OR'), name='action_done_by_somebody'), models.CheckConstraint(condition=models.Q(('project__isnull', True), ('customer__isnull', False), _connector='OR'), name='action_of_project_has_customer'), models.CheckConstraint(condition=models.Q(('case__isnull', True), ('customer__isnull', False), _connector='OR'), name='action_of_case_has_customer'), models.CheckConstraint(condition=models.Q(models.Q(('interaction__isnull', True), ('need__isnull', True)), ('customer__isnull', False), _connector='OR'), name='action_of_need_has_customer'), models.CheckConstraint(condition=models.Q(('drop_reason', ''), ('dropped_at__isnull', False), _connector='OR'), name='action_dropped_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('repeat_every__isnull', True), ('repeat_unit', ''), ('repeat_until__isnull', True)), models.Q(('due_on__isnull', False), ('repeat_every__gte', 1), ('repeat_every__lte', 365), ('repeat_unit__in', ['day', 'week', 'month'])), _connector='OR'), name='action_repeats_from_a_day')],
                    },
                ),
                migrations.CreateModel(
                    name='ActionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='what is to be done')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('due_on', models.DateField(blank=True, null=True, verbose_name='by')),
                        ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                        ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='dropped at')),
                        ('token', models.UUIDField(blank=True, editable=False, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='surveys.correctiveaction')),
                        ('contact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contact', verbose_name='contact')),
                        ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer')),
                        ('done_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('meeting', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='surveys.reviewmeeting')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='actions.action')),
                        ('project', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='projects.project', verbose_name='project')),
                        ('drop_reason', models.CharField(blank=True, max_length=200, verbose_name='why it is dropped')),
                        ('interaction', models.UUIDField(blank=True, editable=False, null=True)),
                        ('need', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='needs.need', verbose_name='need')),
                        ('repeat_day', models.PositiveSmallIntegerField(blank=True, editable=False, null=True)),
                        ('repeat_every', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='repeated every')),
                        ('repeat_unit', models.CharField(blank=True, choices=[('day', 'days'), ('week', 'weeks'), ('month', 'months')], max_length=5)),
                        ('repeat_until', models.DateField(blank=True, null=True, verbose_name='repeated until')),
                        ('repeats', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='actions.action')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='action',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "actions_actionevent" ("author_id", "case_id", "contact_id", "customer_id", "done_at", "done_by_id", "drop_reason", "dropped_at", "due_on", "id", "import_id", "interaction", "known_at", "meeting_id", "need_id", "note", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "repeat_day", "repeat_every", "repeat_unit", "repeat_until", "repeats_id", "title", "token", "version") SELECT old_values."author_id", old_values."case_id", old_values."contact_id", old_values."customer_id", old_values."done_at", old_values."done_by_id", old_values."drop_reason", old_values."dropped_at", old_values."due_on", old_values."id", old_values."import_id", old_values."interaction", old_values."known_at", old_values."meeting_id", old_values."need_id", old_values."note", old_values."owner_id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."repeat_day", old_values."repeat_every", old_values."repeat_unit", old_values."repeat_until", old_values."repeats_id", old_values."title", old_values."token", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='768419d0b562b2444d4131ed1d17391ace85d6bb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_61972', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='actions_action', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='action',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "actions_actionevent" ("author_id", "case_id", "contact_id", "customer_id", "done_at", "done_by_id", "drop_reason", "dropped_at", "due_on", "id", "import_id", "interaction", "known_at", "meeting_id", "need_id", "note", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "recorded_at", "repeat_day", "repeat_every", "repeat_unit", "repeat_until", "repeats_id", "title", "token", "version") SELECT old_values."author_id", old_values."case_id", old_values."contact_id", old_values."customer_id", old_values."done_at", old_values."done_by_id", old_values."drop_reason", old_values."dropped_at", old_values."due_on", old_values."id", old_values."import_id", old_values."interaction", old_values."known_at", old_values."meeting_id", old_values."need_id", old_values."note", old_values."owner_id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."project_id", old_values."recorded_at", old_values."repeat_day", old_values."repeat_every", old_values."repeat_unit", old_values."repeat_until", old_values."repeats_id", old_values."title", old_values."token", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c0303223ae8da43c492aec55ef2bb9b0fe8df14f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_446a3', referencing='REFERENCING OLD TABLE AS old_values ', table='actions_action', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table actions_action add constraint action_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id) deferrable initially deferred
            """,
            'alter table actions_action drop constraint action_project_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table actions_action add constraint action_contact_of_customer
            foreign key (customer_id, contact_id) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            'alter table actions_action drop constraint action_contact_of_customer',
        ),
        migrations.RunSQL(
            """
            alter table actions_action add constraint action_case_of_customer
            foreign key (case_id, customer_id) references surveys_correctiveaction (id, customer_id) deferrable initially deferred
            """,
            'alter table actions_action drop constraint action_case_of_customer',
        ),
    ]
