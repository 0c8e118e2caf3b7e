"""Foreign keys over several columns: what hangs together is of one customer and one programme version."""

from django.db import migrations

OF_CUSTOMER = "customer_id, id"
KEYS = [
    ("occasion", "occasion_project_of_customer", "customer_id, project_id", "projects_project", OF_CUSTOMER),
    (
        "occasioninvitation",
        "occasion_invitation_of_occasion",
        "occasion_id, programme_version_id, customer_id",
        "occasions_occasion",
        "id, programme_version_id, customer_id",
    ),
    (
        "occasioninvitation",
        "occasion_invitation_contact_of_customer",
        "customer_id, contact_id",
        "contacts_contact",
        OF_CUSTOMER,
    ),
    (
        "occasionanswer",
        "occasion_answer_of_invitation",
        "invitation_id, programme_version_id, customer_id",
        "occasions_occasioninvitation",
        "id, programme_version_id, customer_id",
    ),
    *(
        (
            table,
            f"{table}_of_answer",
            "answer_id, programme_version_id",
            "occasions_occasionanswer",
            "id, programme_version_id",
        )
        for table in ("occasiongrade", "occasionreply", "occasionchoice")
    ),
    (
        "occasiongrade",
        "occasiongrade_dimension_of_version",
        "programme_version_id, dimension_id",
        "surveys_programmedimension",
        "version_id, dimension_id",
    ),
    *(
        (
            table,
            f"{table}_question_of_version",
            "programme_version_id, question_id",
            "occasions_question",
            "version_id, id",
        )
        for table in ("occasionreply", "occasionchoice")
    ),
    (
        "questionoption",
        "option_question_of_version",
        "version_id, question_id",
        "occasions_question",
        "version_id, id",
    ),
    (
        "occasionchoice",
        "occasionchoice_option_of_question",
        "question_id, option_id",
        "occasions_questionoption",
        "question_id, id",
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("occasions", "0001_initial"),
        ("contacts", "0003_same_customer"),
        ("projects", "0002_initial"),
    ]

    operations = [
        migrations.RunSQL(
            f"""
            alter table occasions_{table} add constraint {name}
            foreign key ({columns}) references {other} ({others}) deferrable initially deferred
            """,
            f"alter table occasions_{table} drop constraint {name}",
        )
        for table, name, columns, other, others in KEYS
    ]
