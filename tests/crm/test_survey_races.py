"""Forms of the respondent's page that are sent twice, at once, and with another mind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.notices.models import Notice
from accounts.surveys.models import Answer, AnswerGrade, CaseEvent, CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case
from tests.accounts.surveys.office import DUE, HOUR, Office
from tests.accounts.surveys.test_answering_races import at_once
from tests.conftest import World
from tests.crm.links import grades_form, invited, link_of, parsed, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world: World) -> Office:
    return invited(world)


def sending(url: str, body: dict[str, list[str]], answers: list[int]) -> Callable[[], None]:
    """A POST of a browser of its own."""
    return lambda: answers.append(Client(enforce_csrf_checks=True).post(url, body).status_code)


def opened(url: str) -> str:
    return Client().get(url).content.decode()


def letters() -> list[str]:
    """The versions of the answer, oldest first; the last one stands."""
    grades = AnswerGrade.objects.order_by("pk").values_list("grade__letter", flat=True)
    assert list(Answer.objects.filter(superseded_at=None)) == [Answer.objects.order_by("pk").last()]
    return list(grades)


def test_the_same_form_sent_twice_is_one_answer(office: Office) -> None:
    link = link_of(office, office.chen)
    form = grades_form(opened(link))
    for _ in range(2):
        assert Client().post(link, form.fill(delivery="D")).status_code == 303
    assert letters() == ["D"]
    assert CorrectiveAction.objects.count() == CaseEvent.objects.count() == 1
    assert Notice.objects.count() == 2, "project manager and account manager, once each"


@pytest.mark.parametrize("round_", range(3))
def test_the_same_form_sent_five_times_at_once_is_one_answer(office: Office, round_: int) -> None:
    link = link_of(office, office.chen)
    body, answers = grades_form(opened(link)).fill(delivery="D", quality="B"), list[int]()
    at_once(*[sending(link, body, answers)] * 5)
    assert answers == [303] * 5
    assert Answer.objects.count() == CorrectiveAction.objects.count() == CaseEvent.objects.count() == 1
    assert AnswerGrade.objects.count() == 2


@pytest.mark.parametrize("round_", range(3))
def test_of_two_forms_at_once_the_second_is_asked_to_look_at_the_first(office: Office, round_: int) -> None:
    """His phone and his computer."""
    links = [link_of(office, office.chen), link_of(office, office.chen)]
    answers: list[int] = []
    at_once(
        *[
            sending(link, grades_form(opened(link)).fill(delivery=letter), answers)
            for link, letter in zip(links, "DC", strict=True)
        ]
    )
    assert sorted(answers) == [303, 409]
    assert len(letters()) == 1
    assert CorrectiveAction.objects.count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_two_respondents_at_once_stand_in_one_case(office: Office, round_: int) -> None:
    answers: list[int] = []
    links = [link_of(office, contact) for contact in (office.chen, office.li)]
    at_once(*[sending(link, grades_form(opened(link)).fill(delivery="D"), answers) for link in links])
    assert answers == [303, 303]
    assert office.case().grades.count() == 2
    assert sorted(office.case().log.values_list("kind", flat=True)) == ["attached", "opened"]


def test_from_d_to_b_and_back_the_case_is_one_and_stays(office: Office) -> None:
    link = link_of(office, office.chen)
    for letter in "DBD":
        assert send(Client(), link, delivery=letter) == 303
    assert letters() == ["D", "B", "D"]
    case = CorrectiveAction.objects.get()
    assert case.is_open
    assert list(case.log.order_by("pk").values_list("kind", flat=True)) == ["opened", "attached"]
    assert Answer.objects.get(superseded_at=None).grades.get().case == case


def test_from_d_to_b_plus_and_back_the_case_is_confirmed_and_opened_again(office: Office) -> None:
    link = link_of(office, office.chen)
    assert send(Client(), link, delivery="D") == 303
    assert send(Client(), link, delivery="B+") == 303
    assert not office.case().is_open
    assert send(Client(), link, delivery="D") == 303
    case = CorrectiveAction.objects.get()
    assert (case.is_open, case.times_reopened) == (True, 1)


def test_a_form_that_comes_late_and_twice_does_not_undo_a_newer_word(office: Office) -> None:
    link = link_of(office, office.chen)
    old = grades_form(opened(link)).fill(delivery="A")
    assert Client().post(link, old).status_code == 303
    assert send(Client(), link, delivery="D") == 303
    assert Client().post(link, old).status_code == 303
    assert Answer.objects.get(superseded_at=None).grades.get().grade.letter == "D"


@pytest.mark.parametrize("round_", range(3))
def test_yes_and_no_clicked_at_once_is_one_word(office: Office, round_: int) -> None:
    office.say(office.chen, delivery="D")
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 2 * HOUR)
    advance_case(
        office.case(), to=CaseState.CORRECTED, by=office.world.manager, comment="Done.", now=DUE + 3 * HOUR
    )
    (form, *_) = parsed(opened(link_of(office, office.chen))).forms
    answers: list[int] = []
    bodies: list[dict[str, list[str]]] = [{"answer": [word]} for word in ("yes", "no", "no", "yes")]
    at_once(*[sending(form.action, body, answers) for body in bodies])
    assert answers == [303] * 4
    kinds = office.case().log.filter(kind__in=["confirmed", "rejected"]).values_list("kind", flat=True)
    assert len(kinds) == 1
    assert office.case().state == ("confirmed" if kinds[0] == "confirmed" else "acknowledged")
