"""Asking who complained whether it is solved, and what his verdict does."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.contacts.models import Contact
from accounts.facts import AlreadySavedError
from accounts.surveys.links import hashed, new_token
from accounts.surveys.models import (
    CaseState,
    ConfirmationRequest,
    ConfirmationToken,
    CorrectiveAction,
    Respondent,
    RespondentState,
    Verdict,
)
from accounts.surveys.queries.complaints import Reach, complainants_of, still_asked
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    answer_request,
    ask_customer,
    confirm_case,
    request_by_token,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office
from tests.accounts.surveys.test_cases import NEXT, code, events, say

ASKED = DUE + 4 * HOUR
SAID = ASKED + DAY


def corrected(office: Office, *, again: bool = False) -> CorrectiveAction:
    if not again:
        office.say(office.chen, delivery="D")
    case, manager = office.case(), office.world.manager
    acknowledge_case(case, by=manager, now=DUE + 2 * HOUR)
    return advance_case(
        case, to=CaseState.CORRECTED, by=manager, comment="A second truck.", now=DUE + 3 * HOUR
    )


def ask(office: Office, *, now: dt.datetime = ASKED, message: str = "A second truck drives.") -> None:
    ask_customer(office.case(), message=message, by=office.world.manager, now=now)


def request_to(contact: Contact) -> ConfirmationRequest:
    return ConfirmationRequest.objects.get(contact=contact)


def test_only_who_complained_is_asked_and_the_log_says_whom(office: Office) -> None:
    corrected(office)
    ask(office)
    request = ConfirmationRequest.objects.get()
    assert (request.contact, request.message, request.round) == (office.chen, "A second truck drives.", 0)
    assert request.invitation == office.invitation(office.chen)
    assert request.expires_at == ASKED + dt.timedelta(days=28)
    asked = office.case().log.latest("pk")
    assert (asked.kind, asked.contact, asked.author) == ("asked", office.chen, office.world.manager)


def test_before_we_say_that_it_is_corrected_nobody_is_asked(office: Office) -> None:
    office.say(office.chen, delivery="D")
    with pytest.raises(ValidationError) as refusal:
        ask(office)
    assert code(refusal) == "state: not_corrected"
    assert not ConfirmationRequest.objects.exists()


def test_a_question_without_words_for_the_customer_is_refused(office: Office) -> None:
    corrected(office)
    with pytest.raises(ValidationError) as refusal:
        ask(office, message=" ")
    assert code(refusal) == "comment: blank"


def test_asked_again_the_open_question_is_replaced_and_due_again(office: Office) -> None:
    corrected(office)
    ask(office)
    token = new_token()
    ConfirmationToken.objects.create(sha256=hashed(token), request=request_to(office.chen), issued_at=ASKED)
    ConfirmationRequest.objects.update(sent_at=ASKED)
    ask(office, now=SAID, message="And a third one.")
    request = request_to(office.chen)
    assert (request.message, request.known_at, request.sent_at) == ("And a third one.", SAID, None)
    assert request_by_token(token) == request


def test_a_form_sent_twice_asks_once(office: Office) -> None:
    case, token = corrected(office), uuid.uuid4()
    ask_customer(case, message="Done.", by=office.world.manager, now=ASKED, token=token)
    with pytest.raises(AlreadySavedError):
        ask_customer(case, message="Done.", by=office.world.manager, now=ASKED, token=token)
    assert events(case).count("asked") == 1


@pytest.mark.parametrize(
    ("changes", "reach"),
    [
        ({"email": ""}, Reach.NO_ADDRESS),
        ({"opted_out": True}, Reach.OPTED_OUT),
        ({"left_on": DUE.date()}, Reach.LEFT),
    ],
)
def test_who_cannot_be_written_to_is_not_asked_and_the_reason_is_known(
    office: Office, changes: dict[str, object], reach: Reach
) -> None:
    case = corrected(office)
    Contact.objects.filter(pk=office.chen.pk).update(**changes)
    assert [each.reach for each in complainants_of(case, now=ASKED)] == [reach]
    with pytest.raises(ValidationError) as refusal:
        ask(office)
    assert code(refusal) == "contacts: unreachable"


def test_whoever_wants_no_letters_about_the_project_gets_none(office: Office) -> None:
    case = corrected(office)
    Respondent.objects.filter(contact=office.chen).update(state=RespondentState.OPTED_OUT)
    assert [each.reach for each in complainants_of(case, now=ASKED)] == [Reach.OPTED_OUT]


def test_somebody_who_did_not_complain_cannot_be_asked(office: Office) -> None:
    case = corrected(office)
    with pytest.raises(ValidationError) as refusal:
        ask_customer(case, message="Done.", by=office.world.manager, now=ASKED, contacts=[office.li])
    assert code(refusal) == "contacts: not_a_complainant"


def test_solved_closes_the_case_and_said_twice_changes_nothing(office: Office) -> None:
    corrected(office)
    ask(office)
    request = request_to(office.chen)
    first = answer_request(request, verdict=Verdict.CONFIRMED, comment="Good.", now=SAID)
    assert (first.is_new, first.is_closed) == (True, True)
    again = answer_request(request, verdict=Verdict.CONFIRMED, comment="Good.", now=SAID + HOUR)
    assert (again.is_new, again.is_closed) == (False, True)
    case = office.case()
    assert (case.state, case.closed_at) == (CaseState.CONFIRMED, SAID)
    assert events(case)[-2:] == ["confirmed", "closed"]
    assert request_to(office.chen).answered_at == SAID


def test_not_solved_goes_back_to_a_plan_and_the_next_question_is_another_one(office: Office) -> None:
    corrected(office)
    ask(office)
    answer_request(request_to(office.chen), verdict=Verdict.REJECTED, comment="Still late.", now=SAID)
    case = office.case()
    assert (case.state, case.corrected_at) == (CaseState.ACKNOWLEDGED, None)
    assert case.log.latest("pk").comment == "Still late."
    advance_case(case, to=CaseState.CORRECTED, by=office.world.manager, comment="Now.", now=SAID + DAY)
    ask(office, now=SAID + DAY)
    verdicts = ConfirmationRequest.objects.order_by("pk").values_list("verdict", flat=True)
    assert list(verdicts) == ["rejected", ""]


def test_two_who_complained_are_both_asked_and_both_must_agree(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="C")
    corrected(office, again=True)
    ask(office)
    one = answer_request(request_to(office.chen), verdict=Verdict.CONFIRMED, comment="", now=SAID)
    assert not one.is_closed
    assert [each.contact for each in complainants_of(office.case(), now=SAID)] == [office.li]
    two = answer_request(request_to(office.li), verdict=Verdict.CONFIRMED, comment="", now=SAID)
    assert two.is_closed


def test_after_its_days_a_link_is_refused(office: Office) -> None:
    corrected(office)
    ask(office)
    request = request_to(office.chen)
    with pytest.raises(ValidationError) as refusal:
        answer_request(request, verdict=Verdict.CONFIRMED, comment="", now=request.expires_at)
    assert code(refusal) == "request: expired"
    assert office.case().is_open


def test_solved_after_it_was_closed_otherwise_is_logged(office: Office) -> None:
    case = corrected(office)
    ask(office)
    confirm_case(case, invitation=office.invitation(office.chen), now=ASKED + HOUR)
    said = answer_request(request_to(office.chen), verdict=Verdict.CONFIRMED, comment="Thanks.", now=SAID)
    assert (said.is_new, said.is_closed) == (True, True)
    assert office.case().closed_at == ASKED + HOUR
    assert office.case().log.latest("pk").comment == "Thanks."


def test_who_changes_his_mind_opens_it_again_and_may_close_it(office: Office) -> None:
    corrected(office)
    ask(office)
    answer_request(request_to(office.chen), verdict=Verdict.CONFIRMED, comment="", now=SAID)
    answer_request(request_to(office.chen), verdict=Verdict.REJECTED, comment="No.", now=SAID + HOUR)
    assert (office.case().state, office.case().times_reopened) == (CaseState.OPEN, 1)
    last = answer_request(
        request_to(office.chen), verdict=Verdict.CONFIRMED, comment="Yes.", now=SAID + 2 * HOUR
    )
    assert last.is_closed


def test_a_repeat_takes_back_the_questions_of_the_round_before(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="D")
    corrected(office, again=True)
    ask(office)
    answer_request(request_to(office.chen), verdict=Verdict.CONFIRMED, comment="", now=SAID)
    assert list(still_asked(now=SAID)) == [request_to(office.li)]
    confirm_case(office.case(), invitation=office.invitation(office.li), now=SAID)
    assert not still_asked(now=SAID).exists()
    office.invite(NEXT)
    say(office, office.chen, NEXT, "D")
    assert office.case().times_reopened == 1
    assert not still_asked(now=SAID + 7 * DAY).exists()
    with pytest.raises(ValidationError) as refusal:
        answer_request(request_to(office.li), verdict=Verdict.CONFIRMED, comment="", now=SAID + 7 * DAY)
    assert code(refusal) == "request: reopened"
    assert office.case().is_open


def test_any_other_text_names_no_request(office: Office) -> None:
    for text in ("", "x" * 300, new_token()):
        assert request_by_token(text) is None
