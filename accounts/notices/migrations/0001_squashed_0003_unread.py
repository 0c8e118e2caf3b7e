"""What an empty database gets at once in place of the 3 migrations up to 0003_unread."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("notices", "0001_initial"),
        ("notices", "0002_initial"),
        ("notices", "0003_unread"),
    ]

    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=40, verbose_name='kind')),
                        ('facts', models.JSONField(default=dict)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                        ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read at')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'notice',
                        'verbose_name_plural': 'notices',
                        'indexes': [models.Index(fields=['user', '-id'], name='notice_latest_first'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user', '-id'], name='notice_unread')],
                    },
                ),
            ]
        ),
    ]
