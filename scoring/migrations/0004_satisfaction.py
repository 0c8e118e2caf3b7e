"""What the weekly survey tells scoring: columns of the state, and the signals of the product's own policy.

States of earlier runs get NaN: their policies have no signal that reads it. A policy that a person chose
stays as it is.
"""

import copy

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Max
from django.db.models.functions import Now

COLUMNS = (
    "satisfaction_level",
    "satisfaction_age",
    "satisfaction_slope",
    "satisfaction_weeks",
    "low_grades",
    "lowest_points",
    "survey_silence",
)
ADD = ", ".join(f"add column {name} double precision not null default 'NaN'" for name in COLUMNS)
KEEP = ", ".join(f"alter column {name} drop default" for name in COLUMNS)
DROP = ", ".join(f"drop column {name}" for name in COLUMNS)
SIGNALS = [
    {"code": "index_low", "points": 30.0, "start": 50.0, "full": 20.0},
    {"code": "index_falling", "points": 20.0, "start": -2.0, "full": -6.0},
    {"code": "low_grades", "points": 25.0, "start": 0.0, "full": 1.0},
    {"code": "unacceptable_grade", "points": 25.0, "start": 0.0, "full": -100.0},
    {"code": "survey_silence", "points": 15.0, "start": 2.0, "full": 6.0},
]
NOTE = "Weekly satisfaction counts in churn."


def renew_default(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The product's own active policy gets a next version that reads the survey."""
    versions = apps.get_model("scoring", "PolicyVersion").objects
    own = versions.filter(state="active", created_by=None).first()
    if own is None:
        return
    values = copy.deepcopy(own.values)
    there = {signal["code"] for signal in values["churn"]["signals"]}
    values["churn"]["signals"] += [signal for signal in SIGNALS if signal["code"] not in there]
    if values == own.values:
        return
    versions.filter(pk=own.pk).update(state="retired")
    number = versions.aggregate(highest=Max("number"))["highest"] + 1
    versions.create(number=number, state="active", values=values, note=NOTE, activated_at=Now())


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_partitions")]

    operations = [
        migrations.RunSQL(
            [f"alter table scoring_customer_state {ADD}", f"alter table scoring_customer_state {KEEP}"],
            f"alter table scoring_customer_state {DROP}",
        ),
        # Going back, the version stays: runs may have been made under it.
        migrations.RunPython(renew_default, migrations.RunPython.noop),
    ]
