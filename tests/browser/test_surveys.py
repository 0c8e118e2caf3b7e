"""A delivery is asked about: written by an admin, asked by the account manager, answered and heard."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.contacts.models import Contact
from accounts.occasions.models import Occasion, OccasionAnswer
from accounts.orders.services import OrderFacts, add_order
from accounts.voice.models import Voice
from tests.accounts.surveys.office import DAY
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import layout, settle, violations
from tests.conftest import World
from tests.crm.asked import link_of, person

pytestmark = pytest.mark.browser


@pytest.fixture
def wu(world: World) -> Contact:
    """Wu of a customer to whom something was delivered two days ago."""
    day = timezone.localdate() - 2 * DAY
    facts = OrderFacts(
        ordered_on=day - 9 * DAY, delivered_on=day, amount_minor=5, currency="CNY", number="SO-7"
    )
    add_order(customer=world.customer, facts=facts, now=timezone.now())
    return person(world.customer)


def test_a_delivery_is_asked_about_and_a_low_grade_is_heard(
    open_page: OpenPage, world: World, wu: Contact
) -> None:
    _publishes(open_page(world.admin, "/surveys/"))
    _asks(open_page(world.owner, f"/customers/{world.customer.pk}/orders"))
    invitation = Occasion.objects.get().invitations.get()
    assert invitation.contact == wu
    _answers(open_page(None, link_of(invitation), viewport=PHONE))
    voice = Voice.objects.get()
    assert voice.owner == world.owner
    page = open_page(world.owner, "/voices/")
    expect(page.locator("#list")).to_contain_text("Two boxes were wet")
    page.locator(f'a[href="/voices/{voice.pk}"]').first.click()
    page.get_by_role("link", name="Said in the survey").click()
    expect(page.get_by_role("heading", name="Wu")).to_be_visible()
    page.get_by_role("link", name="Results").click()
    expect(page.locator("#list")).to_contain_text("answered: 1 of 1")
    expect(page.locator("#list")).to_contain_text("Two boxes were wet")


def _publishes(page: Page) -> None:
    page.get_by_role("link", name="After a delivery").click()
    page.get_by_role("link", name="Go on with the draft").click()
    page.get_by_label("Ask after each delivery by itself").uncheck()
    page.get_by_role("button", name="Add a question").click()
    page.get_by_label("Question", exact=True).fill("How was it unloaded?")
    page.get_by_label("Kind of answer").select_option(label="One choice")
    page.get_by_label("Choices, one in a line").fill("Forklift\nBy hand")
    page.get_by_role("button", name="Up: Documents").click()
    names = page.locator("input[name^=dimensions-][name$=-name]")
    expect(names.nth(2)).to_have_value("Documents")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_role("heading", name="How was our delivery?")).to_be_visible()
    expect(page.get_by_label("By hand")).to_be_visible()
    page.get_by_role("link", name="Back to version 1").click()
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: from now on this version asks.")).to_be_visible()


def _asks(page: Page) -> None:
    page.get_by_role("link", name="Ask about this SO-7").click()
    expect(page.get_by_label("About")).to_have_value("Order SO-7")
    expect(page.get_by_label("Wu")).to_be_checked()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("1 letter will go out.")).to_be_visible()


def _answers(page: Page) -> None:
    expect(page.get_by_role("heading", name="How was our delivery?")).to_be_visible()
    page.locator("input[name=packaging][value=C]").check()
    page.get_by_label("Packaging: what should be better?").fill("Two boxes were wet")
    page.get_by_label("By hand").check()
    page.reload()
    expect(page.locator("#restored")).to_be_visible()
    expect(page.get_by_label("By hand")).to_be_checked()
    settle(page)
    assert layout(page) + violations(page) == []
    page.get_by_role("button", name="Send").last.click()
    expect(page.get_by_role("heading", name="Thank you, Wu")).to_be_visible()
    expect(page.locator("dl.said")).to_contain_text("By hand")
    assert OccasionAnswer.objects.get().taken_by is None


def test_a_preview_is_the_respondents_page_without_send(open_page: OpenPage, world: World) -> None:
    page = open_page(world.admin, "/surveys/")
    page.get_by_role("link", name="Needs and preferences").click()
    page.get_by_role("link", name="Preview").click()
    page.get_by_label("Telephone").check()
    page.get_by_label("Visit").check()
    settle(page)
    assert layout(page) + violations(page) == []
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
