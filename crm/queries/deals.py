"""Reads of contracts, opportunities and supply shares."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, DateField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Least

from accounts import access
from accounts.customers.models import Customer
from accounts.deals.clocks import near, over
from accounts.deals.models import Contract, ContractState, Opportunity, Renewal, SupplyShare
from accounts.deals.services import QUARTER
from accounts.facts import CURRENT
from accounts.users.models import User

FAR = dt.date(9999, 12, 31)
MOST_DAYS = 8
"""Days on which shares were said that a customer's page shows, the latest first."""


@dataclass(frozen=True)
class Line:
    """One supplier's shares in percent, one for each day of the table, None where nobody said it.

    ``name``: empty for ours. ``change``: of the latest share against that of a quarter before, in points.
    """

    name: str
    shares: tuple[Decimal | None, ...]
    change: Decimal | None

    @property
    def latest(self) -> Decimal | None:
        return self.shares[0] if self.shares else None

    @property
    def is_rising_rival(self) -> bool:
        return bool(self.name) and self.change is not None and self.change > 0

    @property
    def points(self) -> tuple[float | None, ...]:
        """Oldest first, for a line."""
        return tuple(None if share is None else float(share) for share in reversed(self.shares))


@dataclass(frozen=True)
class Supply:
    """``days``: the latest first; ours is the first line, then by the latest share."""

    days: tuple[dt.date, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Deals:
    contracts: tuple[Contract, ...]
    opportunities: tuple[Opportunity, ...]
    supply: Supply


def with_next_on(found: QuerySet[Contract]) -> QuerySet[Contract]:
    """``next_on``: the day on which somebody has to say whether it goes on; far away where there is none."""
    by_hand = Least(F("ends_on"), F("notice_on"))
    return found.annotate(
        next_on=Case(
            When(~Q(state=ContractState.ACTIVE), then=Value(FAR)),
            When(Q(renewal=Renewal.AUTOMATIC, notice_on__isnull=False), then=F("notice_on")),
            When(Q(ends_on__isnull=True, notice_on__isnull=True), then=Value(FAR)),
            default=by_hand,
            output_field=DateField(),
        )
    )


def attention(found: QuerySet[Contract], today: dt.date) -> QuerySet[Contract]:
    """Contracts that end soon, or ended without a renewal."""
    return found.filter(near(today) | over(today))


def deals_of(customer: Customer, user: User) -> Deals:
    """Three queries and a few for what they point at."""
    contracts = access.visible_contracts(user).filter(customer=customer).select_related("owner")
    chances = access.visible_opportunities(user).filter(customer=customer).select_related("owner", "need")
    return Deals(
        contracts=tuple(with_next_on(contracts).order_by("next_on", "-starts_on", "-pk")),
        opportunities=tuple(
            chances.order_by(
                F("closed_on").desc(nulls_first=True), F("expected_on").asc(nulls_last=True), "-pk"
            )
        ),
        supply=supply_of(access.visible_shares(user).filter(customer=customer)),
    )


def supply_of(found: QuerySet[SupplyShare]) -> Supply:
    """The shares of one customer as a table of suppliers by days."""
    rows = found.order_by("-valid_on", "pk").values_list("valid_on", "competitor__name", "share")
    by_name: dict[str, dict[dt.date, Decimal]] = defaultdict(dict)
    for day, name, share in rows:
        by_name[name or ""][day] = share
    days = sorted({day for shares in by_name.values() for day in shares}, reverse=True)
    shown = tuple(days[:MOST_DAYS])
    lines = [
        Line(name, tuple(shares.get(day) for day in shown), _change(shares, shown))
        for name, shares in by_name.items()
        if any(day in shares for day in shown)
    ]
    lines.sort(key=lambda line: (line.name != "", -(line.latest or 0), line.name))
    return Supply(shown, tuple(lines))


def _change(shares: dict[dt.date, Decimal], days: tuple[dt.date, ...]) -> Decimal | None:
    """Of the share of the latest day against the latest one at least a quarter older."""
    latest = shares.get(days[0]) if days else None
    older = [day for day in shares if day <= days[0] - QUARTER] if days else []
    return None if latest is None or not older else latest - shares[max(older)]


def rising(found: QuerySet[SupplyShare], today: dt.date) -> QuerySet[SupplyShare]:
    """Competitors whose latest share, said within a quarter, is above that of a quarter ago (``before``)."""
    same = SupplyShare.objects.filter(
        CURRENT, customer=OuterRef("customer"), competitor=OuterRef("competitor"), valid_on__lte=today
    ).order_by("-valid_on")
    earlier = same.filter(valid_on__lte=today - QUARTER)
    return (
        found.filter(competitor__isnull=False, valid_on__gt=today - QUARTER, valid_on__lte=today)
        .annotate(latest=Subquery(same.values("pk")[:1]), before=Subquery(earlier.values("share")[:1]))
        .filter(Q(("latest", F("pk"))) & Q(("share__gt", F("before"))))
    )
