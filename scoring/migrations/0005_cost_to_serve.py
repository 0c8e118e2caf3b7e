"""What it costs to serve a customer: a column of the state. States of earlier runs get NaN: nobody knew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_satisfaction"), ("costs", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "alter table scoring_customer_state"
                " add column cost_to_serve double precision not null default 'NaN'",
                "alter table scoring_customer_state alter column cost_to_serve drop default",
            ],
            "alter table scoring_customer_state drop column cost_to_serve",
        ),
    ]
