"""How fast letters go to the mail server: MAIL_PER_MINUTE, of all workers together; 0 is without a limit.

A bucket of tokens in Valkey, filled evenly. It holds as many as five seconds bring, and is filled so much
slower that no minute ever sees more letters than the limit. The clock is the server's own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings

from crm.metrics.valkey import client

FULL_SECONDS = 5
FORGOTTEN_SECONDS = 600
TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'have', 'at')
local full, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local have = full
if kept[1] then have = math.min(full, tonumber(kept[1]) + (now - tonumber(kept[2])) * rate) end
local may = have >= 1 or ARGV[3] == '1'
if may then have = math.max(have - 1, -full) end
redis.call('HSET', KEYS[1], 'have', tostring(have), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], ARGV[4])
return may and 1 or 0
"""


def may_send() -> bool:
    """Whether a letter may go now, which then counts."""
    return _take(anyway=False)


def count() -> None:
    """A letter that nobody keeps waiting, such as a link to log in, goes now and slows the others down."""
    _take(anyway=True)


def batch(longest: int, *, seconds: int) -> int:
    """How many letters to hand to the workers for the next ``seconds``, at most ``longest``."""
    if not settings.MAIL_PER_MINUTE:
        return longest
    _, rate = _bucket()
    return max(1, min(longest, int(rate * seconds)))


def seconds_of(place: int) -> float:
    """When the letter at this place of a batch is to go: spread, so that none finds the bucket empty."""
    return place / _bucket()[1] if settings.MAIL_PER_MINUTE else 0.0


def key() -> str:
    """Where the bucket stands in Valkey."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:mail:pace"


def _bucket() -> tuple[float, float]:
    """How many tokens it holds, and how many come in a second."""
    limit = float(settings.MAIL_PER_MINUTE)
    full = max(1.0, limit * FULL_SECONDS / 60)
    return full, max(1.0, limit - full) / 60


def _take(*, anyway: bool) -> bool:
    if not settings.MAIL_PER_MINUTE:
        return True
    full, rate = _bucket()
    return bool(_script()(keys=[key()], args=[full, rate, int(anyway), FORGOTTEN_SECONDS]))


@lru_cache(maxsize=1)
def _script() -> Any:
    return client().register_script(TAKE)
