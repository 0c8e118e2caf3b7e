"""The API keeps what its OpenAPI document promises, whoever asks and whatever is sent."""

from __future__ import annotations

import os
from typing import Any

import pytest
from knox.models import get_token_model

from tests.crm.api.api_attack import attack

SECONDS = int(os.environ.get("API_ATTACK_SECONDS", "25"))
EXAMPLES = int(os.environ.get("API_ATTACK_EXAMPLES", "25"))


@pytest.mark.parametrize("role", ["owner", "manager", "admin"])
def test_schemathesis_finds_nothing(transactional_db: None, world: Any, settings: Any, role: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    _row, token = get_token_model().objects.create(user=world.users[role])
    found, requests = attack(token, seconds=SECONDS, examples=EXAMPLES)
    assert requests > 100
    assert not found, f"{len(found)} findings in {requests} requests:\n\n" + "\n\n".join(found)
