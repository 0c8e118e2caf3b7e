"""What an action belongs to is of its customer: foreign keys over several columns."""

from django.db import migrations

KEYS = [
    ("action_project_of_customer", "customer_id, project_id", "projects_project", "customer_id, id"),
    ("action_contact_of_customer", "customer_id, contact_id", "contacts_contact", "customer_id, id"),
    ("action_case_of_customer", "case_id, customer_id", "surveys_correctiveaction", "id, customer_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0001_initial"),
        ("contacts", "0003_same_customer"),
        ("projects", "0002_initial"),
        ("surveys", "0008_same_customer_again"),
    ]

    operations = [
        migrations.RunSQL(
            f"""
            alter table actions_action add constraint {name}
            foreign key ({columns}) references {other} ({others}) deferrable initially deferred
            """,
            f"alter table actions_action drop constraint {name}",
        )
        for name, columns, other, others in KEYS
    ]
