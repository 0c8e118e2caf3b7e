from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0001_initial")]

    operations = [
        migrations.AddField("playbookrun", "rests", models.BooleanField(default=False, db_default=False)),
        migrations.AddConstraint(
            "playbookrun",
            models.CheckConstraint(
                condition=Q(rests=False) | Q(ending="stopped"), name="playbook_run_rests_when_stopped"
            ),
        ),
        migrations.AddIndex(
            "playbookrun",
            models.Index(
                fields=["playbook", "customer"], condition=Q(rests=True), name="playbook_run_resting"
            ),
        ),
    ]
