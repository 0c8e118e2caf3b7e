"""The one connection of the metrics to Valkey: patient for a second and no longer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

PATIENCE_SECONDS = 1.0
DOWN = (RedisError, OSError)


@lru_cache(maxsize=1)
def client() -> Any:
    """Made at the first use; its pool knows when the process has forked."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )


def key(name: str) -> str:
    """Our own keys, beside those of the cache."""
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    return f"{prefix}:metrics:{name}"


def queue_key(name: str) -> str:
    """A key of the queue's, as Celery's transport writes it."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    return f"{prefix}{name}"
