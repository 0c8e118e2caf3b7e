"""The letter that asks "Is this solved?": two buttons, and the right answer whatever became of the case."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.contacts.services import mark_left
from accounts.surveys.models import (
    CaseState,
    ConfirmationRequest,
    CorrectiveAction,
    Respondent,
    RespondentState,
)
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    ask_customer,
    issue_confirmation_token,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office
from tests.conftest import World
from tests.crm.links import NEXT, everything, invited, keep_open, link_of, send

INTERNAL = "Chen exaggerates."
MESSAGE = "We booked a second truck.\nIt leaves at six."


@pytest.fixture
def office(world: World) -> Office:
    """Chen's D for delivery is corrected, and he is asked whether it is solved."""
    office = invited(world)
    office.say(office.chen, delivery="D", quality="A")
    by, case = world.manager, office.case()
    acknowledge_case(case, by=by, now=DUE + 2 * HOUR)
    advance_case(case, to=CaseState.CORRECTED, by=by, comment=INTERNAL, now=DUE + 3 * HOUR)
    ask_customer(case, message=MESSAGE, by=by, now=timezone.now())
    return office


def question(contact: str = "Chen") -> ConfirmationRequest:
    return ConfirmationRequest.objects.get(contact__name=contact)


@pytest.fixture
def link(office: Office) -> str:
    return f"/s/c/{issue_confirmation_token(question(), now=timezone.now())}"


def page(link: str, status: int = 200) -> str:
    answer = Client().get(link)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def press(link: str, verdict: str, comment: str = "") -> int:
    return Client().post(link, {"verdict": verdict, "comment": comment}).status_code


def state() -> str:
    return CorrectiveAction.objects.get().state


def test_it_shows_his_complaint_and_what_we_wrote_to_him_and_no_more(link: str) -> None:
    html = page(link)
    for words in ("On-time delivery", "We booked a second truck.<br>It leaves at six.", "It is solved"):
        assert words in html
    assert INTERNAL not in html


def test_it_shows_each_low_grade_that_the_case_collected_from_him(office: Office, link: str) -> None:
    """The one of the second week is the newest; the first, with its words, is asked about as well."""
    ConfirmationRequest.objects.all().delete()
    office.invite(NEXT)
    office.say(office.chen, delivery="C", week=NEXT, at=DUE + 7 * DAY)
    advance_case(
        office.case(), to=CaseState.CORRECTED, by=office.world.manager, comment="x", now=DUE + 8 * DAY
    )
    ask_customer(office.case(), message=MESSAGE, by=office.world.manager, now=timezone.now())
    html = page(f"/s/c/{issue_confirmation_token(question(), now=timezone.now())}")
    shown = re.findall(r'<b class="chip [^"]*">(.)</b> On-time delivery, week of ([^<]*?) </p>', html)
    assert [letter for letter, _week in shown] == ["D", "C"]
    assert len({week for _letter, week in shown}) == 2


def test_no_more_letters_is_one_press_away_and_can_be_taken_back(office: Office, link: str) -> None:
    assert f'href="{link}/stop"' in page(link)
    before = everything()
    assert "No more letters" in page(f"{link}/stop")
    assert everything() == before
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"{link}/stop", {"wish": "nonsense"}).status_code == 422
    assert everything() == before
    assert client.post(f"{link}/stop", {"wish": "stop"}).status_code == 303
    chen = Respondent.objects.get(contact=office.chen)
    assert chen.state == RespondentState.OPTED_OUT
    assert "Ask me again" in page(f"{link}/stop?done=stop")
    assert client.post(f"{link}/stop", {"wish": "resume"}).status_code == 303
    chen.refresh_from_db()
    assert chen.state == RespondentState.ACTIVE


def test_the_button_of_a_mail_program_stops_at_once(office: Office, link: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"{link}/stop", {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert Respondent.objects.get(contact=office.chen).state == RespondentState.OPTED_OUT
    assert Client().get(f"{link}/stop/")["Location"].endswith(f"{link}/stop")


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("query", ["", "?verdict=confirmed", "?lang=zh-hans"])
def test_looking_changes_nothing(link: str, method: str, query: str) -> None:
    before = everything()
    getattr(Client(), method)(link + query)
    assert everything() == before


def test_solved_closes_the_case_and_pressing_twice_is_heard_once(office: Office, link: str) -> None:
    assert press(link, "confirmed", "Thanks.") == 303
    assert state() == CaseState.CONFIRMED
    assert press(link, "confirmed", "Thanks.") == 303
    assert office.case().log.filter(kind="confirmed").count() == 1
    html = page(link)
    assert "that it is solved." in html
    assert 'name="verdict" value="confirmed"' not in html, "said already"


def test_not_solved_sends_it_back_to_a_plan_without_a_word(office: Office, link: str) -> None:
    assert press(link, "rejected") == 303
    assert state() == CaseState.ACKNOWLEDGED
    assert question().verdict == "rejected"
    assert "that it is not solved. Manager makes another plan." in page(link)


def test_after_a_no_he_may_add_to_it_without_taking_it_back(office: Office, link: str) -> None:
    assert press(link, "rejected", "Late again.") == 303
    html = page(link)
    assert html.index("Add this to my answer") < html.index("It is solved")
    for _twice in range(2):
        assert press(link, "add", "On Monday too.") == 303
    assert press(link, "add", "  ") == 422
    assert (question().verdict, state()) == ("rejected", CaseState.ACKNOWLEDGED)
    html = page(link)
    assert html.index("Late again.") < html.index("On Monday too.")
    assert office.case().log.filter(kind="commented", contact=office.chen).count() == 1
    owner = Client()
    owner.force_login(office.world.manager)
    assert f"Chen wrote to you about CA-{office.case().pk}" in owner.get("/notices/").content.decode()


def test_before_he_answered_there_is_nothing_to_add_to(link: str) -> None:
    assert "Add this to my answer" not in page(link)
    assert press(link, "add", "Early.") == 422
    assert question().verdict == ""


def test_he_may_change_his_mind_while_the_link_holds(link: str) -> None:
    assert press(link, "confirmed") == 303
    assert press(link, "rejected", "It is back.") == 303
    assert state() == CaseState.OPEN
    assert question().verdict == "rejected"


def test_a_window_of_before_does_not_take_back_what_was_said_in_another(office: Office, link: str) -> None:
    stale = Client()
    assert 'name="said" value=""' in stale.get(link).content.decode()
    assert press(link, "confirmed") == 303
    answer = stale.post(link, {"verdict": "rejected", "comment": "Still two days late.", "said": ""})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "An answer was sent from another window meanwhile" in html
    assert "Still two days late." in html
    assert 'name="said" value="confirmed"' in html
    assert state() == CaseState.CONFIRMED
    again = stale.post(link, {"verdict": "rejected", "comment": "Still two days late.", "said": "confirmed"})
    assert again.status_code == 303
    assert CorrectiveAction.objects.get().is_open


def test_a_comment_too_long_is_refused_and_kept(link: str) -> None:
    answer = Client().post(link, {"verdict": "confirmed", "comment": "x" * 4_001})
    assert answer.status_code == 422
    assert "x" * 4_001 in answer.content.decode()
    assert state() == CaseState.CORRECTED
    assert press(link, "maybe") == 422
    assert press(link, "") == 422


def test_after_its_time_it_says_so_and_takes_no_word(link: str) -> None:
    ConfirmationRequest.objects.update(expires_at=timezone.now() - HOUR)
    assert "Answers were taken until" in page(link, 410)
    before = everything()
    assert press(link, "confirmed") == 410
    assert everything() == before


def test_closed_by_his_good_grade_it_says_so_and_a_no_opens_it_again(office: Office, link: str) -> None:
    office.invite(NEXT)
    keep_open(week=NEXT)
    assert send(Client(), link_of(office, office.chen, NEXT), delivery="A") == 303
    assert state() == CaseState.CONFIRMED
    assert "This is noted as solved" in page(link)
    assert press(link, "rejected", "Not at all.") == 303
    assert state() == CaseState.OPEN


def test_his_yes_on_the_page_of_the_week_answers_the_letter_too(office: Office, link: str) -> None:
    office.invite(NEXT)
    keep_open(week=NEXT)
    survey = link_of(office, office.chen, NEXT)
    assert "We booked a second truck." in page(survey)
    assert INTERNAL not in page(survey)
    assert Client().post(f"{survey}/cases/{office.case().pk}", {"answer": "yes"}).status_code == 303
    assert question().verdict == "confirmed"
    assert "that it is solved." in page(link)


def test_opened_again_by_a_low_grade_the_question_of_before_is_over(office: Office, link: str) -> None:
    assert press(link, "confirmed") == 303
    office.invite(NEXT)
    keep_open(week=NEXT)
    assert send(Client(), link_of(office, office.chen, NEXT), delivery="D") == 303
    assert CorrectiveAction.objects.get().times_reopened == 1
    assert "Another low grade for On-time delivery came since." in page(link, 410)
    before = everything()
    assert press(link, "confirmed") == 410
    assert everything() == before


def test_who_has_left_his_company_has_no_word_any_more(office: Office, link: str) -> None:
    mark_left(office.chen, left_on=timezone.now().date() - DAY, now=timezone.now())
    html = page(link, 410)
    assert "you no longer work for this company" in html
    assert "second truck" not in html
    assert press(link, "confirmed") == 410
    assert state() == CaseState.CORRECTED


def test_an_unknown_link_and_one_of_another_kind_are_alike(office: Office, link: str) -> None:
    survey = link_of(office, office.chen)
    bare, other = survey.removeprefix("/s/"), link.removeprefix("/s/c/")
    pages = [Client().get(url) for url in (f"/s/c/{bare}", f"/s/{other}", "/s/c/" + "x" * 43)]
    assert {each.status_code for each in pages} == {404}
    assert len({each.content for each in pages}) == 1


def test_a_link_with_a_full_stop_behind_it_is_found(link: str) -> None:
    answer = Client().get(f"{link}.")
    assert (answer.status_code, answer["Location"]) == (302, link)


def test_nobody_leaves_a_cookie_a_referrer_or_a_copy(link: str) -> None:
    stranger = Client(enforce_csrf_checks=True)
    for answer in (stranger.get(link), stranger.post(link, {"verdict": "confirmed"})):
        assert not answer.cookies
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("answer", "verdict"), [("yes", "confirmed"), ("no", "rejected")])
def test_the_button_of_the_letter_is_marked_and_says_nothing_by_itself(
    link: str, answer: str, verdict: str
) -> None:
    before = everything()
    html = page(f"{link}?answer={answer}")
    assert f'value="{verdict}" class="marked"' in html
    assert html.count("marked") == 1
    assert f"?answer={answer}&amp;lang=zh-hans" in html
    assert everything() == before
    assert "marked" not in page(f"{link}?answer=perhaps")
