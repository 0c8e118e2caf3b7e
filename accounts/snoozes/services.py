"""Every write of a snooze. It concerns nobody but the person himself, and no score."""

from __future__ import annotations

import datetime as dt

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


def end_snooze(user: User, *, kind: str, key: str) -> bool:
    """The item is back; whether it was snoozed."""
    deleted, _by_model = Snooze.objects.filter(user=user, kind=kind, key=key).delete()
    return bool(deleted)
