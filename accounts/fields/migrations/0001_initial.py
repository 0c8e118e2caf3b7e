"""What an admin adds to a customer's record."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomFieldEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('subject', models.CharField(choices=[('customer', 'Customer')], default='customer', editable=False, max_length=12, verbose_name='subject')),
                ('key', models.CharField(max_length=40, verbose_name='key')),
                ('label', models.CharField(max_length=80, verbose_name='name')),
                ('label_zh_hans', models.CharField(blank=True, max_length=80, verbose_name='name in simplified Chinese')),
                ('label_zh_hant', models.CharField(blank=True, max_length=80, verbose_name='name in traditional Chinese')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('yes_no', 'Yes or no')], max_length=8, verbose_name='kind')),
                ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='choices')),
                ('is_required', models.BooleanField(default=False, verbose_name='required')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('customer', 'Customer')], default='customer', editable=False, max_length=12, verbose_name='subject')),
                ('key', models.CharField(max_length=40, verbose_name='key')),
                ('label', models.CharField(max_length=80, verbose_name='name')),
                ('label_zh_hans', models.CharField(blank=True, max_length=80, verbose_name='name in simplified Chinese')),
                ('label_zh_hant', models.CharField(blank=True, max_length=80, verbose_name='name in traditional Chinese')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('yes_no', 'Yes or no')], max_length=8, verbose_name='kind')),
                ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='choices')),
                ('is_required', models.BooleanField(default=False, verbose_name='required')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ],
            options={
                'verbose_name': 'custom field',
                'verbose_name_plural': 'custom fields',
                'constraints': [models.UniqueConstraint(fields=('subject', 'key'), name='custom_field_key_once'), models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z][a-z0-9_]{0,39}$')), name='custom_field_key_form'), models.CheckConstraint(condition=models.Q(('label', ''), _negated=True), name='custom_field_has_a_name'), models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'number', 'date', 'choice', 'yes_no'])), name='custom_field_kind_known'), models.CheckConstraint(condition=models.Q(('subject__in', ['customer'])), name='custom_field_about_known'), models.CheckConstraint(condition=models.Q(models.Q(('choices__len__gt', 0), ('kind', 'choice')), models.Q(models.Q(('kind', 'choice'), _negated=True), ('choices__len', 0)), _connector='OR'), name='custom_field_choices_of_a_choice')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customfield',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fields_customfieldevent" ("archived_at", "choices", "created_at", "id", "is_required", "key", "kind", "label", "label_zh_hans", "label_zh_hant", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "subject") SELECT old_values."archived_at", old_values."choices", old_values."created_at", old_values."id", old_values."is_required", old_values."key", old_values."kind", old_values."label", old_values."label_zh_hans", old_values."label_zh_hant", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."position", old_values."subject" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f8ae211b3d860791bec866fe57fdbd04a8c142e4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_4203c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='fields_customfield', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customfield',
            trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fields_customfieldevent" ("archived_at", "choices", "created_at", "id", "is_required", "key", "kind", "label", "label_zh_hans", "label_zh_hant", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "subject") SELECT old_values."archived_at", old_values."choices", old_values."created_at", old_values."id", old_values."is_required", old_values."key", old_values."kind", old_values."label", old_values."label_zh_hans", old_values."label_zh_hant", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."position", old_values."subject" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='04654bb111817cac1c0a67a1368d516172fe6b25', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_38f76', referencing='REFERENCING OLD TABLE AS old_values ', table='fields_customfield', when='AFTER')),
        ),
        migrations.AddField(
            model_name='customfieldevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='customfieldevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='fields.customfield'),
        ),
    ]
