"""A person makes, sees once and revokes his own API tokens, and nobody else's."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.test import Client
from django.utils import timezone
from knox.models import get_token_model

from crm.views.tokens import MAX_TOKENS

PAGE = "/account/tokens/"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def api_status(token: str) -> int:
    return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/users").status_code


def make(client: Client) -> str:
    answer = client.post(PAGE)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r'value="(tn_[0-9a-f]{61,64})"', answer.content.decode())
    assert found is not None
    return found[1]


def test_a_token_is_shown_once_works_and_is_kept_as_a_hash(world: Any) -> None:
    client = client_of(world.owner)
    token = make(client)
    assert api_status(token) == 200
    row = get_token_model().objects.get()
    assert token not in client.get(PAGE).content.decode()
    assert row.token_key in client.get(PAGE).content.decode()
    assert token not in str(vars(row))
    assert row.expiry - timezone.now() > dt.timedelta(days=364)


def test_a_revoked_token_no_longer_works(world: Any) -> None:
    client = client_of(world.owner)
    token, other = make(client), make(client)
    key = token[:15]
    assert client.post(f"{PAGE}{key}/revoke").status_code == 302
    assert (api_status(token), api_status(other)) == (401, 200)


def test_an_expired_token_no_longer_works(world: Any) -> None:
    _row, token = get_token_model().objects.create(user=world.owner, expiry=dt.timedelta(seconds=-1))
    assert api_status(token) == 401


def test_the_token_of_another_is_neither_shown_nor_revoked(world: Any) -> None:
    token = make(client_of(world.owner))
    stranger = client_of(world.admin)
    assert token[:15] not in stranger.get(PAGE).content.decode()
    missing = stranger.post(f"{PAGE}tn_000000000000/revoke")
    foreign = stranger.post(f"{PAGE}{token[:15]}/revoke")
    assert missing.status_code == foreign.status_code == 404
    assert api_status(token) == 200


def test_a_get_revokes_nothing_and_a_post_needs_the_csrf_token(world: Any) -> None:
    client = client_of(world.owner)
    token = make(client)
    assert client.get(f"{PAGE}{token[:15]}/revoke").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.owner)
    assert strict.post(PAGE).status_code == 403
    assert get_token_model().objects.count() == 1


def test_there_is_an_end_of_tokens(world: Any) -> None:
    client = client_of(world.owner)
    for _number in range(MAX_TOKENS):
        get_token_model().objects.create(user=world.owner)
    assert client.post(PAGE).status_code == 422
    assert get_token_model().objects.count() == MAX_TOKENS


def test_who_is_logged_out_is_sent_to_the_log_in(db: None) -> None:
    answer = Client().post(PAGE)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
