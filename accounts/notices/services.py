"""Every write of a notice. It is written in the transaction of what it tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.customers.models import Customer
from accounts.notices.models import Notice
from accounts.users.models import User


def tell(user: User, kind: str, facts: Mapping[str, Any], customer: Customer | None = None) -> Notice:
    """Leave ``user`` a notice; ``facts`` are numbers, ids and short texts that the page puts in words."""
    return Notice.objects.create(user=user, kind=kind, facts=dict(facts), customer=customer)


def tell_each(kind: str, told: Iterable[tuple[User, Mapping[str, Any]]]) -> None:
    """One notice each, in one statement."""
    Notice.objects.bulk_create([Notice(user=user, kind=kind, facts=dict(facts)) for user, facts in told])


def mark_read(user: User, *, now: dt.datetime, up_to: int) -> int:
    """His notices up to the id ``up_to`` are read; returns how many were not."""
    unread = Notice.objects.filter(user=user, read_at=None, pk__lte=up_to)
    return unread.update(read_at=now)


def read_notice(notice: Notice, *, now: dt.datetime) -> bool:
    """He opened it; whether it was unread."""
    return bool(Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now))
