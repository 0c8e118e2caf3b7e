"""Changes of many customers at once: set-wise, in one transaction, taken back as a whole.

1. `start_change` keeps whom it concerns: of those that match, the ones the author may change at that moment.
2. `run_change` claims it by a conditional UPDATE, takes the customers in id order, asks again who may change
   them, keeps what stage or owner was, writes, dates the change, and says so to scoring.
3. A worker that dies leaves a lease that runs out; nothing of its transaction is there.
4. Undoing is a change of its own: of what is still as the first one left it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.customers.models import Customer
from accounts.customers.services import bump, company_day
from accounts.lists.models import BulkChange, BulkKind, BulkRow, BulkState
from accounts.notices.services import tell
from accounts.users.models import User

AT_ONCE = 200
"""So many are changed while the page waits; more are left to a worker, who leaves a notice."""
MOST = 200_000
MOST_TAGS = 20
LEASE = dt.timedelta(minutes=10)
MOST_ATTEMPTS = 3

Changeable = Callable[[User], QuerySet[Customer]]


@transaction.atomic
def start_change(
    *, kind: BulkKind, value: str, customers: QuerySet[Customer], author: User, now: dt.datetime
) -> BulkChange:
    """A change waiting to be run. ``customers``: those that match and that the author may change."""
    change = BulkChange.objects.create(
        kind=kind, value=value, author=author, lease_until=now + LEASE, total=0
    )
    ids = customers.order_by().values_list("pk", flat=True)
    _keep_rows(change, ids)
    return change


@transaction.atomic
def start_undo(change: BulkChange, *, author: User, now: dt.datetime) -> BulkChange | None:
    """A change that takes ``change`` back; None when it is not done, or was taken back before."""
    taken = BulkChange.objects.select_for_update().get(pk=change.pk)
    if taken.state != BulkState.DONE or BulkChange.objects.filter(undoes=taken).exists():
        return None
    undo = BulkChange.objects.create(
        kind=taken.kind, value=taken.value, author=author, lease_until=now + LEASE, undoes=taken
    )
    ids = BulkRow.objects.filter(change=taken, is_changed=True).values_list("customer", flat=True)
    _keep_rows(undo, ids)
    return undo


def run_change(change_id: int, *, changeable: Changeable, now: dt.datetime) -> list[int] | None:
    """Do it: the ids of the customers it changed. None: it is done, or somebody else does it."""
    if not _claim(change_id, now):
        return None
    with transaction.atomic():
        change = BulkChange.objects.select_related("author", "undoes").get(pk=change_id)
        _mark(change, changeable(change.author))
        writer = _WRITERS[BulkKind(change.kind)]
        ids = writer(change, company_day(now), now)
        bump(ids)
        change.state, change.changed, change.finished_at = BulkState.DONE, len(ids), now
        change.lease_until = None
        change.save(update_fields=["state", "changed", "finished_at", "lease_until"])
        if change.total > AT_ONCE:
            facts = {"change": change.pk, "changed": len(ids), "total": change.total}
            tell(change.author, "bulk_done", facts)
    return ids


def requeue_expired(*, now: dt.datetime) -> list[int]:
    """Changes whose worker is gone or whose message was lost, to be queued again; a few times."""
    lost = BulkChange.objects.filter(state__in=[BulkState.WAITING, BulkState.RUNNING], lease_until__lt=now)
    lost.filter(attempts__gte=MOST_ATTEMPTS).update(state=BulkState.FAILED, lease_until=None, finished_at=now)
    ids = list(lost.values_list("pk", flat=True))
    lost.update(state=BulkState.WAITING, lease_until=now + LEASE)
    return ids


def _keep_rows(change: BulkChange, ids: QuerySet[Customer, int] | QuerySet[BulkRow, int]) -> None:
    text, values = _sql_of(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into lists_bulkrow (change_id, customer_id, was, is_changed)"  # noqa: S608 - from the ORM
            f" select %s, found.id, '', false from ({text}) as found (id) limit {MOST}",
            [change.pk, *values],
        )
        change.total = cursor.rowcount
    change.save(update_fields=["total"])


def _sql_of(ids: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """The statement behind a queryset of ids; one that finds nothing where Django would ask nothing."""
    try:
        return ids.query.sql_with_params()
    except EmptyResultSet:
        return "select 0 where false", ()


def _claim(change_id: int, now: dt.datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update lists_bulkchange
            set state = 'running', attempts = attempts + 1, lease_until = %(lease)s
            where id = %(id)s
              and (state = 'waiting' or (state = 'running' and lease_until < %(now)s))
            """,
            {"id": change_id, "now": now, "lease": now + LEASE},
        )
        return bool(cursor.rowcount == 1)


def _mark(change: BulkChange, changeable: QuerySet[Customer]) -> None:
    """Take the customers, and say which ones it makes a difference to, and what they were."""
    text, values = _sql_of(changeable.order_by().values("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            "select from customers_customer where id in"
            " (select customer_id from lists_bulkrow where change_id = %s) order by id for no key update",
            [change.pk],
        )
        is_undo = change.undoes_id is not None
        cursor.execute(
            f"""
            update lists_bulkrow as row
            set is_changed = true, was = coalesce({_WAS[BulkKind(change.kind)]}, '')
            from customers_customer as customer
            where row.change_id = %s and customer.id = row.customer_id
              and customer.id in ({text}) and {_DIFFERS[BulkKind(change.kind), is_undo]}
            """,  # noqa: S608 - written below and by the ORM
            [change.pk, *values, change.value],
        )


_WAS = {
    BulkKind.OWNER: "customer.owner_id::text",
    BulkKind.STAGE: "customer.stage",
    BulkKind.ADD_TAG: "''",
    BulkKind.REMOVE_TAG: "''",
}
_HAS = "customer.tags @> array[%s::varchar]"
_ROOM = f"cardinality(customer.tags) < {MOST_TAGS}"
_DIFFERS = {
    (BulkKind.OWNER, False): "coalesce(customer.owner_id::text, '') <> %s",
    (BulkKind.OWNER, True): "coalesce(customer.owner_id::text, '') = %s",
    (BulkKind.STAGE, False): "customer.stage <> %s",
    (BulkKind.STAGE, True): "customer.stage = %s",
    (BulkKind.ADD_TAG, False): f"not {_HAS} and {_ROOM}",
    (BulkKind.ADD_TAG, True): _HAS,
    (BulkKind.REMOVE_TAG, False): _HAS,
    (BulkKind.REMOVE_TAG, True): f"not {_HAS} and {_ROOM}",
}
# What a customer is to be: the value of the change or, to take one back, what he was before it.
_TO_BE = """
    from lists_bulkrow as row left join lists_bulkrow as first
      on first.change_id = %(undoes)s and first.customer_id = row.customer_id
    where row.change_id = %(change)s and row.is_changed and customer.id = row.customer_id
"""


def _write(change: BulkChange, assignment: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"update customers_customer as customer set {assignment}, version = version + 1"  # noqa: S608
            f" {_TO_BE} returning customer.id",
            {"change": change.pk, "undoes": change.undoes_id, "value": change.value},
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def _date(change: BulkChange, table: str, column: str, day: dt.date, now: dt.datetime) -> None:
    """A dated row beside each customer that was changed: what he is now."""
    reason = ", reason" if table == "customers_customerstage" else ""
    empty = ", ''" if reason else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            insert into {table} (customer_id, {column}, valid_from, author_id, known_at{reason})
            select customer.id, customer.{column}, %s, %s, %s{empty}
            from lists_bulkrow as row join customers_customer as customer on customer.id = row.customer_id
            where row.change_id = %s and row.is_changed order by customer.id
            """,  # noqa: S608 - names written in this file
            [day, change.author_id, now, change.pk],
        )


def _write_owner(change: BulkChange, day: dt.date, now: dt.datetime) -> list[int]:
    source = "first.was" if change.undoes_id else "%(value)s"
    ids = _write(change, f"owner_id = nullif({source}, '')::bigint")
    _date(change, "customers_customerowner", "owner_id", day, now)
    return ids


def _write_stage(change: BulkChange, day: dt.date, now: dt.datetime) -> list[int]:
    ids = _write(change, f"stage = {'first.was' if change.undoes_id else '%(value)s'}")
    _date(change, "customers_customerstage", "stage", day, now)
    return ids


def _write_tag(change: BulkChange, day: dt.date, now: dt.datetime) -> list[int]:
    adds = (change.kind == BulkKind.ADD_TAG) != bool(change.undoes_id)
    return _write(change, f"tags = {'array_append' if adds else 'array_remove'}(tags, %(value)s::varchar)")


_WRITERS: dict[BulkKind, Callable[[BulkChange, dt.date, dt.datetime], list[int]]] = {
    BulkKind.OWNER: _write_owner,
    BulkKind.STAGE: _write_stage,
    BulkKind.ADD_TAG: _write_tag,
    BulkKind.REMOVE_TAG: _write_tag,
}
