"""Who raised and who confirmed a need is of its customer: foreign keys over several columns."""

from django.db import migrations

KEYS = [
    ("need_contact_of_customer", "customer_id, contact_id"),
    ("need_confirmed_by_of_customer", "customer_id, confirmed_by_id"),
]


class Migration(migrations.Migration):
    dependencies = [("needs", "0001_initial"), ("contacts", "0003_same_customer")]

    operations = [
        migrations.RunSQL(
            f"""
            alter table needs_need add constraint {name}
            foreign key ({columns}) references contacts_contact (customer_id, id) deferrable initially deferred
            """,
            f"alter table needs_need drop constraint {name}",
        )
        for name, columns in KEYS
    ]
