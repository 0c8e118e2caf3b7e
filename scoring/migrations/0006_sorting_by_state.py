"""Lists sort and filter by what a state holds: recent sales and the satisfaction index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_cost_to_serve")]

    operations = [
        migrations.CreateModel(
            name="CustomerStateRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id", "customer_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sales", models.FloatField(verbose_name="sales in the policy's window")),
                ("direct_cost", models.FloatField(verbose_name="direct cost")),
                ("costed_sales", models.FloatField(verbose_name="sales with a known direct cost")),
                ("cost_to_serve", models.FloatField(verbose_name="cost to serve")),
                ("recent_sales", models.FloatField(verbose_name="recent sales")),
                ("satisfaction_level", models.FloatField(verbose_name="satisfaction index")),
                ("lowest_points", models.FloatField(verbose_name="fewest points")),
            ],
            options={
                "verbose_name": "state",
                "verbose_name_plural": "states",
                "db_table": "scoring_customer_state",
                "managed": False,
            },
        ),
        migrations.RunSQL(
            [
                "create index state_by_recent_sales on scoring_customer_state"
                " (run_id, recent_sales, customer_id)",
                "create index state_by_index on scoring_customer_state"
                " (run_id, satisfaction_level, customer_id)",
            ],
            "drop index state_by_recent_sales; drop index state_by_index",
        ),
    ]
