"""Do satisfied customers stay? Who was a customer a year ago, in which band his index was then, who is left.

1. The base is the day 365 days before the as-of day; the quarter is the 13 complete weeks before it, with the
   grades that were known then.
2. Counted is who was a customer on that day: initial, continuing or long-term, with a project.
3. His index of the quarter is the mean of its weeks that have one. Who was asked and never graded is silent.
4. Kept is who is not lost today, and either ordered within the 365 days or is not dormant today.

A tier is that of the last run that was scored by the base day and is still kept: today's would know the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from django.db import connection

from accounts.customers.services import company_day
from scoring.core.rates import Rate, wilson
from scoring.models import CustomerScore, RunState, ScoringRun, Tier
from scoring.satisfaction.groups import Members, groups_of
from scoring.satisfaction.reading import WEEK
from scoring.satisfaction.said import index_of_projects, read

HORIZON = dt.timedelta(days=365)
QUARTER_WEEKS = 13
LEAST_CUSTOMERS = 10
"""A rate of fewer says too little to be shown."""

_CUSTOMERS = """
with stages as (
  select s.customer_id, s.stage, s.valid_from, s.id from customers_customerstage s
  where s.customer_id = any(%(customers)s::bigint[]) and s.known_at <= %(as_of)s and s.valid_from <= %(day)s
),
was as (
  select distinct on (customer_id) customer_id, stage from stages
  where valid_from <= %(base)s order by customer_id, valid_from desc, id desc
),
became as (
  select distinct on (customer_id) customer_id, stage from stages
  order by customer_id, valid_from desc, id desc
),
buyers as (
  select distinct o.customer_id from orders_order o
  where o.customer_id = any(%(customers)s::bigint[]) and o.kind = 'order'
    and o.ordered_on > %(base)s and o.ordered_on <= %(day)s
    and o.known_at <= %(as_of)s and (o.superseded_at is null or o.superseded_at > %(as_of)s)
)
select c.id, extract(year from c.acquired_on)::int,
  became.stage <> 'lost' and (became.stage <> 'dormant' or buyers.customer_id is not null)
from customers_customer c
join was on was.customer_id = c.id and was.stage in ('initial', 'continuing', 'long_term')
join became on became.customer_id = c.id
left join buyers on buyers.customer_id = c.id
order by c.id
"""


class Band(StrEnum):
    """Where the index of a quarter was; the lower end belongs to the band."""

    TOP = "80 to 100"
    HIGH = "60 to 80"
    MIDDLE = "40 to 60"
    LOW = "0 to 40"
    NEGATIVE = "below 0"
    SILENT = "silent"
    NOT_ASKED = "not asked"


_ENDS = ((80.0, Band.TOP), (60.0, Band.HIGH), (40.0, Band.MIDDLE), (0.0, Band.LOW))


class Outcome(NamedTuple):
    """A customer of the base day. ``acquired``: year, None where nobody noted it; ``tier``: that of then."""

    customer: int
    acquired: int | None
    band: Band
    tier: Tier | None
    is_kept: bool


@dataclass(frozen=True)
class Slice:
    """``key``: band, year or tier; the rate is that of those kept."""

    key: Band | int | Tier | None
    rate: Rate

    @property
    def is_enough(self) -> bool:
        return self.rate.n >= LEAST_CUSTOMERS


@dataclass(frozen=True)
class Retention:
    """``tiers`` is empty where no scores are kept from then."""

    base: dt.date
    day: dt.date
    total: Slice
    bands: tuple[Slice, ...]
    cohorts: tuple[Slice, ...]
    tiers: tuple[Slice, ...]
    content: Slice
    """60 and better."""
    discontent: Slice
    """Below 60; the silent are not among them."""

    @property
    def is_enough(self) -> bool:
        return self.content.is_enough and self.discontent.is_enough


def retention_of(customer_of: Mapping[int, int], *, as_of: dt.datetime) -> Retention:
    """``customer_of``: the customer of each project that counts. At most five statements."""
    day = company_day(as_of)
    base = day - HORIZON
    outcomes = _outcomes(customer_of, base=base, day=day, as_of=as_of)
    content = [each for each in outcomes if each.band in (Band.TOP, Band.HIGH)]
    discontent = [each for each in outcomes if each.band in (Band.MIDDLE, Band.LOW, Band.NEGATIVE)]
    years = sorted({each.acquired for each in outcomes if each.acquired is not None})
    has_tiers = any(each.tier is not None for each in outcomes)
    return Retention(
        base=base,
        day=day,
        total=_slice(None, outcomes),
        bands=_slices(Band, outcomes, lambda each: each.band),
        cohorts=_slices([*years, None], outcomes, lambda each: each.acquired),
        tiers=_slices([*Tier, None], outcomes, lambda each: each.tier) if has_tiers else (),
        content=_slice(None, content),
        discontent=_slice(None, discontent),
    )


def band_of(index: float, *, was_asked: bool) -> Band:
    """``index``: NaN without one."""
    if np.isnan(index):
        return Band.SILENT if was_asked else Band.NOT_ASKED
    return next((band for end, band in _ENDS if index >= end), Band.NEGATIVE)


def _outcomes(
    customer_of: Mapping[int, int], *, base: dt.date, day: dt.date, as_of: dt.datetime
) -> list[Outcome]:
    customers = sorted(set(customer_of.values()))
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, {"customers": customers, "base": base, "day": day, "as_of": as_of})
        rows = cursor.fetchall()
    bands = _bands(customer_of, base, as_of - HORIZON)
    tiers = _tiers([row[0] for row in rows], as_of - HORIZON)
    return [
        Outcome(customer, year, bands.get(customer, Band.NOT_ASKED), tiers.get(customer), is_kept)
        for customer, year, is_kept in rows
    ]


def _bands(customer_of: Mapping[int, int], base: dt.date, known_by: dt.datetime) -> dict[int, Band]:
    monday = base - dt.timedelta(days=base.weekday())
    said = read(customer_of, week=monday - WEEK, weeks=QUARTER_WEEKS, as_of=known_by)
    members = Members.always(list(customer_of), list(customer_of.values()))
    if not len(members):
        return {}
    groups = groups_of(said, index_of_projects(said), members, None)
    matrix = groups.matrix()
    has_index = ~np.isnan(matrix)
    weeks = has_index.sum(axis=1)
    total = np.where(has_index, matrix, 0.0).sum(axis=1)
    mean = np.where(weeks > 0, total / np.maximum(weeks, 1), np.nan)
    asked = groups.whole.invited.reshape(matrix.shape).sum(axis=1) > 0
    return {
        pk: band_of(float(mean[place]), was_asked=bool(asked[place])) for place, pk in enumerate(groups.ids)
    }


def _tiers(customers: list[int], known_by: dt.datetime) -> dict[int, Tier]:
    runs = ScoringRun.objects.filter(state=RunState.DONE, dropped_at=None, as_of__lte=known_by)
    run = runs.order_by("-as_of", "-pk").values_list("pk", flat=True).first()
    if run is None:
        return {}
    wanted = set(customers)
    rows = CustomerScore.objects.filter(run_id=run).values_list("customer_id", "tier")
    return {customer: Tier(tier) for customer, tier in rows if customer in wanted}


def _slices(
    keys: Iterable[Band | int | Tier | None],
    outcomes: list[Outcome],
    key_of: Callable[[Outcome], Band | int | Tier | None],
) -> tuple[Slice, ...]:
    found = (_slice(key, [each for each in outcomes if key_of(each) == key]) for key in keys)
    return tuple(each for each in found if each.rate.n)


def _slice(key: Band | int | Tier | None, outcomes: list[Outcome]) -> Slice:
    return Slice(key, wilson(sum(each.is_kept for each in outcomes), len(outcomes)))
