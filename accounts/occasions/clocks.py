"""When a letter about an occasion goes out, is reminded of, and closes, where the contact is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.surveys.weeks import DAY, hour_of, start_of, zone_of


@dataclass(frozen=True)
class Rhythm:
    """What of a version and its rules sets the times: an hour of the day, and days."""

    send_hour: int
    remind_after_days: int
    answer_days: int


@dataclass(frozen=True)
class Times:
    """Aware instants."""

    due_at: dt.datetime
    reminder_at: dt.datetime
    closes_at: dt.datetime


def times_from(wanted: dt.date, rhythm: Rhythm, time_zone: str, *, now: dt.datetime) -> Times:
    """Sent at the first sending hour on or after the day ``wanted`` that has not passed: nobody is written to
    in his night because beat was away or an order was recorded late."""
    today = now.astimezone(zone_of(time_zone)).date()
    day = max(wanted, today)
    if hour_of(day, rhythm.send_hour, time_zone) < now:
        day += DAY
    return Times(
        due_at=hour_of(day, rhythm.send_hour, time_zone),
        reminder_at=hour_of(day + DAY * rhythm.remind_after_days, rhythm.send_hour, time_zone),
        closes_at=start_of(day + DAY * (rhythm.answer_days + 1), time_zone),
    )
