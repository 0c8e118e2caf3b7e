"""Flagged customers: level, the strongest reasons, and the money at risk."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, F, FilteredRelation, FloatField, Q, QuerySet, When
from django.db.models.functions import Cast, Coalesce

from accounts import access
from accounts.customers.models import Customer, Stage
from crm.queries.customers import current_run_id
from crm.queries.tendency import tendency_of
from crm.queries.today.items import FlagItem, Item
from crm.queries.today.queues import Queue
from crm.queries.today.reasons import departures_of, reasons_of
from crm.queries.today.scope import Scope
from scoring.core.policy import Policy
from scoring.models import ChurnFlag, FlagLevel, ScoringRun
from scoring.policy import policy_of
from scoring.store import read_states

EPOCH = dt.date(1970, 1, 1)


class FlagQueue(Queue[ChurnFlag]):
    """Open flags that nobody has acknowledged; by level, then money, then score."""

    kind = "flag"
    is_acknowledged = False

    def found(self, scope: Scope) -> QuerySet[ChurnFlag]:
        flags = ChurnFlag.objects.filter(
            cleared_at=None, acknowledged_at__isnull=not self.is_acknowledged, level__gte=_least(scope)
        )
        # Of everybody there is nothing to look up; a flag of a customer merged away is cleared.
        if not scope.user.is_executive:
            flags = flags.filter(customer__in=scope.customers)
        order = (F("level").desc(), F("money").desc(nulls_last=True), F("present_score").desc(), "pk")
        return with_money(flags, scope).order_by(*order)

    def was(self, row: Any) -> str:
        return str(row.level)

    def is_still(self, was: str, now: str) -> bool:
        """A flag that falls is no news."""
        return int(now) <= int(was)

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        policy = policy_of(scope.run.policy) if scope.run else None
        departed = departures_of(rows, policy)
        ids = [row.customer_id for row in rows]
        ordered = _last_orders(ids, scope.run)
        customers = Customer.objects.select_related("owner").in_bulk(ids)
        changeable = set(
            access.changeable_customers(scope.user).filter(pk__in=ids).values_list("pk", flat=True)
        )
        return [
            FlagItem(
                key=str(row.pk),
                was=self.was(row),
                bar=FlagLevel(row.level).code,
                customer_id=row.customer_id,
                customer=customers[row.customer_id].short_name,
                level=FlagLevel(row.level).code,
                score=row.present_score,
                tendency=_tendency(row, policy),
                reasons=reasons_of(row, policy, departed.get(row.customer_id)),
                money_minor=None if row.money is None else round(row.money),
                ordered_on=ordered.get(row.customer_id),
                is_lost=customers[row.customer_id].stage == Stage.LOST,
                since=row.opened_at,
                owner=scope.name_unless_mine(customers[row.customer_id].owner),
                may_change=row.customer_id in changeable,
                acknowledged_at=row.acknowledged_at,
                acknowledged_by=str(row.acknowledged_by or ""),
            )
            for row in rows
        ]


class AcknowledgedQueue(FlagQueue):
    """Flags of which somebody took note. They leave this block when they rise."""

    kind = "acknowledged"
    is_acknowledged = True

    def found(self, scope: Scope) -> QuerySet[ChurnFlag]:
        return super().found(scope).select_related("acknowledged_by")


def with_money(flags: QuerySet[ChurnFlag], scope: Scope) -> QuerySet[Any]:
    """Adds ``points``, ``inputs``, ``present_score`` and ``money`` of the current run: the score that a flag
    keeps is that of its rise. No money of customers whose profit he may not see; not even the order tells
    it."""
    at_risk: F | Cast = F("current__money_at_risk_minor")
    if not scope.user.sees_everything:
        # Cast: where he sees nobody's, this is the constant null, and SQL does not sort by a bare constant.
        at_risk = Cast(Case(When(customer__in=scope.sees_money, then=at_risk)), FloatField())
    return flags.annotate(
        current=FilteredRelation("customer__scores", condition=Q(customer__scores__run_id=current_run_id())),
        points=F("current__churn_points"),
        inputs=F("current__churn_inputs"),
        is_immediate=F("current__is_immediate"),
        present_score=Coalesce(F("current__churn_score"), F("score")),
        money=at_risk,
    )


def _last_orders(ids: Sequence[int], run: ScoringRun | None) -> dict[int, dt.date]:
    """By customer the day of his latest order that the run counted; one read by key."""
    if run is None or not ids:
        return {}
    states = read_states(run.pk, ids)
    return {
        customer: EPOCH + dt.timedelta(days=int(day))
        for customer, day in zip(states.customer_id.tolist(), states.last_purchase_day.tolist(), strict=True)
        if not math.isnan(day)
    }


def _least(scope: Scope) -> int:
    return FlagLevel.AT_RISK if scope.user.is_executive else FlagLevel.WATCH


def _tendency(row: Any, policy: Policy | None) -> str:
    if policy is None or not row.points:
        return ""
    return tendency_of(row.level, row.present_score, policy.churn, is_immediate=row.is_immediate)
