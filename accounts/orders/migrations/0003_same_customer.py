"""Foreign keys over two columns, which Django cannot declare: the other record is one of the same customer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_initial"), ("projects", "0002_initial")]

    operations = [
        migrations.RunSQL(
            """
            alter table orders_order add constraint order_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id)
            deferrable initially deferred
            """,
            "alter table orders_order drop constraint order_project_of_customer",
        ),
    ]
