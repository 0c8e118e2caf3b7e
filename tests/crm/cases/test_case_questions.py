"""The question goes to somebody else where nobody who complained can be asked, and again after a failure."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.contacts.models import Contact, Level
from accounts.surveys.models import CaseState, ConfirmationRequest, CorrectiveAction, LetterKind, Verdict
from accounts.surveys.services import (
    Letter,
    answer_request,
    ask_instead,
    issue_confirmation_token,
    letter_failed,
)
from crm.mail import questions
from crm.mail.sorts import NOT_ASKED, obstacle_to_question
from tests.accounts.surveys.office import DAY, Office, contact_of
from tests.crm.cases.casework import NOW, address, again, kinds, step


@pytest.fixture
def left(manager: Client, office: Office, case: CorrectiveAction) -> CorrectiveAction:
    """Corrected, and who complained works there no longer."""
    manager.post(address(case, "acknowledge"))
    manager.post(address(case, "advance"), step("corrected"))
    Contact.objects.filter(pk=office.chen.pk).update(left_on=NOW.date() - DAY)
    return again(case)


def page(client: Client, case: CorrectiveAction) -> str:
    return " ".join(client.get(address(case)).content.decode().split())


def asked(office: Office, case: CorrectiveAction) -> ConfirmationRequest:
    return ask_instead(
        case,
        contact=office.li,
        message="Two trucks drive now.",
        reason="Runs the line now.",
        by=office.world.manager,
        now=NOW,
    )


def test_the_page_offers_who_may_speak_and_the_log_says_for_whom_he_did(
    manager: Client, office: Office, left: CorrectiveAction
) -> None:
    contact_of(office.world, "Worker", level=Level.OPERATIONAL)
    html = page(manager, left)
    assert "Nobody who complained can be asked any more." in html
    form = manager.get(address(left)).context["forms"].ask
    assert [contact.name for contact in form.fields["contact"].queryset] == ["Li"]
    sent = {
        "contact": office.li.pk,
        "comment": "Two trucks drive now.",
        "reason": "Runs the line now.",
        "token": form["token"].value(),
    }
    for _again in range(2):
        assert manager.post(address(left, "ask-instead"), sent).status_code == 302
    request = ConfirmationRequest.objects.get()
    assert (request.contact, request.stands_in, request.asked_by) == (office.li, True, office.world.manager)
    assert kinds(left)[-2:] == ["commented", "asked"]
    html = page(manager, left)
    assert "instead of Chen" in html
    answer_request(request, verdict=Verdict.CONFIRMED, comment="Works.", now=NOW + DAY)
    assert again(left).state == CaseState.CONFIRMED
    html = page(manager, left)
    assert html.count("instead of Chen, who cannot be asked any more") == 2
    assert "Runs the line now." in html


def test_what_is_missing_is_said_beside_what_was_typed(manager: Client, left: CorrectiveAction) -> None:
    answer = manager.post(address(left, "ask-instead"), {"comment": "Two trucks drive now."})
    assert answer.status_code == 422
    assert {"contact", "reason"} == set(answer.context["forms"].ask.errors)
    assert "Two trucks drive now." in answer.content.decode()
    assert not ConfirmationRequest.objects.exists()


def test_while_who_complained_can_be_asked_nobody_else_is(
    manager: Client, office: Office, left: CorrectiveAction
) -> None:
    Contact.objects.filter(pk=office.chen.pk).update(left_on=None)
    sent = {"contact": office.li.pk, "comment": "Two trucks.", "reason": "Runs the line now."}
    assert manager.post(address(left, "ask-instead"), sent).status_code == 422
    assert "Ask instead" not in page(manager, left)
    assert not ConfirmationRequest.objects.exists()


def test_without_anybody_who_may_speak_the_page_says_what_to_do(
    manager: Client, office: Office, left: CorrectiveAction
) -> None:
    Contact.objects.filter(pk=office.li.pk).update(email="")
    assert "Add one first." in page(manager, left)


def test_his_letter_names_neither_who_complained_nor_his_words(
    office: Office, left: CorrectiveAction
) -> None:
    request = asked(office, left)
    row = ConfirmationRequest.objects.select_related(*questions.RELATED).get(pk=request.pk)
    message = questions.write(row, token=issue_confirmation_token(request, now=NOW))
    html = str(message.alternatives[0][0])
    for text in (str(message.body), html):
        assert "a colleague of yours gave us a low grade" in " ".join(text.split())
        assert "because a colleague of yours gave a low grade" in " ".join(text.split())
        assert "Chen" not in text
        assert "Late" not in text


def test_his_page_says_why_he_is_asked(client: Client, office: Office, left: CorrectiveAction) -> None:
    token = issue_confirmation_token(asked(office, left), now=NOW)
    html = client.get(f"/s/c/{token}").content.decode()
    assert "A colleague of yours gave a low grade and cannot be asked any more." in html
    assert "Chen" not in html


def test_who_wants_no_letters_about_the_project_gets_none(office: Office, left: CorrectiveAction) -> None:
    from accounts.surveys.models import Respondent, RespondentState

    row = ConfirmationRequest.objects.select_related("contact", "case", "invitation__respondent")
    request = row.get(pk=asked(office, left).pk)
    Respondent.objects.filter(contact=office.chen).update(state=RespondentState.OPTED_OUT)
    assert obstacle_to_question(request, NOW.date()) == ""
    Respondent.objects.filter(contact=office.li).update(state=RespondentState.OPTED_OUT)
    assert obstacle_to_question(request, NOW.date()) == NOT_ASKED


def test_a_question_that_failed_is_sent_again_from_the_page(
    manager: Client, office: Office, left: CorrectiveAction
) -> None:
    request = asked(office, left)
    url = address(left, f"questions/{request.pk}/again")
    assert url not in page(manager, left)
    assert "has not failed" in manager.post(url, follow=True).content.decode()
    letter_failed(Letter(LetterKind.CONFIRMATION, request.pk), reason="refused", reply="550 no", now=NOW)
    html = page(manager, left)
    assert url in html
    assert "refused" in html
    assert manager.post(url).url == address(left)
    request.refresh_from_db()
    assert (request.failed_at, request.sent_at) == (None, None)


def test_a_question_of_another_case_is_not_found(
    manager: Client, office: Office, left: CorrectiveAction
) -> None:
    office.say(office.li, quality="D")
    other = office.case("quality")
    assert manager.post(address(other, f"questions/{asked(office, left).pk}/again")).status_code == 404
