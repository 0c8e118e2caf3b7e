"""The rows behind a number: what was believed as of the instant it was computed for.

Callers pass a customer whom `accounts.access` gave them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from accounts.contacts.models import Attitude, Contact, ContactDeparture, DecisionRole, Level
from accounts.customers.models import Customer
from accounts.facts import believed_as_of
from accounts.interactions.models import Interaction, InteractionParticipant, Sentiment
from accounts.orders.models import Order
from accounts.projects.models import Project
from accounts.surveys.models import AnswerGrade, Invitation
from scoring.core.satisfaction import LOW_WEEKS, MOST_WEEKS
from scoring.inputs import Moment
from scoring.satisfaction import WeekIndex, customer_history

SHOWN_ROWS = 12
WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class OrdersBehind:
    """The latest orders that counted, how many in all, and their sum in minor units of the base currency."""

    latest: list[Order]
    count: int
    total_minor: int


@dataclass(frozen=True)
class LevelTouch:
    """The last touch with an organisational level; None: there are people there, and nobody ever met them."""

    level: Level
    touch: InteractionParticipant | None


@dataclass(frozen=True)
class TalksBehind:
    """Levels with their last touches, conversations of negative sentiment, and supporters who left."""

    levels: list[LevelTouch]
    negative: list[Interaction]
    departures: list[ContactDeparture]


@dataclass(frozen=True)
class SurveysBehind:
    """What the survey signals rest on, as far as the reader sees the projects.

    ``low``: the latest grades of the last 4 rated weeks that opened a corrective action; ``weeks``: those of
    the last 13 that anybody was asked about, latest first. ``is_partial``: answers about other projects of
    the customer counted as well.
    """

    low: list[AnswerGrade]
    weeks: list[WeekIndex]
    is_partial: bool


def orders_behind(customer: Customer, *, as_of: dt.datetime, zone: str) -> OrdersBehind:
    """Orders dated up to the as-of day and believed as of the instant."""
    day = as_of.astimezone(ZoneInfo(zone)).date()
    orders = Order.objects.filter(believed_as_of(as_of), customer=customer, ordered_on__lte=day)
    totals = orders.aggregate(count=Count("pk"), total=Sum("base_amount_minor"))
    latest = orders.select_related("product_line").order_by("-ordered_on", "-pk")[:SHOWN_ROWS]
    return OrdersBehind(list(latest), totals["count"], totals["total"] or 0)


def talks_behind(customer: Customer, *, as_of: dt.datetime) -> TalksBehind:
    """What the signals from interactions and contacts rest on."""
    negative = Interaction.objects.filter(
        believed_as_of(as_of),
        customer=customer,
        sentiment=Sentiment.NEGATIVE,
        started_at__range=(as_of - dt.timedelta(days=90), as_of),
    ).order_by("-started_at")[:SHOWN_ROWS]
    return TalksBehind(_levels(customer, as_of), list(negative), list(_departures(customer, as_of)))


def _levels(customer: Customer, as_of: dt.datetime) -> list[LevelTouch]:
    """From the top down, those that were met or at which somebody works now."""
    touches = (
        InteractionParticipant.objects.filter(
            believed_as_of(as_of), customer=customer, contact__isnull=False, started_at__lte=as_of
        )
        .select_related("contact", "interaction")
        .order_by("level", "-started_at", "-pk")
        .distinct("level")
    )
    met = {touch.level: touch for touch in touches}
    present = Contact.objects.filter(customer=customer, known_at__lte=as_of, left_on=None)
    there = {*met, *present.values_list("level", flat=True).distinct().order_by()}
    return [LevelTouch(level, met.get(level)) for level in Level if level in there]


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


def surveys_behind(
    customer: Customer, graded: QuerySet[Project], *, as_of: dt.datetime, zone: str
) -> SurveysBehind:
    """Grades, weeks and corrective actions of the customer's projects among ``graded``, and of no other."""
    week = Moment(as_of, zone).week
    asked = Invitation.objects.filter(
        customer=customer, week__gt=week - MOST_WEEKS * WEEK, week__lte=week, known_at__lte=as_of
    )
    projects = set(asked.values_list("project", flat=True))
    seen = set(graded.filter(pk__in=projects).values_list("pk", flat=True))
    history = customer_history(seen, week=week, as_of=as_of) if seen else ()
    return SurveysBehind(
        low=list(_low_grades(seen, week, as_of)),
        weeks=[one for one in reversed(history) if one.invited],
        is_partial=seen != projects,
    )


def _low_grades(projects: set[int], week: dt.date, as_of: dt.datetime) -> QuerySet[AnswerGrade]:
    found = AnswerGrade.objects.filter(
        believed_as_of(as_of),
        project__in=projects,
        week__gt=week - LOW_WEEKS * WEEK,
        week__lte=week,
        opens_case=True,
    )
    related = ("grade", "dimension", "project", "case", "answer__invitation__contact")
    return found.select_related(*related).order_by("-week", "-known_at", "-pk")[:SHOWN_ROWS]
