"""What scoring reads: follow-ups that were promised, and whom somebody spoke with, from indexes alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_squashed_0005_leaving_and_moving"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("interactions", "0001_squashed_0010_standard_templates"),
        ("projects", "0001_squashed_0004_keys_of_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="interactionparticipant",
            name="participant_features",
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("follow_up_on__isnull", False)),
                fields=["customer", "follow_up_on"],
                include=("follow_up_done_at", "known_at", "superseded_at"),
                name="interaction_promised",
            ),
        ),
        migrations.AddIndex(
            model_name="interactionparticipant",
            index=models.Index(
                condition=models.Q(("contact__isnull", False)),
                fields=["customer", "level", "started_at"],
                include=("contact", "known_at", "superseded_at"),
                name="participant_features",
            ),
        ),
    ]
