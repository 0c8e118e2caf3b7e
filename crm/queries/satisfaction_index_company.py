"""The company's index of the last 52 weeks, which stands beside everybody's own: the same for all readers.

Every answer of those weeks is read for it, which takes a minute where there are 100,000 projects. A week that
no answer can reach any more does not change, so the beat computes the latest weeks and those it never did.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.core.cache import cache
from django.db.models import Q
from redis.exceptions import RedisError

from accounts.projects.models import Project
from accounts.surveys.queries.weeks import last_asked_week
from scoring.satisfaction import WEEK, WeekIndex, group_history

WEEKS = 52
# An answer comes up to 14 days after its week has closed, eleven days after its Monday's Sunday by default.
MOVING_WEEKS = 5
# The beat computes them every five minutes; where none runs, whoever reads them next does.
KEPT_FOR = dt.timedelta(minutes=15)
DAY = dt.timedelta(days=1)
_SETTLED, _MOVING = "company-weeks", "company-weeks-moving"

Weeks = dict[dt.date, WeekIndex]


def company_weeks(now: dt.datetime) -> Weeks:
    """By Monday, of the last 52 weeks; empty before the first survey. At most `KEPT_FOR` old."""
    moving = _kept(_MOVING)
    settled = _kept(_SETTLED)
    if moving is None or settled is None:
        return refresh_company_weeks(now)
    return settled | moving


def refresh_company_weeks(now: dt.datetime) -> Weeks:
    """Compute the latest weeks anew for every page, and those that are not kept."""
    latest = last_asked_week(now)
    if latest is None:
        return {}
    first_moving = latest - WEEK * (MOVING_WEEKS - 1)
    moving = _computed(latest, MOVING_WEEKS, now)
    oldest = latest - WEEK * (WEEKS - 1)
    settled = {monday: week for monday, week in (_kept(_SETTLED) or {}).items() if monday >= oldest}
    last = first_moving - WEEK
    if last not in settled:
        missing = (last - max(settled, default=oldest - WEEK)).days // WEEK.days
        settled |= _computed(last, missing, now)
    with suppress(RedisError):
        cache.set(_SETTLED, settled, timeout=DAY.total_seconds())
        cache.set(_MOVING, moving, timeout=KEPT_FOR.total_seconds())
    return settled | moving


def forget_company_weeks() -> None:
    """For who moves weeks that are over, which nobody but the demo can."""
    with suppress(RedisError):
        cache.delete_many([_SETTLED, _MOVING])


def _kept(key: str) -> Weeks | None:
    """Without the cache it takes its time, and the page is there."""
    with suppress(RedisError):
        found: Weeks | None = cache.get(key)
        return found
    return None


def _computed(last: dt.date, weeks: int, now: dt.datetime) -> Weeks:
    """A few weeks at once: a year of 100,000 projects would take 1.7 GB."""
    found: Weeks = {}
    while weeks > 0:
        at_once = min(weeks, MOVING_WEEKS)
        first = last - WEEK * (at_once - 1)
        ran = Q(started_on__lte=last + WEEK) & (Q(ended_on=None) | Q(ended_on__gte=first))
        projects = Project.objects.filter(ran, customer__merged_into=None).order_by()
        ids = list(projects.values_list("pk", flat=True))
        found |= {week.week: week for week in group_history(ids, week=last, weeks=at_once, as_of=now)}
        last, weeks = first - WEEK, weeks - at_once
    return found
