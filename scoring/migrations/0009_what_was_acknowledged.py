"""What a flag was like when it was acknowledged, so that what is new since then brings it back."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_needs_and_contracts")]

    operations = [
        migrations.AddField(
            model_name="churnflag",
            name="acknowledged_money_minor",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="churnflag",
            name="acknowledged_reasons",
            field=ArrayField(base_field=models.TextField(), blank=True, null=True, size=None),
        ),
    ]
