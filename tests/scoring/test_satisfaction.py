"""The index of projects, customers and the company against numbers worked out by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.orders.models import OrderKind
from accounts.orders.services import OrderFacts, correct_order
from accounts.projects.models import Project
from accounts.surveys.models import SurveyDimension, SurveyProgramme
from accounts.surveys.services import (
    publish_version,
)
from accounts.surveys.standard import STANDARD
from scoring.satisfaction import WeekIndex, board_of, customer_history, group_week, picture_of
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK
from tests.conftest import MONDAY, World
from tests.scoring.grading import ALL, NEXT, POINTS, invite, order, project_of, say


def last(weeks: tuple[WeekIndex, ...]) -> WeekIndex:
    return weeks[-1]


@pytest.fixture
def three(world: World) -> list[Project]:
    """Line 4: 60 and 40. Line 5: 0. Nobody answers for Line 6."""
    lines = [
        project_of(world, "Line 4", world.customer, "Chen", "Li"),
        project_of(world, "Line 5", world.customer, "Wu"),
        project_of(world, "Line 6", world.customer, "Sun"),
    ]
    invite()
    say(lines[0], "Chen", "A D A A A")
    say(lines[0], "Li", "B B B B B")
    say(lines[1], "Wu", "C - - C C")
    return lines


def test_a_project_is_the_mean_of_its_respondents_and_a_customer_the_mean_of_its_projects(
    three: list[Project],
) -> None:
    ids = [project.pk for project in three]
    found = board_of(ids, week=WEEK, as_of=CLOSED)[0]
    assert [last(found[pk]).index for pk in ids] == [50, 0, None]
    assert [last(found[pk]).lowest for pk in ids] == ["D", "C", ""]
    assert [(last(found[pk]).answered, last(found[pk]).invited) for pk in ids] == [(2, 2), (1, 1), (0, 1)]
    assert [last(found[pk]).is_too_few for pk in ids] == [False, False, True]
    assert all(len(found[pk]) == 13 and found[pk][0].week == WEEK - 84 * DAY for pk in ids)
    assert {each.index for pk in ids for each in found[pk][:-1]} == {None}
    assert {each.response_rate for pk in ids for each in found[pk][:-1]} == {None}
    assert last(customer_history(ids, week=WEEK, as_of=CLOSED)) == WeekIndex(
        week=WEEK,
        index=25,
        weighted_index=25,
        lowest="D",
        answered=3,
        invited=4,
        response_rate=0.75,
        is_too_few=False,
        is_open=False,
    )


def test_below_seventy_percent_the_index_is_for_reference_only(world: World) -> None:
    project = project_of(world, "Line 4", world.customer, "Chen", "Li", "Wu")
    invite()
    say(project, "Chen", "A A A A A")
    say(project, "Li", "A A A A A")
    found = last(customer_history([project.pk], week=WEEK, as_of=CLOSED))
    assert (found.index, found.is_too_few) == (100, True)
    say(project, "Wu", "B B B B B", at=CLOSED + HOUR)
    late = last(customer_history([project.pk], week=WEEK, as_of=CLOSED + DAY))
    assert (late.index, late.is_too_few) == (80, False)


def test_a_week_is_open_while_somebody_still_has_time(three: list[Project]) -> None:
    ids = [project.pk for project in three]
    for as_of, is_open in [(DUE + 2 * HOUR, True), (CLOSED - HOUR, True), (CLOSED, False)]:
        found = board_of(ids, week=WEEK, as_of=as_of)[0]
        assert [last(found[pk]).is_open for pk in ids] == [False, False, is_open]
        assert last(customer_history(ids, week=WEEK, as_of=as_of)).is_open == is_open


def test_an_earlier_day_is_seen_with_what_was_known_then(world: World) -> None:
    project = project_of(world, "Line 4", world.customer, "Chen")
    invite()
    say(project, "Chen", "D D D D D", at=DUE + HOUR)
    say(project, "Chen", "B B B B B", at=DUE + 3 * HOUR)

    def at(as_of: dt.datetime) -> tuple[float | None, str, int, int]:
        week = last(customer_history([project.pk], week=WEEK, as_of=as_of))
        return week.index, week.lowest, week.answered, week.invited

    assert at(DUE - DAY) == (None, "", 0, 0)
    assert at(DUE) == (None, "", 0, 1)
    assert at(DUE + 2 * HOUR) == (-100, "D", 1, 1)
    assert at(DUE + 4 * HOUR) == (40, "B", 1, 1)


def test_an_answer_counts_under_the_version_it_was_given_under(world: World) -> None:
    project = project_of(world, "Line 4", world.customer, "Chen", "Li")
    invite()
    say(project, "Chen", "A D A A A")
    heavy = tuple(
        dataclasses.replace(each, weight=6 if each.code == "delivery" else 1) for each in STANDARD.dimensions
    )
    grades = (dataclasses.replace(STANDARD.grades[0], letter="S", points=120), *STANDARD.grades)
    publish_version(
        SurveyProgramme.objects.get(),
        facts=dataclasses.replace(
            STANDARD, dimensions=heavy[::-1], grades=grades, response_threshold_percent=50
        ),
        author=world.admin,
        now=DUE + DAY,
    )
    invite(NEXT)
    say(project, "Chen", "S D A A A", week=NEXT, at=DUE + 7 * DAY + HOUR)
    before, after = customer_history([project.pk], week=NEXT, as_of=CLOSED + 7 * DAY)[-2:]
    assert (before.index, before.lowest, before.is_too_few) == (60, "D", True)
    assert after.index == pytest.approx(float(Fraction(120 - 600 + 300, 10)))
    assert (after.lowest, after.is_too_few) == ("D", False)
    picture = picture_of([project.pk], week=NEXT, as_of=CLOSED + 7 * DAY)
    codes = {each.pk: each.code for each in SurveyDimension.objects.all()}
    assert [codes[pk] for pk in picture.dimensions] == list(ALL[::-1])
    quality = next(weeks for pk, weeks in picture.dimensions.items() if codes[pk] == "quality")
    assert [(week.points, week.lowest) for week in quality[-2:]] == [(100, "A"), (120, "S")]


def test_a_dimension_is_an_index_of_its_own_grades(three: list[Project]) -> None:
    picture = picture_of([project.pk for project in three], week=WEEK, as_of=CLOSED)
    codes = {each.pk: each.code for each in SurveyDimension.objects.all()}
    found = {codes[pk]: weeks[-1] for pk, weeks in picture.dimensions.items()}
    assert list(found) == list(ALL)
    assert {code: (week.points, week.lowest, week.graded) for code, week in found.items()} == {
        "quality": (35, "C", 3),
        "delivery": (-30, "D", 2),
        "communication": (70, "B", 2),
        "service": (35, "C", 3),
        "support": (35, "C", 3),
    }
    assert {week.points for weeks in picture.dimensions.values() for week in weeks[:-1]} == {None}


def test_the_company_is_the_mean_of_its_customers_and_weighted_by_revenue(world: World) -> None:
    lines = [
        project_of(world, "Line 4", world.customer, "Chen"),
        project_of(world, "Line 5", world.customer, "Li"),
        project_of(world, "Pumps", world.foreign, "Wu", "Sun"),
        project_of(world, "Silent", world.foreign),
    ]
    invite()
    say(lines[0], "Chen", "A A A A A")
    say(lines[1], "Li", "B B B B B")
    say(lines[2], "Wu", "C C C C C")
    order(world.customer, 400, WEEK)
    order(world.customer, -100, WEEK, OrderKind.CREDIT_NOTE)
    order(world.customer, 9_999, WEEK - 365 * DAY)
    wrong = order(world.foreign, 5_000, WEEK)
    correct_order(
        order=wrong, facts=OrderFacts(ordered_on=WEEK, amount_minor=100, currency="CNY"), now=MONDAY + HOUR
    )
    found = group_week([line.pk for line in lines], week=WEEK, as_of=CLOSED)
    assert found.index == (70 + 0) / 2
    # The base rate is one, so minor units compare as they are: 300 of one, 100 of the other.
    assert found.weighted_index == pytest.approx((300 * 70 + 100 * 0) / 400)
    assert (found.lowest, found.answered, found.invited, found.is_too_few) == ("C", 3, 4, False)


def test_nobody_was_ever_asked(world: World) -> None:
    project = project_of(world, "Line 4", world.customer)
    assert board_of([], week=WEEK, as_of=CLOSED)[0] == {}
    for ids in ([], [project.pk]):
        weeks = customer_history(ids, week=WEEK, as_of=CLOSED)
        assert [(week.index, week.invited, week.is_too_few) for week in weeks] == [(None, 0, False)] * 13
        assert picture_of(ids, week=WEEK, as_of=CLOSED).dimensions == {}
        assert group_week(ids, week=WEEK, as_of=CLOSED) == weeks[-1]


def test_a_week_is_known_by_its_monday(three: list[Project]) -> None:
    with pytest.raises(ValueError, match="Monday"):
        customer_history([three[0].pk], week=WEEK + DAY, as_of=CLOSED)


def test_thirty_projects_take_as_many_queries_as_three(world: World) -> None:
    projects = [
        project_of(world, f"Line {number}", (world.customer, world.foreign)[number % 2], f"P{number}")
        for number in range(30)
    ]
    invite()
    for number, project in enumerate(projects):
        say(project, f"P{number}", " ".join([list(POINTS)[number % 7]] * 5))

    def queries(count: int) -> int:
        ids = [project.pk for project in projects[:count]]
        with CaptureQueriesContext(connection) as captured:
            assert last(board_of(ids, week=WEEK, as_of=CLOSED)[0][ids[-1]]).index is not None
            assert picture_of(ids, week=WEEK, as_of=CLOSED).dimensions
            assert group_week(ids, week=WEEK, as_of=CLOSED).answered == count
        return len(captured)

    queries(1)  # What a version of the programme says is read once and kept.
    assert queries(3) == queries(30) <= 25
