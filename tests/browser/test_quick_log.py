"""The quick log by keyboard alone: over any page, with everything that is typed kept until it is saved."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.interactions.models import Interaction, KindTemplate
from tests.browser import looking
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser

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


def on_his_page(open_page: OpenPage, world: World, **more: object) -> tuple[Page, Keyboard]:
    return (page := open_page(world.owner, f"/customers/{world.customer.pk}", **more)), Keyboard(page)


def inline_summary(page: Page) -> Locator:
    field = page.locator("#quick-log textarea")
    expect(field).to_be_focused()
    return field


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_on_the_page_of_the_customer_two_keys_beside_the_words_are_enough(
    open_page: OpenPage, world: World, viewport: dict[str, int]
) -> None:
    page, keys = on_his_page(open_page, world, viewport=viewport)
    keys.press("l")
    inline_summary(page)
    page.keyboard.type(TEN_WORDS)
    keys.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Logged.")
    assert keys.pressed == 2
    expect(page.locator("#quick-log textarea")).to_have_count(0)
    expect(page.locator("#events")).to_contain_text(TEN_WORDS)
    assert Interaction.objects.get().summary == TEN_WORDS


def test_from_anywhere_a_phones_width_takes_no_more_keys(open_page: OpenPage, world: World) -> None:
    page = open_page(world.owner, "/customers/", viewport=PHONE)
    keys = Keyboard(page)
    keys.press("l")
    expect(page.locator("#log-customer")).to_be_focused()
    keys.type("hu")
    keys.press("Enter")
    summary_of(page)
    page.keyboard.type(TEN_WORDS)
    keys.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Logged.")
    assert keys.pressed == 5
    assert Interaction.objects.get().summary == TEN_WORDS


def test_escape_puts_the_form_away_and_keeps_its_words(open_page: OpenPage, world: World) -> None:
    page, keys = on_his_page(open_page, world)
    keys.press("l")
    inline_summary(page)
    page.keyboard.type(TEN_WORDS)
    keys.press("Escape")
    expect(page.locator("#quick-log textarea")).to_have_count(0)
    expect(page.locator("main [data-key=l]")).to_be_focused()
    keys.press("l")
    expect(inline_summary(page)).to_have_value(TEN_WORDS)
    expect(page.locator("[data-kept-note]")).to_be_visible()
    assert not Interaction.objects.exists()


def test_one_key_begins_an_empty_text_with_its_template_and_never_replaces_words(
    open_page: OpenPage, world: World
) -> None:
    KindTemplate.objects.all().delete()
    KindTemplate.objects.create(kind="call", text="Asked:\nNext:")
    KindTemplate.objects.create(kind="visit", text="Present:\nAgreed:")
    page, keys = on_his_page(open_page, world)
    keys.press("l")
    field, offer = inline_summary(page), page.locator("[data-template]")
    expect(offer).to_be_visible()
    keys.press("ArrowDown")
    expect(field).to_have_value("Asked: \nNext: ")
    page.locator("#quick-log [name=kind]").select_option("visit")
    expect(field).to_have_value("Present: \nAgreed: ")
    field.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.type("Li")
    expect(offer).to_be_hidden()
    page.locator("#quick-log [name=kind]").select_option("call")
    expect(field).to_have_value("Present: Li\nAgreed: ")
    page.locator("#quick-log [name=kind]").select_option("fax")
    field.fill("")
    expect(offer).to_be_hidden()
    page.locator("#quick-log [name=kind]").select_option("call")
    offer.get_by_role("button").click()
    expect(field).to_have_value("Asked: \nNext: ")
    page.keyboard.type("samples")
    keys.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Logged.")
    assert Interaction.objects.get().summary == "Asked: samples\nNext:"


WORDS = [
    ("en", "next mon", "昨天 15:00", "Mon"),
    ("zh-hans", "下周一", "昨天 15:00", "周一"),
    ("zh-hant", "下週一", "昨天 15:00", "週一"),
]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
@pytest.mark.parametrize(("language", "day", "moment", "said"), WORDS)
def test_days_are_understood_in_every_language_and_the_form_is_clean(
    open_page: OpenPage,
    world: World,
    language: str,
    day: str,
    moment: str,
    said: str,
    viewport: dict[str, int],
) -> None:
    world.owner.language = language
    world.owner.save()
    page, keys = on_his_page(
        open_page, world, viewport=viewport, language=language, theme="dark" if language == "en" else "light"
    )
    keys.press("l")
    inline_summary(page).fill("…")
    page.locator("#quick-log [name=follow_up_on]").fill(day)
    expect(page.locator("#quick-log [id$=follow_up_on-echo]")).to_contain_text(said)
    page.locator("#quick-log [name=started_at]").fill(moment)
    expect(page.locator("#quick-log [id$=started_at-echo]")).to_contain_text("15:00")
    page.locator("#quick-log [name=follow_up_on]").fill("x")
    expect(page.locator("#quick-log .words-unread:not([hidden])")).to_be_visible()
    page.locator("#quick-log [name=follow_up_on]").fill(day)
    expect(page.locator("#quick-log .words-unread:not([hidden])")).to_have_count(0)
    looking.settle(page)
    assert looking.structure(page) + looking.violations(page) + looking.layout(page) == []
    page.locator("#quick-log textarea").focus()
    keys.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    today = timezone.localdate()
    due = Interaction.objects.get().follow_up_on
    assert due == today + dt.timedelta(days=7 - today.weekday())


def test_an_interaction_is_deleted_by_keyboard_and_brought_back(open_page: OpenPage, world: World) -> None:
    page, keys = on_his_page(open_page, world)
    keys.press("l")
    inline_summary(page)
    page.keyboard.type(TEN_WORDS)
    keys.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Logged.")
    talk = Interaction.objects.get()
    page.goto(f"/interactions/{talk.identity}")
    page.locator("main").get_by_role("button", name="Delete").press("Enter")
    expect(page.locator(".toast")).to_contain_text("Deleted.")
    assert not Interaction.objects.filter(superseded_at=None).exists()
    page.locator(".toast").get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("h1")).to_have_text("Call")
    expect(page.locator("main")).to_contain_text(TEN_WORDS)
    assert Interaction.objects.get(superseded_at=None).identity == talk.identity
