"""Every write of a contact. Level, attitude and departure are dated rows; the contact carries today's values.

What is wrong is raised as a ValidationError by field, with the codes: future, too_old, blank, loop,
other_customer, gone, same_customer, moved; what somebody else changed in the meantime as a ConflictError.
Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.contacts.models import (
    Attitude,
    Contact,
    ContactAttitude,
    ContactDeparture,
    ContactLevel,
    ContactMove,
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
from accounts.history import changed_since
from accounts.notices.services import tell
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
    merge: bool = False,
) -> Contact:
    """Change the named columns; a new level, attitude or decision role is dated today.

    Raises ConflictError when the record no longer has ``expected_version``; with ``merge`` only when one of
    the named columns was changed since. The customer's row is locked first: two changes of reports-to at once
    could close a loop that neither of them sees.
    """
    take_customer(contact.customer_id)
    current = Contact.objects.select_for_update().get(pk=contact.pk)
    is_stale = current.version != expected_version
    if is_stale and (not merge or changed_since(current, expected_version, changes)):
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
def mark_left(
    contact: Contact,
    *,
    left_on: dt.date,
    now: dt.datetime,
    author: User | None = None,
    successor: Contact | None = None,
) -> Contact:
    """The contact left the customer's company on a day; said again with another day, it is corrected.

    Whoever reported to him reports to ``successor`` from now on; a successor who did himself, to the superior
    of the one who left. The customer's owner and his counterpart are told.
    """
    if left_on < FIRST_DAY:
        refuse("left_on", "too_old", _("Nobody left before 1970."))
    refuse_future("left_on", left_on, now)
    current = _taken(contact)
    reports = [] if successor is None else _give_reports(current, successor)
    if current.left_on != left_on or reports:
        is_new = current.left_on is None
        earlier = _supersede_departure(current, now)
        ContactDeparture.objects.create(
            contact=current,
            left_on=left_on,
            author=author,
            successor=successor or (earlier.successor if earlier else None),
            reports=[*(earlier.reports if earlier else ()), *reports],
            known_at=now,
        )
        _write_left_on(current, left_on)
        if is_new:
            _tell_left(current, author)
    return current


@transaction.atomic
def undo_left(contact: Contact, *, now: dt.datetime) -> Contact:
    """It was wrong that he left, or he came back; who was given another superior meanwhile, and still has
    him, reports to him again."""
    current = _taken(contact)
    if Contact.objects.filter(moved_from__earlier=current, left_on=None).exists():
        refuse(
            "left_on",
            "moved",
            _("This person works for another customer now. Mark the departure there first."),
        )
    if current.left_on is not None:
        earlier = _supersede_departure(current, now)
        if earlier is not None and earlier.successor_id is not None:
            above = _above(current.pk)
            taken_over = Contact.objects.filter(pk__in=earlier.reports, reports_to=earlier.successor_id)
            himself = Contact.objects.filter(
                pk__in=earlier.reports, id=earlier.successor_id, reports_to=current.reports_to_id
            )
            for found in (taken_over, himself):
                found.exclude(pk__in=above).update(reports_to=current, version=F("version") + 1)
        _write_left_on(current, None)
    return current


@transaction.atomic
def move_contact(
    contact: Contact,
    *,
    to: Customer,
    moved_on: dt.date,
    level: Level,
    author: User | None,
    now: dt.datetime,
    title: str = "",
    email: str = "",
    successor: Contact | None = None,
) -> Contact:
    """He works for the customer ``to`` since ``moved_on``: a new contact there, who follows this one.

    Codes besides those of `mark_left`: to: same_customer, moved. Address and title are new; telephone,
    language, time zone, attitude and counterpart go with the person.
    """
    for pk in sorted({contact.customer_id, to.pk}):
        take_customer(pk)
    if to.pk == contact.customer_id:
        refuse("to", "same_customer", _("This person works there already."))
    if ContactMove.objects.filter(earlier=contact).exists():
        refuse("to", "moved", _("This person has moved already."))
    left = mark_left(contact, left_on=moved_on, now=now, author=author, successor=successor)
    later = create_contact(
        customer=to,
        name=left.name,
        level=level,
        author=author,
        now=now,
        title=title,
        email=email,
        phone=left.phone,
        language=left.language,
        time_zone=left.time_zone,
        attitude=Attitude(left.attitude),
        counterpart=left.counterpart,
        opted_out=left.opted_out,
    )
    ContactMove.objects.create(earlier=left, later=later, moved_on=moved_on, author=author, known_at=now)
    return later


def _give_reports(contact: Contact, successor: Contact) -> list[int]:
    """Ids of those who get ``successor`` for ``contact``; ``successor`` himself among them if he did."""
    _refuse_stranger_above(contact.customer_id, successor)
    if successor.pk == contact.pk or successor.left_on is not None:
        refuse("successor", "gone", _("Choose somebody who still works there."))
    theirs = Contact.objects.filter(reports_to=contact).select_for_update().order_by("pk")
    reports = list(theirs.values_list("pk", flat=True))
    himself, others = Contact.objects.filter(pk=successor.pk, reports_to=contact), [*reports]
    if successor.pk in reports:
        others.remove(successor.pk)
        himself.update(reports_to=contact.reports_to, version=F("version") + 1)
    elif set(_above(successor.pk)) & set(others):
        refuse("successor", "loop", _("Nobody can report to one of their own reports."))
    Contact.objects.filter(pk__in=others).update(reports_to=successor, version=F("version") + 1)
    return reports


def _tell_left(contact: Contact, author: User | None) -> None:
    customer = Customer.objects.select_related("owner").get(pk=contact.customer_id)
    for user in {customer.owner, contact.counterpart} - {None, author}:
        if user is not None:
            facts = {"contact": contact.pk, "by": author.pk if author else 0}
            tell(user, "contact_left", facts, customer)


def _taken(contact: Contact) -> Contact:
    take_customer(contact.customer_id)
    return Contact.objects.select_for_update().get(pk=contact.pk)


def _supersede_departure(contact: Contact, now: dt.datetime) -> ContactDeparture | None:
    """The departure that was believed, if any."""
    believed = ContactDeparture.objects.filter(contact=contact, superseded_at=None)
    earlier = believed.select_related("successor").first()
    believed.update(superseded_at=now)
    return earlier


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
    if superior is not None and contact.pk in _above(superior.pk):
        refuse("reports_to", "loop", _("Nobody can report to one of their own reports."))


def _above(contact_id: int) -> list[int]:
    """His own id and those of everybody above him."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive above(id) as (
                select %s::bigint
                union
                select reports_to_id from contacts_contact join above using (id)
                where reports_to_id is not null
            )
            select id from above
            """,
            [contact_id],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _set_name_keys(contact: Contact) -> None:
    contact.name = names.cleaned(contact.name)
    if not contact.name:
        refuse("name", "blank", _("Type a name."))
    contact.sort_key = names.sort_key(contact.name)
    spoken = (contact.name, contact.email, names.digits_of(contact.phone))
    contact.search_text = names.search_text(*spoken)
    contact.search_tokens = names.search_tokens(*spoken)
