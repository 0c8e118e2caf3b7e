"""The quick log by keyboard alone: over any page, with everything that is typed kept until it is saved."""

from __future__ import annotations

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.interactions.models import Interaction
from tests.browser.conftest import OpenPage
from tests.conftest import World

TEN_WORDS = "Asked about the delivery of next week and the price."


class Keyboard:
    """Counts what is pressed beside the words themselves."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)


def summary_of(page: Page) -> Locator:
    field = page.locator("#panel-body textarea")
    expect(field).to_be_focused()
    return field


def test_a_call_is_logged_from_today_with_five_keys_beside_its_words(
    open_page: OpenPage, world: World
) -> None:
    page = open_page(world.owner, "/today/")
    keys = Keyboard(page)
    keys.press("l")
    expect(page.locator("#log-customer")).to_be_focused()
    keys.type("hu")
    keys.press("Enter")
    summary_of(page)
    page.keyboard.type(TEN_WORDS)
    keys.press("Control+Enter")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Logged.")
    assert keys.pressed == 5
    assert page.url.endswith("/today/")
    found = Interaction.objects.get()
    assert (found.summary, found.customer, found.kind) == (TEN_WORDS, world.customer, "call")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Deleted.")
    assert page.url.endswith("/today/")
    assert not Interaction.objects.filter(superseded_at=None).exists()


def test_unsent_words_outlive_escape_a_reload_and_the_session(open_page: OpenPage, world: World) -> None:
    page = open_page(world.owner, "/today/")

    def open_form() -> None:
        page.keyboard.press("l")
        expect(page.locator("#log-customer")).to_be_focused()
        page.keyboard.type("hu")
        page.keyboard.press("Enter")

    open_form()
    summary_of(page)
    page.keyboard.type(TEN_WORDS)
    page.locator("#log-follow_up_on").fill("next mon")
    expect(page.locator("#log-follow_up_on-echo")).to_contain_text("Mon")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.reload()
    open_form()
    expect(summary_of(page)).to_have_value(TEN_WORDS)
    expect(page.locator("#log-follow_up_on")).to_have_value("next mon")
    session = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/accounts/login/**")
    assert not Interaction.objects.exists()
    page.context.add_cookies(session)
    page.goto("/today/")
    open_form()
    expect(summary_of(page)).to_have_value(TEN_WORDS)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Logged.")
    assert Interaction.objects.get().follow_up_on > timezone.localdate()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('kept.')).length") == 0
