"""A passkey from the first ceremony to a log-in without a password, with Chromium's virtual authenticator."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.conftest import PASSWORD, World

pytestmark = pytest.mark.browser


def give_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_person_adds_a_passkey_and_logs_in_with_it_alone(open_page: OpenPage, world: World) -> None:
    page = open_page(None, "/accounts/login/")
    give_authenticator(page)
    page.fill("input[name=login]", world.owner.email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()

    page.goto("/accounts/2fa/webauthn/add/")
    # What guards the account is changed by whoever proves once more that it is his.
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.fill("input[name=name]", "My laptop")
    page.check("input[name=passwordless]")
    # The first second factor comes with recovery codes, which are shown at once.
    with page.expect_navigation(url=lambda url: "/webauthn/add/" not in url):
        page.click("#mfa_webauthn_add")
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_text("My laptop")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
