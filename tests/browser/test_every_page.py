"""Every page of the product in Chromium: nothing on the console, nothing for axe-core, nothing cut off.

One book and one log-in per person for the whole file; only reading, so that the order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route
from pytest_django.live_server_helper import LiveServer

from accounts.users.models import User
from crm.mail import folder
from tests.browser import looking
from tests.browser.book import Book, make_book
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE
from tests.browser.pages import NO_PAGES, PAGES, Opened
from tests.browser.test_passkey import give_authenticator
from tests.conftest import PASSWORD
from tests.house.permissions import LINES
from tests.house.sweep import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

ERRORS = ("400.html", "403_csrf.html", "413.html", "500.html")


@dataclass(frozen=True)
class State:
    """How a page is looked at with every rule; some rules look again in the other colours and width."""

    language: str
    theme: Literal["light", "dark"]
    is_phone: bool

    @property
    def other_theme(self) -> Literal["light", "dark"]:
        return "light" if self.theme == "dark" else "dark"


PLAIN = State("en", "light", is_phone=False)
STATES = [
    State(language, theme, is_phone)
    for language in ("en", "zh-hans", "zh-hant")
    for theme in ("light", "dark")
    for is_phone in (False, True)
]


def state_of(opened: Opened) -> State:
    """Each page has one of them, and every one of them some pages."""
    return STATES[PAGES.index(opened) % len(STATES)]


@dataclass(frozen=True)
class Tab:
    """A page that is led from address to address, and what was heard on it since it was last asked."""

    page: Page
    heard: list[str]


@dataclass(frozen=True)
class Site:
    """A server over the book, and a browser's window per person with one tab in it."""

    url: str
    book: Book
    windows: dict[str, BrowserContext]
    tabs: dict[str, Tab] = field(default_factory=dict)

    def address(self, opened: Opened) -> str:
        kwargs = self.book.keys[opened.key] if opened.key else {}
        return f"{self.url}{reverse(opened.name, kwargs=kwargs)}{opened.query}"

    def tab_of(self, who: str) -> Tab:
        """Opened once: a new one costs the browser as much as a whole page."""
        if who not in self.tabs:
            page = self.windows[who].new_page()
            self.tabs[who] = Tab(page, listen(page))
        tab = self.tabs[who]
        tab.heard.clear()
        return tab


@pytest.fixture(scope="module")
def site(
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Committed, because the server has connections of its own; emptied at the end."""
    kept: Path = tmp_path_factory.mktemp("every-page")
    server = LiveServer("localhost")
    here = override_settings(
        ALLOWED_HOSTS=["*"],
        EMAIL_BACKEND=folder.BACKEND,
        EMAIL_FILE_PATH=str(kept / "outbox"),
        MEDIA_ROOT=str(kept / "media"),
        ACCOUNT_REAUTHENTICATION_TIMEOUT=3600,
    )
    with django_db_blocker.unblock(), here:
        cache.clear()
        try:
            book = make_book()
            windows = {who: _window(browser, server.url, person) for who, person in book.people.items()}
            secured = book.people["secured"]
            book.keys["passkey"] = _secure(windows["secured"], server.url, secured)
            windows["nobody"] = _window(browser, server.url)
            windows["halfway"] = _window(browser, server.url, secured)
            yield Site(server.url, book, windows)
            for window in windows.values():
                window.close()
        finally:
            server.stop()
            # Partitions of runs stay behind: their numbers must not come again.
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def _window(browser: Browser, url: str, person: User | None = None) -> BrowserContext:
    window = browser.new_context(viewport=DESKTOP, locale="en", reduced_motion="reduce")
    window.set_default_timeout(PATIENCE)
    if person is not None:
        page = window.new_page()
        page.goto(f"{url}/accounts/login/")
        page.fill("input[name=login]", person.email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda found: "/accounts/login/" not in found)
        if "2fa" not in page.url:
            _prove(page, f"{url}/accounts/reauthenticate/")
        page.close()
    return window


def _prove(page: Page, address: str) -> None:
    """What guards an account is shown to whoever has proved again that it is his."""
    page.goto(address)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda found: "/reauthenticate/" not in found)


def _secure(window: BrowserContext, url: str, person: User) -> dict[str, Any]:
    """Give him a passkey, with it recovery codes, and an authenticator; the passkey's key."""
    page = window.new_page()
    give_authenticator(page)
    page.goto(f"{url}/accounts/2fa/webauthn/add/")
    page.fill("input[name=name]", "办公室")
    with page.expect_navigation(url=lambda found: "/webauthn/add/" not in found):
        page.click("#mfa_webauthn_add")
    page.close()
    TOTP.activate(person, generate_totp_secret())
    return {"pk": Authenticator.objects.get(user=person, type=Authenticator.Type.WEBAUTHN).pk}


def listen(page: Page) -> list[str]:
    """Errors of the console as they come; that a refused page is refused is none."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"] != page.url:
            heard.append(f"console: {message.text} ({message.location['url']})")

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(f"script: {error}"))
    return heard


def speak(site: Site, window: BrowserContext, language: str) -> None:
    """Let the window's person read ``language`` from now on, whoever he is."""
    cookies = {each["name"]: each["value"] for each in window.cookies(site.url)}
    if cookies.get(settings.LANGUAGE_COOKIE_NAME) == language:
        return
    if settings.SESSION_COOKIE_NAME in cookies:
        form = {"language": language, "csrfmiddlewaretoken": cookies[settings.CSRF_COOKIE_NAME]}
        assert window.request.post(f"{site.url}{reverse('set_language')}", form=form).ok
    window.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site.url}])


def look(page: Page, state: State = PLAIN) -> list[str]:
    """All that is wrong with what is open: by day and by night, on a desk and on a phone."""
    looking.settle(page)
    found = looking.structure(page) + looking.violations(page) + looking.layout(page)
    page.emulate_media(color_scheme=state.other_theme)
    looking.settle(page)
    found += [f"{state.other_theme}: {each}" for each in looking.violations(page, *looking.OF_COLOURS)]
    page.set_viewport_size(DESKTOP if state.is_phone else PHONE)
    looking.settle(page)
    width = "desk" if state.is_phone else "phone"
    found += [
        f"{width}: {each}" for each in looking.layout(page) + looking.violations(page, *looking.OF_WIDTH)
    ]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    return found + looking.unseen_focus(page)


@pytest.mark.parametrize("opened", PAGES, ids=str)
def test_a_page_is_whole(site: Site, opened: Opened) -> None:
    tab, state = site.tab_of(opened.who), state_of(opened)
    page = tab.page
    speak(site, site.windows[opened.who], state.language)
    page.emulate_media(color_scheme=state.theme)
    page.set_viewport_size(PHONE if state.is_phone else DESKTOP)
    answer = page.goto(site.address(opened))
    assert answer is not None
    assert answer.status == opened.status
    assert page.url.split("?")[0].rstrip("/") == site.address(opened).split("?")[0].rstrip("/")
    # Whoever comes by a link reads his own language, whoever uses the browser besides him.
    by_link = {"survey", "survey_stop", "occasion_survey", "occasion_stop", "digest_stop"}
    is_by_link = opened.name in by_link and opened.key != "unknown"
    if not is_by_link:
        assert page.evaluate("document.documentElement.lang").lower() == state.language
    found = look(page, state) + tab.heard
    assert not found, f"{state}\n" + "\n".join(found)


@pytest.mark.parametrize("template", ERRORS)
def test_a_page_of_an_error_is_whole(site: Site, template: str) -> None:
    """As Django shows it: without a request's context."""
    tab = site.tab_of("nobody")
    page = tab.page

    def answer(route: Route) -> None:
        route.fulfill(body=render_to_string(template), content_type="text/html; charset=utf-8")

    page.route("**/error", answer)
    page.goto(f"{site.url}/error")
    found = look(page) + tab.heard
    page.unroute("**/error")
    assert not found, "\n".join(found)


def test_pages_are_looked_at_in_every_language_colour_and_width() -> None:
    assert {state_of(opened) for opened in PAGES} == set(STATES)


def test_every_address_that_shows_a_page_is_opened() -> None:
    shown = {
        line.name
        for line in LINES
        if line.method == "GET" and set(line.answers.values()) - {"302", "405", "login", "404", "403", "401"}
    } | {"interaction_deleted", "outbox_letters", "outbox_letter"}
    pages = {address.name for address in addresses() if not address.route.startswith("api/")}
    opened = {each.name for each in PAGES}
    assert len(opened) > 70
    assert sorted((shown & pages) - opened - set(NO_PAGES)) == []
    assert sorted((opened | set(NO_PAGES)) - pages) == []
    assert opened.isdisjoint(NO_PAGES)
