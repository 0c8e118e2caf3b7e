"""Weeks and the instants of an invitation in the respondent's own time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.surveys.models import ProgrammeVersion

DAY = dt.timedelta(days=1)
# East of everybody it is already tomorrow, and the latest close is less than two weeks after the Monday.
EARLIEST_ZONE = dt.timedelta(hours=14)
WEEKS_BACK = 2


@dataclass(frozen=True)
class Clock:
    """When a week's invitation is sent, reminded of, closed and expired in a time zone (aware instants)."""

    sent_on: dt.date
    due_at: dt.datetime
    reminder_at: dt.datetime
    closes_at: dt.datetime
    expires_at: dt.datetime


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the ISO week of a day."""
    return day - dt.timedelta(days=day.weekday())


def clock_of(version: ProgrammeVersion, monday: dt.date, time_zone: str) -> Clock:
    """Wall-clock times of the version where the respondent is, so that daylight saving moves nothing for him.

    A time that the clocks skip is taken an hour later. Unknown time zone: the company's.
    """
    zone = zone_of(time_zone)
    sent_on = monday + DAY * (version.send_weekday - 1)
    last_day = sent_on + DAY * ((version.close_weekday - version.send_weekday - 1) % 7 + 1)
    return Clock(
        sent_on=sent_on,
        due_at=_instant(sent_on, version.send_hour, zone),
        reminder_at=_instant(sent_on + DAY * version.remind_after_days, version.send_hour, zone),
        closes_at=_instant(last_day + DAY, 0, zone),
        expires_at=_instant(last_day + DAY * (1 + version.late_days), 0, zone),
    )


def weeks_possibly_open(now: dt.datetime) -> list[dt.date]:
    """Mondays of the weeks that somebody somewhere may be asked about at ``now``, oldest first."""
    latest = monday_of((now.astimezone(dt.UTC) + EARLIEST_ZONE).date())
    return [latest - 7 * DAY * back for back in range(WEEKS_BACK, -1, -1)]


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name; the company's where there is no such."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def _instant(day: dt.date, hour: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=zone).astimezone(dt.UTC)
