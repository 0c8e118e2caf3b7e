"""What an empty database gets at once in place of the 4 migrations up to 0004_activity_usage."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("imports", "0001_initial"),
        ("imports", "0002_initial"),
        ("imports", "0003_not_started"),
        ("imports", "0004_activity_usage"),
    ]

    dependencies = [
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Import',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('orders', 'Orders'), ('activity_usage', 'Activity usage')], max_length=16, verbose_name='kind')),
                        ('state', models.CharField(choices=[('uploaded', 'Not started'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='uploaded', max_length=12, verbose_name='state')),
                        ('file', models.FileField(max_length=400, upload_to='imports/%Y/%m/', verbose_name='file')),
                        ('file_name', models.CharField(max_length=240, verbose_name='file name')),
                        ('sha256', models.CharField(max_length=64)),
                        ('bytes', models.BigIntegerField(verbose_name='size')),
                        ('layout', models.JSONField(default=dict, verbose_name='layout')),
                        ('mapping', models.JSONField(default=dict, verbose_name='column mapping')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                        ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                        ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                        ('step', models.CharField(blank=True, max_length=16, verbose_name='step')),
                        ('bytes_read', models.BigIntegerField(default=0)),
                        ('rows_read', models.BigIntegerField(default=0, verbose_name='rows read')),
                        ('rows_added', models.BigIntegerField(default=0, verbose_name='added')),
                        ('rows_corrected', models.BigIntegerField(default=0, verbose_name='corrected')),
                        ('rows_unchanged', models.BigIntegerField(default=0, verbose_name='unchanged')),
                        ('rows_refused', models.BigIntegerField(default=0, verbose_name='refused')),
                        ('customers_added', models.BigIntegerField(default=0, verbose_name='customers created')),
                        ('error', models.TextField(blank=True, verbose_name='error')),
                        ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner of new customers')),
                    ],
                    options={
                        'verbose_name': 'import',
                        'verbose_name_plural': 'imports',
                        'indexes': [models.Index(fields=['-id'], name='import_latest_first')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['uploaded', 'waiting', 'running', 'done', 'failed', 'cancelled'])), name='import_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='RefusedRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('line', models.BigIntegerField(verbose_name='line')),
                        ('column', models.CharField(blank=True, max_length=64, verbose_name='column')),
                        ('reason', models.CharField(max_length=32, verbose_name='reason')),
                        ('value', models.CharField(blank=True, max_length=200, verbose_name='value')),
                        ('refused_in', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refused', to='imports.import')),
                    ],
                    options={
                        'verbose_name': 'refused row',
                        'verbose_name_plural': 'refused rows',
                        'indexes': [models.Index(fields=['refused_in', 'line'], name='refused_by_line')],
                    },
                ),
            ]
        ),
    ]
