"""Foreign keys over several columns, which Django cannot declare.

They say that an invitation, answer, grade and case are of the same customer, project and week; that a grade is
one of its answer's programme version and repeats truly whether it opens a case; that a case is of the project
and dimension of its grades, and was opened by a grade. All are checked at the end of the transaction.
"""

from django.db import migrations

KEYS = [
    ("respondent", "respondent_project_of_customer", "customer_id, project_id", "projects_project", "customer_id, id"),
    ("respondent", "respondent_contact_of_customer", "customer_id, contact_id", "contacts_contact", "customer_id, id"),
    (
        "invitation",
        "invitation_of_respondent",
        "respondent_id, customer_id, project_id, contact_id",
        "surveys_respondent",
        "id, customer_id, project_id, contact_id",
    ),
    (
        "answer",
        "answer_of_invitation",
        "invitation_id, programme_version_id, customer_id, project_id, week_id",
        "surveys_invitation",
        "id, programme_version_id, customer_id, project_id, week_id",
    ),
    *(
        (
            table,
            f"{table}_of_answer",
            "answer_id, programme_version_id, customer_id, project_id, week_id",
            "surveys_answer",
            "id, programme_version_id, customer_id, project_id, week_id",
        )
        for table in ("answergrade", "answernotapplicable")
    ),
    *(
        (
            table,
            f"{table}_dimension_of_version",
            "programme_version_id, dimension_id",
            "surveys_programmedimension",
            "version_id, dimension_id",
        )
        for table in ("answergrade", "answernotapplicable")
    ),
    (
        "answergrade",
        "answergrade_is_of_version_and_true",
        "programme_version_id, grade_id, opens_case",
        "surveys_programmegrade",
        "version_id, id, opens_case",
    ),
    (
        "answergrade",
        "answergrade_case_of_dimension",
        "case_id, project_id, dimension_id",
        "surveys_correctiveaction",
        "id, project_id, dimension_id",
    ),
    (
        "correctiveaction",
        "case_project_of_customer",
        "customer_id, project_id",
        "projects_project",
        "customer_id, id",
    ),
    (
        "correctiveaction",
        "case_opened_by_a_grade",
        "opened_by_id, dimension_id",
        "surveys_answergrade",
        "answer_id, dimension_id",
    ),
    ("caseevent", "case_event_of_case", "case_id, customer_id", "surveys_correctiveaction", "id, customer_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0001_initial"),
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
