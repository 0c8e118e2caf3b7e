"""Lists order by expected value and by money at risk: 70 ms of 100,000 customers without an index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_sorting_by_state")]

    operations = [
        migrations.RunSQL(
            [
                "create index score_by_expected_value on scoring_customer_score"
                " (run_id, expected_value_minor desc, customer_id)",
                "create index score_by_money_at_risk on scoring_customer_score"
                " (run_id, money_at_risk_minor desc, customer_id)",
            ],
            "drop index score_by_expected_value; drop index score_by_money_at_risk",
        )
    ]
