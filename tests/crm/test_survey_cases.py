"""What the respondent's page tells of corrective actions, and his word on whether they helped."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from accounts.surveys.models import CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case, comment_case, plan_case
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office
from tests.conftest import World
from tests.crm.links import NEXT, everything, grades_form, invited, keep_open, link_of, parsed, send

SECRET = "Supplier Q let us down"


@pytest.fixture
def office(world: World) -> Office:
    """Chen gave a D last week; this week he has not answered."""
    office = invited(world)
    office.say(office.chen, delivery="D", quality="A-")
    office.invite(NEXT)
    keep_open(week=NEXT)
    return office


def work_on(office: Office, to: CaseState) -> None:
    """As far as ``to``, planned for 30 March, with words that are not for the customer."""
    by, steps = office.world.manager, iter(range(2, 20))
    acknowledge_case(office.case(), by=by, now=DUE + next(steps) * HOUR)
    if to == CaseState.ACKNOWLEDGED:
        return
    plan_case(office.case(), by=by, plan=SECRET, solve_by=dt.date(2026, 3, 30), now=DUE + next(steps) * HOUR)
    comment_case(office.case(), by=by, comment=SECRET, now=DUE + next(steps) * HOUR)
    for state in (CaseState.CONTAINED, CaseState.CAUSE_FOUND, CaseState.CORRECTED):
        if list(CaseState).index(state) <= list(CaseState).index(to):
            advance_case(office.case(), to=state, by=by, comment=SECRET, now=DUE + next(steps) * HOUR)


def page(url: str, client: Client | None = None) -> str:
    """Its text with single spaces."""
    answer = (client or Client()).get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def question(url: str) -> str:
    """Where the answer to "Is this solved?" is sent."""
    (form, *_) = [
        form for form in parsed(Client().get(url).content.decode()).forms if "key" not in form.fields
    ]
    return form.action


SAID = {
    CaseState.OPEN: "Manager was to take it up by",
    CaseState.ACKNOWLEDGED: "Manager took it up on",
    CaseState.PLANNED: "Planned on",
    CaseState.CONTAINED: "Contained on",
    CaseState.CAUSE_FOUND: "Cause found on",
    CaseState.CORRECTED: "we corrected what led to your D.",
}
NEXT_STEP = {
    CaseState.ACKNOWLEDGED: "Manager has seen your D for On-time delivery and plans what to do by",
    CaseState.PLANNED: "Manager has a plan for your D for On-time delivery. It will be solved by",
    CaseState.CONTAINED: "Manager has contained what led to your D for On-time delivery.",
    CaseState.CAUSE_FOUND: "Manager has found the cause of your D for On-time delivery.",
}


@pytest.mark.parametrize("state", SAID)
def test_the_letter_of_last_week_stands_there_with_what_came_of_it(office: Office, state: CaseState) -> None:
    if state != CaseState.OPEN:
        work_on(office, state)
    html = page(link_of(office, office.chen, NEXT))
    assert SAID[state] in html
    assert "Last week D</small>" in html
    assert "Last week A-</small>" in html
    assert SECRET not in html
    assert "Last week" not in page(link_of(office, office.li, NEXT))


@pytest.mark.parametrize("state", NEXT_STEP)
def test_the_thanks_say_what_happens_next(office: Office, state: CaseState) -> None:
    work_on(office, state)
    link = link_of(office, office.chen, NEXT)
    assert send(Client(), link, quality="A") == 303
    html = page(f"{link}?done=1")
    assert NEXT_STEP[state] in html
    assert SECRET not in html


def test_an_answer_that_is_owed_is_called_late(office: Office) -> None:
    link = link_of(office, office.chen, NEXT)
    send(Client(), link, quality="A")
    html = page(f"{link}?done=1")
    assert "Manager was to take up your D for On-time delivery by" in html


def test_a_colleague_who_did_not_complain_hears_nothing_of_the_case(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.li, NEXT)
    assert "Is this solved?" not in page(link)
    assert Client().post(f"{link}/cases/{office.case().pk}", {"answer": "yes"}).status_code == 303
    assert office.case().state == CaseState.CORRECTED


def test_the_letters_of_last_week_can_be_chosen_for_what_is_open(office: Office) -> None:
    link = link_of(office, office.chen, NEXT)
    client = Client()
    typed = grades_form(page(link)).fill(quality="B", comment="As ever.", show="same")
    before = everything()
    fields = grades_form(client.post(link, typed, follow=True).content.decode()).fields
    assert everything() == before
    assert (fields["delivery"], fields["quality"], fields["comment"]) == (["D"], ["B"], ["As ever."])
    send(client, link, quality="B")
    assert "the same as last week" not in page(link)


def test_a_gap_is_last_time_and_not_last_week(office: Office) -> None:
    week = NEXT + 14 * DAY
    office.invite(week)
    keep_open(week=week)
    html = page(link_of(office, office.chen, week))
    assert "Last time D" in html
    assert "Last week" not in html


def test_yes_closes_the_case(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.chen, NEXT)
    assert "we corrected what led to your D. <strong>Is this solved?</strong>" in page(link)
    answer = Client().post(question(link), {"answer": "yes", "comment": "Thanks."})
    assert answer.status_code == 303
    assert office.case().state == CaseState.CONFIRMED
    assert office.case().log.get(kind="confirmed").comment == "Thanks."
    html = page(answer["Location"])
    assert "On-time delivery is noted as solved." in html
    assert "Is this solved?" not in html
    assert "<b>On-time delivery</b> Solved on" in html


def test_no_sends_it_back_to_a_plan(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.chen, NEXT)
    url = question(link)
    for _ in range(2):
        answer = Client().post(url, {"answer": "no", "comment": "Late again."})
        assert answer.status_code == 303
    assert office.case().state == CaseState.ACKNOWLEDGED
    assert office.case().log.filter(kind="rejected").count() == 1
    assert "On-time delivery is not solved yet: Manager makes another plan." in page(answer["Location"])


def test_a_word_that_was_never_said_is_not_shown(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.chen, NEXT)
    for said in (office.case().pk, 0, 10**30, "²", "x", ""):
        assert 'role="status"' not in page(f"{link}?said={said}")


def test_two_who_complained_must_both_agree(office: Office) -> None:
    office.say(office.li, delivery="C", at=DUE + HOUR)
    work_on(office, CaseState.CORRECTED)
    chen, li = (link_of(office, contact, NEXT) for contact in (office.chen, office.li))
    answer = Client().post(question(chen), {"answer": "yes"})
    assert office.case().state == CaseState.CORRECTED
    assert "it stays open until everybody who complained agrees" in page(answer["Location"])
    assert "Is this solved?" not in page(chen)
    assert Client().post(question(li), {"answer": "yes"}).status_code == 303
    assert office.case().state == CaseState.CONFIRMED


def test_who_complains_again_is_not_asked_whether_it_is_solved(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.chen, NEXT)
    send(Client(), link, delivery="D")
    html = page(f"{link}?done=1")
    assert "Is this solved?" not in html
    assert "Manager is already working on On-time delivery and plans what to do by" in html


OLDER_STEP = {
    CaseState.ACKNOWLEDGED: "Manager is already working on On-time delivery and plans what to do by",
    CaseState.PLANNED: "already working on On-time delivery: planned on Mar 6, 2026, to be solved by Mar 30,",
    CaseState.CONTAINED: "already working on On-time delivery: contained on Mar 6, 2026, to be solved by",
    CaseState.CAUSE_FOUND: "already working on On-time delivery: cause found on Mar 6, 2026, to be solved by",
}


@pytest.mark.parametrize("state", OLDER_STEP)
def test_a_step_that_is_older_than_his_complaint_was_not_for_it(office: Office, state: CaseState) -> None:
    work_on(office, state)
    link = link_of(office, office.chen, NEXT)
    assert send(Client(), link, delivery="D") == 303
    html = re.sub("</?time[^>]*>", "", page(f"{link}?done=1"))
    assert OLDER_STEP[state] in html
    assert "your D" not in html


def test_a_complaint_after_the_correction_is_not_asked_whether_it_is_solved(office: Office) -> None:
    """Not even where it rates a week before we corrected anything."""
    work_on(office, CaseState.CORRECTED)
    at = DUE + 6 * DAY
    CorrectiveAction.objects.update(corrected_at=at)
    office.say(office.chen, delivery="C", quality="A-", at=at + DAY)
    assert office.case().state == CaseState.ACKNOWLEDGED
    for week in (WEEK, NEXT):
        assert "Is this solved?" not in page(f"{link_of(office, office.chen, week)}?done=1")


def test_a_word_said_on_the_thanks_comes_back_to_the_thanks(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.chen, NEXT)
    send(Client(), link, quality="A")
    answer = Client().post(question(f"{link}?done=1"), {"answer": "yes"})
    assert answer["Location"] == f"{link}?done=1&said={office.case().pk}"
    html = page(answer["Location"])
    assert "On-time delivery is noted as solved." in html
    assert "Your answer for Line 4 was recorded on" in html


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Choose yes or no."),
        ({"answer": "perhaps"}, "Choose yes or no."),
        ({"answer": "no", "comment": "x" * 4_001}, "A comment has at most 4,000 characters."),
    ],
)
def test_a_word_that_cannot_be_taken_comes_back(office: Office, body: dict[str, str], message: str) -> None:
    work_on(office, CaseState.CORRECTED)
    link = link_of(office, office.chen, NEXT)
    url, before = question(link), everything()
    answer = Client().post(url, body)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert message in html
    assert body.get("comment", "") in html
    assert everything() == before


def test_a_case_cannot_be_read_nor_reached_from_elsewhere(office: Office) -> None:
    work_on(office, CaseState.CORRECTED)
    pk, link = office.case().pk, link_of(office, office.chen, NEXT)
    expired = link_of(office, office.chen)
    keep_open(closes_in=-DAY, expires_in=-HOUR, week=WEEK)
    before = everything()
    client = Client(enforce_csrf_checks=True)
    assert client.get(f"{link}/cases/{pk}").status_code == 405
    assert client.post(f"/s/unknown/cases/{pk}", {"answer": "yes"}).status_code == 404
    assert client.post(f"{expired}/cases/{pk}", {"answer": "yes"}).status_code == 410
    assert client.post(f"{link}/cases/{pk + 1}", {"answer": "yes"}).status_code == 303
    assert client.post(f"{link}/cases/{10**17}", {"answer": "no"}).status_code == 303
    assert everything() == before
    assert CorrectiveAction.objects.get().state == CaseState.CORRECTED
