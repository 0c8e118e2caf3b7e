from __future__ import annotations

import pytest

from tests.accounts.occasions.shop import Shop, shop_of
from tests.conftest import World


@pytest.fixture
def shop(world: World) -> Shop:
    return shop_of(world)
