"""Foreign keys over several columns, as in 0002: what hangs on a case, project or contact is of its customer."""

from django.db import migrations

CASE = ("case_id, customer_id", "surveys_correctiveaction", "id, customer_id")
PROJECT = ("customer_id, project_id", "projects_project", "customer_id, id")
CONTACT = ("customer_id, contact_id", "contacts_contact", "customer_id, id")
KEYS = [
    ("confirmationrequest", "confirmation_of_case_of_customer", *CASE),
    ("confirmationrequest", "confirmation_contact_of_customer", *CONTACT),
    ("caseinteraction", "case_interaction_of_customer", *CASE),
    ("casealarm", "case_alarm_of_customer", *CASE),
    ("referral", "referral_project_of_customer", *PROJECT),
    ("referral", "referral_contact_of_customer", *CONTACT),
    ("weekreview", "week_review_of_customer", *PROJECT),
    ("reviewnote", "review_note_of_customer", *PROJECT),
    ("meetingdecision", "meeting_decision_of_customer", *PROJECT),
]


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0007_calendars_letters_reviews"),
        ("contacts", "0003_same_customer"),
        ("projects", "0002_initial"),
    ]

    operations = [
        migrations.RunSQL(
            f"""
            alter table surveys_{table} add constraint {name}
            foreign key ({columns}) references {other} ({others}) deferrable initially deferred
            """,
            f"alter table surveys_{table} drop constraint {name}",
        )
        for table, name, columns, other, others in KEYS
    ]
