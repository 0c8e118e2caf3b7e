"""What people do with a corrective action, through the forms of its page."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from accounts.notices.models import Notice
from accounts.surveys.models import CaseEvent, CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case, plan_case
from tests.accounts.surveys.office import DUE, HOUR, Office
from tests.conftest import World
from tests.crm.cases.casework import LATER, address, again, kinds, step


def test_from_open_to_corrected_the_page_offers_one_next_thing(
    manager: Client, case: CorrectiveAction
) -> None:
    def action() -> str:
        return str(manager.get(address(case)).context["forms"].action)

    assert action() == "acknowledge"
    answer = manager.post(address(case, "acknowledge"))
    assert (answer.status_code, answer["Location"]) == (302, address(case))
    assert action() == "plan"
    manager.post(address(case, "plan"), {"comment": "Reserve two slots.", "solve_by": LATER})
    assert action() == "step"
    for to in ("contained", "cause_found", "corrected"):
        manager.post(address(case, "advance"), step(to))
        assert again(case).state == to
    assert action() == "ask"
    assert kinds(case) == ["opened", "acknowledged", "planned", "contained", "cause_found", "corrected"]
    authors = (
        CaseEvent.objects.filter(case=case).exclude(kind="opened").values_list("author__name", flat=True)
    )
    assert set(authors) == {"Manager"}


def test_only_the_steps_that_lie_ahead_are_offered(manager: Client, case: CorrectiveAction) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    advance_case(case, to=CaseState.CONTAINED, by=case.owner, comment="Sorted.", now=DUE + 3 * HOUR)
    form = manager.get(address(case)).context["forms"].step
    assert [choice[0] for choice in form.fields["to"].widget.choices] == ["cause_found", "corrected"]
    assert form["to"].value() == "cause_found"


def test_another_action_can_be_chosen_instead_of_the_next_one(
    manager: Client, case: CorrectiveAction
) -> None:
    forms = manager.get(address(case)).context["forms"]
    assert (forms.action, forms.others) == ("acknowledge", ("plan",))
    assert manager.get(address(case) + "?do=plan").context["forms"].action == "plan"
    assert manager.get(address(case) + "?do=close").context["forms"].action == "acknowledge"


def test_acknowledging_twice_changes_nothing(manager: Client, case: CorrectiveAction) -> None:
    manager.post(address(case, "acknowledge"))
    at = again(case).acknowledged_at
    assert manager.post(address(case, "acknowledge")).status_code == 302
    assert again(case).acknowledged_at == at
    assert kinds(case) == ["opened", "acknowledged"]


@pytest.mark.parametrize("verb", ["comment", "plan", "advance"])
def test_a_form_that_is_sent_twice_is_logged_once(manager: Client, case: CorrectiveAction, verb: str) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    body = step("contained", solve_by=LATER, token=str(uuid.uuid4()))
    for _click in range(2):
        answer = manager.post(address(case, verb), body, follow=True)
        assert answer.status_code == 200
    assert "This is already saved." in answer.content.decode()
    assert len(kinds(case)) == 3


def test_every_form_of_a_page_has_a_token_of_its_own(manager: Client, case: CorrectiveAction) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    tokens = re.findall(r'name="token" value="([0-9a-f-]{36})"', manager.get(address(case)).content.decode())
    assert len(tokens) == len(set(tokens)) == 2


def test_the_same_words_on_another_day_are_another_entry(manager: Client, case: CorrectiveAction) -> None:
    for _day in range(2):
        manager.post(
            address(case, "comment"), {"comment": "Called, nobody there.", "token": str(uuid.uuid4())}
        )
    assert kinds(case) == ["opened", "commented", "commented"]


def test_a_step_that_somebody_took_meanwhile_is_refused_and_the_words_are_kept(
    manager: Client, case: CorrectiveAction
) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    advance_case(case, to=CaseState.CAUSE_FOUND, by=case.owner, comment="A loose belt.", now=DUE + 3 * HOUR)
    answer = manager.post(address(case, "advance"), step("contained", "The words I typed"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This step does not follow" in page
    assert "The words I typed" in page
    assert again(case).state == "cause_found"
    assert "The words I typed" not in {event.comment for event in case.log.all()}


@pytest.mark.parametrize("verb", ["acknowledge", "plan", "advance"])
def test_words_for_a_case_that_the_customer_closed_meanwhile_stand_in_the_comment(
    manager: Client, office: Office, case: CorrectiveAction, verb: str
) -> None:
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    answer = manager.post(address(case, verb), step("contained", "The words I typed", solve_by=LATER))
    assert answer.status_code == 422
    assert "This corrective action is closed." in answer.content.decode()
    assert "Somebody was faster" in answer.content.decode()
    assert answer.context["forms"].comment["comment"].value() == "The words I typed"
    assert kinds(case) == ["opened", "confirmed", "closed"]


def plan_form(page: str) -> dict[str, str]:
    """Its hidden fields."""
    form = page[page.index("/plan") :]
    return dict(re.findall(r'name="(token|instead_of)" value="([^"]*)"', form[: form.index("</form>")]))


@pytest.mark.parametrize("has_plan", [False, True])
def test_a_plan_that_somebody_saved_meanwhile_is_not_overwritten_unread(
    manager: Client, case: CorrectiveAction, *, has_plan: bool
) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    if has_plan:
        plan_case(case, by=case.owner, plan="Before.", solve_by=DUE.date(), now=DUE + 3 * HOUR)
    first, second = (manager.get(address(case) + "?do=plan").content.decode() for _tab in range(2))
    mine = {"comment": "Two trucks.", "solve_by": f"{LATER}"}
    assert manager.post(address(case, "plan"), mine | plan_form(first)).status_code == 302
    theirs = {"comment": "Three trucks.", "solve_by": f"{LATER}"}
    answer = manager.post(address(case, "plan"), theirs | plan_form(second))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody saved another plan meanwhile." in page
    assert "Two trucks." in page
    assert "Three trucks.</textarea>" in page
    assert case.log.filter(comment="Three trucks.").count() == 0
    assert manager.post(address(case, "plan"), theirs | plan_form(page)).status_code == 302
    assert case.log.filter(comment="Three trucks.").count() == 1


def test_a_closed_case_still_takes_a_comment_and_nothing_else(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    page = manager.get(address(case))
    assert page.context["forms"].action == "closed"
    assert "/assign" not in page.content.decode()
    assert manager.post(address(case, "comment"), {"comment": "Thank you, Mr Chen."}).status_code == 302
    answer = manager.post(address(case, "assign"), {"owner": office.world.owner.pk})
    assert answer.status_code == 422
    assert kinds(case)[-1] == "commented"


@pytest.mark.parametrize(
    ("verb", "body", "sentence"),
    [
        ("comment", {"comment": "x" * 4_001}, "at most 4000 characters"),
        ("comment", {"comment": " \n "}, "Say what is done."),
        ("comment", {"comment": ""}, "This field is required."),
        ("plan", {"comment": "y" * 5_000, "solve_by": f"{LATER}"}, "at most 4000 characters"),
        ("plan", {"comment": "Reserve slots.", "solve_by": "2026-03-02"}, "Choose a day that is not over."),
        ("plan", {"comment": "Reserve slots.", "solve_by": "9999-12-31"}, "Choose a day within a year."),
        ("plan", {"comment": "Reserve slots.", "solve_by": "next week"}, "Enter a valid date."),
        ("plan", {"comment": "Reserve slots.", "solve_by": ""}, "This field is required."),
        ("advance", {"to": "confirmed", "comment": "Solved."}, "Select a valid choice."),
        ("advance", {"to": "contained", "comment": "  "}, "Say what is done."),
        ("assign", {"owner": "2147483647000000000000"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_what_was_typed_stays(
    manager: Client, case: CorrectiveAction, verb: str, body: dict[str, str], sentence: str
) -> None:
    acknowledge_case(case, by=case.owner, now=DUE + 2 * HOUR)
    answer = manager.post(address(case, verb), body)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert body.get("comment", "").strip() in page
    assert " autofocus" in page
    assert kinds(case) == ["opened", "acknowledged"]
    assert again(case).state == "acknowledged"


def test_the_end_of_a_line_counts_as_one_character_as_in_the_browser(
    manager: Client, case: CorrectiveAction
) -> None:
    words = "\r\n".join(["x" * 99] * 40)
    assert manager.post(address(case, "comment"), {"comment": words}).status_code == 302
    assert CaseEvent.objects.get(kind="commented").comment == words.replace("\r\n", "\n")


def test_hostile_words_are_shown_and_do_nothing(manager: Client, office: Office) -> None:
    hostile = '<img src=x onerror="alert(1)">{{ 7|add:7 }}'
    office.say(office.chen, delivery="D", comment=hostile)
    case = office.case()
    manager.post(address(case, "comment"), {"comment": hostile})
    manager.post(address(case, "plan"), {"comment": hostile, "solve_by": LATER})
    page = manager.get(address(case)).content.decode()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;{{ 7|add:7 }}") == 5


def test_a_new_owner_is_told_and_the_log_names_him(
    manager: Client, case: CorrectiveAction, world: World
) -> None:
    answer = manager.post(address(case, "assign"), {"owner": world.member.pk, "comment": "You know them."})
    assert answer.status_code == 302
    event = CaseEvent.objects.get(kind="assigned")
    assert (event.author, event.assignee, event.comment) == (world.manager, world.member, "You know them.")
    notice = Notice.objects.get(kind="survey_case_assigned")
    assert (notice.user, notice.facts) == (world.member, {"case": case.pk, "by": world.manager.pk})
    assert again(case).owner == world.member


@pytest.mark.parametrize("who", ["stranger", "executive", "mate"])
def test_nobody_from_elsewhere_can_be_made_the_owner(
    manager: Client, case: CorrectiveAction, world: World, who: str
) -> None:
    answer = manager.post(address(case, "assign"), {"owner": world.users[who].pk})
    assert answer.status_code == 422
    assert again(case).owner == world.manager


def test_an_action_leads_back_to_where_it_was_asked_for(manager: Client, case: CorrectiveAction) -> None:
    assert manager.post(address(case, "acknowledge"), {"next": "/cases/?whose=mine"})["Location"] == (
        "/cases/?whose=mine"
    )
    for foreign in ("https://evil.test/", "//evil.test/", "javascript:alert(1)"):
        answer = manager.post(address(case, "acknowledge"), {"next": foreign})
        assert answer["Location"] == address(case)


def test_a_refused_button_of_another_page_shows_the_case_in_place_of_that_page(
    manager: Client, office: Office, case: CorrectiveAction
) -> None:
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    answer = manager.post(address(case, "acknowledge"), headers={"HX-Request": "true", "HX-Target": "row-1"})
    assert answer.status_code == 422
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#main", "#main")
    assert answer["HX-Push-Url"] == address(case)
