"""The palette: opened, walked and left by keys, on a telephone, and the same search without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.services import create_customer
from tests.browser import looking
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.conftest import MONDAY, World

pytestmark = pytest.mark.browser


@pytest.fixture
def book(transactional_db: None, world: World) -> World:
    for name in ("深圳华为技术", "Huawei Fan Club"):
        create_customer(short_name=name, owner=world.owner, author=None, currency="CNY", now=MONDAY)
    create_contact(customer=world.customer, name="华伟", level=Level.EXECUTIVE, author=None, now=MONDAY)
    return world


def chosen(page: Page) -> str:
    """The option that a screen reader says, found the way it finds it."""
    return page.evaluate(
        """() => {
          const field = document.querySelector(".palette-input");
          const option = document.getElementById(field.getAttribute("aria-activedescendant"));
          if (document.activeElement !== field) return "lost";
          return option?.querySelector(".hit-name").textContent.trim();
        }"""
    )


def complaints(page: Page) -> list[str]:
    looking.settle(page)
    return looking.violations(page)


def field_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search and commands").get_by_role("combobox")


def test_by_keys_alone_from_any_page_to_a_customer_and_back(open_page: OpenPage, book: World) -> None:
    page = open_page(book.owner, "/customers/")
    first = page.locator("[data-open]").first
    first.focus()
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Search and commands")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("option", name="Log an interaction")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(first).to_be_focused()

    page.keyboard.press("/")
    expect(field_of(page)).to_be_focused()
    page.keyboard.type("hua")
    expect(page.get_by_role("option", name="Show all results")).to_have_attribute(
        "href", re.compile("q=hua$")
    )
    expect(page.get_by_role("option", name="深圳华为技术")).to_be_visible()
    expect(page.locator(".palette mark").first).to_be_visible()
    names = page.get_by_role("option").locator(".hit-name").all_inner_texts()
    assert chosen(page) == names[0].strip()
    page.keyboard.press("ArrowDown")
    assert chosen(page) == names[1].strip()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert chosen(page) == "Show all results"
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=hua")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")


def test_enter_waits_for_what_was_typed_last(open_page: OpenPage, book: World) -> None:
    page = open_page(book.owner, "/today/")
    page.keyboard.press("Control+k")
    expect(field_of(page)).to_be_focused()
    page.keyboard.type("huaxing electronics")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{book.customer.pk}")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_contain_text("Huaxing Electronics")
    expect(page.get_by_role("group", name="Opened lately")).to_be_visible()


def test_with_control_the_option_opens_in_a_new_tab(open_page: OpenPage, book: World) -> None:
    page = open_page(book.owner, "/today/")
    page.keyboard.press("Control+k")
    expect(field_of(page)).to_be_focused()
    page.keyboard.type("huaxing")
    expect(page.get_by_role("option", name="Huaxing Electronics")).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    opened.value.wait_for_url(f"**/customers/{book.customer.pk}")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_visible()


def test_commands_switch_the_language_and_the_theme(open_page: OpenPage, book: World) -> None:
    page = open_page(book.owner, "/customers/?q=huaxing")
    page.keyboard.press("Control+k")
    expect(field_of(page)).to_be_focused()
    page.keyboard.type("dark theme")
    expect(page.get_by_role("option", name="Dark theme")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field_of(page)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("简体")
    expect(page.get_by_role("option", name="简体中文")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.url.endswith("/customers/?q=huaxing")


def test_a_pasted_file_is_answered_at_once(open_page: OpenPage, book: World) -> None:
    page = open_page(book.owner, "/today/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("客户" * 1_000_000)
    expect(page.get_by_role("alert").filter(has_text="too long")).to_be_visible()
    page.get_by_role("combobox").fill("huaxing")
    expect(page.get_by_role("option", name="Huaxing Electronics")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_the_open_palette_is_usable_by_everybody(
    open_page: OpenPage, book: World, theme: str, viewport: dict[str, int]
) -> None:
    page = open_page(book.owner, "/today/", theme=theme, viewport=viewport)
    page.locator("#search").click()
    expect(page.get_by_role("option").first).to_be_visible()
    assert complaints(page) == []
    page.keyboard.type("hua")
    expect(page.locator(".palette mark").first).to_be_visible()
    assert complaints(page) == []
    page.keyboard.press("Control+a")
    page.keyboard.type("qqqzzz")
    expect(page.get_by_text("Nothing is called")).to_be_visible()
    assert complaints(page) == []


def test_without_javascript_the_field_leads_to_the_page(
    browser, live_server, open_page: OpenPage, book: World
) -> None:
    cookies = open_page(book.owner, "/today/").context.cookies()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/today/")
    page.locator("#search").fill("hw")
    page.locator("#search").press("Enter")
    page.wait_for_url("**/search/?q=hw")
    page.get_by_role("link", name="深圳华为技术").click()
    page.wait_for_url("**/customers/*")
    context.close()
