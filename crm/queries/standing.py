"""The head of a customer's page, which answers "how is it?", and what the reader may do with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum

from accounts import access
from accounts.actions.models import UNDONE
from accounts.costs.models import ActivityUsage
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.facts import CURRENT
from accounts.interactions.models import Interaction, InteractionParticipant
from accounts.orders.models import Order
from accounts.users.models import User
from crm.queries.customers import with_touches
from crm.queries.satisfaction import Satisfaction, satisfaction_of
from crm.queries.tendency import holds_until, tendency_of
from crm.wording import SIGNALS
from scoring.core.explain import explain_churn
from scoring.models import CustomerScore, ScoringRun
from scoring.policy import policy_of
from scoring.queries import as_scores
from scoring.rescore import current_run

STRONGEST_REASONS = 2
YEAR = dt.timedelta(days=365)
LEAST_CHANGE = 0.05


@dataclass(frozen=True)
class Reason:
    """A churn signal in words; points are its share of the churn score."""

    label: Any
    points: float


@dataclass(frozen=True)
class Score:
    """The customer in the current run. ``change``: of the value score since the previous run.

    ``change`` is None when there is none to compare with, or when it would read as zero. Expected value and
    money at risk are minor units of the base currency; higher ``churn_score`` is worse; ``tendency``: of
    `crm.queries.tendency`; ``other_points``: of the reasons that are not among the strongest, so that what is
    shown adds up to the shown score. ``holds_until``: below which score the level is left, where it is one
    that the score alone would no longer reach.
    """

    tier: str
    score: float | None
    change: float | None
    changed_since: dt.datetime | None
    is_borderline: bool
    flag: str
    churn_score: float
    tendency: str
    reasons: tuple[Reason, ...]
    other_points: int
    holds_until: float | None
    expected_value_minor: int | None
    money_at_risk_minor: int | None
    as_of: dt.datetime
    input_version: int


@dataclass(frozen=True)
class Money:
    """Of the last 365 days, in minor units of the base currency; what has no direct cost is in no profit."""

    sales_minor: int
    gross_profit_minor: int
    cost_to_serve_minor: int

    @property
    def profit_minor(self) -> int:
        return self.gross_profit_minor - self.cost_to_serve_minor

    @property
    def is_loss(self) -> bool:
        return self.profit_minor < 0


@dataclass(frozen=True)
class NextStep:
    """What is to be done first with the customer: an action of that ``title``; a follow-up has none."""

    due_on: dt.date
    who: str
    title: str = ""


@dataclass(frozen=True)
class Standing:
    """``score`` is None until the customer was scored for the first time.

    ``is_stale``: facts have changed since, and the new score is on its way. ``money`` is None for whom profit
    is not shown, and of a customer who neither bought nor cost anything.
    """

    customer: Customer
    may_change: bool
    may_log: bool
    sees_profit: bool
    last_contact_at: dt.datetime | None
    last_contact_had_person: bool
    """Whether somebody of the customer took part in it."""
    next_step: NextStep | None
    industry: str
    region: str
    channel: str
    market: str
    money: Money | None
    score: Score | None
    is_stale: bool
    satisfaction: Satisfaction


def standing_of(customer: Customer, user: User, *, now: dt.datetime) -> Standing:
    """How a visible customer stands, in as many queries whatever his history holds."""
    facts = _facts(customer, user, company_day(now))
    score = _score(customer)
    return Standing(
        customer=customer,
        may_change=facts["may_change"],
        may_log=facts["may_log"],
        sees_profit=facts["sees_profit"],
        last_contact_at=facts["last_contact_at"],
        last_contact_had_person=bool(facts["had_person"]),
        next_step=_next_step(customer, user, facts),
        industry=facts["industry__name"] or "",
        region=facts["region__name"] or "",
        channel=facts["channel__name"] or "",
        market=facts["market__name"] or "",
        money=_money(facts),
        score=score,
        is_stale=score is not None and score.input_version != facts["input__version"],
        satisfaction=satisfaction_of(customer, user, as_of=now),
    )


def _facts(customer: Customer, user: User, today: dt.date) -> dict[str, Any]:
    def allowed(customers: QuerySet[Customer]) -> Exists:
        return Exists(customers.filter(pk=OuterRef("pk")))

    days = (today - YEAR, today)
    orders = Order.objects.filter(CURRENT, ordered_on__range=days)
    usages = ActivityUsage.objects.filter(CURRENT, used_on__range=days)
    facts: dict[str, Any] = (
        with_touches(Customer.objects.filter(pk=customer.pk))
        .values(
            "input__version",
            "last_contact_at",
            "follow_up_on",
            "follow_up_by_name",
            "industry__name",
            "region__name",
            "channel__name",
            "market__name",
            may_change=allowed(access.changeable_customers(user)),
            may_log=allowed(access.loggable_customers(user)),
            sees_profit=allowed(access.profit_customers(user)),
            had_person=_last_had_person(),
            sales=_sum_of(orders, "base_amount_minor"),
            gross_profit=_sum_of(orders, F("base_amount_minor") - F("base_direct_cost_minor")),
            cost_to_serve=_sum_of(usages, "base_cost_minor"),
        )
        .get()
    )
    return facts


def _next_step(customer: Customer, user: User, facts: dict[str, Any]) -> NextStep | None:
    """The earlier one; of the same day the follow-up, which the customer was promised."""
    steps = []
    if facts["follow_up_on"]:
        steps.append(NextStep(due_on=facts["follow_up_on"], who=facts["follow_up_by_name"] or ""))
    actions = access.visible_actions(user).filter(UNDONE, customer=customer, due_on__isnull=False)
    first = actions.order_by("due_on", "pk").values_list("due_on", "owner__name", "title")[:1]
    steps += [NextStep(due_on, who, title) for due_on, who, title in first if due_on]
    return min(steps, key=lambda step: step.due_on, default=None)


def _last_had_person() -> Subquery:
    """Of the customer's latest interaction; null where there is none."""
    took_part = InteractionParticipant.objects.filter(interaction=OuterRef("pk"), contact__isnull=False)
    latest = Interaction.objects.filter(CURRENT, customer=OuterRef("pk")).order_by("-started_at", "-id")
    return Subquery(latest.annotate(had=Exists(took_part)).values("had")[:1])


def _sum_of(rows: QuerySet[Any], amount: Any) -> Subquery:
    """Of the customer's rows; null where he has none."""
    his = rows.filter(customer=OuterRef("pk")).order_by().values("customer")
    return Subquery(his.annotate(total=Sum(amount)).values("total"))


def _money(facts: dict[str, Any]) -> Money | None:
    amounts = [facts[name] for name in ("sales", "gross_profit", "cost_to_serve")]
    if not facts["sees_profit"] or amounts == [None, None, None]:
        return None
    return Money(*(amount or 0 for amount in amounts))


def _score(customer: Customer) -> Score | None:
    run = current_run()
    if run is None:
        return None
    row = CustomerScore.objects.filter(run_id=run.pk, customer_id=customer.pk).first()
    if row is None:
        return None
    change = _change(row, run.previous)
    reasons = _reasons(row, run)
    return Score(
        tier=row.tier_code,
        score=row.score,
        change=change,
        changed_since=run.previous.as_of if run.previous else None,
        is_borderline=row.borderline,
        flag=row.flag_code,
        churn_score=row.churn_score,
        tendency=_tendency(row, run),
        reasons=reasons,
        other_points=round(row.churn_score) - sum(round(reason.points) for reason in reasons),
        holds_until=_holds_until(row, run),
        expected_value_minor=_whole(row.expected_value_minor),
        money_at_risk_minor=_whole(row.money_at_risk_minor),
        as_of=row.as_of,
        input_version=row.input_version,
    )


def _reasons(row: CustomerScore, run: ScoringRun) -> tuple[Reason, ...]:
    lines = explain_churn(as_scores(row), 0, policy_of(run.policy)).lines
    strongest = [line for line in lines if line.points > 0][:STRONGEST_REASONS]
    return tuple(Reason(SIGNALS[line.code], line.points) for line in strongest)


def _tendency(row: CustomerScore, run: ScoringRun) -> str:
    churn = policy_of(run.policy).churn
    return tendency_of(row.flag_level, row.churn_score, churn, is_immediate=row.is_immediate)


def _holds_until(row: CustomerScore, run: ScoringRun) -> float | None:
    return holds_until(row.flag_level, row.churn_score, policy_of(run.policy).churn)


def _change(row: CustomerScore, previous: ScoringRun | None) -> float | None:
    if previous is None or row.score is None:
        return None
    before = CustomerScore.objects.filter(run_id=previous.pk, customer_id=row.customer_id)
    score = before.values_list("score", flat=True).first()
    change = None if score is None else row.score - score
    return None if change is None or abs(change) < LEAST_CHANGE else change


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
