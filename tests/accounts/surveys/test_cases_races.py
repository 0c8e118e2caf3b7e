"""Two people at one corrective action at the same moment, over connections of their own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.facts import AlreadySavedError
from accounts.surveys.models import CaseEvent, CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case, comment_case, plan_case
from tests.accounts.surveys.office import DUE, HOUR, Office

pytestmark = pytest.mark.django_db(transaction=True)
LATER = dt.date(2026, 3, 30)


def refused(*calls: Callable[[], object]) -> list[type[Exception]]:
    """Every call in a thread and connection of its own; what those raised that were refused."""

    def run(call: Callable[[], object]) -> type[Exception] | None:
        try:
            call()
        except (ValidationError, AlreadySavedError) as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(calls)) as pool:
        return [error for error in pool.map(run, calls) if error is not None]


@pytest.fixture
def case(office: Office) -> CorrectiveAction:
    office.say(office.chen, delivery="D")
    return office.case()


def kinds(case: CorrectiveAction) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("round_", range(3))
def test_two_who_acknowledge_at_once_acknowledge_once(
    office: Office, case: CorrectiveAction, round_: int
) -> None:
    people = (office.world.manager, office.world.owner)
    calls = [lambda by=by: acknowledge_case(case, by=by, now=DUE + 2 * HOUR) for by in people]
    assert refused(*calls) == []
    assert kinds(case) == ["opened", "acknowledged"]


@pytest.mark.parametrize("round_", range(3))
def test_a_double_click_is_logged_once(office: Office, case: CorrectiveAction, round_: int) -> None:
    by, token = office.world.manager, uuid.uuid4()
    calls = [lambda: comment_case(case, by=by, comment="Called.", now=DUE + 2 * HOUR, token=token)] * 4
    assert refused(*calls) == [AlreadySavedError] * 3
    again = uuid.uuid4()
    calls = [
        lambda: plan_case(case, by=by, plan="Slots.", solve_by=LATER, now=DUE + 3 * HOUR, token=again)
    ] * 4
    assert refused(*calls) == [AlreadySavedError] * 3
    assert kinds(case) == ["opened", "commented", "planned"]


@pytest.mark.parametrize("round_", range(3))
def test_of_two_who_take_the_same_step_at_once_one_is_told(
    office: Office, case: CorrectiveAction, round_: int
) -> None:
    acknowledge_case(case, by=office.world.manager, now=DUE + 2 * HOUR)
    calls = [
        lambda by=by: advance_case(
            case,
            to=CaseState.CONTAINED,
            by=by,
            comment=f"{by} did it.",
            now=DUE + 3 * HOUR,
            token=uuid.uuid4(),
        )
        for by in (office.world.manager, office.world.owner)
    ]
    assert refused(*calls) == [ValidationError]
    assert kinds(case) == ["opened", "acknowledged", "contained"]


def test_one_token_may_name_forms_of_two_cases(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="D")
    token = uuid.uuid4()
    for code in ("delivery", "quality"):
        comment_case(
            office.case(code), by=office.world.manager, comment="Called.", now=DUE + 2 * HOUR, token=token
        )
    assert CaseEvent.objects.filter(token=token).count() == 2
