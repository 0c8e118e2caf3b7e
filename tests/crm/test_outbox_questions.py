"""The Outbox shows what became of each question whether it is solved, and sends one that failed again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.surveys.models import ConfirmationRequest, LetterKind, Verdict
from accounts.surveys.services import Letter, answer_request, letter_failed, letter_sent
from tests.accounts.surveys.office import DAY, DUE, Office, contact_of, office_of, project_of
from tests.conftest import World
from tests.crm.cases.casework import NOW
from tests.crm.mail.asking import corrected

URL = "/outbox/questions/"


@pytest.fixture
def office(world: World) -> Office:
    office = office_of(world)
    office.invite()
    return office


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    client.force_login(world.admin)
    return client


def page(client: Client) -> str:
    return " ".join(client.get(URL).content.decode().split())


def test_before_the_first_question_it_says_when_there_will_be_one(admin: Client) -> None:
    assert "No question yet" in page(admin)


def test_each_question_stands_there_with_its_fate(admin: Client, office: Office) -> None:
    asked = corrected(office, now=NOW)
    html = page(admin)
    assert "Chen" in html
    assert "On-time delivery · Line 4" in html
    assert "Not sent yet" in html
    letter_sent(Letter(LetterKind.CONFIRMATION, asked.pk), reply="250 OK", now=NOW)
    assert "Not sent yet" not in page(admin)
    asked.refresh_from_db()
    answer_request(asked, verdict=Verdict.CONFIRMED, comment="", now=NOW)
    assert "Solved" in page(admin)


def test_one_that_failed_is_sent_again_from_here(admin: Client, office: Office) -> None:
    asked = corrected(office, now=NOW)
    url = f"/cases/{asked.case_id}/questions/{asked.pk}/again"
    assert url not in page(admin)
    letter_failed(
        Letter(LetterKind.CONFIRMATION, asked.pk),
        reason="The mail server refused the letter.",
        reply="550 no such user",
        now=NOW,
    )
    html = page(admin)
    assert url in html
    assert "The mail server refused the letter." in html
    answer = admin.post(url, {"next": URL}, follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    assert "The question goes out within a minute." in answer.content.decode()
    asked.refresh_from_db()
    assert asked.failed_at is None


def test_nobody_who_cannot_be_reached_is_offered_the_button(admin: Client, office: Office) -> None:
    asked = corrected(office, now=NOW)
    letter_failed(Letter(LetterKind.CONFIRMATION, asked.pk), reason="No.", reply="", now=NOW)
    office.chen.opted_out = True
    office.chen.save(update_fields=["opted_out"])
    assert "Send again" not in page(admin)


def test_thirty_questions_take_as_many_queries_as_three(admin: Client, office: Office) -> None:
    from accounts.surveys.services import make_invitations, name_respondent

    counts, made = [], 0
    for wanted in (3, 30):
        for number in range(made, wanted):
            contact, project = (
                contact_of(office.world, f"Zhou{number}"),
                project_of(office.world, f"P{number}"),
            )
            name_respondent(project=project, contact=contact, author=None, now=DUE - 5 * DAY)
            make_invitations(office.invitation(office.chen).week_id, now=DUE)
            corrected(Office(office.world, office.version, project, contact, contact), now=NOW)
        made = wanted
        page(admin)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert page(admin).count("<tr data-row>") == wanted
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert ConfirmationRequest.objects.count() == 30
