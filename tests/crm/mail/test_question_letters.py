"""The question whether it is solved: sent once, tried again, stopped when nobody need answer it any more."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.contacts.models import Contact
from accounts.surveys.models import (
    ConfirmationRequest,
    CorrectiveAction,
    LetterAttempt,
    LetterFate,
    LetterKind,
    Respondent,
    RespondentState,
    Verdict,
)
from accounts.surveys.services import (
    Letter,
    answer_request,
    ask_customer,
    request_by_token,
    try_confirmation_again,
)
from crm.mail import delivery
from crm.mail.delivery import deliver, due_letters, send_question_again
from tests.accounts.surveys.office import DAY, HOUR, Office
from tests.crm.mail.asking import ASKED, MESSAGE, corrected
from tests.crm.mail.postbox import Postbox

SAID = ASKED + HOUR


@pytest.fixture
def asked(office: Office) -> ConfirmationRequest:
    return corrected(office)


def question(asked: ConfirmationRequest) -> ConfirmationRequest:
    return ConfirmationRequest.objects.get(pk=asked.pk)


def send(asked: ConfirmationRequest) -> bool:
    return deliver(asked.pk, LetterKind.CONFIRMATION, now=SAID)


def text_of(box: Postbox) -> str:
    part = box.messages[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_it_is_due_before_all_others_and_sent_once(asked: ConfirmationRequest, sending: Postbox) -> None:
    assert due_letters(now=ASKED - HOUR, limit=1) != [(asked.pk, LetterKind.CONFIRMATION)]
    assert due_letters(now=SAID, limit=1) == [(asked.pk, LetterKind.CONFIRMATION)]
    assert [send(asked), send(asked)] == [True, False]
    assert sending.by_recipient == {"chen@huaxing.test": 1}
    assert question(asked).sent_at == SAID
    tries = LetterAttempt.objects.filter(request=asked)
    assert [(each.kind, each.fate, each.reply) for each in tries] == [
        ("confirmation", LetterFate.ACCEPTED, "250 taken")
    ]


def test_it_says_what_we_did_and_its_link_is_his(
    asked: ConfirmationRequest, sending: Postbox, office: Office
) -> None:
    send(asked)
    text = text_of(sending)
    assert MESSAGE in text.replace("\r\n", "\n")
    assert str(sending.messages[-1]["Subject"]).endswith(f"CA-{office.case().pk}")
    token, _mark, answer = text.partition("/s/c/")[2].split()[0].partition("?")
    assert answer == "answer=yes"
    assert f"/s/c/{token}?answer=no" in text
    assert f"/s/c/{token}/stop" in text
    assert f"/s/c/{token}/stop>" in str(sending.messages[-1]["List-Unsubscribe"])
    assert sending.messages[-1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = request_by_token(token)
    assert found == asked
    answer_request(asked, verdict=Verdict.CONFIRMED, comment="", now=SAID + HOUR)
    assert office.case().closed_at == SAID + HOUR


def test_what_is_answered_closed_or_reopened_is_not_asked(
    asked: ConfirmationRequest, sending: Postbox, office: Office
) -> None:
    def is_due() -> bool:
        return (asked.pk, LetterKind.CONFIRMATION) in due_letters(now=SAID, limit=10)

    assert is_due()
    CorrectiveAction.objects.update(times_reopened=1)
    assert not is_due()
    CorrectiveAction.objects.update(times_reopened=0)
    assert is_due()
    answer_request(asked, verdict=Verdict.CONFIRMED, comment="", now=SAID)
    assert not is_due()
    assert not send(asked)
    assert not sending.messages


def test_who_cannot_be_written_to_has_failed_with_the_reason(
    asked: ConfirmationRequest, sending: Postbox
) -> None:
    Respondent.objects.update(state=RespondentState.OPTED_OUT)
    assert not send(asked)
    assert question(asked).failure == delivery.NOT_ASKED
    Respondent.objects.update(state=RespondentState.PAUSED)
    assert send_question_again(asked.pk, now=SAID)
    Contact.objects.update(email="")
    assert not send(asked)
    assert question(asked).failure == delivery.NO_ADDRESS
    Contact.objects.filter(pk=asked.contact_id).update(email="chen@huaxing.test")
    assert send_question_again(asked.pk, now=SAID)
    assert send(asked)
    assert not send_question_again(asked.pk, now=SAID)


def test_a_refused_one_has_failed_and_a_deferred_one_waits(
    asked: ConfirmationRequest, sending: Postbox
) -> None:
    sending.answers = ["451 busy", "554 no"]
    assert not send(asked)
    letter = Letter(LetterKind.CONFIRMATION, asked.pk)
    assert list(delivery.next_tries([letter])) == [letter]
    cache.clear()
    assert not send(asked)
    assert question(asked).failure == "The mail server refused the letter. 554 no"
    assert not try_confirmation_again(asked.pk, now=SAID + 30 * DAY)


def test_asked_anew_he_gets_another_letter(
    asked: ConfirmationRequest, sending: Postbox, office: Office
) -> None:
    assert send(asked)
    ask_customer(office.case(), message="And a third truck.", by=office.world.manager, now=SAID)
    assert send(asked)
    assert len(sending.by_id) == 2
    assert "And a third truck." in text_of(sending)
