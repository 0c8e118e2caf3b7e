"""Logging in, out, and the links to set a password."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.users import services
from accounts.users.models import User
from crm.mail import letters
from tests.conftest import PASSWORD, World

LOGIN = "/accounts/login/"
NEW = "a quite different pass phrase"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def log_in(client: Client, user: User, password: str = PASSWORD, **extra: str) -> bool:
    client.post(LOGIN, {"login": user.email, "password": password}, **extra)
    return is_in(client)


def is_in(client: Client) -> bool:
    return client.get("/profile").status_code == 200


def link_of(user: User, kind: letters.Kind = letters.Kind.PASSWORD_RESET) -> str:
    body = str(letters.write("x", kind, user, {}).body)
    found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", body)
    assert found
    return found.group(1)


def set_password(client: Client, link: str, password: str = NEW) -> bool:
    """Follow a link and choose a password; whether the link was any good."""
    page = client.get(link, follow=True)
    if page.context.get("token_fail"):
        return False
    target = page.redirect_chain[-1][0] if page.redirect_chain else link
    return client.post(target, {"password1": password, "password2": password}).status_code == 302


def test_a_person_logs_in_with_his_address_whatever_its_case(client: Client, world: World) -> None:
    client.post(LOGIN, {"login": world.owner.email.upper(), "password": PASSWORD})
    assert is_in(client)


def test_logging_out_needs_a_post(client: Client, world: World) -> None:
    assert log_in(client, world.owner)
    client.get("/accounts/logout/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, world: World) -> None:
    texts = []
    for email in (world.owner.email, "nobody@truenorth.test"):
        page = client.post(LOGIN, {"login": email, "password": "wrong"})
        assert page.status_code == 200
        texts.append(list(page.context["form"].non_field_errors()))
    assert texts[0] == texts[1] != []


def test_the_sixth_attempt_is_refused_from_everywhere_and_let_in_later(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """django-allauth counts per account, from wherever: many machines cannot share out the guessing."""
    for number in range(5):
        assert not log_in(client, world.owner, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
    assert not log_in(client, world.owner)
    assert not log_in(Client(), world.owner, REMOTE_ADDR="192.0.2.7")
    assert log_in(Client(), world.mate, REMOTE_ADDR="192.0.2.7")
    later = SimpleNamespace(time=lambda: time.time() + 301, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", later)
    assert log_in(client, world.owner)


def test_the_limit_in_force_is_five_in_five_minutes(client: Client, world: World) -> None:
    for number in range(5):
        log_in(client, world.owner, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
    page = client.post(LOGIN, {"login": world.owner.email, "password": PASSWORD})
    assert not is_in(client)
    assert "Too many failed login attempts" in " ".join(page.context["form"].non_field_errors())


def test_ten_wrong_passwords_from_one_place_close_it_for_other_accounts_too(
    client: Client, world: World
) -> None:
    for number in range(10):
        client.post(LOGIN, {"login": f"guess{number}@truenorth.test", "password": "wrong"})
    assert not log_in(client, world.owner)
    assert log_in(Client(), world.owner, REMOTE_ADDR="192.0.2.7")


def test_nobody_signs_up(client: Client, world: World) -> None:
    before = User.objects.count()
    data = {"email": "new@truenorth.test", "password1": NEW, "password2": NEW}
    client.post("/accounts/signup/", data)
    assert User.objects.count() == before


def test_nobody_adds_an_address_of_his_own(client: Client, world: World) -> None:
    log_in(client, world.owner)
    client.post("/accounts/email/", {"action_add": "", "email": "second@truenorth.test"})
    assert not EmailAddress.objects.exists()
    assert User.objects.get(pk=world.owner.pk).email == "owner@truenorth.test"


def test_a_link_sets_a_password_once_and_ends_other_sessions(world: World) -> None:
    elsewhere, here = Client(), Client()
    assert log_in(elsewhere, world.owner)
    link = link_of(User.objects.get(pk=world.owner.pk))
    assert set_password(here, link)
    assert is_in(here)
    assert not is_in(elsewhere)
    assert not set_password(Client(), link, "yet another pass phrase")
    assert User.objects.get(pk=world.owner.pk).check_password(NEW)
    assert not EmailAddress.objects.exists()


def test_an_invited_person_has_no_way_in_but_his_link(client: Client, world: World) -> None:
    person = services.create_user(email="new@truenorth.test", name="New", role="member")
    assert not log_in(client, person, "")
    assert set_password(client, link_of(person, letters.Kind.INVITATION))
    assert is_in(client)


def test_a_link_ends_with_its_days(client: Client, world: World, settings: object) -> None:
    link = link_of(world.owner)
    settings.PASSWORD_RESET_TIMEOUT = 1  # type: ignore[attr-defined]
    time.sleep(2.1)
    assert not set_password(client, link)
    assert User.objects.get(pk=world.owner.pk).check_password(PASSWORD)


@pytest.mark.parametrize("change", ["deactivated", "address"])
def test_a_link_is_void_once_the_person_is_deactivated_or_has_another_address(
    client: Client, world: World, change: str
) -> None:
    link = link_of(world.owner)
    if change == "address":
        User.objects.filter(pk=world.owner.pk).update(email="else@truenorth.test")
    else:
        services.deactivate(world.owner)
        services.reactivate(world.owner)
    assert not set_password(client, link)
    assert User.objects.get(pk=world.owner.pk).check_password(PASSWORD)


def test_a_link_of_one_person_does_not_open_another_account(client: Client, world: World) -> None:
    own, other = link_of(world.owner), link_of(world.mate)
    mixed = other.split("-", 1)[0] + "-" + own.split("-", 1)[1]
    assert not set_password(client, mixed)


def test_a_weak_password_is_refused(client: Client, world: World) -> None:
    assert not set_password(client, link_of(world.owner), "12345678")
    assert User.objects.get(pk=world.owner.pk).check_password(PASSWORD)


def test_the_reset_page_says_the_same_about_known_and_unknown_addresses(client: Client, world: World) -> None:
    answers = []
    for email in (world.owner.email, "nobody@truenorth.test"):
        page = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.append((page.redirect_chain, page.status_code))
    assert answers[0] == answers[1]


def test_a_deactivated_person_is_out_at_once_and_cannot_come_back(client: Client, world: World) -> None:
    assert log_in(client, world.owner)
    services.deactivate(world.owner)
    assert not is_in(client)
    assert not log_in(Client(), world.owner)
    services.reactivate(world.owner)
    assert not is_in(client)
    assert log_in(Client(), world.owner)


def confirm(client: Client) -> None:
    """Type the password again, as changes of the second factor demand."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def code_now(secret: str) -> str:
    return f"{hotp_value(secret, int(time.time()) // 30):06}"


def test_a_second_factor_is_asked_for_and_a_recovery_code_works_once(world: World) -> None:
    secret = generate_totp_secret()
    TOTP.activate(world.owner, secret)
    codes = RecoveryCodes.activate(world.owner).get_unused_codes()
    client = Client()
    assert not log_in(client, world.owner)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert is_in(client)
    for expected in (True, False):
        cache.clear()
        again = Client()
        log_in(again, world.owner)
        again.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_in(again) == expected


def test_a_link_from_a_mail_does_not_get_round_the_second_factor(world: World) -> None:
    TOTP.activate(world.owner, generate_totp_secret())
    client = Client()
    assert set_password(client, link_of(world.owner))
    assert not is_in(client)


def test_an_authenticator_app_is_added_with_the_code_it_shows(client: Client, world: World) -> None:
    log_in(client, world.owner)
    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert Authenticator.objects.filter(user=world.owner, type=Authenticator.Type.TOTP).exists()


@pytest.mark.parametrize("name", ["mfa_add_webauthn", "mfa_activate_totp"])
def test_changing_the_second_factor_asks_for_the_password_again(
    client: Client, world: World, name: str
) -> None:
    log_in(client, world.owner)
    page = client.post(reverse(name), {"code": "123456"})
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", ["mfa_index", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_activate_totp"])
def test_pages_of_the_second_factor_open(client: Client, world: World, name: str) -> None:
    log_in(client, world.owner)
    confirm(client)
    assert client.get(reverse(name)).status_code == 200


def test_the_login_page_offers_passkeys(client: Client, db: None) -> None:
    assert reverse("mfa_login_webauthn") in client.get(LOGIN).content.decode()


def test_an_api_token_ends_with_its_person(world: World) -> None:
    _, token = AuthToken.objects.create(world.owner)
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/customers", headers=headers).status_code == 200
    services.deactivate(world.owner)
    assert Client().get("/api/v1/customers", headers=headers).status_code == 401
    services.reactivate(world.owner)
    assert Client().get("/api/v1/customers", headers=headers).status_code == 401
