"""Remember of which promised day it was told that nobody answered."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0003_said_by_himself")]

    operations = [
        migrations.CreateModel(
            name="VoiceAlarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("answer_by", models.DateField(verbose_name="answer by")),
                ("raised_at", models.DateTimeField(verbose_name="raised")),
                (
                    "voice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alarms",
                        to="voice.voice",
                    ),
                ),
            ],
            options={
                "verbose_name": "alarm of a voice",
                "verbose_name_plural": "alarms of a voice",
                "constraints": [
                    models.UniqueConstraint(fields=("voice", "answer_by"), name="voice_alarm_once")
                ],
            },
        ),
    ]
