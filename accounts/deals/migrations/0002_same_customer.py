"""The need behind an opportunity and the contract that one renews are of the same customer."""

from django.db import migrations

KEYS = [
    ("deals_opportunity", "opportunity_need_of_customer", "customer_id, need_id", "needs_need"),
    ("deals_contract", "contract_renews_of_customer", "customer_id, renews_id", "deals_contract"),
]


class Migration(migrations.Migration):
    dependencies = [("deals", "0001_initial"), ("needs", "0003_of_customer")]

    operations = [
        migrations.RunSQL(
            f"""
            alter table {table} add constraint {name}
            foreign key ({columns}) references {other} (customer_id, id) deferrable initially deferred
            """,
            f"alter table {table} drop constraint {name}",
        )
        for table, name, columns, other in KEYS
    ]
