"""The panel beside the board: Back closes it, its words outlive it, and the keys of rows and meetings."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts.surveys.models import ReviewNote
from accounts.surveys.services import start_meeting
from tests.accounts.surveys.office import DUE, WEEK, Office, office_of
from tests.browser.conftest import OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


def test_back_closes_the_panel_and_stays_on_the_board(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/today/")
    page.goto(page.url.replace("/today/", "/satisfaction/?week=2026-W10"))
    panel = page.locator("#panel")
    for _time in range(2):
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(panel.get_by_role("heading", name="Grades by week")).to_be_visible()
        page.go_back()
        expect(panel).to_be_hidden()
        assert page.url.endswith("/satisfaction/?week=2026-W10")
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.wait_for_function("history.state?.panel !== true")
    page.go_back()
    page.wait_for_url("**/today/")


def test_words_survive_a_panel_that_was_closed_by_a_slip(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/?week=2026-W10")
    panel, words = page.locator("#panel"), page.locator("#panel textarea")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(words).to_be_focused()
    page.keyboard.type("They need a word from us")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_text("What you typed is kept until you leave this page")).to_be_visible()
    expect(page.locator(f"#project-{office.project.pk}")).to_be_focused()
    page.keyboard.press("c")
    expect(words).to_have_value("They need a word from us")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="1 note")).to_be_visible()
    assert ReviewNote.objects.get().text == "They need a word from us"
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(words).to_have_value("")


def test_the_history_fits_into_the_panel_and_the_page_below_hears_no_key(
    open_page: OpenPage, office: Office
) -> None:
    office.say(office.chen, delivery="C", quality="A")
    page = open_page(office.world.manager, "/satisfaction/?week=2026-W10")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    table = page.locator("#panel .history-table")
    expect(table).to_be_visible()
    room = table.evaluate("table => table.parentElement.scrollWidth - table.parentElement.clientWidth")
    assert room <= 0
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(f"#project-{office.project.pk}")).to_be_focused()
    assert "/satisfaction/?week=2026-W10" in page.url


def test_a_rows_key_logs_for_its_customer(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/?week=2026-W10")
    page.keyboard.press("j")
    page.keyboard.press("l")
    page.wait_for_url(re.compile(rf"/customers/{office.world.customer.pk}/interactions/new"))
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(rf"/satisfaction/\?week=2026-W10#project-{office.project.pk}$"))
    expect(page.locator(f"#project-{office.project.pk}")).to_be_focused()


def test_a_meeting_is_reviewed_and_noted_by_keys(open_page: OpenPage, office: Office) -> None:
    meeting = start_meeting(week=WEEK, chair=office.world.manager, held_on=WEEK, now=DUE)
    page = open_page(office.world.manager, f"/satisfaction/meetings/{meeting.pk}/mode")
    mark = page.get_by_role("button", name="Reviewed")
    expect(mark).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("r")
    expect(mark).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    page.keyboard.type("Ask for the forecast")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".stage-ours")).to_contain_text("Ask for the forecast")
    expect(page.locator(".stage-words")).to_have_count(0)
    assert page.url.endswith(f"/satisfaction/meetings/{meeting.pk}/mode")


def test_the_head_of_the_board_stays_in_sight(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/?week=2026-W10")
    page.evaluate("document.querySelector('.board-legend').style.marginBlockEnd = '200vh'")
    head = page.locator(".board-table thead th").first
    top = page.locator(".topbar").bounding_box()
    table = page.locator(".board-table").bounding_box()
    assert top
    assert table
    page.evaluate(f"scrollTo(0, {table['y'] - top['height'] + 10})")
    box = head.bounding_box()
    assert box
    assert box["y"] == pytest.approx(top["height"], abs=2)
