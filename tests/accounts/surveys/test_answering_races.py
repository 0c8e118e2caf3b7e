"""Answers that arrive at the same moment, over connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.customers.models import CustomerInput
from accounts.notices.models import Notice
from accounts.surveys.models import Answer, AnswerGrade, CaseEvent, CorrectiveAction
from accounts.surveys.services import confirm_case
from tests.accounts.surveys.office import DUE, HOUR, Office

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> None:
    """Every call in a thread and connection of its own, started together; what fails is raised here."""
    start, failures = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            call()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


@pytest.mark.parametrize("round_", range(3))
def test_two_answers_of_one_respondent_at_once_follow_each_other(office: Office, round_: int) -> None:
    at_once(
        lambda: office.say(office.chen, delivery="D"),
        lambda: office.say(office.chen, delivery="B", quality="C"),
    )
    first, second = Answer.objects.order_by("pk")
    assert first.superseded_at == DUE + HOUR
    assert second.superseded_at is None
    assert CorrectiveAction.objects.count() == 2
    assert CustomerInput.objects.get(customer=office.world.customer).version >= 3


@pytest.mark.parametrize("round_", range(3))
def test_the_same_post_many_times_at_once_is_one(office: Office, round_: int) -> None:
    at_once(*[lambda: office.say(office.chen, key="form", delivery="D", quality="B")] * 5)
    assert Answer.objects.count() == CorrectiveAction.objects.count() == 1
    assert AnswerGrade.objects.count() == 2
    assert Notice.objects.count() == 2
    assert [event.kind for event in CaseEvent.objects.all()] == ["opened"]


@pytest.mark.parametrize("round_", range(3))
def test_two_respondents_who_give_d_at_once_stand_in_one_case(office: Office, round_: int) -> None:
    at_once(lambda: office.say(office.chen, delivery="D"), lambda: office.say(office.li, delivery="D"))
    case = CorrectiveAction.objects.get()
    assert case.grades.count() == 2
    assert sorted(case.log.values_list("kind", flat=True)) == ["attached", "opened"]
    assert Notice.objects.count() == 4


@pytest.mark.parametrize("round_", range(3))
def test_a_confirmation_and_a_new_complaint_at_once_leave_no_low_grade_alone(
    office: Office, round_: int
) -> None:
    """Whoever is first: the new complaint keeps the case open, or opens it again."""
    office.say(office.chen, delivery="D")
    case, invitation = office.case(), office.invitation(office.chen)
    at_once(
        lambda: office.say(office.li, at=DUE + 2 * HOUR, delivery="D"),
        lambda: confirm_case(case, invitation=invitation, now=DUE + 2 * HOUR),
    )
    assert office.case().state == "open"
    assert office.case().grades.count() == 2
