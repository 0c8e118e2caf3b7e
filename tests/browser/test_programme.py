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
    expect(page.get_by_role("row", name="Grade C")).to_contain_text("-50 points")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("The version is active. It holds")).to_be_visible()
    active = ProgrammeVersion.objects.get(state=VersionState.ACTIVE, programme__is_weekly=True)
    assert [each.points for each in facts_of(active).grades][-2:] == [-50, -100]
