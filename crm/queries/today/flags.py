"""Flagged customers: level, the strongest reasons, and the money at risk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FilteredRelation, FloatField, IntegerField, Q, QuerySet, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce

from accounts.customers.models import Stage
from crm.queries.tendency import holds_until, tendency_of
from crm.queries.today.items import FlagItem, Item
from crm.queries.today.playbooks import fitting
from crm.queries.today.queues import Queue
from crm.queries.today.reasons import departures_of, other_points_of, reasons_of
from crm.queries.today.scope import Scope
from crm.queries.wording import name_of
from scoring.acknowledged import LEAST_MORE_MINOR, LEAST_POINTS, MORE_MONEY
from scoring.core.policy import Policy
from scoring.models import ChurnFlag, FlagLevel
from scoring.policy import policy_of

EPOCH = dt.date(1970, 1, 1)
DAY = dt.timedelta(days=1)
COLUMNS = (
    "pk",
    "customer_id",
    "customer__short_name",
    "customer__stage",
    "customer__owner_id",
    "customer__owner__is_active",
    "owner_name",
    "level",
    "tier",
    "present_score",
    "points",
    "inputs",
    "is_immediate",
    "money",
    "ordered_day",
    "opened_at",
    "acknowledged_at",
    "noticed_by",
)
# The day of his latest order that the run counted; not a number where there is none.
_ORDERED = """
(select nullif(s.last_purchase_day, 'NaN')::int from scoring_customer_state s
 where s.run_id = %s and s.customer_id = scoring_churnflag.customer_id)
"""


@dataclass(frozen=True)
class Seen:
    """What a flag was like when it was put off. ``reasons``: places among the signals of the policy. Where
    reasons or money were not known, they are not compared."""

    level: int
    reasons: frozenset[int]
    money_minor: int | None

    def __str__(self) -> str:
        money = "" if self.money_minor is None else str(self.money_minor)
        return f"{self.level};{','.join(str(place) for place in sorted(self.reasons))};{money}"

    @classmethod
    def read(cls, words: str) -> Seen:
        """``words`` may be the level alone."""
        level, reasons, money = (words + ";;").split(";")[:3]
        places = frozenset(int(place) for place in reasons.split(",") if place)
        return cls(level=int(level), reasons=places, money_minor=int(money) if money else None)

    def is_news_after(self, was: Seen) -> bool:
        if self.level > was.level or (was.reasons and self.reasons - was.reasons):
            return True
        if self.money_minor is None or was.money_minor is None:
            return False
        more = self.money_minor - was.money_minor
        return more >= LEAST_MORE_MINOR and self.money_minor >= was.money_minor * MORE_MONEY


class FlagQueue(Queue[ChurnFlag]):
    """Open flags that nobody has acknowledged; by level, then money, then score. Who is lost comes last:
    nothing hurries there."""

    kind = "flag"
    columns = COLUMNS
    is_acknowledged = False

    def found(self, scope: Scope) -> QuerySet[ChurnFlag]:
        flags = ChurnFlag.objects.filter(
            cleared_at=None, acknowledged_at__isnull=not self.is_acknowledged, level__gte=_least(scope)
        )
        # Of everybody there is nothing to look up; a flag of a customer merged away is cleared.
        if not scope.user.is_executive:
            flags = flags.filter(customer__in=scope.customer_keys)
        is_lost = Case(When(customer__stage=Stage.LOST, then=1), default=0)
        money = F("money").desc(nulls_last=True)
        order = (is_lost.asc(), F("level").desc(), money, F("present_score").desc(), "pk")
        return with_money(flags, scope).order_by(*order)

    def was(self, row: Any) -> str:
        reasons = [place for place, points in enumerate(row.points or (), start=1) if points >= LEAST_POINTS]
        money = None if row.money is None else round(row.money)
        return str(Seen(level=row.level, reasons=frozenset(reasons), money_minor=money))

    def is_still(self, was: str, now: str) -> bool:
        """A flag that falls, a reason that goes and less money at risk are no news."""
        return not Seen.read(now).is_news_after(Seen.read(was))

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        policy = policy_of(scope.run.policy) if scope.run else None
        departed = departures_of(rows, policy)
        changeable = scope.may_change(row.customer_id for row in rows)
        playbooks = {} if self.is_acknowledged else fitting(rows, policy, changeable)
        return [
            FlagItem(
                key=str(row.pk),
                was=self.was(row),
                bar=FlagLevel(row.level).code,
                customer_id=row.customer_id,
                customer=row.customer__short_name,
                level=FlagLevel(row.level).code,
                score=row.present_score,
                tendency=_tendency(row, policy),
                holds_until=holds_until(row.level, row.present_score, policy.churn) if policy else None,
                reasons=reasons_of(row, policy, departed.get(row.customer_id)),
                other_points=other_points_of(row, policy),
                money_minor=None if row.money is None else round(row.money),
                ordered_on=None if row.ordered_day is None else EPOCH + DAY * row.ordered_day,
                is_lost=row.customer__stage == Stage.LOST,
                since=row.opened_at,
                owner=scope.unless_mine(row.customer__owner_id, row.owner_name),
                may_change=row.customer_id in changeable,
                playbook=playbooks.get(row.customer_id),
                acknowledged_at=row.acknowledged_at,
                acknowledged_by=row.noticed_by or "",
            )
            for row in rows
        ]


class AcknowledgedQueue(FlagQueue):
    """Flags of which somebody took note. They leave this block when they rise."""

    kind = "acknowledged"
    is_acknowledged = True


def with_money(flags: QuerySet[ChurnFlag], scope: Scope) -> QuerySet[Any]:
    """Adds what `COLUMNS` names of the current run: the score that a flag keeps is that of its rise. No money
    of customers whose profit he may not see; not even the order tells it."""
    run = scope.run.pk if scope.run else 0
    at_risk: F | Cast = F("current__money_at_risk_minor")
    if not scope.user.sees_everything:
        # Cast: where he sees nobody's, this is the constant null, and SQL does not sort by a bare constant.
        at_risk = Cast(Case(When(customer__in=scope.money_keys, then=at_risk)), FloatField())
    return flags.annotate(
        current=FilteredRelation("customer__scores", condition=Q(customer__scores__run_id=run)),
        tier=F("current__tier"),
        points=F("current__churn_points"),
        inputs=F("current__churn_inputs"),
        is_immediate=F("current__is_immediate"),
        present_score=Coalesce(F("current__churn_score"), F("score")),
        money=at_risk,
        ordered_day=RawSQL(_ORDERED, [run], output_field=IntegerField()),  # noqa: S611
        owner_name=name_of("customer__owner"),
        noticed_by=name_of("acknowledged_by"),
    )


def _least(scope: Scope) -> int:
    return FlagLevel.AT_RISK if scope.user.is_executive else FlagLevel.WATCH


def _tendency(row: Any, policy: Policy | None) -> str:
    if policy is None or not row.points:
        return ""
    return tendency_of(row.level, row.present_score, policy.churn, is_immediate=row.is_immediate)
