"""What stands in a customer's timeline, and where each kind of it is read.

Every source gives the same columns, so that one statement reads them all; what an entry shows of its record
comes as one JSON object.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, JSONObject
from django.utils.functional import Promise

from accounts import access
from accounts.customers.models import Customer, CustomerStage, Stage
from accounts.facts import CURRENT
from accounts.interactions.models import Interaction, InteractionKind, InteractionParticipant
from accounts.occasions.models import OccasionAnswer, OccasionGrade
from accounts.orders.models import Order
from accounts.surveys.models import Answer, AnswerGrade, CaseEvent, CaseEventKind
from accounts.users.models import User
from crm.queries.wording import in_my_language, name_of, or_empty
from scoring.models import FlagLevel, ScoreChange, Tier

Facts = dict[str, Any]
Label = str | Promise
TURNS_OF_A_CASE = [
    CaseEventKind.OPENED,
    CaseEventKind.REOPENED,
    CaseEventKind.CONFIRMED,
    CaseEventKind.CLOSED,
]


@dataclass(frozen=True)
class Person:
    """``contact_id`` is None for one of us."""

    name: str
    contact_id: int | None


@dataclass(frozen=True)
class Talk:
    """An interaction. Names are empty where there is nobody or nothing."""

    pk: int
    identity: str
    kind: str
    label: Label
    started_at: dt.datetime
    minutes: int | None
    summary: str
    sentiment: int | None
    people: tuple[Person, ...]
    project: str
    author: str
    follow_up_on: dt.date | None
    follow_up_by: str
    is_done: bool


@dataclass(frozen=True)
class Sale:
    """An order or credit note; minor units of its own currency."""

    pk: int
    kind: str
    number: str
    amount_minor: int
    currency: str
    ordered_on: dt.date
    product_line: str
    project: str


@dataclass(frozen=True)
class StageBegun:
    pk: int
    label: Label
    valid_from: dt.date
    reason: str


@dataclass(frozen=True)
class Moved:
    """Tier, flag and scores before and after a change."""

    pk: int
    at: dt.datetime
    tier_before: Label
    tier_after: Label
    flag_before: Label
    flag_after: Label
    score_before: float | None
    score_after: float | None
    churn_score_before: float | None
    churn_score_after: float | None


@dataclass(frozen=True)
class LowGrade:
    letter: str
    dimension: str
    comment: str


@dataclass(frozen=True)
class LowAnswer:
    """``grades``: those that warn, the worst first."""

    pk: int
    contact_id: int
    contact: str
    project: str
    week: dt.date
    known_at: dt.datetime
    is_late: bool
    comment: str
    grades: tuple[LowGrade, ...]


@dataclass(frozen=True)
class CaseTurn:
    """``by``: one of us, or the contact whose word it was; empty where it came by itself."""

    pk: int
    case_id: int
    kind: str
    label: Label
    dimension: str
    project: str
    comment: str
    known_at: dt.datetime
    by: str


@dataclass(frozen=True)
class SurveyAnswer:
    """An answer to a survey beside the weekly one. ``grades``: those that warn, the worst first.

    ``taken_by``: who of us wrote it down, empty where he wrote it himself.
    """

    pk: int
    occasion_id: int
    invitation_id: int
    contact_id: int
    contact: str
    programme: str
    about: str
    known_at: dt.datetime
    taken_by: str
    comment: str
    grades: tuple[LowGrade, ...]


Record = Talk | Sale | StageBegun | Moved | LowAnswer | CaseTurn | SurveyAnswer


@dataclass(frozen=True)
class Source:
    """One kind of event: ``column`` says when, a date when ``is_day``. ``facts``: what is read of a row,
    of which ``record`` makes an entry."""

    kind: str
    found: QuerySet[Any]
    column: str
    is_day: bool
    facts: JSONObject
    record: Callable[[int, Facts], Record]


def sources_of(customer: Customer, user: User) -> list[Source]:
    """Their order is that of events at the same instant."""
    return [
        _talks(customer),
        _sales(customer),
        _stages(customer),
        _moves(customer),
        _low_answers(customer, user),
        _case_turns(customer, user),
        _survey_answers(customer, user),
    ]


def _talks(customer: Customer) -> Source:
    people = InteractionParticipant.objects.filter(interaction=OuterRef("pk")).order_by("id")
    names = JSONObject(name=or_empty(Coalesce("contact__name", name_of("user"))), contact_id="contact_id")
    facts = JSONObject(
        identity="identity",
        kind="kind",
        started_at="started_at",
        minutes="minutes",
        summary="summary",
        sentiment="sentiment",
        people=ArraySubquery(people.values(person=names)),
        project=or_empty("project__name"),
        author=name_of("author"),
        follow_up_on="follow_up_on",
        follow_up_by=or_empty(name_of("follow_up_by")),
        follow_up_done_at="follow_up_done_at",
    )
    found = Interaction.objects.filter(customer=customer, superseded_at=None)
    return Source("interaction", found, "started_at", is_day=False, facts=facts, record=_talk)


def _talk(pk: int, facts: Facts) -> Talk:
    is_done = facts.pop("follow_up_done_at") is not None
    return Talk(
        pk=pk,
        label=InteractionKind(facts["kind"]).label,
        is_done=is_done,
        **facts
        | {
            "started_at": dt.datetime.fromisoformat(facts["started_at"]),
            "follow_up_on": _day(facts["follow_up_on"]),
            "people": tuple(Person(**person) for person in facts["people"]),
        },
    )


def _sales(customer: Customer) -> Source:
    facts = JSONObject(
        kind="kind",
        number="number",
        amount_minor="amount_minor",
        currency="currency",
        ordered_on="ordered_on",
        product_line=or_empty("product_line__name"),
        project=or_empty("project__name"),
    )
    found = Order.objects.filter(customer=customer, superseded_at=None)
    return Source("order", found, "ordered_on", is_day=True, facts=facts, record=_sale)


def _sale(pk: int, facts: Facts) -> Sale:
    return Sale(pk=pk, **facts | {"ordered_on": dt.date.fromisoformat(facts["ordered_on"])})


def _stages(customer: Customer) -> Source:
    facts = JSONObject(stage="stage", valid_from="valid_from", reason="reason")
    found = CustomerStage.objects.filter(customer=customer)
    return Source("stage", found, "valid_from", is_day=True, facts=facts, record=_stage)


def _stage(pk: int, facts: Facts) -> StageBegun:
    began = dt.date.fromisoformat(facts["valid_from"])
    return StageBegun(pk, Stage(facts["stage"]).label, began, facts["reason"])


def _moves(customer: Customer) -> Source:
    pairs = ("tier", "flag", "score", "churn_score")
    columns = [f"{name}_{when}" for name in pairs for when in ("before", "after")]
    facts = JSONObject(at="at", **{column: column for column in columns})
    found = ScoreChange.objects.filter(customer=customer)
    return Source("score", found, "at", is_day=False, facts=facts, record=_move)


def _move(pk: int, facts: Facts) -> Moved:
    tiers = {name: Tier(facts[name]).label for name in ("tier_before", "tier_after")}
    flags = {name: FlagLevel(facts[name]).label for name in ("flag_before", "flag_after")}
    return Moved(pk=pk, **facts | tiers | flags | {"at": dt.datetime.fromisoformat(facts["at"])})


def _low_answers(customer: Customer, user: User) -> Source:
    low = AnswerGrade.objects.filter(answer=OuterRef("pk"), grade__warns=True)
    line = JSONObject(letter="grade__letter", dimension=in_my_language("dimension"), comment=F("comment"))
    facts = JSONObject(
        contact_id="invitation__contact_id",
        contact="invitation__contact__name",
        project="project__name",
        week="week_id",
        known_at="known_at",
        is_late="is_late",
        comment="comment",
        grades=ArraySubquery(low.order_by("-grade__position", "pk").values(line=line)),
    )
    graded = access.graded_projects(user).values("pk")
    found = Answer.objects.filter(CURRENT, Exists(low), customer=customer, project__in=graded)
    return Source("answer", found, "known_at", is_day=False, facts=facts, record=_low_answer)


def _low_answer(pk: int, facts: Facts) -> LowAnswer:
    told = {
        "week": dt.date.fromisoformat(facts["week"]),
        "known_at": dt.datetime.fromisoformat(facts["known_at"]),
        "grades": tuple(LowGrade(**grade) for grade in facts["grades"]),
    }
    return LowAnswer(pk=pk, **facts | told)


def _case_turns(customer: Customer, user: User) -> Source:
    facts = JSONObject(
        case_id="case_id",
        kind="kind",
        dimension=in_my_language("case__dimension"),
        project="case__project__name",
        comment="comment",
        known_at="known_at",
        by=or_empty(Coalesce(name_of("author"), "contact__name")),
    )
    cases = access.visible_cases(user).filter(customer=customer)
    found = CaseEvent.objects.filter(customer=customer, case__in=cases.values("pk"), kind__in=TURNS_OF_A_CASE)
    return Source("case", found, "known_at", is_day=False, facts=facts, record=_case_turn)


def _case_turn(pk: int, facts: Facts) -> CaseTurn:
    label = CaseEventKind(facts["kind"]).label
    return CaseTurn(pk=pk, label=label, **facts | {"known_at": dt.datetime.fromisoformat(facts["known_at"])})


def _survey_answers(customer: Customer, user: User) -> Source:
    low = OccasionGrade.objects.filter(answer=OuterRef("pk"), grade__warns=True)
    line = JSONObject(letter="grade__letter", dimension=in_my_language("dimension"), comment=F("comment"))
    facts = JSONObject(
        occasion_id="invitation__occasion_id",
        invitation_id="invitation_id",
        contact_id="invitation__contact_id",
        contact="invitation__contact__name",
        programme="invitation__occasion__programme__name",
        about="invitation__occasion__about",
        known_at="known_at",
        taken_by=or_empty(name_of("taken_by")),
        comment="comment",
        grades=ArraySubquery(low.order_by("-grade__position", "pk").values(line=line)),
    )
    seen = access.visible_occasions(user).filter(customer=customer).values("pk")
    found = OccasionAnswer.objects.filter(CURRENT, customer=customer, invitation__occasion__in=seen)
    return Source("survey", found, "known_at", is_day=False, facts=facts, record=_survey_answer)


def _survey_answer(pk: int, facts: Facts) -> SurveyAnswer:
    told = {
        "known_at": dt.datetime.fromisoformat(facts["known_at"]),
        "grades": tuple(LowGrade(**grade) for grade in facts["grades"]),
    }
    return SurveyAnswer(pk=pk, **facts | told)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
