"""The company's satisfaction index of the latest week, for executives: the same for all of them.

Every answer of the week and every order of the year is read for it, which takes seconds where there are
100,000 projects. So the beat computes it, and a page shows what it computed last.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.core.cache import cache
from django.db.models import Q
from redis.exceptions import RedisError

from accounts.projects.models import Project
from accounts.surveys.queries.weeks import last_asked_week
from scoring.satisfaction import WEEK, WeekIndex, group_week

# The beat computes it every five minutes; where none runs, whoever reads it next does.
KEPT_FOR = dt.timedelta(minutes=15)


def company_week(now: dt.datetime) -> WeekIndex | None:
    """At most `KEPT_FOR` old; None before the first survey."""
    monday = last_asked_week(now)
    if monday is None:
        return None
    kept: WeekIndex | None = None
    # Without the cache it takes its time, and the page is there.
    with suppress(RedisError):
        kept = cache.get(_key(monday))
    return _computed(monday, now) if kept is None else kept


def refresh_company_week(now: dt.datetime) -> None:
    """Compute it anew for every page."""
    monday = last_asked_week(now)
    if monday is not None:
        _computed(monday, now)


def _computed(monday: dt.date, now: dt.datetime) -> WeekIndex:
    ran = Q(started_on__lte=monday + WEEK) & (Q(ended_on=None) | Q(ended_on__gte=monday))
    projects = Project.objects.filter(ran, customer__merged_into=None).order_by()
    found = group_week(list(projects.values_list("pk", flat=True)), week=monday, as_of=now)
    with suppress(RedisError):
        cache.set(_key(monday), found, timeout=KEPT_FOR.total_seconds())
    return found


def _key(monday: dt.date) -> str:
    return f"company-index-{monday}"
