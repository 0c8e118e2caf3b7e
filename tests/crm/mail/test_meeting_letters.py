"""Invitations to meetings: against a real SMTP server; what stands in them, and that no text breaks out."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar, Event
from pytest_django import Settings

from accounts.appointments.models import AppointmentAttempt, AppointmentLetter
from accounts.contacts.models import Contact
from accounts.contacts.services import change_contact, mark_left
from accounts.surveys.models import LetterFate, LetterKind
from accounts.surveys.services import Letter
from accounts.users.services import deactivate
from crm.mail import delivery, meetings
from crm.mail.bounces import Taken, letter_of, return_path, take
from crm.mail.delivery import deliver, due_letters, send_meeting_again
from tests.accounts.appointments.planned import HOUR, STARTS, Planned, planned_in
from tests.conftest import MONDAY, World
from tests.crm.mail.postbox import HANG_UP, Postbox

HOSTILE = "Plan, now; \\ or\r\nEND:VEVENT\nBEGIN:VEVENT\rATTENDEE:mailto:x@y.z\n\x08😀 " + "长" * 130
GONE = "550 5.1.1 no such user"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def planned(world: World) -> Planned:
    return planned_in(world)


def send_all(at: dt.datetime = MONDAY) -> list[bool]:
    return [deliver(pk, kind, now=at) for pk, kind in due_letters(now=at, limit=100)]


def send(planned: Planned, person: object, *, at: dt.datetime = MONDAY, sequence: int = 0) -> bool:
    return deliver(planned.letter(person, sequence).pk, LetterKind.MEETING, now=at)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def entry(message: EmailMessage) -> tuple[str, Event]:
    """The method that the part and the calendar in it both name, and the one event."""
    part = list(message.walk())[-1]
    assert part.get_content_type() == "text/calendar"
    raw = part.get_content().encode()
    assert all(len(line) <= 75 for line in raw.splitlines())
    calendar = Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    assert part.get_param("method") == calendar["method"]
    assert part.get_param("charset") == "utf-8"
    return str(calendar["method"]), event


def fates(letter: AppointmentLetter) -> list[str]:
    return list(
        AppointmentAttempt.objects.filter(letter=letter).order_by("pk").values_list("fate", flat=True)
    )


def test_each_guest_is_invited_once_with_an_entry_for_his_calendar(
    planned: Planned, sending: Postbox, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    assert send_all() == [True, True, True]
    assert send_all() == []
    assert not send(planned, planned.chen)
    cache.clear()
    assert not send(planned, planned.chen)
    assert sending.by_recipient == {
        "chen@huaxing.test": 1,
        "li@huaxing.test": 1,
        "mate@truenorth.test": 1,
    }
    message = sending.messages[0]
    method, event = entry(message)
    assert (method, event["status"], event["sequence"]) == ("REQUEST", "CONFIRMED", 0)
    assert str(event["uid"]).startswith(str(planned.meeting.uid))
    assert event["organizer"] == "mailto:owner@truenorth.test"
    assert {str(each) for each in event["attendee"]} == {
        f"mailto:{address}" for address in sending.by_recipient
    }
    assert event["attendee"][0].params["RSVP"] == "TRUE"
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert event["dtstart"].dt == STARTS.astimezone(SHANGHAI)
    assert event["duration"].dt == dt.timedelta(minutes=90)
    assert (event["summary"], event["location"]) == ("Delivery plan", "Suzhou, hall 2")
    assert message["Reply-To"].addresses[0].addr_spec == "owner@truenorth.test"
    assert "17:00–18:30" in body(message, "plain")
    assert "Please bring the drawings." in body(message, "html")


def test_the_letter_is_in_the_language_and_the_time_zone_of_the_guest(
    planned: Planned, sending: Postbox
) -> None:
    change_contact(
        planned.li, expected_version=1, changes={"time_zone": "Europe/Berlin"}, author=None, now=MONDAY
    )
    planned.li.refresh_from_db()
    assert send(planned, planned.li)
    text = body(sending.messages[0], "plain")
    assert "2026年3月5日" in text
    assert "10:00–11:30" in text
    assert meetings.preview_of(planned.meeting, planned.li).text.split() == text.split()


def test_a_change_a_removal_and_a_cancellation_reach_the_same_entry(
    planned: Planned, sending: Postbox
) -> None:
    send_all()
    first = entry(sending.messages[0])[1]["uid"]
    planned.change(MONDAY + HOUR, place="Hall 3", contacts=(planned.chen.pk,))
    sending.messages.clear()
    assert send_all(MONDAY + HOUR) == [True] * 3
    seen = {str(message["To"].addresses[0].addr_spec): entry(message) for message in sending.messages}
    method, event = seen["li@huaxing.test"]
    assert (method, event["sequence"], event["status"]) == ("CANCEL", 1, "CANCELLED")
    assert event["attendee"] == "mailto:li@huaxing.test"
    method, event = seen["chen@huaxing.test"]
    assert (method, event["sequence"], event["location"]) == ("REQUEST", 1, "Hall 3")
    sending.messages.clear()
    planned.cancel(MONDAY + 2 * HOUR)
    assert send_all(MONDAY + 2 * HOUR) == [True] * 2
    for message in sending.messages:
        method, event = entry(message)
        assert (method, event["sequence"], event["uid"]) == ("CANCEL", 2, first)
        assert len(event["attendee"]) == 2
        assert "has cancelled this meeting" in body(message, "plain")
        assert "Please bring" not in body(message, "plain")


def test_no_text_breaks_out_of_the_entry_or_the_letter(world: World, sending: Postbox) -> None:
    planned = planned_in(world, title=HOSTILE[:180], place=HOSTILE[:180], note=HOSTILE * 20)
    Contact.objects.filter(pk=planned.chen.pk).update(name='Chen"; x:y,\r\nBcc: evil@y.z')
    assert send(planned, planned.chen)
    message = sending.messages[0]
    _method, event = entry(message)
    assert "\n" not in event["summary"]
    assert "END:VEVENT BEGIN:VEVENT" in event["summary"]
    assert "😀" in event["description"]
    assert len(event["attendee"]) == 3
    assert "\n" not in event["attendee"][0].params["CN"]
    assert message["Bcc"] is None
    assert len(sending.by_recipient) == 1


@pytest.mark.parametrize("answer", ["451 busy", "421 closing", HANG_UP])
def test_what_the_server_cannot_take_now_waits_and_is_sent_later(
    planned: Planned, sending: Postbox, answer: str
) -> None:
    sending.answers = [answer]
    letter = planned.letter(planned.chen)
    assert not send(planned, planned.chen)
    assert fates(letter) == [LetterFate.DEFERRED]
    assert not send(planned, planned.chen)
    cache.delete(delivery._key(Letter(LetterKind.MEETING, letter.pk)))  # as when the wait is over
    assert send(planned, planned.chen)
    assert fates(letter) == [LetterFate.DEFERRED, LetterFate.ACCEPTED]


def test_what_is_refused_has_failed_and_can_be_sent_again(planned: Planned, sending: Postbox) -> None:
    sending.recipients["chen@huaxing.test"] = GONE
    letter = planned.letter(planned.chen)
    assert not send(planned, planned.chen)
    letter.refresh_from_db()
    assert letter.failure == f"The mail server refused the letter. {GONE}"
    assert fates(letter) == [LetterFate.REFUSED]
    sending.recipients.clear()
    assert send_meeting_again(letter.pk, now=MONDAY)
    assert send(planned, planned.chen)
    assert not send_meeting_again(letter.pk, now=MONDAY)


def test_who_left_wants_no_letters_or_has_no_address_is_not_written_to(
    planned: Planned, sending: Postbox
) -> None:
    mark_left(planned.chen, left_on=MONDAY.date(), author=None, now=MONDAY)
    Contact.objects.filter(pk=planned.li.pk).update(opted_out=True)
    deactivate(planned.world.mate)
    assert send_all() == [False] * 3
    failures = AppointmentLetter.objects.order_by("pk").values_list("failure", flat=True)
    assert list(failures) == [
        "The contact has left the company.",
        "The contact wants no letters.",
        "This person no longer works here.",
    ]
    assert sending.messages == []


def test_what_could_not_be_sent_before_the_meeting_is_not_sent_after_it(
    planned: Planned, sending: Postbox
) -> None:
    assert send_all(STARTS) == []
    assert not send(planned, planned.chen, at=STARTS)
    letter = planned.letter(planned.chen)
    assert letter.failure == "The meeting began before the letter could be sent."


def test_a_letter_that_came_back_is_known_by_its_return_path(
    planned: Planned, sending: Postbox, settings: Settings
) -> None:
    settings.BOUNCE_ADDRESS = "bounces@truenorth.test"
    letter = planned.letter(planned.chen)
    assert send(planned, planned.chen)
    assert letter_of(sending.senders[0]) == Letter(LetterKind.MEETING, letter.pk)
    report = (
        f"To: {return_path(Letter(LetterKind.MEETING, letter.pk))}\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n--b--\r\n"
    ).encode()
    assert [take(report, now=MONDAY + HOUR), take(report, now=MONDAY + HOUR)] == [
        Taken.CAME_BACK,
        Taken.KNOWN,
    ]
    letter.refresh_from_db()
    assert letter.failed_at == MONDAY + HOUR
    assert fates(letter) == [LetterFate.ACCEPTED, LetterFate.BOUNCED]


def test_writing_a_letter_asks_once_however_many_are_to_come(planned: Planned) -> None:
    letter = AppointmentLetter.objects.select_related(*meetings.RELATED).order_by("pk")[0]
    with CaptureQueriesContext(connection) as queries:
        meetings.write(letter)
    assert len(queries) == 1
