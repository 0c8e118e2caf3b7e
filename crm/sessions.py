"""Sessions in the database with a copy in the cache, without which everything goes on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.contrib.sessions.backends.db import SessionStore as StoredStore
from django.core.cache import caches
from redis.exceptions import RedisError


class SessionStore(CachedStore):
    """Django's own answers every request with a fault while the cache is away.

    Only a log-out (`delete`) still needs the cache: a copy that stays there would be a session that came back
    with it. So the copy goes first; without the cache nothing is deleted, and the person may try again.
    """

    # That of the parent class: copies that are there now stay valid.
    cache_key_prefix = KEY_PREFIX

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except RedisError:
            return StoredStore.load(self)

    def exists(self, session_key: str) -> bool:
        try:
            return super().exists(session_key)
        except RedisError:
            return StoredStore.exists(self, session_key)

    def delete(self, session_key: str | None = None) -> None:
        """Raises RedisError when the cache is away."""
        key = session_key or self.session_key
        if key is not None:
            caches[settings.SESSION_CACHE_ALIAS].delete(self.cache_key_prefix + key)
        super().delete(session_key)
