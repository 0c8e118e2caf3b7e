"""Weeks and the instants of an invitation in the respondent's own time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.surveys.models import ProgrammeVersion

DAY = dt.timedelta(days=1)
# East of everybody it is already tomorrow, and the latest close is less than two weeks after the Monday.
EARLIEST_ZONE = dt.timedelta(hours=14)
LATEST_ZONE = "Etc/GMT+12"
INSTANT = dt.timedelta(microseconds=1)
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
    return _clock(
        monday,
        time_zone,
        version.send_weekday,
        version.send_hour,
        version.remind_after_days,
        version.close_weekday,
        version.late_days,
    )


def is_ahead(version: ProgrammeVersion, monday: dt.date, now: dt.datetime) -> bool:
    """Whether letters of the week are still to go out somewhere."""
    return now < clock_of(version, monday, LATEST_ZONE).due_at


def days_open(send_weekday: int, close_weekday: int) -> int:
    """Days from the one of sending, to the end of which answers are taken: 1 to 7."""
    return (close_weekday - send_weekday - 1) % 7 + 1


def begins_at(monday: dt.date) -> dt.datetime:
    """The instant at which the week begins for the first of all people; what holds then holds for it."""
    return dt.datetime.combine(monday, dt.time(), tzinfo=dt.UTC) - EARLIEST_ZONE


def first_week_after(now: dt.datetime) -> dt.date:
    """The Monday of the first week that has begun for nobody at ``now``."""
    return monday_of((now.astimezone(dt.UTC) + EARLIEST_ZONE - INSTANT).date()) + 7 * DAY


def weeks_possibly_open(now: dt.datetime) -> list[dt.date]:
    """Mondays of the weeks that somebody somewhere may be asked about at ``now``, oldest first."""
    latest = monday_of((now.astimezone(dt.UTC) + EARLIEST_ZONE).date())
    return [latest - 7 * DAY * back for back in range(WEEKS_BACK, -1, -1)]


def start_of(day: dt.date, time_zone: str) -> dt.datetime:
    """The first moment of a day in a time zone. Unknown time zone: the company's."""
    return _instant(day, 0, zone_of(time_zone))


def hour_of(day: dt.date, hour: int, time_zone: str) -> dt.datetime:
    """An hour of a day in a time zone; one that the clocks skip is taken an hour later."""
    return _instant(day, hour, zone_of(time_zone))


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name; the company's where there is no such."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


@lru_cache(maxsize=4096)
def _clock(
    monday: dt.date,
    time_zone: str,
    send_weekday: int,
    send_hour: int,
    remind_after_days: int,
    close_weekday: int,
    late_days: int,
) -> Clock:
    """Kept, because overrides share a rhythm and every beat asks again."""
    zone = zone_of(time_zone)
    sent_on = monday + DAY * (send_weekday - 1)
    last_day = sent_on + DAY * days_open(send_weekday, close_weekday)
    return Clock(
        sent_on=sent_on,
        due_at=_instant(sent_on, send_hour, zone),
        reminder_at=_instant(sent_on + DAY * remind_after_days, send_hour, zone),
        closes_at=_instant(last_day + DAY, 0, zone),
        expires_at=_instant(last_day + DAY * (1 + late_days), 0, zone),
    )


def _instant(day: dt.date, hour: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=zone).astimezone(dt.UTC)
