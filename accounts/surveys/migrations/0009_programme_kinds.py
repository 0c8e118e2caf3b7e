"""Programmes other than the weekly one. ``is_weekly`` now follows from the kind."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.lookups import Exact

KINDS = [
    ("weekly", "Every week"),
    ("event", "After an event"),
    ("any_time", "At any time"),
    ("yearly", "Once a year"),
]


class Migration(migrations.Migration):
    dependencies = [("surveys", "0008_same_customer_again")]

    operations = [
        migrations.RemoveConstraint(model_name="surveyprogramme", name="programme_one_weekly"),
        migrations.AddField(
            model_name="surveyprogramme",
            name="kind",
            field=models.CharField(
                choices=KINDS, default="any_time", max_length=10, verbose_name="when it is asked"
            ),
        ),
        migrations.RunSQL(
            "update surveys_surveyprogramme set kind = 'weekly' where is_weekly",
            migrations.RunSQL.noop,
        ),
        # Pending checks of the rows just written would keep the column from being dropped.
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="surveyprogramme", name="is_weekly"),
        migrations.AddField(
            model_name="surveyprogramme",
            name="is_weekly",
            field=models.GeneratedField(
                db_persist=True, expression=Exact(F("kind"), "weekly"), output_field=models.BooleanField()
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyprogramme",
            constraint=models.UniqueConstraint(
                condition=Q(("kind", "weekly")), fields=("kind",), name="programme_one_weekly"
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyprogramme",
            constraint=models.CheckConstraint(
                condition=Q(("kind__in", [value for value, _ in KINDS])), name="programme_kind_known"
            ),
        ),
    ]
