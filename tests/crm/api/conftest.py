"""Clients of the API: each person of the world with a token of his own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from knox.models import get_token_model

from accounts.users.models import User

ROOT = "/api/v1/"


@dataclass(frozen=True)
class Api:
    """Speaks JSON with a token; answers are Django's test responses."""

    token: str

    def get(self, path: str, **query: object) -> Any:
        return self._client().get(ROOT + path, query)

    def post(self, path: str, body: object, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: object, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def delete(self, path: str) -> Any:
        return self._client().delete(ROOT + path)

    def raw(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> Any:
        return self._client().generic(method, ROOT + path, body, content_type)

    def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self._client(), method)
        return send(ROOT + path, json.dumps(body), content_type="application/json", headers=named)

    def _client(self) -> Client:
        return Client(headers={"Authorization": f"Bearer {self.token}"}, raise_request_exception=False)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Throttles and idempotency keys of the test before would meet users with the same ids."""
    cache.clear()


@pytest.fixture
def api_of() -> Callable[[User], Api]:
    def make(user: User) -> Api:
        _row, token = get_token_model().objects.create(user=user)
        return Api(token)

    return make
