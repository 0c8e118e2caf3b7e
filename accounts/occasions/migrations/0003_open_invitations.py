"""What is still open is counted all the time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("occasions", "0002_same_customer")]

    operations = [
        migrations.AddIndex(
            model_name="occasioninvitation",
            index=models.Index(fields=["closes_at"], name="occasion_closing"),
        ),
    ]
