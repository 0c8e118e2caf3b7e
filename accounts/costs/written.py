"""Usages that the system writes of something else, and corrects with it: of interactions."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.costs.models import ActivityUsage, UsageSource
from accounts.costs.services import UsageFacts, cost_of, rate_on, share
from accounts.customers.services import bump


@transaction.atomic
def say_usage(
    identity: str,
    *,
    customer_id: int,
    facts: UsageFacts | None,
    source: UsageSource,
    now: dt.datetime,
) -> None:
    """The usage of something that is corrected, deleted and restored, as the system writes it.

    ``facts`` None: there is none. A day without a rate, and a new usage of an activity that is no longer in
    use, are none either. What is said already stays the row it is.
    """
    if facts is not None:
        share(facts.activity)
    present = ActivityUsage.objects.select_for_update().filter(identity=identity, superseded_at=None).first()
    if facts is not None and not _can_be_priced(facts, present):
        facts = None
    if present is not None:
        if facts is not None and _said(present) == facts:
            return
        ActivityUsage.objects.filter(pk=present.pk).update(superseded_at=now)
    if facts is not None:
        ActivityUsage.objects.create(
            identity=identity,
            customer_id=customer_id,
            project_id=facts.project_id,
            activity=facts.activity,
            used_on=facts.used_on,
            quantity=facts.quantity,
            base_cost_minor=cost_of(facts),
            source=source,
            known_at=now,
        )
    if present is not None or facts is not None:
        bump([customer_id])


def _can_be_priced(facts: UsageFacts, present: ActivityUsage | None) -> bool:
    is_known = present is not None and present.activity_id == facts.activity.pk
    return (facts.activity.is_active or is_known) and rate_on(facts.activity, facts.used_on) is not None


def _said(usage: ActivityUsage) -> UsageFacts:
    return UsageFacts(
        activity=usage.activity,
        used_on=usage.used_on,
        quantity=usage.quantity,
        project_id=usage.project_id,
        reference=usage.reference,
    )
