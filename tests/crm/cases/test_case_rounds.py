"""What the customer says is not solved stands above all; what was done before stays readable and whole."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.surveys.models import CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case, confirm_case, reject_case
from accounts.surveys.services.alarms import raise_alarms
from crm.queries.case_rounds import attempts_of
from crm.queries.case_work import escalations_of, work_of
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office
from tests.crm.cases.casework import LATER, NEXT, address, again, kinds


@pytest.fixture
def corrected(office: Office, case: CorrectiveAction) -> CorrectiveAction:
    """Containment and cause are passed over."""
    by = office.world.manager
    acknowledge_case(case, by=by, now=DUE + 2 * HOUR)
    return advance_case(case, to=CaseState.CORRECTED, by=by, comment="Second truck.", now=DUE + 3 * DAY)


@pytest.fixture
def rejected(office: Office, corrected: CorrectiveAction) -> CorrectiveAction:
    invitation = office.invitation(office.chen)
    return reject_case(corrected, invitation=invitation, comment="Late on Monday too.", now=DUE + 4 * DAY)


def test_the_page_begins_with_who_says_it_is_not_solved_when_and_what_was_done(
    manager: Client, rejected: CorrectiveAction
) -> None:
    page = " ".join(manager.get(address(rejected)).content.decode().split())
    head = page[: page.index('class="case-steps"')]
    for words in (
        "Chen says that it is not solved",
        "Mar 10, 2026",
        "This is attempt 2",
        "Late on Monday too.",
    ):
        assert words in head
    before = page[page.index("What was done in attempt 1") :]
    assert "Second truck." in before[: before.index("</details>")]


def test_after_a_new_correction_the_headline_stays_until_the_customer_agrees(
    manager: Client, office: Office, rejected: CorrectiveAction
) -> None:
    by, at = office.world.manager, DUE + 5 * DAY
    advance_case(rejected, to=CaseState.CORRECTED, by=by, comment="Third truck.", now=at)
    office.say(office.chen, delivery="C", week=_asked(office), at=DUE + 8 * DAY)
    attempts = attempts_of(rejected)
    assert [[event.comment for event in each.work] for each in attempts] == [
        ["Second truck."],
        ["Third truck."],
        [],
    ]
    assert "Chen gave a low grade again" in " ".join(manager.get(address(rejected)).content.decode().split())
    office.say(office.chen, delivery="A", week=_asked(office), at=DUE + 9 * DAY)
    assert not again(rejected).is_open
    assert "case-setback" not in manager.get(address(rejected)).content.decode()


def _asked(office: Office) -> dt.date:
    office.invite(NEXT)
    return NEXT


def test_a_low_grade_given_after_the_correction_is_a_setback_whatever_week_it_rates(
    office: Office, corrected: CorrectiveAction
) -> None:
    office.say(office.li, delivery="C", at=DUE + 4 * DAY)
    first, second = attempts_of(corrected)
    assert (first.latest_word, second.latest_word and second.latest_word.kind) == (None, "attached")
    assert again(corrected).state == CaseState.ACKNOWLEDGED


def test_two_who_say_it_before_anything_is_done_begin_one_attempt(
    office: Office, corrected: CorrectiveAction
) -> None:
    office.say(office.li, delivery="C", at=DUE + 4 * HOUR)
    for number, contact in enumerate((office.chen, office.li)):
        at = DUE + 4 * DAY + number * HOUR
        reject_case(corrected, invitation=office.invitation(contact), comment=contact.name, now=at)
    first, second = attempts_of(corrected)
    assert first.latest_word is None
    assert [event.comment for event in second.setbacks] == ["Chen", "Li"]


def test_who_confirms_after_a_no_takes_the_no_back(
    manager: Client, office: Office, corrected: CorrectiveAction
) -> None:
    office.say(office.li, delivery="C", at=DUE + 4 * HOUR)
    for number, contact in enumerate((office.chen, office.li)):
        at = DUE + 4 * DAY + number * HOUR
        reject_case(corrected, invitation=office.invitation(contact), comment=f"No, {contact}.", now=at)
    confirm_case(corrected, invitation=office.invitation(office.li), comment="Well.", now=DUE + 5 * DAY)
    assert again(corrected).is_open
    page = " ".join(manager.get(address(corrected)).content.decode().split())
    assert "Chen says that it is not solved" in page
    assert "Li says that it is not solved" not in page
    head = page[page.index('id="setback-title"') : page.index('class="case-steps"')]
    assert "No, Chen." in head
    assert "No, Li." not in head
    reject_case(corrected, invitation=office.invitation(office.li), comment="Not at all.", now=DUE + 6 * DAY)
    assert "Li says that it is not solved" in " ".join(
        manager.get(address(corrected)).content.decode().split()
    )


def test_the_only_one_who_said_no_and_takes_it_back_leaves_no_headline(
    manager: Client, office: Office, corrected: CorrectiveAction
) -> None:
    """The case waits for Li, whose low grade nobody has confirmed."""
    office.say(office.li, delivery="C", at=DUE + 4 * HOUR)
    invitation = office.invitation(office.chen)
    reject_case(corrected, invitation=invitation, comment="No.", now=DUE + 4 * DAY)
    confirm_case(corrected, invitation=invitation, comment="Solved after all.", now=DUE + 4 * DAY + HOUR)
    assert again(corrected).is_open
    assert "setback-title" not in manager.get(address(corrected)).content.decode()


def test_who_was_told_of_an_attempt_that_is_over_stands_in_its_history_alone(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    by = office.world.manager
    raise_alarms(now=case.acknowledge_by)
    told = work_of(case, by, now=case.acknowledge_by).escalated_to
    assert told
    assert escalations_of([case.pk]) == {case.pk: told}
    acknowledge_case(case, by=by, now=case.acknowledge_by)
    advance_case(case, to=CaseState.CORRECTED, by=by, comment="Second truck.", now=DUE + 3 * DAY)
    assert escalations_of([case.pk]) == {case.pk: told}
    reject_case(case, invitation=office.invitation(office.chen), comment="Late.", now=DUE + 4 * DAY)
    anew = again(case)
    assert escalations_of([case.pk]) == {}
    assert work_of(anew, by, now=DUE + 4 * DAY).escalated_to == ()
    page = manager.get(address(case)).content.decode()
    assert "Escalated:" not in page[: page.index('class="case-steps"')]
    assert "Not acknowledged in time" in page or "Acknowledge</strong>" in page
    raise_alarms(now=anew.plan_by)
    assert escalations_of([case.pk])[case.pk]


def test_a_step_that_was_passed_over_is_filled_in_with_its_day(
    manager: Client, corrected: CorrectiveAction
) -> None:
    page = manager.get(address(corrected)).content.decode()
    assert f"{address(corrected)}?do=fill&amp;step=contained" in page
    form = manager.get(f"{address(corrected)}?do=fill&step=cause_found").context["forms"].fill
    assert form["step"].value() == "cause_found"
    sent = {"step": "cause_found", "happened_on": "2026-03-06", "comment": "The dock was full."}
    sent["token"] = form["token"].value()
    for _twice in range(2):
        assert manager.post(address(corrected, "fill"), sent).status_code == 302
    now = again(corrected)
    assert now.state == CaseState.CORRECTED
    assert now.cause_found_at == now.opened_at, "not before it was opened"
    assert kinds(corrected).count("cause_found") == 1
    report = manager.get(address(corrected, "report")).content.decode()
    assert "The dock was full." in report
    assert manager.post(address(corrected, "fill"), sent | {"token": ""}).status_code == 422


@pytest.mark.parametrize("day", ["2026-03-05", str(LATER), "", "yesterday"])
def test_a_day_outside_of_the_case_is_refused(manager: Client, corrected: CorrectiveAction, day: str) -> None:
    sent = {"step": "contained", "happened_on": day, "comment": "Stopped the line."}
    answer = manager.post(address(corrected, "fill"), sent)
    assert answer.status_code == 422
    assert "Stopped the line." in answer.content.decode()
    assert again(corrected).contained_at is None


def test_prevention_may_be_said_anew_and_the_log_keeps_both(
    manager: Client, corrected: CorrectiveAction
) -> None:
    for words in ("A check list.", "A check list, and two people."):
        page = manager.get(f"{address(corrected)}?do=prevent").context["forms"].prevent
        assert page["comment"].value() in ("", "A check list.")
        assert manager.post(address(corrected, "prevent"), {"comment": words}).status_code == 302
    assert kinds(corrected).count("prevented") == 2
    assert "Change the prevention" in manager.get(address(corrected)).content.decode()


def test_the_worst_grade_is_not_hidden_behind_later_ones(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    for hours, letter in enumerate(("C", "D", "C"), start=2):
        office.say(office.li, delivery=letter, at=DUE + hours * HOUR)
    letters = [grade.grade.letter for grade in manager.get(address(case)).context["record"].said]
    assert letters == ["C", "D", "C"]
    office.say(office.li, delivery="A", at=DUE + 6 * HOUR)
    office.say(office.li, delivery="C", at=DUE + 7 * HOUR)
    said = [grade.grade.letter for grade in manager.get(address(case)).context["record"].said]
    assert "D" in said


def test_a_case_has_a_number_on_every_page(manager: Client, case: CorrectiveAction) -> None:
    for page in (address(case), address(case, "report"), "/cases/", "/cases/board"):
        assert f"CA-{case.pk}" in manager.get(page).content.decode()


@pytest.mark.parametrize(
    "verb", ["plan", "advance", "comment", "assign", "ask", "prevent", "fill", "acknowledge"]
)
def test_the_address_of_a_form_leads_back_to_the_case(
    manager: Client, case: CorrectiveAction, verb: str
) -> None:
    answer = manager.get(address(case, verb))
    assert (answer.status_code, answer["Location"]) == (302, address(case))
    assert kinds(case) == ["opened"]
