"""The list of customers by keyboard and on a phone: choose rows, change them, take it back, keep a view."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.lists.models import SavedView
from tests.browser.conftest import OpenPage
from tests.conftest import World, customer_of

pytestmark = pytest.mark.browser


def test_two_rows_are_chosen_changed_and_taken_back_by_keyboard(open_page: OpenPage, world: World) -> None:
    customer_of(world.owner, "Bravo Pumps")
    page = open_page(world.owner, "/customers/?sort=name")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator(".chosen-count")).to_contain_text("2 chosen")
    page.get_by_role("button", name="Change the chosen").press("Enter")
    expect(page.get_by_text("2 customers will be changed.")).to_be_visible()
    page.get_by_label("Add a tag").check()
    page.get_by_label("Tag", exact=True).fill("fair")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 customers were changed.")).to_be_visible()
    world.customer.refresh_from_db()
    assert world.customer.tags == ["fair"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 customers were changed.")).to_be_visible()
    world.customer.refresh_from_db()
    assert world.customer.tags == []


def test_a_filter_of_the_panel_is_a_chip_and_a_view_on_a_phone(open_page: OpenPage, world: World) -> None:
    customer_of(world.owner, "Bravo Pumps")
    page = open_page(world.owner, "/customers/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="More filters").click()
    page.locator("#panel-body").get_by_label("Last contact", exact=True).select_option("never")
    page.locator("#panel-body").get_by_role("button", name="Show customers").click()
    chip = page.get_by_role("link", name="Remove the filter Last contact: Never contacted")
    expect(chip).to_be_visible()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Never met")
    page.get_by_role("button", name="Save this view").click()
    expect(page.get_by_role("link", name="Never met")).to_be_visible()
    assert SavedView.objects.get(name="Never met").query == {"contact": "never"}
    chip.click()
    expect(chip).to_have_count(0)
