"""Good news and chances: what needs nobody today and is worth a look. Calm, and cheap to find.

Growth and profit are read from the states of the current run: what was counted for the score is not counted
again for a page.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import connection
from django.db.models import FloatField, QuerySet
from django.db.models.expressions import RawSQL
from redis.exceptions import RedisError

from accounts.customers.models import Customer
from accounts.customers.services import company_day
from crm.queries.today.items import GrowthItem, Item, UnprofitableItem
from crm.queries.today.queues import Queue
from crm.queries.today.scope import CUSTOMERS, Scope
from crm.queries.wording import name_of
from scoring.core.policy import IndicatorCode
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

KEPT_FOR = dt.timedelta(minutes=15)
COLUMNS = ("pk", "short_name", "owner_id", "owner_name", "figures")

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

    columns = COLUMNS
    figures: str

    @abstractmethod
    def condition(self, run: ScoringRun) -> Condition | None:
        """None: nobody can meet it."""

    def customers(self, scope: Scope) -> QuerySet[Customer]:
        return scope.customers

    def found(self, scope: Scope) -> QuerySet[Customer]:
        run = scope.run
        condition = self.condition(run) if run else None
        if run is None or condition is None:
            return Customer.objects.none()
        # Each is looked up by key: a few hundred of his own, or those of the company who met it lately.
        his = scope.few.get(CUSTOMERS)
        ids = self.who_met_it(run, condition) if his is None else list(his)
        those = f"select s.customer_id {_STATE} and s.customer_id = any(%s) and {condition.text}"
        met = RawSQL(those, [run.pk, ids, *condition.values])  # noqa: S611
        text = f"(select array[{self.figures}] {_STATE} and s.customer_id = customers_customer.id)"
        figures = RawSQL(text, [run.pk], output_field=ArrayField(FloatField()))  # noqa: S611
        found = self.customers(scope).filter(pk__in=met)
        return found.annotate(figures=figures, owner_name=name_of("owner")).order_by("-figures", "pk")

    def who_met_it(self, run: ScoringRun, condition: Condition) -> list[int]:
        """By the states of everybody, at most `KEPT_FOR` ago: reading them for each page takes as long as the
        rest of it."""
        key, kept = f"today-{self.kind}-{run.pk}", None
        # Without the cache it takes its time, and the page is there.
        with suppress(RedisError):
            kept = cache.get(key)
        if kept is not None:
            return list(kept)
        with connection.cursor() as cursor:
            cursor.execute(f"select s.customer_id {_STATE} and {condition.text}", [run.pk, *condition.values])
            found = [pk for (pk,) in cursor.fetchall()]
        with suppress(RedisError):
            cache.set(key, found, timeout=KEPT_FOR.total_seconds())
        return found


class GrowingQueue(StateQueue):
    """Who buys much more than a year ago, small customers too; the fastest first.

    Only who was a customer before the months he is compared with, and who orders often enough for a
    comparison.
    """

    kind = "growing"
    figures = _GROWTH

    def condition(self, run: ScoringRun) -> Condition:
        policy = policy_of(run.policy)
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
                owner=scope.unless_mine(row.owner_id, row.owner_name),
            )
            for row in rows
        ]


class UnprofitableQueue(StateQueue):
    """Large customers of whose sales nothing is left after direct cost and cost to serve, the largest first;
    only whose profit he may see."""

    kind = "unprofitable"
    figures = _PROFIT

    def condition(self, run: ScoringRun) -> Condition | None:
        references = {each.code: each for each in cuts_of(run.pk).indicators}
        sales = references.get(IndicatorCode.TOTAL_SALES)
        return Condition(_EARNS_NOTHING, (LARGE * sales.mean,)) if sales and sales.mean > 0 else None

    def customers(self, scope: Scope) -> QuerySet[Customer]:
        if scope.user.sees_everything:
            return scope.customers
        return scope.customers.filter(pk__in=scope.money_keys)

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
                owner=scope.unless_mine(row.owner_id, row.owner_name),
            )
            for row in rows
        ]
