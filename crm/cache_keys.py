"""Keys of the cache: figures of one database are not those of another that shares the Valkey."""

from __future__ import annotations

from django.db import connections


def key_of(key: str, prefix: str, version: int) -> str:
    """By the name and place of the database in use now, so that a test's keys are its own as well.

    Processes of one installation name their database alike (DATABASE_URL), or share no copies. No query.
    """
    used = connections["default"].settings_dict
    return f"{prefix}:{used['HOST']}:{used['PORT']}/{used['NAME']}:{version}:{key}"
