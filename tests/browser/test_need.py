"""A talk becomes a need: decided about, promised, delivered and confirmed, on the pages alone."""

from __future__ import annotations

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from accounts.customers.services import company_day
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.needs.models import Need
from tests.browser.conftest import PHONE, OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser


def test_from_a_talk_to_what_was_needed(open_page: OpenPage, world: World) -> None:
    now = timezone.now()
    call = InteractionFacts(kind=InteractionKind.CALL, started_at=now, summary="They want smaller boxes.")
    talk = log_interaction(
        customer=world.customer, facts=call, contacts=[], users=[], author=world.owner, now=now
    )
    today = company_day(now)
    page = open_page(world.owner, f"/interactions/{talk.identity}", viewport=PHONE)
    page.get_by_role("link", name="Make a need of this").click()
    expect(page.get_by_label("What is needed")).to_have_value("They want smaller boxes.")
    page.locator("select[name=about]").select_option("delivery")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("They want smaller boxes.")
    page.locator("select[name=decision]").select_option("accept")
    page.locator("select[name=fit]").select_option("good")
    page.locator("select[name=capability]").select_option("stretch")
    page.locator("textarea[name=reason]").fill("Two of our customers need them.")
    page.get_by_role("button", name="Decide").click()
    page.locator("input[name=promised_on]").fill((today + dt.timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Promise", exact=True).click()
    expect(page.locator(".page-header")).to_contain_text("Promised for")
    page.get_by_role("button", name="It is delivered").click()
    page.get_by_role("button", name="The customer confirms it").click()
    expect(page.locator(".page-header")).to_contain_text("Confirmed")
    assert Axe().run(page).violations_count == 0
    need = Need.objects.get()
    assert (need.state, need.interaction, need.delivered_on) == ("confirmed", talk.identity, today)
