"""Each weekly letter is sent once: against a real SMTP server that takes, defers, refuses and hangs up."""

from __future__ import annotations

import datetime as dt
import smtplib

import pytest
from django.core.cache import cache
from django.utils import translation
from pytest_django import Settings

from accounts.contacts.models import Contact
from accounts.contacts.services import change_contact, mark_left
from accounts.projects.models import Project
from accounts.surveys.models import Invitation, LetterKind, Respondent, RespondentState
from accounts.surveys.services import Letter, change_respondent, mark_sent
from crm.demo.servers import free_port
from crm.mail import delivery
from crm.mail.delivery import deliver, due_letters, send_again
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK, Office
from tests.crm.mail.postbox import HANG_UP, Postbox

REMIND = DUE + 4 * DAY
MINUTE = dt.timedelta(minutes=1)


def chens(office: Office) -> Invitation:
    return office.invitation(office.chen)


def send(office: Office, *, kind: LetterKind = LetterKind.INVITATION, at: dt.datetime = DUE) -> bool:
    return deliver(chens(office).pk, kind, now=at)


def test_a_letter_is_sent_marked_and_never_sent_again(office: Office, sending: Postbox) -> None:
    assert [send(office), send(office), send(office, at=DUE + HOUR)] == [True, False, False]
    assert sending.by_recipient == {"chen@huaxing.test": 1}
    assert chens(office).sent_at == DUE
    assert due_letters(now=DUE, limit=10) == [(office.invitation(office.li).pk, LetterKind.INVITATION)]


def test_without_the_cache_the_database_still_knows(office: Office, sending: Postbox) -> None:
    assert send(office)
    cache.clear()
    assert not send(office)
    assert len(sending.messages) == 1


def test_a_letter_that_another_worker_holds_is_left_to_it(office: Office, sending: Postbox) -> None:
    cache.add(delivery._key(Letter(LetterKind.INVITATION, chens(office).pk)), delivery.TAKEN, 60)
    assert not send(office)
    assert not sending.messages
    assert [pk for pk, _ in due_letters(now=DUE, limit=10)] == [office.invitation(office.li).pk]


def test_what_the_server_took_before_the_worker_died_is_only_marked(office: Office, sending: Postbox) -> None:
    pk = chens(office).pk
    cache.set(delivery._key(Letter(LetterKind.INVITATION, pk)), delivery.SENT, 60)
    assert (pk, LetterKind.INVITATION) in due_letters(now=DUE, limit=10)
    assert not send(office)
    assert not sending.messages
    assert chens(office).sent_at == DUE
    assert (pk, LetterKind.INVITATION) not in due_letters(now=DUE, limit=10)


@pytest.mark.parametrize("answer", ["451 busy, come back later", "421 closing", HANG_UP])
def test_what_the_server_cannot_take_now_waits_and_is_sent_later(
    office: Office, sending: Postbox, answer: str
) -> None:
    sending.answers = [answer]
    assert not send(office)
    pk = chens(office).pk
    letter = Letter(LetterKind.INVITATION, pk)
    assert (chens(office).sent_at, chens(office).failed_at) == (None, None)
    assert list(delivery.next_tries([letter])) == [letter]
    assert not send(office)
    assert pk not in [each for each, _ in due_letters(now=DUE, limit=10)]
    cache.delete(delivery._key(Letter(LetterKind.INVITATION, pk)))  # as when the wait is over
    assert (pk, LetterKind.INVITATION) in due_letters(now=DUE, limit=10)
    assert send(office, at=DUE + HOUR)
    assert len(sending.messages) == 1
    assert not delivery.next_tries([letter])


def test_a_recipient_that_is_deferred_waits_as_well(office: Office, sending: Postbox) -> None:
    sending.recipients["chen@huaxing.test"] = "450 4.2.1 greylisted"
    assert not send(office)
    assert chens(office).failed_at is None


def test_waits_double_up_to_an_hour(office: Office, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    pk, waits = chens(office).pk, []
    key = delivery._key(Letter(LetterKind.INVITATION, pk))
    for _ in range(11):
        assert not send(office)
        waits.append(cache._cache.get_client().ttl(cache.make_and_validate_key(key)))  # type: ignore[attr-defined]
        cache.delete(key)
    for wait, longest in zip(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600], strict=True):
        assert longest / 2 - 1 <= wait <= longest + 1
    assert chens(office).failed_at is None


@pytest.mark.parametrize("answer", ["550 5.1.1 no such <chen@huaxing.test>", "553 no"])
def test_a_refused_recipient_has_failed_and_says_why(office: Office, sending: Postbox, answer: str) -> None:
    sending.recipients["chen@huaxing.test"] = answer
    assert not send(office)
    failed = chens(office)
    assert failed.failed_at == DUE
    assert failed.failure == f"The mail server refused the letter. {answer}"
    assert failed.pk not in [pk for pk, _ in due_letters(now=DUE + HOUR, limit=10)]


def test_a_refused_letter_has_failed_and_an_admin_has_it_sent_again(office: Office, sending: Postbox) -> None:
    sending.answers = ["554 5.7.1 no thanks"]
    assert not send(office)
    assert "554" in chens(office).failure
    assert send_again(chens(office).pk, now=DUE + HOUR)
    assert not send_again(chens(office).pk, now=DUE + HOUR)
    assert send(office, at=DUE + HOUR)
    assert (chens(office).failed_at, chens(office).failure) == (None, "")
    assert len(sending.messages) == 1


def test_a_log_in_that_is_refused_is_nobodys_address(
    office: Office, sending: Postbox, settings: Settings
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "truenorth", "wrong"
    with pytest.raises(smtplib.SMTPException), smtplib.SMTP("127.0.0.1", sending.port) as client:
        client.login("truenorth", "wrong")
    assert not send(office)
    assert chens(office).failed_at is None
    assert delivery.next_tries([Letter(LetterKind.INVITATION, chens(office).pk)])


def test_who_cannot_be_written_to_has_failed_with_the_reason(office: Office, sending: Postbox) -> None:
    def reason_after(**changes: object) -> str:
        Contact.objects.filter(pk=office.chen.pk).update(
            email="chen@huaxing.test", left_on=None, opted_out=False
        )
        Contact.objects.filter(pk=office.chen.pk).update(**changes)
        Invitation.objects.update(failed_at=None, failure="")
        assert not send(office)
        assert chens(office).failed_at == DUE
        return chens(office).failure

    assert reason_after(email="") == delivery.NO_ADDRESS
    assert reason_after(email="chen\r\nBcc: x@huaxing.test") == delivery.BAD_ADDRESS
    assert reason_after(left_on=WEEK) == delivery.LEFT
    assert reason_after(opted_out=True) == delivery.NOT_ASKED
    Respondent.objects.update(state=RespondentState.PAUSED)
    assert reason_after() == delivery.NOT_ASKED
    Respondent.objects.update(state=RespondentState.ACTIVE)
    Project.objects.update(started_on=WEEK - 9 * DAY, ended_on=WEEK - DAY)
    assert reason_after() == delivery.ENDED
    assert not sending.messages


def test_a_letter_that_could_not_be_sent_while_the_week_was_open_has_failed(
    office: Office, sending: Postbox
) -> None:
    assert due_letters(now=CLOSED - MINUTE, limit=10) != []
    assert due_letters(now=CLOSED, limit=10) == []
    assert not send(office, at=CLOSED)
    assert chens(office).failure == delivery.CLOSED
    assert not send_again(chens(office).pk, now=CLOSED)
    assert not sending.messages


def sent(office: Office, *, at: dt.datetime = DUE) -> None:
    for contact in (office.chen, office.li):
        assert mark_sent(office.invitation(contact).pk, now=at)


def reminded(at: dt.datetime = REMIND) -> int:
    return len([pk for pk, kind in due_letters(now=at, limit=10) if kind == LetterKind.REMINDER])


def test_the_silent_are_reminded_once(office: Office, sending: Postbox) -> None:
    sent(office)
    office.say(office.li, quality="A")
    assert reminded(REMIND - MINUTE) == 0
    assert due_letters(now=REMIND, limit=10) == [(chens(office).pk, LetterKind.REMINDER)]
    assert [send(office, kind=LetterKind.REMINDER, at=REMIND) for _ in range(3)] == [True, False, False]
    assert reminded(REMIND + HOUR) == 0
    assert chens(office).reminded_at == REMIND
    assert sending.by_recipient == {"chen@huaxing.test": 1}


def test_an_answer_while_the_reminder_waits_in_the_queue_stops_it(office: Office, sending: Postbox) -> None:
    sent(office)
    assert reminded() == 2
    office.say(office.chen, quality="A")
    assert not send(office, kind=LetterKind.REMINDER, at=REMIND)
    assert not sending.messages


def test_a_letter_that_went_out_late_is_not_followed_by_its_reminder_at_once(office: Office) -> None:
    sent(office, at=REMIND + HOUR)
    assert reminded(REMIND + 2 * HOUR) == 0
    assert reminded(REMIND + HOUR + DAY) == 2


def test_who_paused_left_opted_out_or_whose_project_ended_is_not_reminded(office: Office) -> None:
    sent(office)
    assert reminded() == 2
    chen = Respondent.objects.get(contact=office.chen)
    change_respondent(chen, state=RespondentState.PAUSED, author=None, now=DUE)
    assert reminded() == 1
    change_contact(office.li, expected_version=1, changes={"opted_out": True}, author=None, now=DUE)
    assert reminded() == 0
    change_respondent(chen, state=RespondentState.ACTIVE, author=None, now=DUE)
    assert reminded() == 1
    mark_left(office.chen, left_on=REMIND.date(), now=REMIND)
    assert reminded() == 0
    Contact.objects.update(left_on=None, opted_out=False)
    assert reminded() == 2
    Contact.objects.filter(pk=office.li.pk).update(email="")
    assert reminded() == 1
    Project.objects.update(started_on=WEEK, ended_on=REMIND.date() - DAY)
    assert reminded() == 0


def test_nobody_is_reminded_of_a_week_that_is_closed(office: Office) -> None:
    sent(office)
    assert reminded(CLOSED - MINUTE) == 2
    assert reminded(CLOSED) == 0


def test_a_reminder_that_is_refused_has_failed_and_is_not_tried_for_ever(
    office: Office, sending: Postbox
) -> None:
    sent(office)
    sending.recipients["chen@huaxing.test"] = "550 5.2.1 disabled"
    assert not send(office, kind=LetterKind.REMINDER, at=REMIND)
    assert chens(office).failed_at == REMIND
    assert reminded(REMIND + HOUR) == 1


def test_a_tick_takes_a_batch_and_looks_past_those_that_wait(office: Office) -> None:
    first, second = due_letters(now=DUE, limit=10)
    assert due_letters(now=DUE, limit=1) == [first]
    cache.set(delivery._key(Letter(first[1], first[0])), delivery.WAITING, 60)
    assert due_letters(now=DUE, limit=1) == [second]


def test_a_stored_reason_is_said_in_the_readers_language() -> None:
    with translation.override("en"):
        assert delivery.reason_in_words("The mail server refused the letter. 550 no") == (
            "The mail server refused the letter. 550 no"
        )
    assert delivery.reason_in_words("said by somebody else") == "said by somebody else"


def test_the_number_of_queries_does_not_grow_with_what_is_due(
    office: Office, django_assert_num_queries: object
) -> None:
    from accounts.surveys.services import name_respondent
    from tests.accounts.surveys.office import contact_of
    from tests.conftest import MONDAY

    with django_assert_num_queries(9):  # type: ignore[operator]
        assert len(due_letters(now=DUE, limit=100)) == 2
    for number in range(30):
        contact = contact_of(office.world, f"Respondent {number}")
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    office.invite()
    with django_assert_num_queries(9):  # type: ignore[operator]
        assert len(due_letters(now=DUE, limit=100)) == 32
