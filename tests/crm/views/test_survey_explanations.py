"""The flag of a customer who was asked: reasons for everybody, grades for those who see the project."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.customers.models import CustomerStage
from accounts.projects.services import create_project
from accounts.surveys.services import confirm_case
from accounts.users.models import User
from scoring.models import RunKind
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK, Office, office_of
from tests.conftest import MONDAY, World
from tests.scoring.book import score

pytestmark = pytest.mark.django_db

ONE_WEEK = 7 * DAY
GRADED = ("chip-grade", "Line 4", "Chen", "On-time delivery")


@pytest.fixture
def office(world: World) -> Office:
    """Chen and Li are asked about Line 4 this week."""
    CustomerStage.objects.create(
        customer=world.customer, stage="continuing", valid_from=MONDAY.date(), known_at=MONDAY
    )
    made = office_of(world)
    made.invite()
    return made


def flag_page(client: Client, office: Office, who: User) -> str:
    client.force_login(who)
    response = client.get(f"/customers/{office.world.customer.pk}/explain/flag/")
    assert response.status_code == 200
    return response.content.decode()


def scored_at(as_of: dt.datetime) -> None:
    score(as_of, kind=RunKind.MANUAL)


def manager_of_another_project(office: Office) -> User:
    create_project(
        customer=office.world.customer,
        name="Press shop",
        manager=office.world.stranger,
        started_on=WEEK,
        now=MONDAY,
    )
    return office.world.stranger


def test_a_low_grade_is_told_and_shown_with_its_corrective_action(client: Client, office: Office) -> None:
    office.say(office.chen, delivery="D", quality="A")
    scored_at(DUE + 2 * HOUR)
    for who in (office.world.owner, office.world.manager, office.world.lead, office.world.executive):
        html = flag_page(client, office, who)
        assert "Opened at once" in html
        assert (
            "told us · 1 low grade in the last 4 weeks, not yet confirmed as solved by the customer." in html
        )
        assert "Something was graded as unacceptable in the last 4 weeks" in html
        assert "Index 0 this week." in html
        assert f'href="/cases/{office.case().pk}"' in html
        assert all(words in html for words in GRADED)
        assert "Answers about other projects" not in html


def test_who_sees_the_customer_and_not_the_project_reads_reasons_and_no_grade(
    client: Client, office: Office
) -> None:
    office.say(office.chen, delivery="D", quality="A")
    scored_at(DUE + 2 * HOUR)
    html = flag_page(client, office, manager_of_another_project(office))
    assert "1 low grade in the last 4 weeks" in html
    assert "Something was graded as unacceptable" in html
    assert "Answers about other projects of this customer counted as well" in html
    assert not [words for words in GRADED if words in html]
    assert f"/cases/{office.case().pk}" not in html
    assert "Low grades of the last four weeks" not in html
    assert "Weeks of the survey" not in html


def test_a_falling_index_is_told_with_its_slope(client: Client, office: Office) -> None:
    """Least squares by hand: weeks 0..3 at 100, 40, 20, 0; sum (t - 1.5)(y - 40) / 5 = -160 / 5."""
    for number, letter in enumerate(("A", "B", "B-", "C")):
        week = WEEK + number * ONE_WEEK
        if number:
            office.invite(week)
        office.say(office.chen, at=DUE + HOUR + number * ONE_WEEK, week=week, quality=letter)
    scored_at(DUE + 2 * HOUR + 3 * ONE_WEEK)
    html = flag_page(client, office, office.world.owner)
    assert "Index 0, falling by 32.0 points a week over 4 weeks." in html
    assert "Mar 23" in html
    assert "1 of 2" in html


def test_silence_is_told_in_weeks(client: Client, office: Office) -> None:
    for number in range(1, 4):
        office.invite(WEEK + number * ONE_WEEK)
    scored_at(CLOSED + 3 * ONE_WEEK)
    html = flag_page(client, office, office.world.owner)
    assert "went silent · Asked in 4 weeks in a row, and nobody answered." in html
    assert "0 of 2" in html


def test_a_solved_complaint_is_shown_as_such_and_has_no_points(client: Client, office: Office) -> None:
    office.say(office.chen, delivery="C")
    confirm_case(office.case(), invitation=office.invitation(office.chen), now=DUE + 2 * HOUR)
    scored_at(DUE + 3 * HOUR)
    html = flag_page(client, office, office.world.owner)
    assert "No low grade of the last 4 weeks waits for a solution." in html
    assert "Confirmed by the customer" in html
    assert "Opened at once" not in html


def test_the_evidence_is_of_the_instant_of_the_score(client: Client, office: Office) -> None:
    scored_at(DUE + HOUR)
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="D")
    html = flag_page(client, office, office.world.owner)
    assert "Low grades of the last four weeks" not in html
    assert "0 of 2" in html


def test_the_queries_do_not_grow_with_grades(client: Client, office: Office) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            html = flag_page(client, office, office.world.owner)
        assert "Low grades of the last four weeks" in html
        return len(captured)

    office.say(office.chen, quality="C")
    scored_at(DUE + 2 * HOUR)
    count()
    few = count()
    others = dict.fromkeys(("quality", "delivery", "communication", "service", "support"), "D")
    office.say(office.li, at=DUE + 3 * HOUR, **others)
    for number in (1, 2):
        office.invite(WEEK + number * ONE_WEEK)
        at = DUE + HOUR + number * ONE_WEEK
        office.say(office.chen, at=at, week=WEEK + number * ONE_WEEK, **others)
    scored_at(DUE + 2 * HOUR + 2 * ONE_WEEK)
    count()
    assert count() == few
