"""A need and its customer are one key, for what belongs to both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("needs", "0002_same_customer")]

    operations = [
        migrations.AddConstraint(
            model_name="need",
            constraint=models.UniqueConstraint(fields=("customer", "id"), name="need_of_customer"),
        ),
    ]
