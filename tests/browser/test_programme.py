"""The weekly programme in an admin's hands: a draft, what a C and a D would do, and activated."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.surveys.models import ProgrammeVersion, VersionState
from accounts.surveys.standard import facts_of
from tests.accounts.surveys.office import office_of
from tests.browser.conftest import OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser


def test_a_draft_is_previewed_and_activated(open_page: OpenPage, world: World) -> None:
    office_of(world)
    page = open_page(world.admin, "/programme/")
    page.get_by_role("button", name="Change the programme").click()
    preview = page.locator("#preview")
    poor = preview.locator("tbody").nth(0).locator("tr").filter(has_text="that answer")
    expect(poor.locator("td").nth(1)).to_have_text("80.0")
    expect(poor.locator("td").nth(2)).to_have_text("80.0")
    page.locator("input[name=grades-5-points]").fill("-50")
    page.locator("input[name=grades-5-points]").press("Tab")
    expect(poor.locator("td").nth(2)).to_have_text("70.0")
    expect(poor.locator("td").nth(1)).to_have_text("80.0")
    worst = preview.locator("tbody").nth(1).locator("tr").filter(has_text="that answer")
    expect(worst.locator("td").nth(2)).to_have_text("60.0")
    page.get_by_label("What changes, and why").fill("A C hurts more.")
    page.get_by_role("button", name="Save and review").click()
    expect(page.get_by_role("row", name="Grade C")).to_contain_text("−50 points")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("The version is active. It holds")).to_be_visible()
    active = ProgrammeVersion.objects.get(state=VersionState.ACTIVE, programme__is_weekly=True)
    assert [each.points for each in facts_of(active).grades][-2:] == [-50, -100]


def test_what_is_refused_has_the_focus_and_no_numbers(open_page: OpenPage, world: World) -> None:
    office_of(world)
    page = open_page(world.admin, "/programme/", expected_status=422)
    page.get_by_role("button", name="Change the programme").click()
    expect(page.locator("#preview .num").first).to_be_visible()
    weight = page.locator("input[name=dimensions-1-weight]")
    weight.fill("0")
    page.locator("input[name=plan_hours]").fill("1")
    page.locator("input[name=plan_hours]").press("Tab")
    preview = page.locator("#preview")
    expect(preview.get_by_role("link", name="Weight · On-time delivery")).to_be_visible()
    expect(preview.locator("td.num")).to_have_count(0)
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Nothing is saved: please mend")).to_be_visible()
    expect(weight).to_be_focused()
    expect(page.locator("#preview td.num")).to_have_count(0)
