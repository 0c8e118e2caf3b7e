"""When a person's invitation went out; of letters sent before, nobody knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0003_people_of")]

    operations = [
        migrations.AddField(
            "user", "invited_at", models.DateTimeField("invited at", null=True, editable=False)
        )
    ]
