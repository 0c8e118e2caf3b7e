"""Clocks of corrective actions: they run in working time alone, where the company is.

``due_after`` is pure. ``worktime_of`` reads the calendar of a version, where it has one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.surveys.models import CalendarDay, ProgrammeVersion

DAY = dt.timedelta(days=1)
NOTHING = dt.timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Worktime:
    """When clocks run: from ``from_minute`` to ``until_minute`` after midnight (0 to 1440) on ``weekdays``
    (ISO, Monday 1), not on ``holidays``, and on ``extra_days`` whatever their weekday. ``zone``: where."""

    weekdays: frozenset[int]
    from_minute: int
    until_minute: int
    zone: ZoneInfo
    holidays: frozenset[dt.date] = frozenset()
    extra_days: frozenset[dt.date] = frozenset()

    def is_working(self, day: dt.date) -> bool:
        return day in self.extra_days or (day.isoweekday() in self.weekdays and day not in self.holidays)

    def hours_of(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """The instants (UTC) between which a working day's clock runs.

        A time that the clocks skip is taken an hour later, one that comes twice is the first of both.
        """
        return _instant(day, self.from_minute, self.zone), _instant(day, self.until_minute, self.zone)


def due_after(start: dt.datetime, hours: float, worktime: Worktime) -> dt.datetime:
    """The instant (UTC) at which a clock that starts at ``start`` has run for ``hours``.

    What is full at the end of a working day is due then, and not when the next one begins. Raises
    OverflowError when that is beyond the calendar.
    """
    left, day = dt.timedelta(hours=hours), start.astimezone(worktime.zone).date()
    if left <= NOTHING:
        return start.astimezone(dt.UTC)
    while True:
        if worktime.is_working(day):
            opens, closes = worktime.hours_of(day)
            runs_from = max(opens, start)
            runs = max(closes - runs_from, NOTHING)
            if runs >= left:
                return (runs_from + left).astimezone(dt.UTC)
            left -= runs
        day += DAY


def clocks_of(version: ProgrammeVersion, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Until when a case that starts now is to be acknowledged and planned; a calendar costs one query."""
    worktime = worktime_of(version)
    return (
        due_after(now, version.acknowledge_hours, worktime),
        due_after(now, version.plan_hours, worktime),
    )


def worktime_of(version: ProgrammeVersion) -> Worktime:
    return worktimes_of([version])[version.pk]


def worktimes_of(versions: Iterable[ProgrammeVersion]) -> dict[int, Worktime]:
    """By id of the version; one query where any of them has a calendar, else none."""
    versions = list(versions)
    days: dict[tuple[int, bool], set[dt.date]] = defaultdict(set)
    if calendars := {version.calendar_id for version in versions if version.calendar_id is not None}:
        found = CalendarDay.objects.filter(calendar__in=calendars)
        for calendar, day, is_working in found.values_list("calendar", "day", "is_working"):
            days[calendar, is_working].add(day)
    return {version.pk: _worktime(version, days) for version in versions}


def _worktime(version: ProgrammeVersion, days: dict[tuple[int, bool], set[dt.date]]) -> Worktime:
    calendar = version.calendar_id or 0
    return Worktime(
        weekdays=frozenset(version.work_weekdays),
        from_minute=version.work_from,
        until_minute=version.work_until,
        zone=ZoneInfo(settings.TIME_ZONE),
        holidays=frozenset(days.get((calendar, False), ())),
        extra_days=frozenset(days.get((calendar, True), ())),
    )


def _instant(day: dt.date, minute: int, zone: ZoneInfo) -> dt.datetime:
    at = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
    return at.replace(tzinfo=zone).astimezone(dt.UTC)
