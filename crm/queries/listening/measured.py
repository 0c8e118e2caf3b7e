"""Perceived against measured: the delivery grade beside the on-time rate, the quality grade beside returns.

On time: orders promised for a month that were delivered by that day, among all that were promised for it; one
that is due and not delivered is late. Returns: credit notes of a month as a share of its sales. Grades: the
mean points of the dimension in the weeks that begin in the month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

MONTHS = 12
DELIVERY, QUALITY = "delivery", "quality"
"""Codes of the dimensions that something measured stands beside."""

_ORDERS = """
select o.customer_id, date_trunc('month', o.promised_on)::date as month, 'due' as what, count(*)::float8,
    count(*) filter (where o.delivered_on <= o.promised_on)::float8
from orders_order o
where o.customer_id = any(%(customers)s) and o.kind = 'order'
  and o.promised_on between %(first)s and %(day)s
  and o.known_at <= %(as_of)s and (o.superseded_at is null or o.superseded_at > %(as_of)s)
group by 1, 2
union all
select o.customer_id, date_trunc('month', o.ordered_on)::date, 'sold',
    coalesce(sum(o.base_amount_minor) filter (where o.kind = 'order'), 0)::float8,
    coalesce(-sum(o.base_amount_minor) filter (where o.kind = 'credit_note'), 0)::float8
from orders_order o
where o.customer_id = any(%(customers)s) and o.ordered_on between %(first)s and %(day)s
  and o.known_at <= %(as_of)s and (o.superseded_at is null or o.superseded_at > %(as_of)s)
group by 1, 2
"""

_GRADES = """
select g.customer_id, date_trunc('month', g.week_id)::date, dimension.code,
    sum(grade.points)::float8, count(*), min(grade.points)::float8
from surveys_answergrade g
join surveys_surveydimension dimension on dimension.id = g.dimension_id
join surveys_programmegrade grade on grade.id = g.grade_id
where g.customer_id = any(%(customers)s) and g.project_id = any(%(projects)s)
  and dimension.code in ('delivery', 'quality') and g.week_id between %(first)s and %(day)s
  and g.known_at <= %(as_of)s and (g.superseded_at is null or g.superseded_at > %(as_of)s)
group by 1, 2, 3
"""


class Share(NamedTuple):
    """``part`` of ``whole``: orders on time of those due, or returns of sales in minor units."""

    whole: float = 0.0
    part: float = 0.0

    @property
    def rate(self) -> float | None:
        """0..1; None of nothing."""
        return self.part / self.whole if self.whole > 0 else None


class Graded(NamedTuple):
    """Sum of the points of ``grades`` grades, and the ``lowest`` of them; None without any."""

    points: float = 0.0
    grades: int = 0
    lowest: float | None = None

    @property
    def mean(self) -> float | None:
        return self.points / self.grades if self.grades else None


class Month(NamedTuple):
    first: dt.date
    on_time: Share
    returns: Share
    delivery: Graded
    quality: Graded


@dataclass(frozen=True)
class Measured:
    """Twelve months, oldest first, the present one last; and what they add up to."""

    months: tuple[Month, ...]

    @property
    def newest_first(self) -> tuple[Month, ...]:
        return self.months[::-1]

    @property
    def latest_delivery(self) -> Month | None:
        """The latest month in which somebody graded delivery."""
        return next((month for month in self.newest_first if month.delivery.grades), None)

    @property
    def total(self) -> Month:
        return Month(
            self.months[0].first,
            Share(*map(sum, zip(*(month.on_time for month in self.months), strict=True))),
            Share(*map(sum, zip(*(month.returns for month in self.months), strict=True))),
            _sum([month.delivery for month in self.months]),
            _sum([month.quality for month in self.months]),
        )


def measured_of(
    customers: Collection[int], project_ids: Collection[int], *, day: dt.date, as_of: dt.datetime
) -> dict[int, Measured]:
    """By customer id, of the twelve months that end with ``day``. Two queries."""
    firsts = _months(day)
    wanted: dict[str, Any] = {
        "customers": list(customers),
        "projects": list(project_ids),
        "first": firsts[0],
        "day": day,
        "as_of": as_of,
    }
    shares: dict[tuple[int, dt.date, str], Share] = {}
    grades: dict[tuple[int, dt.date, str], Graded] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, wanted)
        for customer, month, what, whole, part in cursor.fetchall():
            shares[customer, month, what] = Share(whole, part)
        cursor.execute(_GRADES, wanted)
        for customer, month, code, *facts in cursor.fetchall():
            grades[customer, month, code] = Graded(*facts)
    return {
        pk: Measured(
            tuple(
                Month(
                    first,
                    shares.get((pk, first, "due"), Share()),
                    shares.get((pk, first, "sold"), Share()),
                    grades.get((pk, first, DELIVERY), Graded()),
                    grades.get((pk, first, QUALITY), Graded()),
                )
                for first in firsts
            )
        )
        for pk in customers
    }


def _months(day: dt.date) -> list[dt.date]:
    last = day.year * 12 + day.month - 1
    return [dt.date(each // 12, each % 12 + 1, 1) for each in range(last - MONTHS + 1, last + 1)]


def _sum(graded: list[Graded]) -> Graded:
    lowest = min((each.lowest for each in graded if each.lowest is not None), default=None)
    return Graded(sum(each.points for each in graded), sum(each.grades for each in graded), lowest)
