"""Reads about activities, their rates, and what serving a customer costs.

Callers ask `accounts.access` first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from accounts.costs.models import Activity, ActivityRate, ActivityUsage, CostPool
from accounts.costs.services import usages_between
from accounts.customers.models import Customer
from accounts.facts import CURRENT
from accounts.orders.models import Order
from crm.queries import keyset

POOLS = tuple(CostPool)
USAGES_SHOWN = 20
OLD_RATES_SHOWN = 50


def activities_by_pool(today: dt.date) -> list[tuple[CostPool, list[Activity]]]:
    """Every pool that has activities, in the order of `CostPool`; those in use first, then by code."""
    last = ActivityUsage.objects.filter(CURRENT, activity=OuterRef("pk")).order_by("-used_on")
    found = rated(Activity.objects.all(), today).annotate(last_used_on=Subquery(last.values("used_on")[:1]))
    by_pool: dict[str, list[Activity]] = {pool: [] for pool in POOLS}
    for activity in found.order_by("-is_active", "code"):
        by_pool[activity.pool].append(activity)
    return [(pool, by_pool[pool]) for pool in POOLS if by_pool[pool]]


def rated(activities: QuerySet[Activity], day: dt.date) -> QuerySet[Activity]:
    """With ``rate_minor`` and ``rate_since`` of the rate in force on a day; None without one.

    ``next_rate_minor`` and ``next_rate_from``: of the first that begins after it.
    """
    rates = ActivityRate.objects.filter(CURRENT, activity=OuterRef("pk"))
    latest = rates.filter(valid_from__lte=day).order_by("-valid_from")
    later = rates.filter(valid_from__gt=day).order_by("valid_from")
    return activities.annotate(
        rate_minor=Subquery(latest.values("rate_minor")[:1]),
        rate_since=Subquery(latest.values("valid_from")[:1]),
        next_rate_minor=Subquery(later.values("rate_minor")[:1]),
        next_rate_from=Subquery(later.values("valid_from")[:1]),
    )


@dataclass(frozen=True)
class Rate:
    """A believed rate; one that is not ``is_withdrawable`` is the only one some usages have."""

    of: ActivityRate
    is_in_force: bool
    is_first: bool
    is_withdrawable: bool


def rates_of(activity: Activity, today: dt.date) -> list[Rate]:
    """The believed ones, the latest first."""
    found = list(activity.rates.filter(CURRENT).select_related("author").order_by("-valid_from"))
    if not found:
        return []
    begun = [rate.valid_from for rate in found if rate.valid_from <= today]
    following = found[-2].valid_from if len(found) > 1 else None
    is_needed = usages_between(activity, found[-1].valid_from, following).exists()
    return [
        Rate(
            rate,
            is_in_force=rate.valid_from == max(begun, default=None),
            is_first=rate is found[-1],
            is_withdrawable=rate is not found[-1] or not is_needed,
        )
        for rate in found
    ]


def old_rates_of(activity: Activity) -> list[ActivityRate]:
    """Those replaced or withdrawn, what ended last first; ``replaced_by``: who set the next, None: nobody."""
    next_one = ActivityRate.objects.filter(
        activity=activity, valid_from=OuterRef("valid_from"), known_at=OuterRef("superseded_at")
    )
    found = activity.rates.exclude(CURRENT).select_related("author").order_by("-superseded_at", "-pk")
    return list(
        found.annotate(
            is_replaced=Exists(next_one),
            replaced_by=Subquery(next_one.values("author__name")[:1]),
        )[:OLD_RATES_SHOWN]
    )


@dataclass(frozen=True)
class Month:
    """Sums in minor units of the company's currency; ``costs`` in the order of `POOLS`."""

    first: dt.date
    costs: tuple[int, ...]
    sales: int
    gross_profit: int

    @property
    def cost(self) -> int:
        return sum(self.costs)


@dataclass(frozen=True)
class ActivityCost:
    """What one activity cost in the window; ``rate_minor``: the mean over its usages, per unit."""

    activity: Activity
    usages: int
    quantity: Decimal
    cost: int
    share: float

    @property
    def rate_minor(self) -> Decimal:
        return self.cost / self.quantity


@dataclass(frozen=True)
class CostToServe:
    """A customer's costs, sales and profit from ``first`` to ``last``, in minor units of the base currency.

    ``uncosted``: how many orders have no direct cost; they count in the sales and in no profit.
    """

    first: dt.date
    last: dt.date
    months: Sequence[Month]
    activities: Sequence[ActivityCost]
    uncosted: int = field(default=0)

    @cached_property
    def cost(self) -> int:
        return sum(each.cost for each in self.activities)

    @cached_property
    def sales(self) -> int:
        return sum(month.sales for month in self.months)

    @cached_property
    def gross_profit(self) -> int:
        return sum(month.gross_profit for month in self.months)

    @property
    def remains(self) -> int:
        return self.gross_profit - self.cost

    @property
    def share_of_profit(self) -> float | None:
        """What of the gross profit serving him takes; None without one."""
        return self.cost / self.gross_profit if self.gross_profit > 0 else None

    @cached_property
    def without_value(self) -> int:
        """What the activities cost that add no value for the customer."""
        return sum(each.cost for each in self.activities if not each.activity.is_value_adding)

    @cached_property
    def by_pool(self) -> list[tuple[CostPool, int]]:
        """Pool and its cost in all months."""
        return [(pool, sum(month.costs[place] for month in self.months)) for place, pool in enumerate(POOLS)]


def cost_to_serve_of(customer: Customer, *, last: dt.date, window_days: int) -> CostToServe:
    """As believed now, over the ``window_days`` that end with ``last``; three statements."""
    first = last - dt.timedelta(days=window_days - 1)
    usages = ActivityUsage.objects.filter(CURRENT, customer=customer, used_on__range=(first, last))
    rows = list(
        usages.order_by()
        .annotate(month=TruncMonth("used_on"))
        .values_list("activity", "month")
        .annotate(Count("pk"), Sum("quantity"), Sum("base_cost_minor"))
        .order_by("activity", "month")
    )
    known = rated(Activity.objects.filter(pk__in={row[0] for row in rows}), last).in_bulk()
    trade, uncosted = _trade(customer, first, last)
    months = _months(rows, known, trade)
    return CostToServe(first, last, months, _activities(rows, known), uncosted)


_Row = tuple[int, dt.date, int, Decimal, int]


def _activities(rows: Sequence[_Row], known: dict[int, Activity]) -> list[ActivityCost]:
    """The dearest first."""
    total = sum(row[4] for row in rows) or 1
    costs = []
    for activity, group in groupby(rows, key=lambda row: row[0]):
        each = list(group)
        cost = sum(row[4] for row in each)
        quantity = sum((row[3] for row in each), Decimal(0))
        costs.append(ActivityCost(known[activity], sum(row[2] for row in each), quantity, cost, cost / total))
    return sorted(costs, key=lambda each: -each.cost)


def _months(
    rows: Sequence[_Row], known: dict[int, Activity], trade: dict[dt.date, tuple[int, int]]
) -> list[Month]:
    """Every month from the first in which anything happened to the last, the empty ones too."""
    costs: dict[dt.date, dict[str, int]] = {}
    for activity, month, _count, _quantity, cost in rows:
        pools = costs.setdefault(month, {})
        pool = known[activity].pool
        pools[pool] = pools.get(pool, 0) + cost
    found = sorted({*costs, *trade})
    if not found:
        return []
    places = range(found[0].year * 12 + found[0].month - 1, found[-1].year * 12 + found[-1].month)
    months = []
    for place in places:
        first = dt.date(place // 12, place % 12 + 1, 1)
        spent = costs.get(first, {})
        months.append(Month(first, tuple(spent.get(pool, 0) for pool in POOLS), *trade.get(first, (0, 0))))
    return months


def _trade(customer: Customer, first: dt.date, last: dt.date) -> tuple[dict[dt.date, tuple[int, int]], int]:
    """Month -> sales and gross profit; and how many orders have no direct cost."""
    orders = Order.objects.filter(CURRENT, customer=customer, ordered_on__range=(first, last))
    rows = list(
        orders.order_by()
        .annotate(month=TruncMonth("ordered_on"))
        .values_list("month")
        .annotate(
            sales=Sum("base_amount_minor"),
            profit=Sum(F("base_amount_minor") - F("base_direct_cost_minor"), default=0),
            count=Count("pk"),
            costed=Count("base_direct_cost_minor"),
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}, sum(row[3] - row[4] for row in rows)


def page_of_usages(
    customer: Customer, activity: Activity | None = None, *, after: str = "", before: str = ""
) -> keyset.Page[ActivityUsage]:
    """A customer's current usages, of one activity or all, the latest first."""
    found = ActivityUsage.objects.filter(CURRENT, customer=customer)
    if activity is not None:
        found = found.filter(activity=activity)
    order = [keyset.Part(found, ("-used_on", "-pk"), (dt.date, int))]
    page = keyset.page_or_first(order, after=after, before=before, limit=USAGES_SHOWN)
    count, is_exact = keyset.count_of(found)
    by_id = ActivityUsage.objects.select_related("activity", "project").in_bulk(page.rows)
    rows = [by_id[pk] for pk in page.rows if pk in by_id]
    return keyset.Page(rows, page.newer, page.older, count, is_exact)
