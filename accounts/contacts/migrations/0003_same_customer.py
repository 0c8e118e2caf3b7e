"""Foreign keys over two columns, which Django cannot declare: the other record is one of the same customer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_initial")]

    operations = [
        migrations.RunSQL(
            """
            alter table contacts_contact add constraint contact_reports_within_customer
            foreign key (customer_id, reports_to_id) references contacts_contact (customer_id, id)
            deferrable initially deferred
            """,
            "alter table contacts_contact drop constraint contact_reports_within_customer",
        ),
    ]
