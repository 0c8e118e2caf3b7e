"""What needs, actions, contracts and shares tell scoring: columns of the state, and signals of the own policy.

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
    "need_due_day",
    "action_due_day",
    "contract_ending_day",
    "contract_ended_day",
    "competitor_rise",
    "spoken_contacts",
)
ADD = ", ".join(f"add column {name} double precision not null default 'NaN'" for name in COLUMNS)
KEEP = ", ".join(f"alter column {name} drop default" for name in COLUMNS)
DROP = ", ".join(f"drop column {name}" for name in COLUMNS)
SIGNALS = [
    {"code": "overdue_need", "points": 15.0, "start": 0.0, "full": 30.0},
    {"code": "overdue_action", "points": 6.0, "start": 7.0, "full": 30.0},
    {"code": "contract_ending", "points": 15.0, "start": 90.0, "full": 0.0},
    {"code": "contract_ended", "points": 30.0, "start": 180.0, "full": 60.0},
    {"code": "competitor_rising", "points": 15.0, "start": 5.0, "full": 20.0},
    {"code": "single_contact", "points": 6.0, "start": 2.0, "full": 1.0},
]
NOTE = "Needs, actions, contracts, competitors and single contacts count in churn."


def renew_default(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The product's own active policy gets a next version that reads them."""
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
    dependencies = [
        ("scoring", "0007_ordering_by_value"),
        ("needs", "0004_known_when_changed"),
        ("actions", "0004_known_when_changed"),
        ("deals", "0004_known_when_changed"),
        ("interactions", "0011_promised_and_spoken"),
    ]

    operations = [
        migrations.RunSQL(
            [f"alter table scoring_customer_state {ADD}", f"alter table scoring_customer_state {KEEP}"],
            f"alter table scoring_customer_state {DROP}",
        ),
        # Going back, the version stays: runs may have been made under it.
        migrations.RunPython(renew_default, migrations.RunPython.noop),
    ]
