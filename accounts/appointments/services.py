"""Every write of a planned meeting. Nothing here is scored, so no customer is rescored after it.

Who was invited is told of every change that concerns guests: `AppointmentLetter` rows, one per guest and
sequence, which the workers send (`accounts.appointments.mailing`).

What is wrong is raised as a ValidationError by field, with the codes: title: blank, too_long; place, note:
too_long; starts_at: past, too_far; minutes: minutes; contacts: other_customer, too_many; users: gone;
invites: nobody.
What somebody else changed in the meantime is a ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.appointments.models import (
    MAX_MINUTES,
    MAX_NOTE,
    MAX_PLACE,
    MAX_TITLE,
    Appointment,
    AppointmentKind,
    AppointmentLetter,
    Guest,
    Method,
)
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, refuse
from accounts.facts import save_once
from accounts.users.models import User

MOST_GUESTS = 50
FARTHEST = dt.timedelta(days=5 * 366)
TOLD = ("kind", "title", "place", "note", "starts_at", "minutes", "invites")


@dataclass(frozen=True, kw_only=True)
class AppointmentFacts:
    """What is planned; ``contacts`` and ``users``: the ids of those who are to come."""

    kind: AppointmentKind
    title: str
    starts_at: dt.datetime
    minutes: int = 60
    place: str = ""
    note: str = ""
    invites: bool = False
    contacts: tuple[int, ...] = ()
    users: tuple[int, ...] = ()


def sketch_of(*, customer: Customer, facts: AppointmentFacts, organiser: User) -> Appointment:
    """What it would be, for a look at it before it is planned."""
    return Appointment(customer=customer, organiser=organiser, author=organiser, **_columns(facts))


@transaction.atomic
def plan_appointment(
    *,
    customer: Customer,
    facts: AppointmentFacts,
    author: User,
    now: dt.datetime,
    token: uuid.UUID | None = None,
) -> Appointment:
    """Whoever plans it is its organiser. ``token`` names the form that it was typed into: AlreadySavedError
    when that was saved before, be it at this moment."""
    appointment = sketch_of(customer=customer, facts=facts, organiser=author)
    appointment.known_at, appointment.token = now, token
    _check(appointment, facts)
    _check_start(appointment, now)
    save_once(appointment, appointment.token)
    guests = _set_guests(appointment, facts, now)
    if appointment.invites:
        _write(appointment, guests, Method.REQUEST, now)
    return appointment


@transaction.atomic
def change_appointment(
    appointment: Appointment, *, version: int, facts: AppointmentFacts, now: dt.datetime
) -> Appointment:
    """Who was invited stays so: each change is told. Saved without a change it stays what it was.

    Raises ConflictError when ``version``, the one that was read, is no longer the present one.
    """
    current = _taken(appointment)
    if current.version != version or current.cancelled_at is not None:
        raise ConflictError(appointment.pk)
    before = {name: getattr(current, name) for name in TOLD}
    was_there = _present(current)
    for name, value in _columns(facts).items():
        setattr(current, name, value)
    current.invites = facts.invites or bool(before["invites"])
    _check(current, facts)
    if current.starts_at != before["starts_at"]:
        _check_start(current, now)
    guests = _set_guests(current, facts, now)
    gone = [guest for guest in was_there if guest.pk not in {each.pk for each in guests}]
    is_same = before == {name: getattr(current, name) for name in TOLD}
    if is_same and not gone and len(guests) == len(was_there):
        return current
    _step(current)
    if current.invites:
        _write(current, guests, Method.REQUEST, now)
        _write(current, _told(gone), Method.CANCEL, now)
    return current


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, by: User, now: dt.datetime) -> bool:
    """It does not take place, and who was invited is told; False when it was cancelled, or has begun."""
    current = _taken(appointment)
    if current.cancelled_at is not None or current.starts_at <= now:
        return False
    current.cancelled_at, current.cancelled_by = now, by
    _step(current)
    _write(current, _told(_present(current)), Method.CANCEL, now)
    return True


@transaction.atomic
def restore_appointment(appointment: Appointment, *, now: dt.datetime) -> bool:
    """It takes place after all, and who is invited is told; False when it was not cancelled, or is over."""
    current = _taken(appointment)
    if current.cancelled_at is None or current.starts_at <= now:
        return False
    current.cancelled_at = current.cancelled_by = None
    _step(current)
    if current.invites:
        _write(current, _present(current), Method.REQUEST, now)
    return True


@transaction.atomic
def hand_over_appointments(*, leaving: User, to: User, now: dt.datetime) -> int:
    """The meetings to come that somebody organises are another's; guests are told whom they answer now."""
    coming = Appointment.objects.filter(organiser=leaving, cancelled_at=None, starts_at__gt=now)
    ids = list(coming.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    taken = Appointment.objects.filter(pk__in=ids)
    taken.update(organiser=to, sequence=F("sequence") + 1, version=F("version") + 1)
    Guest.objects.filter(appointment__in=ids, user=to, removed_at=None).update(removed_at=now)
    invited = Guest.objects.filter(appointment__in=ids, appointment__invites=True, removed_at=None)
    AppointmentLetter.objects.bulk_create(
        AppointmentLetter(guest_id=guest, sequence=sequence, method=Method.REQUEST, known_at=now)
        for guest, sequence in invited.order_by("pk").values_list("pk", "appointment__sequence")
    )
    return len(ids)


def _taken(appointment: Appointment) -> Appointment:
    return Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)


def _step(current: Appointment) -> None:
    current.sequence += 1
    current.version += 1
    current.save()


def _columns(facts: AppointmentFacts) -> dict[str, object]:
    return {
        "kind": facts.kind,
        "title": " ".join(facts.title.split()),
        "place": " ".join(facts.place.split()),
        "note": facts.note.strip(),
        "starts_at": facts.starts_at,
        "minutes": facts.minutes,
        "invites": facts.invites,
    }


def _present(appointment: Appointment) -> list[Guest]:
    return list(appointment.guests.filter(removed_at=None).order_by("pk"))


def _set_guests(appointment: Appointment, facts: AppointmentFacts, now: dt.datetime) -> list[Guest]:
    """Those who are to come; who was removed before and is named again keeps his row."""
    # The organiser comes anyway, and is asked by nobody.
    users = set(facts.users) - {appointment.organiser_id}
    contacts = set(facts.contacts)
    Guest.objects.bulk_create(
        [
            *(Guest(appointment=appointment, contact_id=pk) for pk in sorted(contacts)),
            *(Guest(appointment=appointment, user_id=pk) for pk in sorted(users)),
        ],
        ignore_conflicts=True,
    )
    named: list[Guest] = []
    others: list[Guest] = []
    for guest in appointment.guests.order_by("pk"):
        (named if guest.contact_id in contacts or guest.user_id in users else others).append(guest)
    Guest.objects.filter(pk__in=[each.pk for each in named]).update(removed_at=None)
    Guest.objects.filter(pk__in=[each.pk for each in others], removed_at=None).update(removed_at=now)
    return named


def _told(guests: Collection[Guest]) -> list[Guest]:
    """Those to whom an invitation went out, or is on its way."""
    letters = AppointmentLetter.objects.filter(guest__in=guests, failed_at=None)
    ids = set(letters.values_list("guest", flat=True))
    return [guest for guest in guests if guest.pk in ids]


def _write(current: Appointment, guests: Collection[Guest], method: Method, now: dt.datetime) -> None:
    AppointmentLetter.objects.bulk_create(
        AppointmentLetter(guest=guest, sequence=current.sequence, method=method, known_at=now)
        for guest in guests
    )


def _check(appointment: Appointment, facts: AppointmentFacts) -> None:
    if not appointment.title:
        refuse("title", "blank", _("Say what it is about."))
    if len(appointment.title) > MAX_TITLE:
        refuse("title", "too_long", _("Say it in 200 characters; there is room for more in the note."))
    if len(appointment.place) > MAX_PLACE:
        refuse("place", "too_long", _("A place has at most 200 characters."))
    if len(appointment.note) > MAX_NOTE:
        refuse("note", "too_long", _("A note has at most 4,000 characters."))
    if not 1 <= appointment.minutes <= MAX_MINUTES:
        refuse("minutes", "minutes", _("A meeting takes at most a day: 1,440 minutes."))
    if len(facts.contacts) + len(facts.users) > MOST_GUESTS:
        refuse("contacts", "too_many", _("At most 50 people can be invited."))
    if facts.invites and not set(facts.contacts) | (set(facts.users) - {appointment.organiser_id}):
        refuse("invites", "nobody", _("Choose who is to come."))
    known = Contact.objects.filter(pk__in=facts.contacts, customer=appointment.customer_id)
    if known.count() < len(set(facts.contacts)):
        refuse("contacts", "other_customer", _("This contact belongs to another customer."))
    if User.objects.filter(pk__in=facts.users, is_active=True).count() < len(set(facts.users)):
        refuse("users", "gone", _("This person no longer works here."))


def _check_start(appointment: Appointment, now: dt.datetime) -> None:
    if appointment.starts_at <= now:
        refuse("starts_at", "past", _("Choose a time to come; what has been is logged as an interaction."))
    if appointment.starts_at > now + FARTHEST:
        refuse("starts_at", "too_far", _("Choose a day within five years."))
