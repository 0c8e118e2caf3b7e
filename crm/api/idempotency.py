"""The same POST sent twice (a lost answer, an impatient client) makes one record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from crm.api.errors import RefusedError, TakenError

HEADER = "Idempotency-Key"
SECONDS = 24 * 3600
MAX_KEY = 200
_UNDER_WAY = ""


@dataclass(frozen=True)
class Claim:
    """A key that is ours; without a key it claims nothing."""

    name: str | None

    def made(self, record: str) -> None:
        """Remember what the key made."""
        if self.name is not None:
            cache.set(self.name, record, SECONDS)


@contextmanager
def once(person: User, key: str) -> Iterator[Claim]:
    """Claims ``key`` for the block; 409 with the id of what it made before. A block that fails frees it.

    When the process dies inside, the key stays claimed for a day: rather refused than written twice.
    """
    if not key:
        yield Claim(None)
        return
    if len(key) > MAX_KEY:
        raise RefusedError({HEADER: [_("This is too long.")]})
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    name = f"idempotency:{person.pk}:{digest}"
    if not cache.add(name, _UNDER_WAY, SECONDS):
        made = cache.get(name)
        raise TakenError({HEADER: [_("This key was used before.")]}, made or None)
    try:
        yield Claim(name)
    except BaseException:
        cache.delete(name)
        raise
