"""Invitations to meetings: a letter in the guest's language, and an entry for his calendar (RFC 5546)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from icalendar import Calendar, Event, vCalAddress, vText

from accounts.appointments.models import Appointment, AppointmentLetter, Guest, Method
from accounts.contacts.models import Contact
from accounts.surveys.models import LetterKind
from accounts.surveys.services import Letter
from accounts.surveys.weeks import zone_of
from accounts.users.models import User
from crm.calendar_text import plain
from crm.mail.envelope import Envelope, letter_in, message_id_of
from crm.mail.surveys import OTHER
from crm.templatetags.formats import reader_locale, zone_name

RELATED = ("guest__appointment__organiser", "guest__appointment__customer", "guest__contact", "guest__user")


@dataclass(frozen=True)
class Preview:
    """What somebody would be written, in the language of ``language``."""

    person: Contact | User
    language: str
    subject: str
    text: str


def write(letter: AppointmentLetter) -> EmailMultiAlternatives:
    """The message to the guest. One query where RELATED came with it.

    Its Message-ID is always the same, so that readers drop a letter that was sent twice; an answer goes to
    the organiser.
    """
    guest, appointment = letter.guest, letter.guest.appointment
    envelope = Envelope(
        letter=Letter(LetterKind.MEETING, letter.pk),
        message_id=message_id(letter),
        contact=guest.person,
        answers_to=appointment.organiser,
    )
    with translation.override(language_of(guest.person)), timezone.override(zone_of(guest.person.time_zone)):
        message = letter_in(
            envelope, _context(appointment, guest.person, Method(letter.method), letter.sequence)
        )
    # The calendar stands last: a reader takes the last part that it understands.
    mimetype = f"text/calendar; method={letter.method.upper()}"
    message.attach_alternative(calendar_of(letter).decode(), mimetype)
    return message


def message_id(letter: AppointmentLetter) -> str:
    """The same for every try; of a letter of another installation it is another."""
    return message_id_of(f"{letter.pk}:{LetterKind.MEETING}:{letter.known_at.isoformat()}")


def preview_of(appointment: Appointment, person: Contact | User) -> Preview:
    """The invitation as he would get it; ``appointment`` may be one that is not saved. No query."""
    language = language_of(person)
    with translation.override(language), timezone.override(zone_of(person.time_zone)):
        context = _context(appointment, person, Method.REQUEST, appointment.sequence)
        subject, text = (
            render_to_string(f"survey_mail/meeting{ending}", context).strip()
            for ending in ("_subject.txt", ".txt")
        )
    return Preview(person, language, " ".join(subject.split()), text)


def language_of(person: Contact | User) -> str:
    """The language to write to him in: his own if we have it."""
    return person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def calendar_of(letter: AppointmentLetter) -> bytes:
    """What his calendar is to do. Every text is escaped and folded by the library."""
    appointment = letter.guest.appointment
    calendar = Calendar()
    calendar.add("prodid", "-//Truenorth//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", letter.method.upper())
    calendar.add_component(_event(letter, appointment))
    year = appointment.starts_at.year
    calendar.add_missing_timezones(first_date=dt.date(year - 1, 1, 1), last_date=dt.date(year + 2, 1, 1))
    return bytes(calendar.to_ical())


def _event(letter: AppointmentLetter, appointment: Appointment) -> Event:
    starts = appointment.starts_at.astimezone(ZoneInfo(settings.TIME_ZONE))
    is_cancelled = letter.method == Method.CANCEL
    event = Event()
    event.add("uid", f"{appointment.uid}@{urlsplit(settings.PUBLIC_URL).hostname or 'truenorth'}")
    event.add("sequence", letter.sequence)
    event.add("dtstamp", letter.known_at.astimezone(dt.UTC))
    event.add("dtstart", starts)
    event.add("duration", dt.timedelta(minutes=appointment.minutes))
    event.add("summary", plain(appointment.title))
    if appointment.place:
        event.add("location", plain(appointment.place))
    if appointment.note:
        event.add("description", plain(appointment.note))
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("organizer", _address(appointment.organiser), encode=False)
    for person in _attendees(letter, appointment):
        attendee = _address(person)
        attendee.params["cutype"] = vText("INDIVIDUAL")
        attendee.params["role"] = vText("REQ-PARTICIPANT")
        attendee.params["partstat"] = vText("NEEDS-ACTION")
        attendee.params["rsvp"] = vText("FALSE" if is_cancelled else "TRUE")
        event.add("attendee", attendee, encode=False)
    return event


def _attendees(letter: AppointmentLetter, appointment: Appointment) -> Collection[Contact | User]:
    """Who is to come; whoever is told that he is not sees himself alone."""
    if letter.method == Method.CANCEL and appointment.cancelled_at is None:
        return [letter.guest.person]
    guests = Guest.objects.filter(appointment=appointment, removed_at=None).select_related("contact", "user")
    return [guest.person for guest in guests.order_by("pk") if guest.person.email]


def _address(person: Contact | User) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    # A parameter may hold no quotation mark and no line break.
    address.params["cn"] = vText(" ".join(plain(person.name).replace('"', "'").split()))
    return address


def _context(
    appointment: Appointment, person: Contact | User, method: Method, sequence: int
) -> dict[str, object]:
    zone = timezone.get_current_timezone()
    starts = appointment.starts_at.astimezone(zone)
    ends = starts + dt.timedelta(minutes=appointment.minutes)
    times = [format_time(each, "HH:mm", locale=reader_locale()) for each in (starts, ends)]
    return {
        "person": person,
        "appointment": appointment,
        "organiser": appointment.organiser,
        "is_cancelled": method == Method.CANCEL,
        "is_changed": method == Method.REQUEST and sequence > 0,
        "day": format_date(starts, "full", locale=reader_locale()),
        "hours": "–".join(times),
        "zone": zone_name(),
        "palette": [OTHER],
        "language": translation.get_language(),
        "company": settings.COMPANY_NAME,
        "home": settings.PUBLIC_URL,
    }
