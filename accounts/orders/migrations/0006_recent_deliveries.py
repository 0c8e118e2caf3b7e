"""Who was delivered to lately is asked about it: found without reading every order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_found_by_number")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("superseded_at__isnull", True), ("delivered_on__isnull", False), ("kind", "order")
                ),
                fields=["delivered_on"],
                name="order_delivered",
            ),
        ),
    ]
