"""A real Chromium over a real server; a message on the browser's console fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from accounts.users.models import User
from tests import chromium

# Playwright's synchronous interface runs an event loop in this thread; Django would refuse to query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# What does not come fails a test however long it is waited for; what is late on a busy machine does not.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Chromium must not look for its maker's servers; as root it has no sandbox.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Until the last test of this folder: the tests that follow in this process may want an event loop of theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.required(), args=FLAGS)
        yield opened
        opened.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[OpenPage]:
    """``open_page(user, address, viewport=DESKTOP, theme="light", language="en")``: a page, logged in.

    ``expected_status``: of an answer that the test is about, of which the browser complains; ``scripts``:
    whether the page may run any.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage, expected_status: int | None) -> None:
        is_expected = expected_status is not None and f"a status of {expected_status} " in message.text
        if message.type == "error" and not is_expected:
            complaints.append(f"{message.text} ({message.location})")

    def start(
        user: User | None,
        address: str = "/",
        *,
        viewport: dict[str, int] = DESKTOP,
        theme: str = "light",
        language: str = "en",
        expected_status: int | None = None,
        scripts: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,
            color_scheme=theme,
            locale=language,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            context.add_cookies([_session_of(user, live_server.url)])
        page = context.new_page()
        page.on("console", lambda message: complain(message, expected_status))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not complaints


def _session_of(user: User, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }
