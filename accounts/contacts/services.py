"""Every write of a contact. Level, attitude and departure are dated rows; the contact carries today's values.

What is wrong is raised as a ValidationError by field, with the codes: future, too_old, blank, loop,
other_customer; what somebody else changed in the meantime as a ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, Unpack

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.contacts.models import (
    Attitude,
    Contact,
    ContactAttitude,
    ContactDeparture,
    ContactLevel,
    DecisionRole,
    Level,
)
from accounts.customers.models import Customer
from accounts.customers.services import (
    ConflictError,
    bump,
    company_day,
    refuse,
    refuse_future,
    take_customer,
)
from accounts.users.models import User

FIRST_DAY = dt.date(1970, 1, 1)


class ContactFields(TypedDict, total=False):
    """Columns that may be given for a new contact."""

    title: str
    department: str
    reports_to: Contact | None
    decision_role: DecisionRole | str
    attitude: Attitude
    counterpart: User | None
    email: str
    phone: str
    language: str
    time_zone: str
    opted_out: bool
    import_id: int | None


class ContactChanges(ContactFields, total=False):
    """Columns to change; those not named stay as they are."""

    name: str
    level: Level


@transaction.atomic
def create_contact(
    *,
    customer: Customer,
    name: str,
    level: Level,
    author: User | None,
    now: dt.datetime,
    **fields: Unpack[ContactFields],
) -> Contact:
    """A new contact with his first level and attitude rows."""
    take_customer(customer.pk)
    _refuse_stranger_above(customer.pk, fields.get("reports_to"))
    contact = Contact(customer=customer, name=name, level=level, known_at=now, **fields)
    _set_name_keys(contact)
    contact.save(force_insert=True)
    _date_level(contact, now)
    _date_attitude(contact, author, now)
    bump([customer.pk])
    return contact


@transaction.atomic
def change_contact(
    contact: Contact,
    *,
    expected_version: int,
    changes: ContactChanges,
    author: User | None,
    now: dt.datetime,
) -> Contact:
    """Change the named columns; a new level, attitude or decision role is dated today.

    Raises ConflictError when the record no longer has ``expected_version``. The customer's row is locked
    first: two changes of reports-to at once could close a loop that neither of them sees.
    """
    take_customer(contact.customer_id)
    current = Contact.objects.select_for_update().get(pk=contact.pk)
    if current.version != expected_version:
        raise ConflictError(contact.pk)
    if "reports_to" in changes:
        _refuse_stranger_above(current.customer_id, changes["reports_to"])
        _refuse_loop(current, changes["reports_to"])
    differing = {name: value for name, value in changes.items() if getattr(current, name) != value}
    if not differing:
        return current
    for name, value in differing.items():
        setattr(current, name, value)
    _set_name_keys(current)
    current.version += 1
    current.save(update_fields=[*differing, "sort_key", "search_text", "search_tokens", "version"])
    if "level" in differing:
        _date_level(current, now)
    if {"attitude", "decision_role"} & differing.keys():
        _date_attitude(current, author, now)
    bump([current.customer_id])
    return current


@transaction.atomic
def mark_left(contact: Contact, *, left_on: dt.date, now: dt.datetime) -> Contact:
    """The contact left the customer's company on a day; said again with another day, it is corrected."""
    if left_on < FIRST_DAY:
        refuse("left_on", "too_old", _("Nobody left before 1970."))
    refuse_future("left_on", left_on, now)
    current = _taken(contact)
    if current.left_on != left_on:
        _supersede_departure(current, now)
        ContactDeparture.objects.create(contact=current, left_on=left_on, known_at=now)
        _write_left_on(current, left_on)
    return current


@transaction.atomic
def undo_left(contact: Contact, *, now: dt.datetime) -> Contact:
    """It was wrong that he left, or he came back."""
    current = _taken(contact)
    if current.left_on is not None:
        _supersede_departure(current, now)
        _write_left_on(current, None)
    return current


def _taken(contact: Contact) -> Contact:
    take_customer(contact.customer_id)
    return Contact.objects.select_for_update().get(pk=contact.pk)


def _supersede_departure(contact: Contact, now: dt.datetime) -> None:
    ContactDeparture.objects.filter(contact=contact, superseded_at=None).update(superseded_at=now)


def _write_left_on(contact: Contact, left_on: dt.date | None) -> None:
    contact.left_on = left_on
    contact.version += 1
    contact.save(update_fields=["left_on", "version"])
    bump([contact.customer_id])


def _date_level(contact: Contact, now: dt.datetime) -> None:
    ContactLevel.objects.create(
        contact=contact, level=contact.level, valid_from=company_day(now), known_at=now
    )


def _date_attitude(contact: Contact, author: User | None, now: dt.datetime) -> None:
    ContactAttitude.objects.create(
        contact=contact,
        attitude=contact.attitude,
        decision_role=contact.decision_role,
        stated_on=company_day(now),
        author=author,
        known_at=now,
    )


def _refuse_stranger_above(customer_id: int, superior: Contact | None) -> None:
    if superior is not None and superior.customer_id != customer_id:
        refuse("reports_to", "other_customer", _("This contact belongs to another customer."))


def _refuse_loop(contact: Contact, superior: Contact | None) -> None:
    if superior is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive above(id) as (
                select %s::bigint
                union
                select reports_to_id from contacts_contact join above using (id)
                where reports_to_id is not null
            )
            select exists (select from above where id = %s)
            """,
            [superior.pk, contact.pk],
        )
        (is_loop,) = cursor.fetchone()
    if is_loop:
        refuse("reports_to", "loop", _("Nobody can report to somebody who reports to him."))


def _set_name_keys(contact: Contact) -> None:
    contact.name = names.cleaned(contact.name)
    if not contact.name:
        refuse("name", "blank", _("Type a name."))
    contact.sort_key = names.sort_key(contact.name)
    spoken = (contact.name, contact.email, names.digits_of(contact.phone))
    contact.search_text = names.search_text(*spoken)
    contact.search_tokens = names.search_tokens(*spoken)
