"""Letters of the surveys beside the weekly one: against a real SMTP server that takes, defers and refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from email import message_from_string, policy
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.contacts.services import change_contact, mark_left
from accounts.customers.models import Customer
from accounts.occasions.models import OccasionAnswer, OccasionAttempt, OccasionInvitation, OccasionToken
from accounts.occasions.queries import invitation_by_token
from accounts.occasions.services import withdraw_programme
from accounts.surveys.links import token_in
from accounts.surveys.models import LetterFate, LetterKind
from accounts.surveys.services import Letter
from crm.mail import delivery
from crm.mail.bounces import Taken, letter_of, return_path, take
from crm.mail.delivery import deliver, due_letters, send_survey_again
from tests.accounts.occasions.shop import DAY, HOUR, TEN, TODAY, Shop, contact_of, say, shop_of
from tests.conftest import World
from tests.crm.mail.postbox import HANG_UP, Postbox

REMIND = TEN + 5 * DAY
CLOSED = TEN.replace(hour=0) + 15 * DAY
GONE = "550 5.1.1 no such user"


@pytest.fixture
def shop(world: World) -> Shop:
    """Chen and Li are asked about a delivery; nothing is sent."""
    shop = shop_of(world)
    shop.ask(shop.chen, shop.li, about="4711")
    return shop


def send(shop: Shop, *, kind: LetterKind = LetterKind.SURVEY, at: dt.datetime = TEN) -> bool:
    return deliver(shop.invitation(shop.chen).pk, kind, now=at)


def fates(shop: Shop) -> list[str]:
    tries = OccasionAttempt.objects.filter(invitation=shop.invitation(shop.chen)).order_by("pk")
    return list(tries.values_list("fate", flat=True))


def body(box: Postbox, kind: str = "plain") -> str:
    part = box.messages[-1].get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_letter_is_sent_when_its_hour_has_come_and_once(shop: Shop, sending: Postbox) -> None:
    assert due_letters(now=TEN - HOUR, limit=10) == []
    assert len(due_letters(now=TEN, limit=10)) == 2
    assert [send(shop), send(shop), send(shop, at=TEN + HOUR)] == [True, False, False]
    assert sending.by_recipient == {"chen@huaxing.test": 1}
    invitation = shop.invitation(shop.chen)
    assert invitation.sent_at == TEN
    assert fates(shop) == [LetterFate.ACCEPTED]
    cache.clear()
    assert not send(shop)


def test_it_says_what_it_is_about_in_his_words_and_its_link_opens_his_form(
    shop: Shop, sending: Postbox
) -> None:
    change_contact(shop.chen, expected_version=1, changes={"language": "zh-hans"}, author=None, now=TEN)
    assert send(shop)
    message, text = sending.messages[-1], body(sending)
    assert "4711" in str(message["Subject"])
    assert "这次交货的情况如何？" in text
    assert "包装" in text
    assert message["Reply-To"].addresses[0].addr_spec == "owner@truenorth.test"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = next(word for word in text.split() if "/s/o/" in word)
    token = token_in(urlsplit(link).path.removeprefix("/s/o/"))
    assert invitation_by_token(token) == shop.invitation(shop.chen)
    assert OccasionToken.objects.count() == 1
    assert token not in str(OccasionToken.objects.values_list())
    assert f"{urlsplit(link).path}?on_time=A-" in body(sending, "html")
    assert not OccasionAnswer.objects.exists()


@pytest.mark.parametrize("answer", ["451 busy", "421 closing", HANG_UP])
def test_what_the_server_cannot_take_now_waits_and_is_sent_later(
    shop: Shop, sending: Postbox, answer: str
) -> None:
    sending.answers = [answer]
    assert not send(shop)
    pk = shop.invitation(shop.chen).pk
    letter = Letter(LetterKind.SURVEY, pk)
    assert fates(shop) == [LetterFate.DEFERRED]
    assert list(delivery.next_tries([letter])) == [letter]
    assert not send(shop)
    cache.delete(delivery._key(letter))  # as when the wait is over
    assert send(shop, at=TEN + HOUR)
    assert fates(shop) == [LetterFate.DEFERRED, LetterFate.ACCEPTED]


def test_what_is_refused_has_failed_with_the_servers_words_and_can_be_sent_again(
    shop: Shop, sending: Postbox
) -> None:
    sending.recipients["chen@huaxing.test"] = GONE
    assert not send(shop)
    failed = shop.invitation(shop.chen)
    assert failed.failure == f"The mail server refused the letter. {GONE}"
    assert fates(shop) == [LetterFate.REFUSED]
    assert (failed.pk, LetterKind.SURVEY) not in due_letters(now=TEN + HOUR, limit=10)
    sending.recipients.clear()
    assert send_survey_again(failed.pk, now=TEN + HOUR)
    assert send(shop, at=TEN + HOUR)
    assert not send_survey_again(failed.pk, now=TEN + HOUR)


def test_a_letter_that_came_back_has_failed_and_may_be_sent_again(
    shop: Shop, sending: Postbox, settings: Settings
) -> None:
    settings.BOUNCE_ADDRESS = "bounces@crm.example.com"
    assert send(shop)
    invitation = shop.invitation(shop.chen)
    letter = Letter(LetterKind.SURVEY, invitation.pk)
    assert letter_of(sending.senders[-1]) == letter
    raw = report(return_path(letter))
    assert [take(raw, now=TEN + HOUR), take(raw, now=TEN + HOUR)] == [Taken.CAME_BACK, Taken.KNOWN]
    invitation.refresh_from_db()
    assert invitation.failure == f"The letter came back. {GONE}"
    assert fates(shop) == [LetterFate.ACCEPTED, LetterFate.BOUNCED]
    assert send_survey_again(invitation.pk, now=TEN + HOUR)
    assert send(shop, at=TEN + HOUR)


def report(path: str) -> bytes:
    return (
        f"To: {path}\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b; "
        "report-type=delivery-status\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\n"
        f"Status: 5.1.1\nDiagnostic-Code: smtp; {GONE}\n\n--b--\n"
    ).encode()


def test_the_report_of_these_tests_is_one() -> None:
    message = message_from_string(report("x@y").decode(), policy=policy.default)
    assert message.get_content_type() == "multipart/report"


def test_the_silent_are_reminded_once(shop: Shop, sending: Postbox) -> None:
    assert send(shop)
    assert (shop.invitation(shop.chen).pk, LetterKind.SURVEY_REMINDER) in due_letters(now=REMIND, limit=10)
    reminders = [send(shop, kind=LetterKind.SURVEY_REMINDER, at=REMIND) for _ in range(2)]
    assert reminders == [True, False]
    first, again = sending.messages
    assert again["References"] == first["Message-ID"]
    assert again["Message-ID"] != first["Message-ID"]
    assert shop.invitation(shop.chen).reminded_at == REMIND
    assert list(OccasionAttempt.objects.values_list("is_reminder", flat=True)) == [False, True]


def left(shop: Shop) -> None:
    mark_left(shop.chen, left_on=TODAY, now=TEN)


def opted_out(shop: Shop) -> None:
    change_contact(shop.chen, expected_version=1, changes={"opted_out": True}, author=None, now=TEN)


def lost_address(shop: Shop) -> None:
    change_contact(shop.chen, expected_version=1, changes={"email": ""}, author=None, now=TEN)


def merged(shop: Shop) -> None:
    Customer.objects.filter(pk=shop.customer.pk).update(merged_into=shop.world.foreign)


def withdrawn(shop: Shop) -> None:
    withdraw_programme(shop.programme, now=TEN)


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (left, delivery.LEFT),
        (opted_out, delivery.NOT_ASKED),
        (lost_address, delivery.NO_ADDRESS),
        (merged, delivery.NOT_ASKED),
        (withdrawn, delivery.WITHDRAWN),
    ],
)
def test_who_can_no_longer_be_asked_gets_no_letter_and_no_reminder(
    shop: Shop, sending: Postbox, happened: Callable[[Shop], None], reason: str
) -> None:
    happened(shop)
    assert not send(shop)
    assert shop.invitation(shop.chen).failure == reason
    OccasionInvitation.objects.update(failed_at=None, failure="", sent_at=TEN)
    letter = (shop.invitation(shop.chen).pk, LetterKind.SURVEY_REMINDER)
    assert letter not in due_letters(now=REMIND, limit=10)
    assert not send(shop, kind=LetterKind.SURVEY_REMINDER, at=REMIND)
    assert not sending.messages


def test_who_answered_is_neither_written_to_nor_reminded(shop: Shop, sending: Postbox) -> None:
    say(shop.invitation(shop.chen), at=TEN - HOUR, on_time="A")
    assert not send(shop)
    OccasionInvitation.objects.update(sent_at=TEN)
    assert not send(shop, kind=LetterKind.SURVEY_REMINDER, at=REMIND)
    assert not sending.messages


def test_what_could_not_be_sent_before_it_closed_has_failed(shop: Shop, sending: Postbox) -> None:
    assert due_letters(now=CLOSED, limit=10) == []
    assert set(OccasionInvitation.objects.values_list("failure", flat=True)) == {delivery.SURVEY_CLOSED}
    assert not send_survey_again(shop.invitation(shop.chen).pk, now=CLOSED)


def test_reminders_are_made_up_for_a_month_and_no_longer(world: World, sending: Postbox) -> None:
    from tests.accounts.occasions.shop import RULES

    shop = shop_of(world, replace(RULES, answer_days=300))
    shop.ask(shop.chen)
    assert send(shop)
    pk = shop.invitation(shop.chen).pk
    assert (pk, LetterKind.SURVEY_REMINDER) in due_letters(now=REMIND + 29 * DAY, limit=10)
    assert due_letters(now=REMIND + 31 * DAY, limit=10) == []


def test_a_letter_takes_the_same_queries_however_many_are_due(shop: Shop, sending: Postbox) -> None:
    counts = []
    for number in (1, 30):
        for each in range(number):
            shop.ask(contact_of(shop.customer, f"Person {number} {each}"))
        with CaptureQueriesContext(connection) as queries:
            due_letters(now=TEN, limit=100)
        counts.append(len(queries))
    assert counts[0] == counts[1]
