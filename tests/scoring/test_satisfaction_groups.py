"""The index of groups that overlap, change and weigh, against numbers worked out by hand in fractions."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Level
from accounts.orders.models import OrderKind
from accounts.surveys.models import Invitation, SurveyDimension, SurveyProgramme
from accounts.surveys.services import ensure_programme, publish_version
from accounts.surveys.standard import STANDARD
from scoring.satisfaction import (
    Groups,
    Member,
    Members,
    customer_history,
    groups_of,
    index_of_projects,
    read,
    revenue_of,
)
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK
from tests.conftest import MONDAY, World, customer_of
from tests.scoring.grading import NEXT, POINTS, invite, order, project_of, say

LATER = CLOSED + 7 * DAY


def grouped(
    members: list[Member], *, week: dt.date = WEEK, weeks: int = 1, as_of: dt.datetime = CLOSED
) -> Groups:
    said = read({each.project for each in members}, week=week, weeks=weeks, as_of=as_of)
    revenue = revenue_of(said.customers, as_of=as_of)
    return groups_of(said, index_of_projects(said), Members.of(members), revenue)


def test_a_project_may_be_in_several_groups_and_each_is_the_mean_of_its_customers(world: World) -> None:
    one = project_of(world, "Line 4", world.customer, "Chen")
    two = project_of(world, "Line 5", world.customer, "Li")
    other = project_of(world, "Pumps", world.foreign, "Wu")
    invite()
    say(one, "Chen", "A A A A A")
    say(two, "Li", "B B B B B")
    say(other, "Wu", "D D D D D")
    order(world.customer, 300, WEEK)
    order(world.foreign, 100, WEEK)
    groups = grouped(
        [Member(one.pk, 7), Member(two.pk, 7), Member(other.pk, 7), Member(two.pk, 9), Member(other.pk, 9)]
    )
    assert groups.ids == (7, 9)
    (seven,), (nine,) = groups.weeks_of(7), groups.weeks_of(9)
    assert seven.index == float(Fraction(Fraction(100 + 40, 2) - 100, 2))
    assert seven.weighted_index == float(Fraction(300 * 70 - 100 * 100, 400))
    assert nine.index == float(Fraction(40 - 100, 2))
    assert (seven.answered, seven.invited, nine.answered, nine.lowest) == (3, 3, 2, "D")


def test_a_member_counts_in_its_weeks_alone(world: World) -> None:
    line = project_of(world, "Line 4", world.customer, "Chen")
    for week in (WEEK, NEXT):
        invite(week)
    say(line, "Chen", "A A A A A")
    say(line, "Chen", "C C C C C", week=NEXT, at=DUE + 7 * DAY + HOUR)
    before, after = Member(line.pk, 1, last=WEEK), Member(line.pk, 2, first=NEXT)
    groups = grouped([before, after], week=NEXT, weeks=2, as_of=LATER)
    assert [[week.index for week in groups.weeks_of(pk)] for pk in (1, 2)] == [[100, None], [None, 0]]
    assert [[week.invited for week in groups.weeks_of(pk)] for pk in (1, 2)] == [[1, 0], [0, 1]]


def test_a_level_is_what_its_people_said(world: World) -> None:
    line = project_of(world, "Line 4", world.customer, "Chen", "Li", level=Level.EXECUTIVE)
    shop = project_of(world, "Line 5", world.customer, "Wu", level=Level.OPERATIONAL)
    invite()
    say(line, "Chen", "A A A A A")
    say(shop, "Wu", "C C C C C")
    said = read([line.pk, shop.pk], week=WEEK, weeks=1, as_of=CLOSED, with_levels=True)
    members = Members.always([line.pk, shop.pk], 1)

    def of(level: Level) -> tuple[float | None, int, int]:
        part = said.of_level(level.value)
        (week,) = groups_of(part, index_of_projects(part), members, {}).weeks_of(1)
        return week.index, week.answered, week.invited

    assert of(Level.EXECUTIVE) == (100, 1, 2)
    assert of(Level.OPERATIONAL) == (0, 1, 1)
    assert of(Level.MANAGEMENT) == (None, 0, 0)
    assert groups_of(said, index_of_projects(said), members, {}).weeks_of(1)[0].invited == 3


def test_versions_of_a_customer_and_the_general_one_meet_in_one_week(world: World) -> None:
    """Their points, weights, letters and thresholds hold for each; the group asks for the sum of answers."""
    ensure_programme(now=MONDAY)
    grades = (dataclasses.replace(STANDARD.grades[0], letter="S", points=120), *STANDARD.grades)
    heavy = tuple(
        dataclasses.replace(each, weight=6 if each.code == "delivery" else 1) for each in STANDARD.dimensions
    )
    own = dataclasses.replace(STANDARD, grades=grades, dimensions=heavy[::-1], response_threshold_percent=20)
    publish_version(
        SurveyProgramme.objects.get(),
        facts=own,
        author=world.admin,
        now=MONDAY,
        customer=world.foreign,
    )
    line = project_of(world, "Line 4", world.customer, "Chen", "Li")
    pumps = project_of(world, "Pumps", world.foreign, "Wu", "Sun", "Qian")
    invite(NEXT)
    assert len(set(Invitation.objects.values_list("programme_version", flat=True))) == 2
    at = DUE + 7 * DAY + HOUR
    say(line, "Chen", "A D A A A", week=NEXT, at=at)
    say(line, "Li", "B B B B B", week=NEXT, at=at)
    say(pumps, "Wu", "S D A A A", week=NEXT, at=at)
    members = [Member(line.pk, 1), Member(pumps.pk, 2), Member(line.pk, 3), Member(pumps.pk, 3)]
    groups = grouped(members, week=NEXT, as_of=LATER)
    (general,), (theirs,), (both,) = (groups.weeks_of(pk) for pk in (1, 2, 3))
    of_line, of_pumps = Fraction(60 + 40, 2), Fraction(120 - 600 + 300, 10)
    assert (general.index, general.is_too_few) == (float(of_line), False)
    assert theirs.index == pytest.approx(float(of_pumps))
    assert (theirs.lowest, theirs.is_too_few) == ("D", False)
    assert both.index == pytest.approx(float((of_line + of_pumps) / 2))
    # 3 of 5 are enough where 70 % of two and 20 % of three are asked for: 2 answers.
    assert (both.answered, both.invited, both.is_too_few) == (3, 5, False)
    delivery = SurveyDimension.objects.get(code="delivery")
    said = read([line.pk, pumps.pk], week=NEXT, weeks=1, as_of=LATER)
    (week,) = groups_of(said, index_of_projects(said, delivery.pk), Members.of(members), {}).weeks_of(3)
    assert week.index == float(Fraction(Fraction(-100 + 40, 2) - 100, 2))


def test_one_customer_as_a_group_is_his_own_history(world: World) -> None:
    lines = [project_of(world, f"Line {number}", world.customer, f"P{number}") for number in range(3)]
    for week in (WEEK, NEXT):
        invite(week)
    say(lines[0], "P0", "A B C D A")
    say(lines[2], "P2", "B- B- - - A", week=NEXT, at=DUE + 7 * DAY + HOUR)
    ids = [line.pk for line in lines]
    history = customer_history(ids, week=NEXT, weeks=13, as_of=LATER)
    groups = grouped([Member(pk, world.customer.pk) for pk in ids], week=NEXT, weeks=13, as_of=LATER)
    of_group = groups.weeks_of(world.customer.pk)
    plain = [dataclasses.replace(week, weighted_index=None) for week in history]
    assert [dataclasses.replace(week, weighted_index=None) for week in of_group] == plain
    assert {week.weighted_index for week in of_group} == {None}


def test_credit_notes_weigh_against_sales(world: World) -> None:
    line = project_of(world, "Line 4", world.customer, "Chen")
    pumps = project_of(world, "Pumps", world.foreign, "Wu")
    invite()
    say(line, "Chen", "A A A A A")
    say(pumps, "Wu", "C C C C C")
    order(world.customer, 100, WEEK)
    order(world.foreign, 100, WEEK)
    order(world.foreign, -150, WEEK, OrderKind.CREDIT_NOTE)
    (week,) = grouped([Member(line.pk, 1), Member(pumps.pk, 1)]).weeks_of(1)
    assert (week.index, week.weighted_index) == (50, 100)


def test_projects_that_nobody_was_asked_about_have_no_index(world: World) -> None:
    line = project_of(world, "Line 4", world.customer)
    for members in ([Member(line.pk, 1)], [Member(line.pk + 1, 1)]):
        (week,) = grouped(members).weeks_of(1)
        assert (week.index, week.invited, week.is_too_few, week.lowest) == (None, 0, False, "")


def test_thirty_projects_take_as_many_statements_as_three(world: World) -> None:
    customers = [customer_of(world.owner, f"Customer {number}") for number in range(6)]
    projects = [
        project_of(world, f"Line {number}", customers[number % 6], f"P{number}") for number in range(30)
    ]
    invite()
    for number, project in enumerate(projects):
        say(project, f"P{number}", " ".join([list(POINTS)[number % 7]] * 5))

    def statements(count: int) -> int:
        members = [Member(project.pk, project.customer_id) for project in projects[:count]]
        with CaptureQueriesContext(connection) as captured:
            groups = grouped(members, weeks=52)
            assert sum(groups.weeks_of(pk)[-1].answered for pk in groups.ids) == count
        return len(captured)

    statements(1)  # What a version of the programme says is read once and kept.
    assert statements(3) == statements(30) == 2
