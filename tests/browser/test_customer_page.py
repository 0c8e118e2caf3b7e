"""The customer's page by keys: a fact edited in its place, left, saved and undone; the timeline by kind."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import expect

from accounts.customers.models import Customer
from accounts.orders.services import OrderFacts, add_order
from tests.browser.conftest import OpenPage
from tests.conftest import MONDAY, World

pytestmark = pytest.mark.browser


def test_a_fact_is_edited_in_its_place_left_by_escape_saved_by_enter_and_undone(
    open_page: OpenPage, world: World
) -> None:
    page = open_page(world.owner, f"/customers/{world.customer.pk}")
    pencil = page.locator("#facts a[href$='/facts/employees']")
    field = page.locator("#facts input[name=employees]")
    pencil.focus()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("12")
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(pencil).to_be_focused()

    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    assert Customer.objects.get(pk=world.customer.pk).employees == 40
    undo.click()
    expect(page.locator("#facts")).not_to_contain_text("40")
    assert Customer.objects.get(pk=world.customer.pk).employees is None


def test_the_timeline_loads_as_one_scrolls_and_shows_the_kinds_one_chooses(
    open_page: OpenPage, world: World
) -> None:
    for number in range(45):
        day = MONDAY.date() - dt.timedelta(days=number)
        facts = OrderFacts(ordered_on=day, amount_minor=100, currency="CNY", number=f"PO-{number}")
        add_order(customer=world.customer, facts=facts, now=MONDAY)
    page = open_page(world.owner, f"/customers/{world.customer.pk}")
    entries = page.locator("#events > .event")
    expect(entries).to_have_count(20)
    page.locator("#older-events").scroll_into_view_if_needed()
    expect(entries).to_have_count(40)
    page.get_by_label("Record").check()
    expect(entries).to_have_count(2)
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?kind=records")
