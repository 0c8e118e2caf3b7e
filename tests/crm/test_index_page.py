"""The index page: its first number, headline and tiles, the scale of several lines, the rule it states."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.projects.models import Project
from accounts.surveys.models import SurveyProgramme
from accounts.surveys.services import publish_version
from accounts.surveys.standard import STANDARD
from accounts.users.models import User
from crm import index_charts
from crm.queries.satisfaction_index import Cut, IndexPage, Scope, Wish, index_page
from crm.queries.satisfaction_index_members import Level
from scoring.satisfaction import WEEK as SEVEN_DAYS
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK
from tests.conftest import World
from tests.scoring.grading import NEXT, invite, project_of, say

LATER = CLOSED + 7 * DAY
PLAIN = Wish(Scope(), Level.CUSTOMER, Cut.WHOLE, 13, is_weighted=False)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def lines(world: World) -> list[Project]:
    """Two weeks: Huaxing A then B, of the second only one of two answers; Nordlicht B in both."""
    found = [
        project_of(world, "Line 4", world.customer, "Chen", "Li"),
        project_of(world, "Pumps", world.foreign, "Wu"),
    ]
    for week, names, grade in [(WEEK, ("Chen", "Li"), "A"), (NEXT, ("Chen",), "B")]:
        invite(week)
        at = DUE + (week - WEEK) + HOUR
        for name in names:
            say(found[0], name, " ".join([grade] * 5), week=week, at=at)
        say(found[1], "Wu", "B B B B B", week=week, at=at)
    return found


def shown(user: User, wish: Wish = PLAIN, *, as_of: dt.datetime = LATER) -> IndexPage:
    return index_page(wish, user, language="en", as_of=as_of)


def third_week(lines: list[Project], grades: dict[str, str]) -> dt.date:
    """Another week in which those of Huaxing who are named give one grade to everything."""
    third = NEXT + SEVEN_DAYS
    invite(third)
    for name, grade in grades.items():
        say(lines[0], name, " ".join([grade] * 5), week=third, at=DUE + (third - WEEK) + HOUR)
    return third


def test_where_it_stands_is_the_first_number(client: Client, world: World, lines: list[Project]) -> None:
    standing = shown(world.owner).picture.standing
    assert standing is not None
    assert (standing.week.week, standing.value, standing.change) == (NEXT, 40, -60)
    assert shown(world.mate).picture.standing is None
    client.force_login(world.owner)
    text = client.get(reverse("satisfaction_index")).content.decode()
    number, headline = text.index('id="index-now"'), text.index("<h2 data-announce")
    assert number < headline
    assert ">40.0</a>" in text[number:headline]
    assert "1 of 2 answered" in text[number:headline]


def test_it_says_below_which_share_an_index_is_for_reference_only(
    client: Client, world: World, lines: list[Project]
) -> None:
    client.force_login(world.owner)
    assert "below 70%: for reference only" in client.get(reverse("satisfaction_index")).content.decode()
    publish_version(
        SurveyProgramme.objects.get(),
        facts=dataclasses.replace(STANDARD, response_threshold_percent=60),
        author=world.admin,
        now=DUE + 7 * DAY,
    )
    invite(NEXT + SEVEN_DAYS)
    say(lines[0], "Chen", "B B B B B", week=NEXT + SEVEN_DAYS, at=DUE + 14 * DAY + HOUR)
    assert "below 60%" in client.get(reverse("satisfaction_index")).content.decode()


def test_a_tile_says_the_same_of_a_dimension_as_the_headline(world: World, lines: list[Project]) -> None:
    page = shown(world.owner, dataclasses.replace(PLAIN, cut=Cut.DIMENSION))
    assert index_charts.finding(page) == "Quality fell 60 points in 1 week"
    tile = index_charts.heat_of(page)[0]
    assert (tile.name, tile.latest, tile.change, tile.since) == ("Quality", 40, -60, "in 1 week")


def test_the_headline_says_that_the_last_week_went_the_other_way(world: World, lines: list[Project]) -> None:
    third_week(lines, {"Chen": "B+", "Li": "B+"})
    page = shown(world.owner, as_of=LATER + 7 * DAY)
    assert index_charts.finding(page) == (
        "The index fell 40 points in 2 weeks, but rose 20 points in the week of Mar 16"
    )


def test_tiles_stand_in_the_week_of_the_first_number_and_the_headline_names_its_own(
    client: Client, world: World, lines: list[Project]
) -> None:
    third = third_week(lines, {"Chen": "B"})
    so_far = DUE + (third - WEEK) + 2 * HOUR
    page = shown(world.owner, as_of=so_far)
    standing = page.picture.standing
    assert standing is not None
    assert (standing.week.week, standing.week.is_open, page.picture.settled[-1]) == (third, True, 40)
    assert index_charts.finding(page) == "The index fell 60 points in 1 week, up to the week of Mar 9"
    tiles = index_charts.heat_of(page)
    assert {(tile.latest, tile.week) for tile in tiles} == {(40, None)}
    gap = dataclasses.replace(page.dimensions[0], values=(*page.dimensions[0].values[:-1], None))
    tile = index_charts.heat_of(dataclasses.replace(page, dimensions=(gap,)))[0]
    assert (tile.latest, tile.week, tile.change, tile.since) == (40, NEXT, -60, "in 1 week")


def test_lines_that_are_compared_fill_the_picture(world: World, lines: list[Project]) -> None:
    def ends(wish: Wish) -> tuple[int, int]:
        axis = index_charts.index_chart(shown(world.stranger, wish))["yAxis"][0]
        return axis["min"], axis["max"]

    Project.objects.filter(pk=lines[1].pk).update(manager=world.stranger)
    page = shown(world.stranger)
    assert (page.picture.values[-2:], page.company[-2:]) == ((40, 40), (70, 40))
    assert ends(PLAIN) == (20, 80)
    assert ends(dataclasses.replace(PLAIN, cut=Cut.DIMENSION)) == (40, 70)
    series = index_charts.index_chart(shown(world.stranger, dataclasses.replace(PLAIN, cut=Cut.DIMENSION)))
    assert len({line["lineStyle"]["type"] for line in series["series"][:3]}) == 3
