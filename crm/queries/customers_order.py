"""The orders of the list of customers: first by the column, then whoever has no value there, by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from accounts import access
from accounts.customers.models import Customer, Stage
from accounts.keys import among
from accounts.lists.models import LastContact
from accounts.users.models import User
from crm.queries.keyset import Part
from scoring.models import CustomerScore, CustomerStateRow

SUBJECTS = (
    "name",
    "score",
    "churn",
    "owner",
    "tier",
    "value",
    "risk",
    "index",
    "sales",
    "stage",
    "contact",
    "follow_up",
)
SORTS = tuple(f"{sign}{subject}" for subject in SUBJECTS for sign in ("", "-"))
DEFAULT_SORT = "-score"
OF_SCORES = {
    "score": "score",
    "churn": "churn_score",
    "tier": "tier",
    "value": "expected_value_minor",
    "risk": "money_at_risk_minor",
}
OF_STATES = {"index": "satisfaction_level", "sales": "recent_sales"}
OF_CONTACTS = {"contact": ("at", dt.datetime), "follow_up": ("follow_up_on", dt.date)}
OF_MONEY = {"value", "risk"}
"""Expected value and money at risk say what a customer earns us: nobody learns it from an order either."""
STAGES = tuple(Stage.values)


def order_of(
    found: QuerySet[Customer], sort: str, *, run: int, user: User, ids: Sequence[int] | None = None
) -> list[Part]:
    """The parts of one of `SORTS`. ``ids``: those of ``found`` where they are known."""
    sign, subject = ("-" if sort.startswith("-") else ""), sort.lstrip("-")
    if subject == "name":
        return [Part(found, (f"{sign}sort_key", f"{sign}pk"), (str, int))]
    if subject == "owner":
        columns = tuple(f"{sign}{name}" for name in ("owner__sort_key", "owner", "sort_key", "pk"))
        return [
            Part(found.filter(owner__isnull=False), columns, (str, int, str, int)),
            _by_name(found.filter(owner=None)),
        ]
    if subject == "stage":
        steps = [When(stage=stage, then=Value(place)) for place, stage in enumerate(STAGES)]
        staged = found.annotate(place=Case(*steps, output_field=IntegerField()))
        return [Part(staged, (f"{sign}place", "sort_key", "pk"), (int, str, int))]
    theirs: Any = found.order_by().values("pk") if ids is None else among(ids)
    if subject in OF_MONEY and not user.sees_everything:
        theirs = access.profit_customers(user).filter(pk__in=theirs).values("pk")
    rows, column, kind = _table(subject, run)
    return [
        Part(
            rows.filter(customer__in=theirs),
            # Customer ids run against the sort: so do the indexes of scores.
            (f"{sign}{column}", "customer" if sign else "-customer"),
            (kind, int),
            nulls_at_low_end=subject == "score",
        ),
        _by_name(found.filter(~Exists(_known(rows, theirs, subject, user)))),
    ]


def _table(subject: str, run: int) -> tuple[QuerySet[Any], str, type]:
    """The rows that have a value, its column and its type."""
    if subject in OF_CONTACTS:
        column, kind = OF_CONTACTS[subject]
        return LastContact.objects.filter((f"{column}__isnull", False)), column, kind
    if subject in OF_STATES:
        column = OF_STATES[subject]
        # NaN, unknown, stands above infinity.
        return CustomerStateRow.objects.filter((f"{column}__lt", float("inf")), run=run), column, float
    column = OF_SCORES[subject]
    scored = CustomerScore.objects.filter(run=run)
    if subject == "tier":
        return scored.filter(tier__gt=0), column, int
    return scored.filter((f"{column}__isnull", False)), column, float


def _known(rows: QuerySet[Any], theirs: Any, subject: str, user: User) -> QuerySet[Any]:
    """The outer customer's row, where his reader may know it."""
    if subject in OF_MONEY and not user.sees_everything:
        rows = rows.filter(customer__in=theirs)
    return rows.filter(customer=OuterRef("pk"))


def _by_name(found: QuerySet[Customer]) -> Part:
    return Part(found, ("sort_key", "pk"), (str, int))
