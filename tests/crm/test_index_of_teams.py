"""Teams on the index page: which customers are whose, and that all of them together are the company."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.customers.services import change_owner
from accounts.projects.models import Project
from accounts.users.models import Team, TeamMember
from crm.queries.satisfaction_index import Cut, IndexPage, Wish, index_page
from crm.queries.satisfaction_index_members import Level, Scope
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK
from tests.conftest import World, customer_of
from tests.scoring.grading import NEXT, invite, project_of, say

LATER = CLOSED + 7 * DAY
TEAMS = Wish(Scope(), Level.TEAM, Cut.WHOLE, 13, is_weighted=False)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def lines(world: World) -> list[Project]:
    """Two weeks: Huaxing (owner in East) 100 then 0, Nordlicht (owner in no team) 40 in both."""
    found = [
        project_of(world, "Line 4", world.customer, "Chen"),
        project_of(world, "Pumps", world.foreign, "Wu"),
    ]
    for week, grade in [(WEEK, "A"), (NEXT, "C")]:
        invite(week)
        at = DUE + (week - WEEK) + HOUR
        say(found[0], "Chen", " ".join([grade] * 5), week=week, at=at)
        say(found[1], "Wu", "B B B B B", week=week, at=at)
    return found


def shown(world: World, wish: Wish = TEAMS) -> IndexPage:
    return index_page(wish, world.executive, language="en", as_of=LATER)


def asked(page: IndexPage) -> dict[str, tuple[int, int]]:
    """By team: answered and invited in its latest week."""
    return {row.unit.name: (row.week.answered, row.week.invited) for row in page.ranked.rows("name")}


def test_a_project_belongs_to_its_owners_team_and_not_to_its_managers(
    world: World, lines: list[Project]
) -> None:
    of_managers = Team.objects.create(name="Plant", lead=world.lead)
    TeamMember.objects.create(team=of_managers, user=world.manager)
    page = shown(world)
    assert asked(page) == {"East": (1, 1), "Without a team": (1, 1)}
    assert page.shared == 0
    assert (page.picture.weeks[-1].answered, page.picture.weeks[-1].invited) == (2, 2)


def test_who_is_in_two_teams_counts_in_each_and_the_page_says_so(
    client: Client, world: World, lines: list[Project]
) -> None:
    west = Team.objects.create(name="West", lead=world.stranger)
    TeamMember.objects.create(team=west, user=world.owner)
    page = shown(world)
    assert asked(page) == {"East": (1, 1), "West": (1, 1), "Without a team": (1, 1)}
    assert page.shared == 1
    client.force_login(world.executive)
    text = client.get(reverse("satisfaction_index"), {"level": "team"}).content.decode()
    assert "1 project counts in several teams" in text
    assert "together they are the company" not in text


def test_a_customer_takes_its_weeks_to_the_team_of_who_owned_it_then(
    world: World, lines: list[Project]
) -> None:
    change_owner(world.customer, owner=world.stranger, author=world.admin, now=DUE + 8 * DAY)
    page = shown(world)
    assert {row.unit.name: row.line[-2:] for row in page.ranked.rows("name")} == {
        "East": (100, None),
        "Without a team": (40, 20),
    }


def test_what_nobody_owns_is_without_a_team_and_opens(
    client: Client, world: World, lines: list[Project]
) -> None:
    nobodys = project_of(world, "Gears", customer_of(None, "Arden Controls"), "Zhao")
    invite(NEXT)
    say(nobodys, "Zhao", "A A A A A", week=NEXT, at=DUE + 7 * DAY + HOUR)
    assert asked(shown(world)) == {"East": (1, 1), "Without a team": (2, 2)}
    client.force_login(world.executive)
    answer = client.get(reverse("satisfaction_index"), {"of": "team-0"})
    assert answer.status_code == 200
    assert [row.unit.name for row in answer.context["index"].ranked.rows("name")] == [
        "Arden Controls",
        "Nordlicht Pumps",
    ]
    client.force_login(world.lead)
    assert client.get(reverse("satisfaction_index"), {"of": "team-0"}).status_code == 404


def test_teams_cost_the_same_for_many_projects(world: World, lines: list[Project]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            shown(world)
        return len(found)

    shown(world)
    few = queries()
    for number in range(27):
        project_of(world, f"Line {number + 10}", world.customer, f"Person {number}")
    invite(NEXT)
    assert queries() == few
