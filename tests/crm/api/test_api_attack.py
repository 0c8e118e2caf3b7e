"""The API keeps what its OpenAPI document promises, whoever asks and whatever is sent."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from knox.models import get_token_model
from rest_framework.throttling import UserRateThrottle

from tests.crm.api.api_attack import attack
from tests.crm.api.api_book import NOW, fill, run_scoring

SECONDS = int(os.environ.get("API_ATTACK_SECONDS", "60"))
EXAMPLES = int(os.environ.get("API_ATTACK_EXAMPLES", "25"))
ENOUGH = 4


def fewest(statuses: Counter[int]) -> int:
    """Of the answers that an attack in earnest gets: taken, refused in each way."""
    return min(statuses[each] for each in (200, 400, 404, 422))


@pytest.mark.parametrize("role", ["owner", "manager", "admin"])
def test_schemathesis_finds_nothing(
    transactional_db: None, world: Any, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    fill(world, world.customer, manager=world.manager, members=[world.member])
    fill(world, world.foreign, manager=world.stranger)
    run_scoring(NOW)
    _row, token = get_token_model().objects.create(user=world.users[role])
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "1000000/min"})
    found, statuses = attack(token, seconds=SECONDS, examples=EXAMPLES)
    if not found and fewest(statuses) <= ENOUGH:  # a busy machine does not get far in that time
        found, statuses = attack(token, seconds=5 * SECONDS, examples=EXAMPLES)
    print(role, sorted(statuses.items()))
    assert found or fewest(statuses) > ENOUGH
    assert statuses[429] == 0
    assert not found, f"{len(found)} findings, {statuses}:\n\n" + "\n\n".join(found)
