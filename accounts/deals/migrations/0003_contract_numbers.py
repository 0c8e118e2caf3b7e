"""A contract is looked for by how its number begins, in whatever case."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("deals", "0002_same_customer")]

    operations = [
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                OpClass(Upper("number"), name="text_pattern_ops"),
                condition=~Q(number=""),
                name="contract_by_number",
            ),
        )
    ]
