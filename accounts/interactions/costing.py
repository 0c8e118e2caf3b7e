"""What an interaction costs: the usage of an activity, written, corrected and taken back with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from accounts.costs.models import Activity, Driver, UsageSource
from accounts.costs.services import UsageFacts
from accounts.costs.written import say_usage
from accounts.customers.services import company_day
from accounts.interactions.models import Interaction, InteractionKind, KindActivity

COUNTED = (Driver.MINUTES, Driver.VISITS, Driver.TICKETS)
"""Drivers that an interaction has: its minutes, or that it was."""


@transaction.atomic
def set_activities(chosen: Mapping[InteractionKind, Activity | None]) -> None:
    """Which activity interactions of these kinds use from now on; None: none. What is written stays."""
    KindActivity.objects.filter(
        kind__in=[kind for kind, activity in chosen.items() if activity is None]
    ).delete()
    KindActivity.objects.bulk_create(
        [
            KindActivity(kind=kind, activity=activity)
            for kind, activity in chosen.items()
            if activity is not None
        ],
        update_conflicts=True,
        unique_fields=["kind"],
        update_fields=["activity"],
    )


def write_usage(interaction: Interaction, *, now: dt.datetime, is_corrected: bool) -> None:
    """The usage of this version. Within the transaction that writes it, before its customer is bumped."""
    rule = KindActivity.objects.select_related("activity").filter(kind=interaction.kind).first()
    if rule is None and not is_corrected:
        return
    _say(interaction, None if rule is None else _facts(interaction, rule.activity), now)


def take_usage_back(interaction: Interaction, *, now: dt.datetime) -> None:
    """The interaction is deleted."""
    _say(interaction, None, now)


def _say(interaction: Interaction, facts: UsageFacts | None, now: dt.datetime) -> None:
    say_usage(
        f"talk:{interaction.identity}",
        customer_id=interaction.customer_id,
        facts=facts,
        source=UsageSource.INTERACTION,
        now=now,
    )


def _facts(interaction: Interaction, activity: Activity) -> UsageFacts | None:
    quantity = interaction.minutes if activity.driver == Driver.MINUTES else 1
    if not quantity:
        return None
    return UsageFacts(
        activity=activity,
        used_on=company_day(interaction.started_at),
        quantity=Decimal(quantity),
        project_id=interaction.project_id,
    )
