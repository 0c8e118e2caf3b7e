"""A voice's project and contact are of its customer: foreign keys over several columns."""

from django.db import migrations

KEYS = [
    ("voice_project_of_customer", "customer_id, project_id", "projects_project"),
    ("voice_contact_of_customer", "customer_id, contact_id", "contacts_contact"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("voice", "0001_initial"),
        ("contacts", "0003_same_customer"),
        ("projects", "0002_initial"),
    ]

    operations = [
        migrations.RunSQL(
            f"""
            alter table voice_voice add constraint {name}
            foreign key ({columns}) references {other} (customer_id, id) deferrable initially deferred
            """,
            f"alter table voice_voice drop constraint {name}",
        )
        for name, columns, other in KEYS
    ]
