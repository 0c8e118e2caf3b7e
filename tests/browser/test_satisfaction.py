"""The weekly review with the keyboard alone, and while answers come in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.surveys.services import name_respondent
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of, project_of
from tests.browser.conftest import PHONE, OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    found.say(found.chen, delivery="C", comment="Late again")
    return found


def test_weeks_rows_and_comments_are_reached_without_a_mouse(open_page: OpenPage, office: Office) -> None:
    office.invite(WEEK + 7 * DAY)
    page = open_page(office.world.manager, "/satisfaction/")
    page.keyboard.press("p")
    page.wait_for_url("**/satisfaction/?week=2026-W10")
    page.keyboard.press("j")
    expect(page.locator(f"#project-{office.project.pk}")).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Grades by week")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(f"#project-{office.project.pk}")).to_be_focused()
    page.keyboard.press("Tab")
    hint = page.locator(".hint:popover-open")
    expect(hint).to_contain_text("Late again")
    # From the letter into what it tells: the corrective action.
    page.keyboard.press("Tab")
    expect(hint.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(hint).to_have_count(0)
    page.keyboard.press("n")
    page.wait_for_url("**/satisfaction/?week=2026-W11")


def test_on_a_phone_the_first_project_is_in_sight(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/", viewport=PHONE)
    first = page.locator(".board-table .row-name").first.bounding_box()
    bar = page.locator(".bottombar").bounding_box()
    assert first
    assert bar
    assert first["y"] + first["height"] < bar["y"]
    expect(page.get_by_text("1 of 5 graded")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_an_answer_appears_by_itself_and_the_focus_stays(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/")
    page.keyboard.press("j")
    letters = page.locator("td > button[name=cell] > b")
    expect(letters).to_have_text(["C"])
    office.say(office.li, at=DUE + HOUR, delivery="D")
    expect(letters).to_have_text(["D"])
    expect(page.locator(f"#project-{office.project.pk}")).to_be_focused()


def test_nothing_is_taken_away_from_who_reads_a_comment(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/")
    page.locator("td > button[name=cell]").first.hover()
    hint = page.locator(".hint:popover-open")
    expect(hint).to_contain_text("Late again")
    office.say(office.li, at=DUE + HOUR, delivery="D")
    page.wait_for_timeout(6_000)
    expect(hint).to_be_visible()
    page.mouse.move(5, 5)
    expect(page.locator("td > button[name=cell] > b")).to_have_text(["D"])


def test_a_mark_leaves_the_focus_on_the_next_row_where_only_what_is_left_is_shown(
    open_page: OpenPage, office: Office
) -> None:
    others = [project_of(office.world, f"Line {number}") for number in (5, 6)]
    for project in others:
        name_respondent(project=project, contact=office.li, author=None, now=DUE - DAY)
    office.invite()
    page = open_page(office.world.manager, "/satisfaction/?left=not")
    first, second, third = (f"#project-{each.pk}" for each in (office.project, *others))
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(second)).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(second)).to_have_count(0)
    expect(page.locator(third)).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(third)).to_have_count(0)
    expect(page.locator(first)).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_text("Every project is reviewed")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
