"""The orders of the list of customers: first by the column, then whoever has no value there, by name."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KeyTransform
from django.utils.translation import pgettext

from accounts import access
from accounts.customers.models import Customer, Stage
from accounts.fields.models import CustomField, Subject
from accounts.keys import among
from accounts.lists.models import LastContact
from accounts.users.models import TeamMember, User
from crm.customer_columns import OWN
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
    "team",
    "profit",
    "tags",
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
OF_MONEY = {"value", "risk", "profit"}
"""They say what a customer earns us: nobody learns it from an order either."""
STAGES = tuple(Stage.values)


def known_sort(wish: str) -> str:
    """``wish`` where it is one of `SORTS` or a custom field (``cf_key``, ``-cf_key``); else empty.

    A query where it looks like a custom field: lists are kept, and fields go.
    """
    if wish in SORTS:
        return wish
    subject = wish.removeprefix("-")
    if not subject.startswith(OWN):
        return ""
    own = CustomField.objects.filter(subject=Subject.CUSTOMER, key=subject.removeprefix(OWN))
    return wish if own.exists() else ""


def order_of(
    found: QuerySet[Customer], sort: str, *, run: int, user: User, ids: Sequence[int] | None = None
) -> list[Part]:
    """The parts of a `known_sort`. ``ids``: those of ``found`` where they are known."""
    sign, subject = ("-" if sort.startswith("-") else ""), sort.lstrip("-")
    if subject == "name":
        return [Part(found, (f"{sign}sort_key", f"{sign}pk"), (str, int))]
    if subject == "owner":
        columns = tuple(f"{sign}{name}" for name in ("owner__sort_key", "owner", "sort_key", "pk"))
        return [
            Part(found.filter(owner__isnull=False), columns, (str, int, str, int)),
            _by_name(found.filter(owner=None)),
        ]
    if subject in _OF_CUSTOMERS or subject.startswith(OWN):
        return _OF_CUSTOMERS.get(subject, _by_own)(found, sign, subject)
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


def _by_team(found: QuerySet[Customer], sign: str, _subject: str) -> list[Part]:
    """By the names of the owner's teams, as the column says them.

    Owners and teams are few and are read first: joined, they were looked up for every customer of the book.
    """
    teams: dict[int, list[str]] = defaultdict(list)
    for owner, name in TeamMember.objects.order_by("team__name").values_list("user", "team__name"):
        teams[owner].append(name)
    owners: dict[str, list[int]] = defaultdict(list)
    for owner, theirs in teams.items():
        owners[pgettext("list", ", ").join(theirs)].append(owner)
    if not owners:
        return [_by_name(found)]
    steps = [When(owner__in=among(ids), then=Value(text)) for text, ids in owners.items()]
    placed = found.annotate(team=Case(*steps, output_field=CharField()))
    in_one = Q(owner__in=among(list(teams)))
    return [
        Part(placed.filter(in_one), (f"{sign}team", "sort_key", "pk"), (str, str, int)),
        _by_name(found.filter(~in_one | Q(owner=None))),
    ]


def _by_tags(found: QuerySet[Customer], sign: str, _subject: str) -> list[Part]:
    text = Func(F("tags"), Value(" "), function="array_to_string", output_field=CharField())
    tagged = found.filter(~Q(tags=[])).annotate(tagged=text)
    return [
        Part(tagged, (f"{sign}tagged", "sort_key", "pk"), (str, str, int)),
        _by_name(found.filter(tags=[])),
    ]


def _by_own(found: QuerySet[Customer], sign: str, subject: str) -> list[Part]:
    """By a custom field's value as JSON: numbers by size, days and texts by letters, no before yes."""
    key = subject.removeprefix(OWN)
    valued = found.filter(custom_fields__has_key=key).annotate(own=KeyTransform(key, "custom_fields"))
    return [
        Part(valued, (f"{sign}own", "sort_key", "pk"), (object, str, int)),
        _by_name(found.filter(~Q(custom_fields__has_key=key))),
    ]


_OF_CUSTOMERS: dict[str, Callable[[QuerySet[Customer], str, str], list[Part]]] = {
    "team": _by_team,
    "tags": _by_tags,
}


def _table(subject: str, run: int) -> tuple[QuerySet[Any], str, type]:
    """The rows that have a value, its column and its type."""
    if subject in OF_CONTACTS:
        column, kind = OF_CONTACTS[subject]
        return LastContact.objects.filter((f"{column}__isnull", False)), column, kind
    if subject == "profit":
        profit = F("costed_sales") - F("direct_cost") - F("cost_to_serve")
        costed = CustomerStateRow.objects.filter(~Q(costed_sales=0), run=run)
        return costed.annotate(profit=profit).filter(profit__lt=float("inf")), "profit", float
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
