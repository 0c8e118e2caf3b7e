"""What stands in a customer's timeline, and where each kind of it is read.

What was written about the records themselves: `crm.queries.record_events`; needs, contracts and files:
`crm.queries.deal_events`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject

from accounts import access
from accounts.customers.models import Customer, CustomerStage, Stage
from accounts.facts import CURRENT
from accounts.interactions.models import Interaction, InteractionKind, InteractionParticipant
from accounts.occasions.models import OccasionAnswer, OccasionGrade
from accounts.orders.models import Order
from accounts.surveys.models import Answer, AnswerGrade, CaseEvent, CaseEventKind
from accounts.surveys.models.programmes import title_of_programme
from accounts.users.models import User
from crm.queries.appointment_events import appointments_planned
from crm.queries.deal_events import (
    contracts_ended,
    contracts_run_out,
    contracts_signed,
    files_added,
    needs_confirmed,
    needs_decided,
    needs_delivered,
    needs_promised,
    needs_raised,
)
from crm.queries.event_source import Facts, Label, Source, day_of
from crm.queries.record_events import (
    contacts_changed,
    contacts_joined,
    contacts_left,
    customer_changed,
    owners,
)
from crm.queries.wording import in_my_language, name_of, or_empty
from crm.wording import SIGNALS
from scoring.models import CustomerScore, FlagLevel, ScoreChange, ScoringRun, Tier
from scoring.policy import policy_of
from scoring.rescore import current_run

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
    """Tier, flag and scores before and after a change. ``cause``: the signal that moved the churn score most,
    empty where it did not move or the run's scores are no longer kept."""

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
    cause: Label


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


def sources_of(customer: Customer, user: User) -> list[Source]:
    """Their order is that of events at the same instant, and cursors carry it: new kinds go to the end."""
    return [
        _talks(customer),
        _sales(customer),
        _stages(customer),
        _moves(customer),
        _low_answers(customer, user),
        _case_turns(customer, user),
        _survey_answers(customer, user),
        owners(customer),
        contacts_joined(customer),
        contacts_left(customer),
        customer_changed(customer, user),
        contacts_changed(customer),
        appointments_planned(customer),
        needs_confirmed(customer),
        needs_delivered(customer),
        needs_promised(customer),
        needs_decided(customer),
        needs_raised(customer),
        contracts_run_out(customer),
        contracts_ended(customer),
        contracts_signed(customer),
        files_added(customer),
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
            "follow_up_on": day_of(facts["follow_up_on"]),
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
    later = ScoreChange.objects.filter(customer=customer, run_id=OuterRef("run_id"), pk__gt=OuterRef("pk"))
    scores = CustomerScore.objects.filter(customer=customer)
    previous = ScoringRun.objects.filter(pk=OuterRef("run_id")).values("previous")
    facts = JSONObject(
        at="at",
        # A score row is that of the run's last change.
        is_last=~Exists(later),
        points=Subquery(scores.filter(run_id=OuterRef("run_id")).values("churn_points")[:1]),
        points_before=Subquery(scores.filter(run_id=Subquery(previous[:1])).values("churn_points")[:1]),
        **{column: column for column in columns},
    )
    found = ScoreChange.objects.filter(customer=customer)
    codes = cache(_signal_codes)
    return Source(
        "score", found, "at", is_day=False, facts=facts, record=lambda pk, facts: _move(pk, facts, codes)
    )


def _signal_codes() -> tuple[str, ...]:
    run = current_run()
    return tuple(signal.code for signal in policy_of(run.policy).churn.signals) if run else ()


def _move(pk: int, facts: Facts, codes: Callable[[], tuple[str, ...]]) -> Moved:
    tiers = {name: Tier(facts[name]).label for name in ("tier_before", "tier_after")}
    flags = {name: FlagLevel(facts[name]).label for name in ("flag_before", "flag_after")}
    is_last, after, before = (facts.pop(name) for name in ("is_last", "points", "points_before"))
    rise = (facts["churn_score_after"] or 0) - (facts["churn_score_before"] or 0)
    cause = _cause(before, after, codes(), rise) if is_last and after and before and rise else ""
    at = dt.datetime.fromisoformat(facts["at"])
    return Moved(pk=pk, cause=cause, **facts | tiers | flags | {"at": at})


def _cause(
    before: Sequence[float | None], after: Sequence[float | None], codes: Sequence[str], rise: float
) -> Label:
    """What moved most in the direction of ``rise``; nothing where the policy had other signals then."""
    if not len(before) == len(after) == len(codes):
        return ""
    sign = 1 if rise > 0 else -1
    moved = [sign * ((new or 0) - (old or 0)) for old, new in zip(before, after, strict=True)]
    most = max(range(len(moved)), key=moved.__getitem__)
    return SIGNALS[codes[most]] if moved[most] > 0 else ""


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
        "programme": title_of_programme(facts["programme"]),
    }
    return SurveyAnswer(pk=pk, **facts | told)
