"""How a customer's sales move: the last months, against the same days a year ago."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce, TruncMonth

from accounts.customers.models import Customer
from accounts.facts import CURRENT
from accounts.orders.models import Order

MONTHS = 24
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class SalesTrend:
    """Minor units of the base currency: ``months`` oldest first, the present one last; ``recent``: the last
    ``days``, ``before``: the same days a year earlier. ``first_month`` is a month's first day."""

    first_month: dt.date
    months: tuple[int, ...]
    days: int
    recent_minor: int
    before_minor: int

    @property
    def growth(self) -> float | None:
        """1 is twice as much; None where there were no sales to compare with."""
        return self.recent_minor / self.before_minor - 1 if self.before_minor > 0 else None

    @property
    def last_month(self) -> dt.date:
        return self._month(len(self.months) - 1)

    @property
    def highest_minor(self) -> int:
        return max(self.months)

    @property
    def highest_month(self) -> dt.date:
        """The latest where there are several."""
        return self._month(max(range(len(self.months)), key=lambda place: (self.months[place], place)))

    def _month(self, place: int) -> dt.date:
        months = self.first_month.year * 12 + self.first_month.month - 1 + place
        return dt.date(months // 12, months % 12 + 1, 1)


def sales_trend_of(customer: Customer, today: dt.date, *, days: int) -> SalesTrend:
    """Two queries, over the two years alone."""
    last = today.year * 12 + today.month - 1
    first = dt.date((last - MONTHS + 1) // 12, (last - MONTHS + 1) % 12 + 1, 1)
    orders = Order.objects.filter(CURRENT, customer=customer, ordered_on__lte=today).order_by()
    by_month = dict(
        orders.filter(ordered_on__gte=first)
        .values_list(TruncMonth("ordered_on"))
        .annotate(Sum("base_amount_minor"))
    )
    places = range(last - MONTHS + 1, last + 1)
    span = dt.timedelta(days=days)
    recent, earlier = (
        Coalesce(Sum("base_amount_minor", filter=Q(ordered_on__gt=end - span, ordered_on__lte=end)), 0)
        for end in (today, today - YEAR)
    )
    sums = orders.filter(ordered_on__gt=today - YEAR - span).aggregate(recent=recent, before=earlier)
    return SalesTrend(
        first_month=first,
        months=tuple(by_month.get(dt.date(each // 12, each % 12 + 1, 1), 0) for each in places),
        days=days,
        recent_minor=sums["recent"],
        before_minor=sums["before"],
    )
