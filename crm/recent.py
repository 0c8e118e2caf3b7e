"""What each person opened lately, in the cache: it makes a search handier, and nothing depends on it."""

from __future__ import annotations

from django.core.cache import cache
from redis.exceptions import RedisError

KEPT = 12
KEPT_SECONDS = 90 * 24 * 60 * 60

Entry = tuple[str, int]


def opened_lately(user_id: int) -> list[Entry]:
    """Kind and id, the latest first; nothing while the cache is away."""
    try:
        return list(cache.get(_key(user_id), []))
    except RedisError:
        return []


def note(user_id: int, kind: str, pk: int) -> None:
    """Two pages opened at the same moment may lose one of them, which nobody misses."""
    entry = (kind, pk)
    before = opened_lately(user_id)
    if before[:1] == [entry]:
        return
    try:
        cache.set(_key(user_id), [entry, *(old for old in before if old != entry)][:KEPT], KEPT_SECONDS)
    except RedisError:
        return


def _key(user_id: int) -> str:
    return f"opened-lately:{user_id}"
