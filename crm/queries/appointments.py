"""Meetings that are to come, and what became of the letters to each guest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.appointments.models import Appointment, AppointmentLetter, Guest, Method
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.surveys.models import LetterKind
from accounts.surveys.services import Letter
from accounts.surveys.services.inviting import CAME_BACK
from accounts.users.models import User
from crm.mail import delivery
from crm.mail.sorts import obstacle_to_contact
from crm.queries.outbox import LABELS, State

MOST_SHOWN = 50
LONGEST = dt.timedelta(days=1)
LETTERS: dict[str, str | Promise] = {
    Method.REQUEST: _("Invitation"),
    Method.CANCEL: pgettext_lazy("letter", "Cancellation"),
}


@dataclass(frozen=True)
class GuestRow:
    """``obstacle``: why he is not written to. ``state``: of his latest ``letter``; ``reason``: of failure."""

    guest: Guest
    obstacle: str
    letter: AppointmentLetter | None
    state: State | None
    reason: str
    next_try: dt.datetime | None
    may_be_sent_again: bool

    @property
    def state_label(self) -> object:
        return LABELS[self.state] if self.state else ""

    @property
    def letter_label(self) -> str:
        return str(LETTERS[self.letter.method]) if self.letter else ""


def mine(user: User) -> Q:
    """Those that he organises or is to come to."""
    invited = Guest.objects.filter(user=user.pk, removed_at=None).values("appointment")
    return Q(organiser=user.pk) | Q(pk__in=invited)


def coming_of(user: User, *, now: dt.datetime, customer: Customer | None = None) -> list[Appointment]:
    """His own, or all of a customer that he sees: the next first, none that is over or cancelled."""
    found = access.visible_appointments(user).filter(cancelled_at=None, starts_at__gt=now - LONGEST)
    found = found.filter(mine(user)) if customer is None else found.filter(customer=customer)
    present = Prefetch(
        "guests", Guest.objects.filter(removed_at=None).select_related("contact", "user").order_by("pk")
    )
    rows: QuerySet[Appointment] = found.select_related("customer", "organiser").prefetch_related(present)
    return [each for each in rows.order_by("starts_at", "pk")[:MOST_SHOWN] if ends_of(each) > now]


def ends_of(appointment: Appointment) -> dt.datetime:
    return appointment.starts_at + dt.timedelta(minutes=appointment.minutes)


def guests_of(appointment: Appointment, *, now: dt.datetime) -> list[GuestRow]:
    """Those who are to come, then those who were removed. Two queries, and one look at what waits."""
    letters = Prefetch("letters", AppointmentLetter.objects.order_by("-sequence"))
    found = appointment.guests.select_related("contact", "user").prefetch_related(letters)
    guests = sorted(
        found, key=lambda guest: (guest.removed_at is not None, guest.contact_id is None, guest.pk)
    )
    ids = [letter.pk for guest in guests for letter in guest.letters.all()[:1]]
    waiting = {
        letter.pk: at
        for letter, at in delivery.next_tries([Letter(LetterKind.MEETING, pk) for pk in ids]).items()
    }
    is_open = appointment.starts_at > now
    return [_row(guest, waiting, is_open=is_open, today=company_day(now)) for guest in guests]


def not_written_to(people: Iterable[Contact], *, now: dt.datetime) -> list[tuple[Contact, str]]:
    """Those of them who get no letter, and why, in the reader's language."""
    found = ((each, obstacle_to_contact(each, company_day(now))) for each in people)
    return [(each, delivery.reason_in_words(obstacle)) for each, obstacle in found if obstacle]


def _row(guest: Guest, waiting: dict[int, dt.datetime | None], *, is_open: bool, today: dt.date) -> GuestRow:
    letter = next(iter(guest.letters.all()), None)
    obstacle = obstacle_to_contact(guest.contact, today) if guest.contact is not None else ""
    state = _state_of(letter) if letter is not None else None
    return GuestRow(
        guest=guest,
        obstacle=delivery.reason_in_words(obstacle),
        letter=letter,
        state=state,
        reason=delivery.reason_in_words(letter.failure) if letter is not None else "",
        next_try=waiting.get(letter.pk) if letter is not None and state == State.WAITING else None,
        may_be_sent_again=is_open and not obstacle and state in {State.FAILED, State.CAME_BACK},
    )


def _state_of(letter: AppointmentLetter) -> State:
    if letter.failed_at is not None:
        return State.CAME_BACK if letter.failure.startswith(CAME_BACK) else State.FAILED
    return State.WAITING if letter.sent_at is None else State.SENT
