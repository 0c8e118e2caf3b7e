"""What is typed and not sent, from a change of language to the page in the other one.

The change is a POST, since it takes the words along, and is answered with a redirect, so that Back and reload
ask nothing. The words wait in the cache for an hour; the address carries a random key, and nothing personal.
A key brings back the words of its own link only.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

KEPT_SECONDS = 3600
KEY_BYTES = 16
MOST_CHARACTERS = 100_000
"""More than any form that could be recorded holds."""


@dataclass(frozen=True)
class Kept:
    """The fields as they were typed. ``said``: when the answer was given that the form was opened over."""

    fields: dict[str, Any]
    said: str | None


def keep(link: str, kept: Kept) -> str | None:
    """The key of what was typed behind ``link`` (of what, and its id); None where it cannot be kept."""
    if sum(len(part) for value in kept.fields.values() for part in value) > MOST_CHARACTERS:
        return None
    key = secrets.token_urlsafe(KEY_BYTES)
    try:
        cache.set(_name(link, key), (kept.fields, kept.said), KEPT_SECONDS)
    except RedisError:
        logger.warning("survey_words_not_kept")
        return None
    return key


def kept_under(link: str, key: str) -> Kept | None:
    """None for another link's key, one that is over, and any other text."""
    if not key or len(key) > 2 * KEY_BYTES or not key.isascii():
        return None
    try:
        found = cache.get(_name(link, key))
    except RedisError:
        logger.warning("survey_words_not_kept")
        return None
    return Kept(*found) if found else None


def _name(link: str, key: str) -> str:
    return f"survey:kept:{link}:{key}"
