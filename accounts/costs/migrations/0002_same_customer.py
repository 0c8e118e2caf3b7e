"""Foreign keys over two columns, which Django cannot declare: the other record is one of the same customer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("costs", "0001_initial"), ("projects", "0002_initial")]

    operations = [
        migrations.RunSQL(
            """
            alter table costs_activityusage add constraint usage_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id)
            deferrable initially deferred
            """,
            "alter table costs_activityusage drop constraint usage_project_of_customer",
        ),
    ]
