"""Customers who were at risk and are not any more, and by what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language

from accounts.customers.models import Stage
from accounts.customers.services import company_day
from accounts.surveys.models import CaseState, CorrectiveAction
from crm.queries.today.items import Item, OrdersBack, SavedItem, Solved
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope
from crm.queries.wording import name_of
from scoring.models import ChurnFlag, FlagLevel, ScoreChange

SHOWN_FOR = dt.timedelta(days=14)
COLUMNS = (
    "pk",
    "customer_id",
    "customer__short_name",
    "customer__owner_id",
    "owner_name",
    "opened_at",
    "cleared_at",
)
A_PAUSE = 2.0
"""Times his mean gap between orders, from which a pause was one."""

# The first order after a flag opened, when the pause before it was long for him.
_ORDERS_BACK = """
select f.id, back.day, back.day - before.day
from unnest(%(flags)s::bigint[], %(customers)s::bigint[], %(opened)s::date[]) as f (id, customer_id, opened)
join scoring_customer_state s on s.run_id = %(run)s and s.customer_id = f.customer_id and s.purchase_days > 1
cross join lateral (
  select min(o.ordered_on) as day from orders_order o
  where o.customer_id = f.customer_id and o.superseded_at is null and o.kind = 'order'
    and o.ordered_on > f.opened and o.ordered_on <= %(today)s
) back
cross join lateral (
  select max(o.ordered_on) as day from orders_order o
  where o.customer_id = f.customer_id and o.superseded_at is null and o.kind = 'order'
    and o.ordered_on <= f.opened
) before
where (back.day - before.day) * (s.purchase_days - 1)
  >= %(pause)s * (s.last_purchase_day - s.first_purchase_day)
"""


class SavedQueue(Queue[ChurnFlag]):
    """Flags that were at risk or critical and were cleared lately, the latest first; none of a customer who
    is flagged again or has left."""

    kind = "saved"
    columns = COLUMNS

    def found(self, scope: Scope) -> QuerySet[ChurnFlag]:
        # A flag keeps its last level; the way down leads through lower ones.
        moved = ScoreChange.objects.filter(
            customer=OuterRef("customer"), at__gte=OuterRef("opened_at"), at__lte=OuterRef("cleared_at")
        )
        bad = Exists(
            moved.filter(Q(flag_before__gte=FlagLevel.AT_RISK) | Q(flag_after__gte=FlagLevel.AT_RISK))
        )
        again = ChurnFlag.objects.filter(customer=OuterRef("customer"), cleared_at=None)
        cleared = ChurnFlag.objects.filter(
            cleared_at__gt=scope.now - SHOWN_FOR, cleared_at__lte=scope.now, customer__in=scope.customer_keys
        )
        saved = cleared.filter(Q(level__gte=FlagLevel.AT_RISK) | bad, ~Exists(again)).exclude(
            customer__stage__in=[Stage.LOST, Stage.DORMANT]
        )
        return saved.annotate(owner_name=name_of("customer__owner")).order_by("-cleared_at", "pk")

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        """Two queries, none where there is no row."""
        if not rows:
            return []
        solved, back = _solved(rows, scope), _orders_back(rows, scope)
        return [
            SavedItem(
                key=str(row.pk),
                customer_id=row.customer_id,
                customer=row.customer__short_name,
                opened_at=row.opened_at,
                cleared_at=row.cleared_at,
                solved=tuple(solved.get(row.pk, ())),
                orders_back=back.get(row.pk),
                owner=scope.unless_mine(row.customer__owner_id, row.owner_name),
            )
            for row in rows
        ]


def _solved(rows: Sequence[Any], scope: Scope) -> dict[int, list[Solved]]:
    """By flag: the corrective actions that the customer confirmed while it was up."""
    cases = CorrectiveAction.objects.filter(
        customer__in={row.customer_id for row in rows},
        state=CaseState.CONFIRMED,
        closed_at__gte=min(row.opened_at for row in rows),
    )
    if scope.works:
        cases = cases.filter(project__in=scope.project_keys)
    language = get_language() or "en"
    found: dict[int, list[Solved]] = {}
    for case in cases.select_related("dimension").order_by("closed_at", "pk"):
        for row in rows:
            is_his = row.customer_id == case.customer_id
            if (
                is_his
                and case.closed_at
                and row.cleared_at
                and row.opened_at <= case.closed_at <= row.cleared_at
            ):
                words = Solved(case.pk, case.dimension.name_in(language), case.closed_at)
                found.setdefault(row.pk, []).append(words)
    return found


def _orders_back(rows: Sequence[Any], scope: Scope) -> dict[int, OrdersBack]:
    values: dict[str, Any] = {
        "flags": [row.pk for row in rows],
        "customers": [row.customer_id for row in rows],
        "opened": [company_day(row.opened_at) for row in rows],
        "run": scope.run.pk if scope.run else 0,
        "today": scope.today,
        "pause": A_PAUSE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS_BACK, values)
        return {flag: OrdersBack(day, days) for flag, day, days in cursor.fetchall()}
