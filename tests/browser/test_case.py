"""A corrective action with the keyboard alone, with an impatient mouse, and to a screen reader."""

from __future__ import annotations

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.surveys.models import CaseEvent
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, office_of
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    found.say(found.chen, delivery="D", comment="Late again.")
    return found


def test_it_is_acknowledged_planned_and_taken_further_without_a_mouse(
    open_page: OpenPage, office: Office
) -> None:
    page = open_page(office.world.manager, f"/cases/{office.case().pk}")
    state = page.locator(".case-standing")
    expect(page.get_by_role("button", name="Acknowledge")).to_be_focused()
    page.keyboard.press("Enter")
    expect(state).to_contain_text("Acknowledged")
    page.keyboard.press("p")
    expect(page.locator("#plan-comment")).to_be_focused()
    page.keyboard.type("Two slots a week.")
    page.locator("#plan-solve_by").fill((dt.datetime.now(tz=dt.UTC).date() + 30 * DAY).isoformat())
    page.locator("#plan-solve_by").press("Enter")
    expect(state).to_contain_text("Planned")
    page.keyboard.press("c")
    comment = page.locator("#comment-comment")
    expect(comment).to_be_focused()
    page.keyboard.type("Mr Chen agrees.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#log")).to_contain_text("Mr Chen agrees.")
    page.keyboard.press("a")
    expect(page.locator(".case-assign select, .case-assign input[role=combobox]").last).to_be_focused()
    page.keyboard.press("Escape")
    kinds = CaseEvent.objects.filter(case=office.case()).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "acknowledged", "planned", "commented"]


def test_a_double_click_saves_once(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, f"/cases/{office.case().pk}")
    page.fill("#comment-comment", "Called, nobody there.")
    page.get_by_role("button", name="Save the comment").dblclick()
    expect(page.locator("#log")).to_contain_text("Called, nobody there.")
    assert CaseEvent.objects.filter(kind="commented").count() == 1


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_page_and_list_are_accessible_and_fit(
    open_page: OpenPage, office: Office, viewport: dict[str, int], theme: str
) -> None:
    office.say(office.li, at=DUE + HOUR, quality="C")
    for address in ("/cases/", f"/cases/{office.case().pk}", f"/cases/{office.case().pk}?do=plan"):
        page = open_page(office.world.manager, address, viewport=viewport, theme=theme)
        violations = Axe().run(page).response["violations"]
        assert [violation["id"] for violation in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
