"""Today's tests start without what another test's executive or beat left in the cache."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()
