"""What happened with a customer in one stream, newest first: interactions, orders, stages, scores, and of the
projects whose grades the reader may see low grades and corrective actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts import access
from accounts.customers.models import Customer, CustomerStage
from accounts.facts import CURRENT
from accounts.interactions.models import Interaction, InteractionParticipant
from accounts.orders.models import Order
from accounts.surveys.models import Answer, AnswerGrade, CaseEvent, CaseEventKind
from accounts.users.models import User
from crm.queries.keyset import Page, Part, Place, place_of
from scoring.models import ScoreChange

EVENTS = 20
TURNS_OF_A_CASE = [
    CaseEventKind.OPENED,
    CaseEventKind.REOPENED,
    CaseEventKind.CONFIRMED,
    CaseEventKind.CLOSED,
]


@dataclass(frozen=True)
class Event:
    """One entry. ``kind`` names its template: interaction, order, stage, score, answer, case. A fact of a
    day, such as an order, stands at the beginning of that day where the company is."""

    at: dt.datetime
    kind: str
    record: Any


@dataclass(frozen=True)
class Source:
    """One kind of event: ``column`` says when, a date when ``is_day``."""

    kind: str
    found: QuerySet[Any]
    column: str
    is_day: bool

    @property
    def part(self) -> Part:
        return Part(self.found, (f"-{self.column}", "-pk"), (dt.datetime, int))


def events_of(customer: Customer, user: User, *, after: str = "", limit: int = EVENTS) -> Page[Event]:
    """The newest events, or those behind the cursor: one query per kind, whatever lies behind them.

    At the same instant the kinds follow the order of `_sources`, so the cursor is instant, kind and id.
    """
    sources = _sources(customer, user)
    start = place_of(after, [source.part for source in sources])
    found: list[tuple[Place, Event]] = []
    for number, source in enumerate(sources):
        rows = source.found if start is None else source.found.filter(_older(source, number, start))
        for record in rows.order_by(f"-{source.column}", "-pk")[: limit + 1]:
            at = _instant(getattr(record, source.column))
            found.append((Place(number, (at, record.pk)), Event(at, source.kind, record)))
    found.sort(key=lambda pair: (pair[0].key[0], -pair[0].part, pair[0].key[1]), reverse=True)
    shown = found[:limit]
    return Page(
        rows=[event for _place, event in shown],
        newer=None,
        older=str(shown[-1][0]) if len(found) > limit else None,
    )


def _sources(customer: Customer, user: User) -> list[Source]:
    people = InteractionParticipant.objects.select_related("contact", "user").order_by("id")
    interactions = Interaction.objects.filter(customer=customer, superseded_at=None)
    orders = Order.objects.filter(customer=customer, superseded_at=None)
    return [
        Source(
            "interaction",
            interactions.select_related("author", "project", "follow_up_by").prefetch_related(
                Prefetch("participants", queryset=people)
            ),
            "started_at",
            is_day=False,
        ),
        Source(
            "order", orders.select_related("product_line", "project", "customer"), "ordered_on", is_day=True
        ),
        Source("stage", CustomerStage.objects.filter(customer=customer), "valid_from", is_day=True),
        Source("score", ScoreChange.objects.filter(customer=customer), "at", is_day=False),
        Source("answer", _low_answers(customer, user), "known_at", is_day=False),
        Source("case", _turns_of_cases(customer, user), "known_at", is_day=False),
    ]


def _low_answers(customer: Customer, user: User) -> QuerySet[Answer]:
    """Current answers with a grade that warns; ``grades`` are those, the worst first."""
    low = AnswerGrade.objects.filter(grade__warns=True).select_related("grade", "dimension")
    worst_first = low.order_by("-grade__position", "pk")
    return (
        Answer.objects.filter(
            CURRENT,
            Exists(low.filter(answer=OuterRef("pk"))),
            customer=customer,
            project__in=access.graded_projects(user).values("pk"),
        )
        .select_related("project", "invitation__contact")
        .prefetch_related(Prefetch("grades", queryset=worst_first))
    )


def _turns_of_cases(customer: Customer, user: User) -> QuerySet[CaseEvent]:
    cases = access.visible_cases(user).filter(customer=customer)
    turns = CaseEvent.objects.filter(customer=customer, case__in=cases.values("pk"), kind__in=TURNS_OF_A_CASE)
    return turns.select_related("case__project", "case__dimension", "author", "contact")


def _older(source: Source, number: int, start: Place) -> Q:
    """Events of this source that stand behind the place ``start`` of the whole stream."""
    at, pk = start.key
    border = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if source.is_day else at
    if source.is_day and _instant(border) < at:
        return Q((f"{source.column}__lte", border))
    before = Q((f"{source.column}__lt", border))
    if number < start.part:
        return before
    same = Q((source.column, border))
    if number == start.part:
        same &= Q(pk__lt=pk)
    return Q((f"{source.column}__lte", border)) & (before | same)


def _instant(when: dt.datetime | dt.date) -> dt.datetime:
    if isinstance(when, dt.datetime):
        return when
    return dt.datetime.combine(when, dt.time.min, ZoneInfo(settings.TIME_ZONE))
