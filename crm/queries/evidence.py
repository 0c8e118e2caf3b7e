"""The rows behind a number: what was believed as of the instant it was computed for.

Callers pass a customer whom `accounts.access` gave them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from accounts.contacts.models import Attitude, ContactDeparture, DecisionRole
from accounts.customers.models import Customer
from accounts.facts import believed_as_of
from accounts.interactions.models import Interaction, InteractionParticipant, Sentiment
from accounts.orders.models import Order

SHOWN_ROWS = 12


@dataclass(frozen=True)
class OrdersBehind:
    """The latest orders that counted, how many in all, and their sum in minor units of the base currency."""

    latest: list[Order]
    count: int
    total_minor: int


@dataclass(frozen=True)
class TalksBehind:
    """The last touches (one per level), conversations of negative sentiment, and supporters who left."""

    last_touches: list[InteractionParticipant]
    negative: list[Interaction]
    departures: list[ContactDeparture]


def orders_behind(customer: Customer, *, as_of: dt.datetime, zone: str) -> OrdersBehind:
    """Orders dated up to the as-of day and believed as of the instant."""
    day = as_of.astimezone(ZoneInfo(zone)).date()
    orders = Order.objects.filter(believed_as_of(as_of), customer=customer, ordered_on__lte=day)
    totals = orders.aggregate(count=Count("pk"), total=Sum("base_amount_minor"))
    latest = orders.select_related("product_line").order_by("-ordered_on", "-pk")[:SHOWN_ROWS]
    return OrdersBehind(list(latest), totals["count"], totals["total"] or 0)


def talks_behind(customer: Customer, *, as_of: dt.datetime) -> TalksBehind:
    """What the signals from interactions and contacts rest on."""
    touches = (
        InteractionParticipant.objects.filter(
            believed_as_of(as_of), customer=customer, contact__isnull=False, started_at__lte=as_of
        )
        .select_related("contact", "interaction")
        .order_by("level", "-started_at", "-pk")
        .distinct("level")
    )
    negative = Interaction.objects.filter(
        believed_as_of(as_of),
        customer=customer,
        sentiment=Sentiment.NEGATIVE,
        started_at__range=(as_of - dt.timedelta(days=90), as_of),
    ).order_by("-started_at")[:SHOWN_ROWS]
    return TalksBehind(list(touches), list(negative), list(_departures(customer, as_of)))


def _departures(customer: Customer, as_of: dt.datetime) -> QuerySet[ContactDeparture]:
    return (
        ContactDeparture.objects.filter(
            believed_as_of(as_of),
            contact__customer=customer,
            contact__attitude=Attitude.SUPPORTER,
            contact__decision_role__in=[DecisionRole.DECISION_MAKER, DecisionRole.INFLUENCER],
        )
        .select_related("contact")
        .order_by("-left_on")[:SHOWN_ROWS]
    )
