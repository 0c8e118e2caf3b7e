"""Every write of a snooze. It concerns nobody but the person himself, and no score."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db import transaction

from accounts.snoozes.models import Snooze
from accounts.users.models import User


@transaction.atomic
def snooze(user: User, *, kind: str, key: str, was: str, until: dt.datetime, now: dt.datetime) -> Snooze:
    """Leave the item out of his list until ``until``; a later wish replaces an earlier one.

    His snoozes that have run out go, so that nobody's list of them grows.
    """
    Snooze.objects.filter(user=user, until__lte=now).delete()
    wish, _is_new = Snooze.objects.update_or_create(
        user=user, kind=kind, key=key, defaults={"was": was, "until": until}
    )
    return wish


@transaction.atomic
def snooze_each(
    user: User, *, kind: str, items: Mapping[str, str], until: dt.datetime, now: dt.datetime
) -> None:
    """The same of several: ``items`` says by key what each is like."""
    Snooze.objects.filter(user=user, until__lte=now).delete()
    Snooze.objects.bulk_create(
        [Snooze(user=user, kind=kind, key=key, was=was, until=until) for key, was in items.items()],
        update_conflicts=True,
        unique_fields=["user", "kind", "key"],
        update_fields=["was", "until"],
    )


def end_snoozes(user: User, *, kind: str, keys: Collection[str]) -> int:
    """They are back; how many were snoozed."""
    deleted, _by_model = Snooze.objects.filter(user=user, kind=kind, key__in=keys).delete()
    return deleted


def end_snooze(user: User, *, kind: str, key: str) -> bool:
    """The item is back; whether it was snoozed."""
    deleted, _by_model = Snooze.objects.filter(user=user, kind=kind, key=key).delete()
    return bool(deleted)
