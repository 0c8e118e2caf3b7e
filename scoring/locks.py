"""Every advisory lock of the product: all are transaction-scoped, and named here."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from django.db import connection

from scoring import kept


class Lock(IntEnum):
    """The first half of a PostgreSQL advisory lock's two-part key."""

    POINTER = 7001
    CUSTOMER = 7002


def hold_pointer() -> None:
    """Wait for the sweeps under way, then keep new ones out until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, 0)", [Lock.POINTER])


def share_pointer() -> bool:
    """Keep the current run current until this transaction ends; false when it is just being moved."""
    text = "select pg_try_advisory_xact_lock_shared(%(lock)s::int, 0)"
    return bool(kept.run(text, {"lock": Lock.POINTER.value})[0][0])


def take_customers(ids: Sequence[int]) -> list[int]:
    """The ids that nobody else is rescoring, now ours until this transaction ends; never waits."""
    text = (
        "select id from unnest(%(ids)s::bigint[]) as x (id)"
        " where pg_try_advisory_xact_lock(%(lock)s::int, hashint8(id)) order by id"
    )
    return [row[0] for row in kept.run(text, {"ids": list(ids), "lock": Lock.CUSTOMER.value})]
