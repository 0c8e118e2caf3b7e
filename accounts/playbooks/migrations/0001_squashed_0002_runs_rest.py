"""What an empty database gets at once in place of the 2 migrations up to 0002_runs_rest."""

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
        ("playbooks", "0001_initial"),
        ("playbooks", "0002_runs_rest"),
    ]

    dependencies = [
        ("actions", "0001_squashed_0003_links_and_repeats"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Playbook',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('title_zh_hans', models.CharField(blank=True, max_length=200, verbose_name='title in simplified Chinese')),
                        ('title_zh_hant', models.CharField(blank=True, max_length=200, verbose_name='title in traditional Chinese')),
                        ('trigger', models.CharField(choices=[('flag_reason', 'Reason of a churn flag'), ('flag_level', 'Churn flag, this level or worse'), ('tier', 'Value tier'), ('stage', 'Stage')], max_length=16, verbose_name='starts by')),
                        ('value', models.CharField(max_length=40, verbose_name='of')),
                        ('is_active', models.BooleanField(default=False, verbose_name='starts by itself')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'playbook',
                        'verbose_name_plural': 'playbooks',
                        'constraints': [models.CheckConstraint(condition=models.Q(('trigger__in', ['flag_reason', 'flag_level', 'tier', 'stage'])), name='playbook_trigger_known'), models.CheckConstraint(condition=models.Q(models.Q(('value', ''), _negated=True), models.Q(('title', ''), _negated=True)), name='playbook_has_words')],
                    },
                ),
                migrations.CreateModel(
                    name='PlaybookEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('title_zh_hans', models.CharField(blank=True, max_length=200, verbose_name='title in simplified Chinese')),
                        ('title_zh_hant', models.CharField(blank=True, max_length=200, verbose_name='title in traditional Chinese')),
                        ('trigger', models.CharField(choices=[('flag_reason', 'Reason of a churn flag'), ('flag_level', 'Churn flag, this level or worse'), ('tier', 'Value tier'), ('stage', 'Stage')], max_length=16, verbose_name='starts by')),
                        ('value', models.CharField(max_length=40, verbose_name='of')),
                        ('is_active', models.BooleanField(default=False, verbose_name='starts by itself')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='playbooks.playbook')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='PlaybookRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('started_at', models.DateTimeField(verbose_name='started at')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                        ('ending', models.CharField(blank=True, choices=[('reason_gone', 'The reason is gone'), ('done', 'Everything is done'), ('stopped', 'Stopped')], max_length=12, verbose_name='why it ended')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='playbook_runs', to='customers.customer')),
                        ('playbook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='playbooks.playbook')),
                        ('started_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('rests', models.BooleanField(db_default=False, default=False)),
                    ],
                    options={
                        'verbose_name': 'run of a playbook',
                        'verbose_name_plural': 'runs of playbooks',
                        'indexes': [models.Index(condition=models.Q(('rests', True)), fields=['playbook', 'customer'], name='playbook_run_resting')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('playbook', 'customer'), name='playbook_run_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('ending', '')), models.Q(('closed_at__isnull', False), ('ending__in', ['reason_gone', 'done', 'stopped'])), _connector='OR'), name='playbook_run_ends_for_a_reason'), models.CheckConstraint(condition=models.Q(('rests', False), ('ending', 'stopped'), _connector='OR'), name='playbook_run_rests_when_stopped')],
                    },
                ),
                migrations.CreateModel(
                    name='PlaybookStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('title_zh_hans', models.CharField(blank=True, max_length=200, verbose_name='title in simplified Chinese')),
                        ('title_zh_hant', models.CharField(blank=True, max_length=200, verbose_name='title in traditional Chinese')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('days', models.PositiveSmallIntegerField(verbose_name='days after the start')),
                        ('who', models.CharField(choices=[('owner', "The customer's owner"), ('manager', 'The project manager'), ('lead', "The owner's lead")], max_length=8, verbose_name='who')),
                        ('playbook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='playbooks.playbook')),
                    ],
                    options={
                        'verbose_name': 'step',
                        'verbose_name_plural': 'steps',
                        'constraints': [models.UniqueConstraint(fields=('playbook', 'position'), name='playbook_step_once'), models.CheckConstraint(condition=models.Q(('who__in', ['owner', 'manager', 'lead'])), name='playbook_step_doer_known'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='playbook_step_has_a_title'), models.CheckConstraint(condition=models.Q(('days__lte', 365)), name='playbook_step_within_a_year'), models.CheckConstraint(condition=models.Q(('note__length__lte', 4000)), name='playbook_note_not_huge')],
                    },
                ),
                migrations.CreateModel(
                    name='PlaybookStepEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('title_zh_hans', models.CharField(blank=True, max_length=200, verbose_name='title in simplified Chinese')),
                        ('title_zh_hant', models.CharField(blank=True, max_length=200, verbose_name='title in traditional Chinese')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('days', models.PositiveSmallIntegerField(verbose_name='days after the start')),
                        ('who', models.CharField(choices=[('owner', "The customer's owner"), ('manager', 'The project manager'), ('lead', "The owner's lead")], max_length=8, verbose_name='who')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='playbooks.playbookstep')),
                        ('playbook', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='playbooks.playbook')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='RunStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('action', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='run_step', to='actions.action')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='playbooks.playbookrun')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('run', 'position'), name='playbook_step_made_once')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='playbook',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "playbooks_playbookevent" ("author_id", "id", "import_id", "is_active", "known_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "title", "title_zh_hans", "title_zh_hant", "trigger", "value", "version") SELECT old_values."author_id", old_values."id", old_values."import_id", old_values."is_active", old_values."known_at", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."recorded_at", old_values."title", old_values."title_zh_hans", old_values."title_zh_hant", old_values."trigger", old_values."value", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f4117268162a4a6d120370eedd8351c4c6611875', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_a45d7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='playbooks_playbook', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='playbook',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "playbooks_playbookevent" ("author_id", "id", "import_id", "is_active", "known_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "title", "title_zh_hans", "title_zh_hant", "trigger", "value", "version") SELECT old_values."author_id", old_values."id", old_values."import_id", old_values."is_active", old_values."known_at", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."recorded_at", old_values."title", old_values."title_zh_hans", old_values."title_zh_hant", old_values."trigger", old_values."value", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='1b3e54e820c08f563c93c95c137412f10ee4c7cd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_e16e3', referencing='REFERENCING OLD TABLE AS old_values ', table='playbooks_playbook', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='playbookstep',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "playbooks_playbookstepevent" ("days", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "playbook_id", "position", "title", "title_zh_hans", "title_zh_hant", "who") SELECT old_values."days", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."playbook_id", old_values."position", old_values."title", old_values."title_zh_hans", old_values."title_zh_hant", old_values."who" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b105dd6bedae19dd2ca8ff991601223086f96c1b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_47c6e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='playbooks_playbookstep', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='playbookstep',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "playbooks_playbookstepevent" ("days", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "playbook_id", "position", "title", "title_zh_hans", "title_zh_hant", "who") SELECT old_values."days", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."playbook_id", old_values."position", old_values."title", old_values."title_zh_hans", old_values."title_zh_hant", old_values."who" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='31010cb8fd7a0e88af3b6e876b1dd5ff26f26f88', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_6b0a8', referencing='REFERENCING OLD TABLE AS old_values ', table='playbooks_playbookstep', when='AFTER')),
                ),
            ]
        ),
    ]
