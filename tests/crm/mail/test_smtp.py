"""One connection for many letters, whatever the server does with it; and its words are kept."""

from __future__ import annotations

import smtplib
import time

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from pytest_django import Settings

from accounts.surveys.models import LetterAttempt, LetterFate, LetterKind
from crm.demo.servers import free_port
from crm.mail import smtp
from crm.mail.delivery import deliver
from tests.accounts.surveys.office import DUE, HOUR, Office
from tests.crm.mail.postbox import HANG_UP, LOSE, Postbox


def message(number: int = 0) -> EmailMessage:
    identity = {"Message-ID": f"<{number}@truenorth.test>"}
    return EmailMessage("Hello", "text", to=[f"r{number}@huaxing.test"], headers=identity)


def send(count: int, *, first: int = 0) -> list[str]:
    return [smtp.send(message(first + number)) for number in range(count)]


def test_many_letters_share_a_connection(sending: Postbox) -> None:
    assert send(10) == ["250 taken"] * 10
    assert sending.connections == 1
    assert len(sending.by_id) == len(sending.messages) == 10


def test_a_connection_is_left_after_so_many_letters_and_when_it_was_idle(
    sending: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "MOST_LETTERS", 4)
    send(9)
    assert sending.connections == 3
    monkeypatch.setattr(smtp, "IDLE_SECONDS", 0.0)
    send(2)
    assert sending.connections == 5
    assert len(sending.messages) == 11


@pytest.mark.parametrize("habit", ["tires_after", "hangs_up_after"])
def test_a_server_that_closes_after_some_letters_gets_them_all_once(sending: Postbox, habit: str) -> None:
    setattr(sending, habit, 3)
    for number in range(10):
        send(1, first=number)
        time.sleep(0.03)
    assert len(sending.by_id) == len(sending.messages) == 10
    assert sending.connections >= 4


def test_another_server_gets_another_connection(sending: Postbox, settings: Settings) -> None:
    send(1)
    settings.EMAIL_PORT = free_port()
    with pytest.raises(ConnectionRefusedError):
        send(1)
    settings.EMAIL_PORT = sending.port
    send(1)
    assert sending.connections == 2


def test_a_refused_recipient_costs_no_connection(sending: Postbox) -> None:
    sending.recipients["r1@huaxing.test"] = "550 no"
    send(1)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(1, first=1)
    sending.answers = ["451 busy"]
    with pytest.raises(smtplib.SMTPDataError):
        send(1, first=2)
    send(1, first=3)
    assert sending.connections == 1


@pytest.mark.parametrize("answer", [HANG_UP, LOSE])
def test_a_letter_that_was_under_way_is_not_sent_again_at_once(sending: Postbox, answer: str) -> None:
    send(1)
    sending.answers = [answer]
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(1, first=1)
    assert sending.by_id["<1@truenorth.test>"] == (answer == LOSE)
    send(1, first=2)
    assert sending.connections == 2


def test_a_silent_server_is_given_up(sending: Postbox, settings: Settings) -> None:
    sending.seconds, settings.EMAIL_TIMEOUT = 2.0, 0.3
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(1)
    sending.seconds = 0.0
    send(1, first=1)


def fates(office: Office) -> list[tuple[str, str]]:
    pk = office.invitation(office.chen).pk
    return list(LetterAttempt.objects.filter(invitation=pk).order_by("pk").values_list("fate", "reply"))


@pytest.mark.parametrize(
    ("answer", "fate", "reply"),
    [
        ("451 4.3.2 busy", LetterFate.DEFERRED, "451 4.3.2 busy"),
        (HANG_UP, LetterFate.DEFERRED, "SMTPServerDisconnected"),
        ("554 5.7.1 no thanks", LetterFate.REFUSED, "554 5.7.1 no thanks"),
        ("250 2.0.0 queued as 4Zx", LetterFate.ACCEPTED, "250 2.0.0 queued as 4Zx"),
    ],
)
def test_every_try_is_kept_with_what_the_server_said(
    office: Office, sending: Postbox, answer: str, fate: LetterFate, reply: str
) -> None:
    sending.answers = [answer]
    deliver(office.invitation(office.chen).pk, LetterKind.INVITATION, now=DUE)
    assert fates(office) == [(fate, reply)]


def test_who_was_never_written_to_has_a_try_that_says_so(office: Office, sending: Postbox) -> None:
    office.chen.email = ""
    office.chen.save(update_fields=["email"])
    deliver(office.invitation(office.chen).pk, LetterKind.INVITATION, now=DUE)
    assert fates(office) == [(LetterFate.NOT_SENT, "The contact has no e-mail address.")]


def test_no_address_stands_in_the_log(
    office: Office, sending: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    sending.recipients["chen@huaxing.test"] = "450 4.2.1 <chen@huaxing.test> greylisted"
    pk = office.invitation(office.chen).pk
    deliver(pk, LetterKind.INVITATION, now=DUE)
    sending.recipients["chen@huaxing.test"] = "550 5.1.1 <chen@huaxing.test> unknown"
    cache.clear()
    deliver(pk, LetterKind.INVITATION, now=DUE + HOUR)
    assert [fate for fate, _ in fates(office)] == [LetterFate.DEFERRED, LetterFate.REFUSED]
    said = [record.getMessage() for record in caplog.records if record.name.startswith("crm")]
    assert len(said) == 2
    assert not [line for line in said if "chen@" in line]
