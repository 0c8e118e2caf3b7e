"""A playbook may start by the quadrant of profit and cost to serve that a customer is in."""

from django.db import migrations, models
from django.db.models import Q

TRIGGERS = [
    ("flag_reason", "Reason of a churn flag"),
    ("flag_level", "Churn flag, this level or worse"),
    ("tier", "Value tier"),
    ("stage", "Stage"),
    ("quadrant", "Quadrant of profit and cost to serve"),
]


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0002_runs_rest")]

    operations = [
        migrations.AlterField(
            "playbook", "trigger", models.CharField("starts by", max_length=16, choices=TRIGGERS)
        ),
        migrations.AlterField(
            "playbookevent", "trigger", models.CharField("starts by", max_length=16, choices=TRIGGERS)
        ),
        migrations.RemoveConstraint("playbook", "playbook_trigger_known"),
        migrations.AddConstraint(
            "playbook",
            models.CheckConstraint(
                condition=Q(trigger__in=[code for code, _words in TRIGGERS]), name="playbook_trigger_known"
            ),
        ),
    ]
