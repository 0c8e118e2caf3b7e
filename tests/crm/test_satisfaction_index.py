"""The index at every level: to whom, of what, as a page, a file, and taken apart."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from itertools import product

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.customers.services import change_owner
from accounts.projects.models import Project
from accounts.surveys.models import SurveyProgramme
from accounts.surveys.services import publish_version
from accounts.surveys.standard import STANDARD
from accounts.users.models import Team, User
from crm import findings, index_charts
from crm.queries.satisfaction import marks_of, satisfaction_of
from crm.queries.satisfaction_index import Cut, IndexPage, NoUnitError, Wish, index_page
from crm.queries.satisfaction_index_behind import parts_behind
from crm.queries.satisfaction_index_company import company_weeks, refresh_company_weeks
from crm.queries.satisfaction_index_members import Level, Scope
from scoring.satisfaction import WEEK as SEVEN_DAYS
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK
from tests.conftest import World
from tests.scoring.grading import NEXT, invite, project_of, say

LATER = CLOSED + 7 * DAY
PLAIN = Wish(Scope(), Level.CUSTOMER, Cut.WHOLE, 13, is_weighted=False)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def lines(world: World) -> list[Project]:
    """Two weeks: Huaxing 100 then 0, Nordlicht 40 in both."""
    found = [
        project_of(world, "Line 4", world.customer, "Chen"),
        project_of(world, "Pumps", world.foreign, "Wu"),
    ]
    Project.objects.filter(pk=found[1].pk).update(manager=world.stranger)
    for week, grade in [(WEEK, "A"), (NEXT, "C")]:
        invite(week)
        at = DUE + (week - WEEK) + HOUR
        say(found[0], "Chen", " ".join([grade] * 5), week=week, at=at)
        say(found[1], "Wu", "B B B B B", week=week, at=at)
    return found


def shown(user: User, wish: Wish = PLAIN, as_of: dt.datetime = LATER) -> IndexPage:
    return index_page(wish, user, language="en", as_of=as_of)


def names_of(page: IndexPage, sort: str = "name") -> list[str]:
    return [row.unit.name for row in page.ranked.rows(sort)]


def listed(page: IndexPage) -> list[tuple[str, float | None, float | None]]:
    return [(row.unit.name, row.index, row.change) for row in page.ranked.rows("name")]


def test_everybody_sees_what_he_may_and_the_companys_mean(world: World, lines: list[Project]) -> None:
    seen = {
        name: [row.unit.name for row in shown(user).ranked.rows("name")] for name, user in world.users.items()
    }
    both = ["Huaxing Electronics", "Nordlicht Pumps"]
    assert seen == {
        "owner": both[:1],
        "mate": [],
        "lead": both[:1],
        "stranger": both[1:],
        "manager": both[:1],
        "member": [],
        "executive": both,
        "admin": both,
    }
    page = shown(world.owner)
    assert page.picture.values[-2:] == (100, 0)
    assert page.company[-2:] == (70, 20)
    assert listed(page) == [("Huaxing Electronics", 0, -100)]


@pytest.mark.parametrize("level", [Level.ACCOUNT_MANAGER, Level.PROJECT_MANAGER, Level.TEAM])
def test_colleagues_are_not_compared(world: World, lines: list[Project], level: Level) -> None:
    wish = dataclasses.replace(PLAIN, level=level)
    names = {
        name: {row.unit.name for row in shown(user, wish).ranked.rows("name")}
        for name, user in world.users.items()
    }
    everybody = {
        Level.ACCOUNT_MANAGER: {"Owner", "Stranger"},
        Level.PROJECT_MANAGER: {"Manager", "Stranger"},
        Level.TEAM: {"East", "Without a team"},
    }[level]
    own = {
        Level.ACCOUNT_MANAGER: {"owner": {"Owner"}, "lead": {"Owner"}, "stranger": {"Stranger"}},
        Level.PROJECT_MANAGER: {"manager": {"Manager"}, "stranger": {"Stranger"}},
        Level.TEAM: {"lead": {"East"}},
    }[level]
    expected = {name: own.get(name, set()) for name in names}
    assert names == expected | {"executive": everybody, "admin": everybody}
    with pytest.raises(NoUnitError):
        shown(world.mate, dataclasses.replace(wish, scope=Scope(level, world.stranger.pk)))


def test_an_account_manager_has_the_customers_he_owned_in_the_week(
    world: World, lines: list[Project]
) -> None:
    change_owner(world.customer, owner=world.stranger, author=world.admin, now=DUE + 8 * DAY)
    wish = dataclasses.replace(PLAIN, level=Level.ACCOUNT_MANAGER)
    page = shown(world.executive, wish)
    lines_of = {row.unit.name: row.line[-2:] for row in page.ranked.rows("name")}
    assert lines_of == {"Owner": (100, None), "Stranger": (40, 20)}
    of_owner = dataclasses.replace(wish, scope=Scope(Level.ACCOUNT_MANAGER, world.owner.pk))
    scoped = shown(world.executive, dataclasses.replace(of_owner, level=Level.CUSTOMER))
    assert scoped.picture.values[-2:] == (100, None)
    assert [row.line[-2:] for row in scoped.ranked.rows("name")] == [(100, None)]


def test_a_picture_is_cut_into_lines(world: World, lines: list[Project]) -> None:
    def names(cut: Cut) -> list[str]:
        return [line.name for line in shown(world.executive, dataclasses.replace(PLAIN, cut=cut)).lines]

    assert names(Cut.WHOLE) == ["All projects you see"]
    assert names(Cut.LEVEL) == ["Specialist level"]
    assert names(Cut.KIND) == ["Company"]
    assert names(Cut.INDUSTRY) == ["None given"]
    assert len(names(Cut.DIMENSION)) == 5
    page = shown(world.executive, dataclasses.replace(PLAIN, cut=Cut.DIMENSION))
    assert {line.values[-2:] for line in page.lines} == {(70, 20)}


def test_the_headline_says_what_moved_most(world: World, lines: list[Project]) -> None:
    text = index_charts.finding(shown(world.owner))
    assert text == "The index fell 100 points in 1 week"
    assert index_charts.finding(shown(world.stranger)) == "The index stays at 40"
    assert index_charts.finding(shown(world.mate)) == "Nobody has graded in these weeks"


def test_a_change_of_the_programme_is_marked_where_it_was_met(world: World, lines: list[Project]) -> None:
    assert shown(world.owner).marks == ()
    third = NEXT + SEVEN_DAYS
    publish_version(
        SurveyProgramme.objects.get(),
        facts=dataclasses.replace(STANDARD, note="Delivery weighs more"),
        author=world.admin,
        now=DUE + 7 * DAY,
    )
    invite(third)
    page = shown(world.owner, as_of=LATER + 7 * DAY)
    assert [(mark.week, mark.number, mark.note) for mark in page.marks] == [
        (third, 2, "Delivery weighs more")
    ]
    series = index_charts.index_chart(page)["series"]
    assert series[0]["markLine"]["data"][0]["label"]["formatter"] == "version 2"
    scopes = (
        Scope(Level.PROJECT, lines[0].pk),
        Scope(Level.CUSTOMER, world.customer.pk),
        Scope(Level.PROJECT_MANAGER, world.manager.pk),
        Scope(Level.ACCOUNT_MANAGER, world.owner.pk),
        Scope(Level.TEAM, Team.objects.get(name="East").pk),
        Scope(),
    )
    for scope, cut in product(scopes, (Cut.WHOLE, Cut.DIMENSION)):
        wish = dataclasses.replace(PLAIN, scope=scope, level=Level.PROJECT, cut=cut)
        series = index_charts.index_chart(shown(world.executive, wish, LATER + 7 * DAY))["series"]
        assert series[0]["markLine"]["data"][0]["xAxis"] == "Mar 16", (scope, cut)
    said = satisfaction_of(world.customer, world.owner, as_of=LATER + 7 * DAY)
    of_customer = findings.index_chart(said.weeks, marks_of(said.picture.first_weeks))["series"]
    assert of_customer[0]["markLine"]["data"][0]["xAxis"] == "Mar 16"


def test_the_company_is_kept_by_the_beat(world: World, lines: list[Project]) -> None:
    before = company_weeks(CLOSED)
    assert before[WEEK].index == 70
    assert len(before) == 52
    refresh_company_weeks(LATER)
    with CaptureQueriesContext(connection) as captured:
        assert company_weeks(LATER)[NEXT].index == 20
    assert len(captured) == 0


def test_unknown_numbers_stand_at_the_end_of_every_order(world: World, lines: list[Project]) -> None:
    silent = project_of(world, "Silent", world.customer, "Sun")
    invite(NEXT + SEVEN_DAYS)
    page = shown(world.executive, dataclasses.replace(PLAIN, level=Level.PROJECT), LATER + 14 * DAY)
    assert silent.pk in {row.unit.id for row in page.ranked.rows("name")}
    for sort in ("index", "-index", "change", "-change"):
        assert names_of(page, sort)[-1] == "Silent"
    assert names_of(page, "index") == ["Line 4", "Pumps", "Silent"]
    assert names_of(page, "-index") == ["Pumps", "Line 4", "Silent"]


def test_page_and_files_say_the_same(client: Client, world: World, lines: list[Project]) -> None:
    client.force_login(world.executive)
    page = client.get(reverse("satisfaction_index"), {"level": "project"})
    assert page.status_code == 200
    assert b"Line 4" in page.content
    text = b"".join(client.get(reverse("satisfaction_index_csv")).streaming_content).decode()  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert [row[:2] for row in rows[-2:]] == [["2026-03-02", "70.0"], ["2026-03-09", "20.0"]]
    book = load_workbook(io.BytesIO(client.get(reverse("satisfaction_index_xlsx")).content))
    weeks, units = book.worksheets
    assert [weeks.cell(row, 2).value for row in (weeks.max_row - 1, weeks.max_row)] == [70, 20]
    assert {units.cell(row, 1).value for row in (2, 3)} == {"Huaxing Electronics", "Nordlicht Pumps"}
    fragment = client.get(reverse("satisfaction_index"), {"cut": "level"}, headers=HTMX)
    assert fragment.content.lstrip().startswith(b"<div")


def test_a_number_opens_into_its_customers(client: Client, world: World, lines: list[Project]) -> None:
    say(lines[0], "Chen", "C - - - -", week=NEXT, at=DUE + 8 * DAY)
    behind = parts_behind(Scope(), world.executive, week=NEXT, as_of=LATER)
    assert behind.week.index == 20
    assert [(part.unit.name, part.week.index) for part in behind.parts] == [
        ("Huaxing Electronics", 0),
        ("Nordlicht Pumps", 40),
    ]
    assert [(part.graded, part.graded.is_partial) for part in behind.parts] == [
        ((1, 5), True),
        ((5, 5), False),
    ]
    assert behind.graded == (6, 10)
    client.force_login(world.owner)
    url = reverse("satisfaction_index_behind")
    own = {"of": f"customer-{world.customer.pk}", "week": NEXT.isoformat()}
    told = client.get(url, own).content.decode()
    assert "Line 4" in told
    assert "1 of 5 graded" in told
    assert "1 of 5 questions were graded: an answer counts as a whole one" in told
    foreign = {"of": f"customer-{world.foreign.pk}", "week": NEXT.isoformat()}
    missing = {"of": "customer-999999", "week": NEXT.isoformat()}
    assert {client.get(url, wish).status_code for wish in (foreign, missing)} == {404}


@pytest.mark.parametrize(
    "query",
    [
        "of=customer-",
        "of=nothing-1",
        "of=customer-²",
        "of=customer-9999999999999999999",
        "of=customer",
        "of=company-9",
    ],
)
def test_what_is_no_scope_is_no_page(client: Client, world: World, query: str) -> None:
    client.force_login(world.executive)
    assert client.get(f"{reverse('satisfaction_index')}?{query}").status_code == 404
    behind = reverse("satisfaction_index_behind")
    assert client.get(f"{behind}?{query}&week=2026-03-02").status_code == 404
    assert client.get(f"{behind}?week=2026-03-03").status_code == 404


def test_retention_refuses_where_there_are_too_few(
    client: Client, world: World, lines: list[Project]
) -> None:
    client.force_login(world.executive)
    page = client.get(reverse("satisfaction_retention"))
    assert b"Too few customers to say" in page.content


def test_thirty_projects_take_as_many_queries_as_three(client: Client, world: World) -> None:
    client.force_login(world.executive)

    def queries(count: int) -> int:
        for number in range(Project.objects.count(), count):
            project_of(world, f"Line {number}", (world.customer, world.foreign)[number % 2], f"P{number}")
        invite()
        cache.clear()
        client.get(reverse("satisfaction_index"))
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("satisfaction_index"), {"level": "project", "cut": "dimension"})
        assert len(page.context["index"].ranked) == count
        return len(captured)

    assert queries(3) == queries(30) <= 14
