"""Good news and chances: what needs nobody today and is worth a look. Calm, and cheap to find.

Growth and profit are read from the states of the current run: what was counted for the score is not counted
again for a page.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, FloatField, QuerySet, Window
from django.db.models.expressions import RawSQL

from accounts.customers.models import Customer
from accounts.customers.services import company_day
from crm.queries.today.items import SHOWN, GrowthItem, Item, Section, UnprofitableItem
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope
from scoring.core.policy import IndicatorCode, Policy
from scoring.models import ScoringRun
from scoring.policy import cuts_of, policy_of

FASTER = 1.5
"""Sales of the recent months over those of the same months a year ago from which they are growing fast."""
LEAST_ORDERS = 4
"""Orders that the rhythm puts into the recent months before two such spans are compared: with fewer, one
order more or less is a growth of a third."""
LARGE = 2.0
"""Sales over those of the average customer from which a customer who earns nothing is worth a word."""
YEAR = 365
EPOCH = dt.date(1970, 1, 1)

_STATE = "from scoring_customer_state s where s.run_id = %s"
_GROWS = """
s.same_months_sales > 0 and s.recent_sales >= %s * s.same_months_sales
and s.first_purchase_day <= %s and s.purchase_days > 1
and (s.last_purchase_day - s.first_purchase_day) * %s <= %s * (s.purchase_days - 1)
"""
_GROWTH = "s.recent_sales / s.same_months_sales, s.recent_sales, s.same_months_sales"
# Not a number in runs that are older than cost activities.
_COST_TO_SERVE = "coalesce(nullif(s.cost_to_serve, 'NaN'), 0)"
_EARNS_NOTHING = f"""
s.sales >= %s and s.costed_sales > 0 and s.costed_sales - s.direct_cost - {_COST_TO_SERVE} <= 0
"""
_PROFIT = f"s.sales, s.costed_sales - s.direct_cost, {_COST_TO_SERVE}"


@dataclass(frozen=True)
class Condition:
    """What is asked of a customer's state ``s``, and with which values."""

    text: str
    values: tuple[float, ...] = field(default=())


class StateQueue(Queue[Customer]):
    """Customers by their state in the current run; ``figures`` are what is read of it, the first orders."""

    figures: str

    @abstractmethod
    def condition(self, run: ScoringRun, policy: Policy) -> Condition | None:
        """None: nobody can meet it."""

    def customers(self, scope: Scope) -> QuerySet[Customer]:
        return scope.customers

    def found(self, scope: Scope) -> QuerySet[Customer]:
        run = scope.run
        condition = self.condition(run, policy_of(run.policy)) if run else None
        if run is None or condition is None:
            return Customer.objects.none()
        customers: QuerySet[Any] = self.customers(scope)
        state, values = f"select array[{self.figures}] {_STATE}", [run.pk]
        of_him = "and s.customer_id = customers_customer.id"
        if scope.works:
            # His customers are few: each is looked up by key.
            text = f"({state} {of_him} and {condition.text})"
            read = customers.annotate(figures=_array(text, [*values, *condition.values]))
            found = read.filter(figures__isnull=False)
        else:
            those = f"(select s.customer_id {_STATE} and {condition.text})"
            matching = customers.filter(pk__in=RawSQL(those, [*values, *condition.values]))  # noqa: S611
            found = matching.annotate(figures=_array(f"({state} {of_him})", values))
        ordered: QuerySet[Customer] = found.select_related("owner").order_by("-figures", "pk")
        return ordered

    def section(self, scope: Scope, *, limit: int = SHOWN) -> Section:
        """In one query, since there are few and their rows are short."""
        rows: list[Any] = list(self.awake(scope).annotate(total=Window(Count("*")))[:limit])
        return Section(self.kind, tuple(self.items(rows, scope)), rows[0].total if rows else 0)


class GrowingQueue(StateQueue):
    """Who buys much more than a year ago, small customers too; the fastest first.

    Only who was a customer before the months he is compared with, and who orders often enough for a
    comparison.
    """

    kind = "growing"
    figures = _GROWTH

    def condition(self, run: ScoringRun, policy: Policy) -> Condition:
        first = (company_day(run.as_of) - EPOCH).days - YEAR - policy.recent_days
        return Condition(_GROWS, (FASTER, first, LEAST_ORDERS, policy.recent_days))

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        days = policy_of(scope.run.policy).recent_days if scope.run else 0
        return [
            GrowthItem(
                key=str(row.pk),
                customer_id=row.pk,
                customer=row.short_name,
                growth=row.figures[0] - 1,
                recent_minor=round(row.figures[1]),
                before_minor=round(row.figures[2]),
                days=days,
                owner=scope.name_unless_mine(row.owner),
            )
            for row in rows
        ]


class UnprofitableQueue(StateQueue):
    """Large customers of whose sales nothing is left after direct cost and cost to serve, the largest first;
    only whose profit he may see."""

    kind = "unprofitable"
    figures = _PROFIT

    def condition(self, run: ScoringRun, policy: Policy) -> Condition | None:
        references = {each.code: each for each in cuts_of(run.pk).indicators}
        sales = references.get(IndicatorCode.TOTAL_SALES)
        return Condition(_EARNS_NOTHING, (LARGE * sales.mean,)) if sales and sales.mean > 0 else None

    def customers(self, scope: Scope) -> QuerySet[Customer]:
        if scope.user.sees_everything:
            return scope.customers
        return scope.customers.filter(pk__in=scope.sees_money.values("pk"))

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        days = policy_of(scope.run.policy).window_days if scope.run else 0
        return [
            UnprofitableItem(
                key=str(row.pk),
                customer_id=row.pk,
                customer=row.short_name,
                sales_minor=round(row.figures[0]),
                gross_profit_minor=round(row.figures[1]),
                cost_to_serve_minor=round(row.figures[2]),
                days=days,
                owner=scope.name_unless_mine(row.owner),
            )
            for row in rows
        ]


def _array(text: str, values: Sequence[float]) -> RawSQL:
    return RawSQL(text, values, output_field=ArrayField(FloatField()))  # noqa: S611
