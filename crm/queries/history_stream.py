"""Who changed what of a customer, from what to what: his record, people, projects, needs, deals and orders in
one stream, newest first, by field and by person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Func,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import JSONObject

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.deals.models import Contract, Opportunity
from accounts.needs.models import Need
from accounts.orders.models import Order
from accounts.projects.models import Project
from accounts.users.models import User
from crm.queries.changes import PROFIT, Change, change_of, fields_of, in_words, names_in, old_rows
from crm.queries.event_source import Facts, Source, page_of_events
from crm.queries.history import Entry
from crm.queries.keyset import Page

ENTRIES = 50
KEPT: dict[str, Any] = {
    "customer": Customer,
    "contact": Contact,
    "project": Project,
    "need": Need,
    "contract": Contract,
    "opportunity": Opportunity,
}
"""Records that keep their old rows; orders keep their versions."""
NOT_OF_ORDERS = frozenset({"identity", "superseded_at", "base_amount_minor", "base_direct_cost_minor"})
TITLES = ("short_name", "name", "title", "number")


@dataclass(frozen=True)
class Wish:
    """``field``: one of `field_choices`, ``person``: a user's id; empty and None: everything."""

    field: str = ""
    person: int | None = None

    @property
    def subject(self) -> str:
        return self.field.partition(".")[0]

    @property
    def column(self) -> str:
        return self.field.partition(".")[2]


@dataclass(frozen=True)
class _Row:
    at: dt.datetime
    change: Change


def history_page(customer: Customer, *, sees_profit: bool, wish: Wish, after: str = "") -> Page[Entry]:
    """The latest changes, or those behind the cursor: one statement, then names, a query per kind of record.

    An old row in which nothing that is shown differs has no entry.
    """
    sources = list(_sources(customer, sees_profit, wish))
    kinds = {wish.subject} if wish.subject else ()
    page = page_of_events(sources, kinds=kinds, after=after, limit=ENTRIES)
    rows: list[_Row] = [event.record for event in page.rows]
    names = names_in(row.change for row in rows)
    entries = [
        Entry(
            at=row.at,
            who=names.get((User, row.change.actor), ""),
            subject=str(row.change.model._meta.verbose_name),
            name=_title(row.change.before),
            was_deleted=row.change.after is None,
            changes=in_words(row.change, names),
        )
        for row in rows
    ]
    return Page(rows=entries, newer=None, older=page.older)


def field_choices(*, sees_profit: bool) -> list[tuple[str, str]]:
    """What a change can be of: "contact.level" and its name."""
    hidden = _hidden(sees_profit)
    return [
        (f"{subject}.{field.name}", f"{model._meta.verbose_name}: {field.verbose_name}")
        for subject, model in {**KEPT, "order": Order}.items()
        for field in fields_of(model)
        if field.name not in hidden and field.name not in NOT_OF_ORDERS
    ]


def people_behind(customer: Customer) -> list[tuple[int, str]]:
    """Whoever changed something of the customer, by name. Two queries."""
    parts = [
        old_rows(model, **_whose(subject, customer)).exclude(actor=None).values_list("actor", flat=True)
        for subject, model in KEPT.items()
    ]
    ids = set(parts[0].union(*parts[1:]))
    people = User.objects.filter(pk__in=ids).order_by("sort_key", "pk")
    return [(user.pk, str(user)) for user in people]


def _sources(customer: Customer, sees_profit: bool, wish: Wish) -> Iterator[Source]:
    hidden = _hidden(sees_profit)
    for subject, model in KEPT.items():
        found = _wanted(old_rows(model, **_whose(subject, customer)), model, subject, wish)
        yield _source(subject, found, "pgh_created_at", model, hidden)
    yield _source(
        "order", _wanted(_old_orders(customer), Order, "order", wish), "superseded_at", Order, hidden
    )


def _source(
    subject: str, found: QuerySet[Any], column: str, model: type[Model], hidden: frozenset[str]
) -> Source:
    facts = JSONObject(before="before", after="after", actor="actor", **{column: column})

    def row_of(_pk: int, facts: Facts) -> _Row | None:
        change = change_of(model, facts, hidden=hidden)
        is_shown = change.fields or change.after is None
        return _Row(dt.datetime.fromisoformat(facts[column]), change) if is_shown else None

    return Source(subject, found, column, is_day=False, facts=facts, record=row_of)


def _old_orders(customer: Customer) -> QuerySet[Any]:
    """Versions that are no longer believed, with what took their place; nobody is written on them."""
    row = JSONObject(**{field.attname: field.attname for field in fields_of(Order)})
    next_one = Order.objects.filter(identity=OuterRef("identity"), pk__gt=OuterRef("pk")).order_by("pk")
    return Order.objects.filter(customer=customer, superseded_at__isnull=False).annotate(
        before=row,
        after=Subquery(next_one.values(row=row)[:1], output_field=JSONField()),
        actor=Value(None, BigIntegerField()),
    )


def _wanted(found: QuerySet[Any], model: type[Any], subject: str, wish: Wish) -> QuerySet[Any]:
    if wish.person is not None:
        found = found.filter(actor=wish.person)
    if wish.column and wish.subject == subject:
        name = model._meta.get_field(wish.column).attname
        differs = Func(
            KeyTextTransform(name, "before"),
            KeyTextTransform(name, "after"),
            template="(%(expressions)s)",
            arg_joiner=" is distinct from ",
            output_field=BooleanField(),
        )
        found = found.annotate(differs=differs).filter(differs=True)
    return found


def _whose(subject: str, customer: Customer) -> dict[str, object]:
    return {"pgh_obj": customer} if subject == "customer" else {"customer": customer}


def _hidden(sees_profit: bool) -> frozenset[str]:
    return NOT_OF_ORDERS | (frozenset() if sees_profit else PROFIT | {"direct_cost_minor"})


def _title(row: Facts) -> str:
    return next((str(row[column]) for column in TITLES if row.get(column)), "")
