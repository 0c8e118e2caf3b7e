"""Every write of calendar feeds, and of the letters of the day."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection

from accounts.reminding.models import CalendarFeed, Digest, DigestDays, DigestWish
from accounts.surveys.links import hashed
from accounts.surveys.weeks import zone_of
from accounts.users.models import User

TOKEN_BYTES = 32
DAY = dt.timedelta(days=1)
LATE = dt.timedelta(hours=6)
"""After an outage a morning's letter is still worth something for so long."""


def make_feed(user: User, *, now: dt.datetime) -> str:
    """A new secret, which is shown once; the address before it no longer works."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.update_or_create(user=user, defaults={"token_hash": hashed(token), "made_at": now})
    return token


def revoke_feed(user: User) -> bool:
    """His calendar is at no address; whether it was at one."""
    deleted, _by_model = CalendarFeed.objects.filter(user=user).delete()
    return bool(deleted)


def feed_of(token: str) -> CalendarFeed | None:
    """The feed at a secret address, of somebody who works here."""
    found = CalendarFeed.objects.filter(token_hash=hashed(token), user__is_active=True)
    return found.select_related("user").first()


def wish_digest(user: User, *, days: DigestDays, hour: int) -> None:
    DigestWish.objects.update_or_create(user=user, defaults={"days": days, "hour": hour})


def stop_digest(user: User) -> bool:
    """He wants no more of them; whether he did."""
    return bool(DigestWish.objects.filter(user=user).exclude(days=DigestDays.OFF).update(days=DigestDays.OFF))


def make_due_digests(*, now: dt.datetime) -> int:
    """A row for everybody whose hour has come where he is, once a day; how many are new. Two statements."""
    wishes = DigestWish.objects.exclude(days=DigestDays.OFF).filter(user__is_active=True)
    due = [
        Digest(user_id=wish.user_id, day=now.astimezone(zone_of(wish.user.time_zone)).date(), made_at=now)
        for wish in wishes.select_related("user").order_by("user")
        if _is_due(wish, now)
    ]
    there = Digest.objects.filter(made_at__gt=now - 2 * DAY)
    known = set(there.values_list("user", "day")) if due else set()
    new = [each for each in due if (each.user_id, each.day) not in known]
    Digest.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _is_due(wish: DigestWish, now: dt.datetime) -> bool:
    local = now.astimezone(zone_of(wish.user.time_zone))
    hour = local.replace(hour=wish.hour, minute=0, second=0, microsecond=0)
    return hour <= local < hour + LATE and (wish.days == DigestDays.DAILY or local.isoweekday() < 6)


def digests_to_post() -> list[Digest]:
    return list(Digest.objects.filter(posted_at=None).select_related("user").order_by("pk"))


def mark_digests_posted(ids: Collection[int], *, now: dt.datetime) -> None:
    Digest.objects.filter(pk__in=ids, posted_at=None).update(posted_at=now)
