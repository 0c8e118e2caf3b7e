"""What was written about a customer and his people: owners, who joined and left, fields that changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from accounts import access
from accounts.contacts.models import Contact, ContactDeparture, Level
from accounts.customers.models import Customer, CustomerOwner
from accounts.facts import CURRENT
from accounts.users.models import User
from crm.queries.changes import PROFIT, Change, FieldChange, Names, change_of, in_words, names_in, old_rows
from crm.queries.event_source import Event, Facts, Label, Source
from crm.queries.wording import name_of, or_empty

HAVE_ROWS_OF_THEIR_OWN = {"stage", "owner"}


@dataclass(frozen=True)
class Owned:
    """Whose customer it is since a day; names are empty for nobody."""

    pk: int
    owner: str
    valid_from: dt.date
    author: str


@dataclass(frozen=True)
class Joined:
    """A person we know since then."""

    pk: int
    name: str
    title: str
    level: Label
    known_at: dt.datetime


@dataclass(frozen=True)
class Left:
    pk: int
    contact_id: int
    name: str
    left_on: dt.date


@dataclass(frozen=True)
class Changed:
    """A record's fields before and after. ``contact_id``: whose record it is; None for the customer's.

    ``who`` and ``changes`` are put in words for a whole page, by `worded`.
    """

    pk: int
    contact_id: int | None
    name: str
    at: dt.datetime
    change: Change
    who: str = ""
    changes: tuple[FieldChange, ...] = ()


def worded(events: list[Event]) -> list[Event]:
    """With the names that changed fields point at; a query per kind of record, none without changes."""
    names = names_in(event.record.change for event in events if isinstance(event.record, Changed))
    return [
        replace(event, record=_worded(event.record, names)) if isinstance(event.record, Changed) else event
        for event in events
    ]


def _worded(record: Changed, names: Names) -> Changed:
    who = names.get((User, record.change.actor), "")
    return replace(record, who=who, changes=in_words(record.change, names))


def owners(customer: Customer) -> Source:
    facts = JSONObject(
        owner=or_empty(name_of("owner")), valid_from="valid_from", author=or_empty(name_of("author"))
    )
    found = CustomerOwner.objects.filter(customer=customer)
    return Source("owner", found, "valid_from", is_day=True, facts=facts, record=_owned)


def _owned(pk: int, facts: Facts) -> Owned:
    return Owned(pk=pk, **facts | {"valid_from": dt.date.fromisoformat(facts["valid_from"])})


def contacts_joined(customer: Customer) -> Source:
    facts = JSONObject(name="name", title="title", level="level", known_at="known_at")
    found = Contact.objects.filter(customer=customer)
    return Source("joined", found, "known_at", is_day=False, facts=facts, record=_joined)


def _joined(pk: int, facts: Facts) -> Joined:
    told = {"level": Level(facts["level"]).label, "known_at": dt.datetime.fromisoformat(facts["known_at"])}
    return Joined(pk=pk, **facts | told)


def contacts_left(customer: Customer) -> Source:
    facts = JSONObject(contact_id="contact_id", name="contact__name", left_on="left_on")
    found = ContactDeparture.objects.filter(CURRENT, contact__customer=customer)
    return Source("left", found, "left_on", is_day=True, facts=facts, record=_left)


def _left(pk: int, facts: Facts) -> Left:
    return Left(pk=pk, **facts | {"left_on": dt.date.fromisoformat(facts["left_on"])})


def customer_changed(customer: Customer, user: User) -> Source:
    """Without stage and owner, whose dated rows say it."""
    shown = Exists(access.profit_customers(user).filter(pk=OuterRef("pgh_obj")))
    facts = JSONObject(
        pgh_created_at="pgh_created_at", before="before", after="after", actor="actor", sees_profit=shown
    )
    found = old_rows(Customer, pgh_obj=customer)
    return Source("change", found, "pgh_created_at", is_day=False, facts=facts, record=_customer_changed)


def _customer_changed(pk: int, facts: Facts) -> Changed | None:
    hidden = HAVE_ROWS_OF_THEIR_OWN | (set() if facts["sees_profit"] else PROFIT)
    change = change_of(Customer, facts, hidden=hidden)
    at = dt.datetime.fromisoformat(facts["pgh_created_at"])
    return Changed(pk, None, "", at, change) if change.fields else None


def contacts_changed(customer: Customer) -> Source:
    """Without the day somebody left, which his departure says."""
    facts = JSONObject(
        pgh_created_at="pgh_created_at",
        before="before",
        after="after",
        actor="actor",
        contact_id="pgh_obj_id",
    )
    found = old_rows(Contact, customer=customer)
    return Source("change", found, "pgh_created_at", is_day=False, facts=facts, record=_contact_changed)


def _contact_changed(pk: int, facts: Facts) -> Changed | None:
    change = change_of(Contact, facts, hidden={"left_on"})
    at = dt.datetime.fromisoformat(facts["pgh_created_at"])
    name = facts["before"]["name"]
    return Changed(pk, facts["contact_id"], name, at, change) if change.fields else None
