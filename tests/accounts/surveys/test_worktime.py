"""Clocks in working time, against a counter that walks minute by minute and asks a wall clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.surveys.models import CalendarDay, HolidayCalendar, ProgrammeVersion
from accounts.surveys.worktime import Worktime, clocks_of, due_after, worktime_of, worktimes_of
from tests.accounts.surveys.office import HOUR, Office

MINUTE = dt.timedelta(minutes=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_DAYS = frozenset({1, 2, 3, 4, 5})
# Boundaries stay clear of the hours that clocks skip or repeat: there a wall clock alone cannot say.
EDGES = st.sampled_from([0, *range(240, 1441, 30)])
ZONES = st.sampled_from(
    ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe"]
)
FIRST = dt.date(2026, 1, 1)
EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
DAYS = st.integers(0, 450).map(lambda days: FIRST + dt.timedelta(days=days))


@st.composite
def worktimes(draw: st.DrawFn) -> Worktime:
    from_minute, until_minute = sorted(draw(st.lists(EDGES, min_size=2, max_size=2, unique=True)))
    return Worktime(
        weekdays=draw(st.frozensets(st.integers(1, 7), min_size=1)),
        from_minute=from_minute,
        until_minute=until_minute,
        zone=ZoneInfo(draw(ZONES)),
        holidays=draw(st.frozensets(DAYS, max_size=12)),
        extra_days=draw(st.frozensets(DAYS, max_size=6)),
    )


def counted(start: dt.datetime, hours: int, worktime: Worktime) -> dt.datetime:
    """Walks on until so many minutes lay in working time by the clock on the wall."""
    left, at = hours * 60, start
    while left:
        wall = at.astimezone(worktime.zone)
        works = wall.date() in worktime.extra_days or (
            wall.isoweekday() in worktime.weekdays and wall.date() not in worktime.holidays
        )
        left -= works and worktime.from_minute <= wall.hour * 60 + wall.minute < worktime.until_minute
        at += MINUTE
    return at


@settings(max_examples=60, deadline=None)
@given(worktimes(), st.integers(0, 420 * 1440), st.integers(1, 12))
def test_a_clock_runs_as_long_as_a_counter_of_minutes_says(
    worktime: Worktime, minutes: int, hours: int
) -> None:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + minutes * MINUTE
    assert due_after(start, hours, worktime) == counted(start, hours, worktime)


@given(
    st.integers(0, 10 * 365 * 86_400 * 10**6).map(lambda ticks: EPOCH + dt.timedelta(microseconds=ticks)),
    st.integers(1, 2000),
    ZONES,
)
def test_around_the_clock_hours_are_hours_to_the_microsecond(
    start: dt.datetime, hours: int, zone: str
) -> None:
    worktime = Worktime(
        weekdays=frozenset(range(1, 8)), from_minute=0, until_minute=1440, zone=ZoneInfo(zone)
    )
    assert due_after(start, hours, worktime) == start + hours * HOUR


@given(
    worktimes(), st.integers(0, 400 * 1440), st.lists(st.integers(1, 40), min_size=2, max_size=2, unique=True)
)
def test_more_hours_are_due_later_and_a_clock_can_be_run_in_two_parts(
    worktime: Worktime, minutes: int, hours: list[int]
) -> None:
    start, (few, many) = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + minutes * MINUTE, sorted(hours)
    half_way = due_after(start, few, worktime)
    assert start < half_way < due_after(start, many, worktime)
    assert due_after(half_way, many - few, worktime) == due_after(start, many, worktime)


def office_hours(**given: object) -> Worktime:
    facts: dict[str, object] = {
        "weekdays": OFFICE_DAYS,
        "from_minute": 540,
        "until_minute": 1080,
        "zone": SHANGHAI,
    }
    return Worktime(**(facts | given))  # type: ignore[arg-type]


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (shanghai(3, 2, 10), 4, shanghai(3, 2, 14)),
        (shanghai(3, 2, 3), 4, shanghai(3, 2, 13)),
        (shanghai(3, 2, 22), 4, shanghai(3, 3, 13)),
        (shanghai(3, 6, 17), 4, shanghai(3, 9, 12)),
        (shanghai(3, 7, 12), 9, shanghai(3, 9, 18)),
        (shanghai(3, 6, 14), 4, shanghai(3, 6, 18)),
        (shanghai(12, 31, 17), 2, dt.datetime(2027, 1, 1, 10, tzinfo=SHANGHAI)),
    ],
    ids=["within", "before", "after", "over a weekend", "from a weekend", "to the last minute", "new year"],
)
def test_a_clock_of_office_hours(start: dt.datetime, hours: int, due: dt.datetime) -> None:
    assert due_after(start, hours, office_hours()) == due


def test_a_holiday_week_stops_the_clock_and_its_make_up_days_run_it() -> None:
    """The National Day week of 2026: off from 1 to 7 October, worked on Sunday before and Saturday after."""
    week = frozenset(dt.date(2026, 10, day) for day in range(1, 8))
    make_up = frozenset({dt.date(2026, 9, 20), dt.date(2026, 10, 10)})
    golden = office_hours(holidays=week, extra_days=make_up)
    assert due_after(shanghai(9, 30, 17), 2, golden) == shanghai(10, 8, 10)
    assert due_after(shanghai(10, 9, 17), 10, golden) == shanghai(10, 10, 18)
    assert due_after(shanghai(10, 9, 17), 11, golden) == shanghai(10, 12, 10)
    assert due_after(shanghai(10, 9, 17), 11, office_hours(holidays=week)) == shanghai(10, 13, 10)


def test_the_hour_that_the_clocks_skip_does_not_run_and_the_one_they_repeat_runs_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    nights = office_hours(weekdays=frozenset(range(1, 8)), from_minute=0, until_minute=360, zone=berlin)
    spring, autumn = (dt.datetime(2026, *day, tzinfo=berlin) for day in ((3, 29), (10, 25)))
    assert due_after(spring, 5, nights) == dt.datetime(2026, 3, 29, 6, tzinfo=berlin)
    assert due_after(autumn, 7, nights) == dt.datetime(2026, 10, 25, 6, tzinfo=berlin)


def test_the_clocks_of_a_version_follow_its_calendar(
    office: Office, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    at = dt.datetime(2026, 10, 1, 10, tzinfo=dt.UTC)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert clocks_of(office.version, at) == (at + 24 * HOUR, at + 72 * HOUR)
    calendar = HolidayCalendar.objects.create(name="China", country="CN")
    CalendarDay.objects.create(calendar=calendar, day=dt.date(2026, 10, 2), name="National Day")
    CalendarDay.objects.create(calendar=calendar, day=dt.date(2026, 10, 3), is_working=True)
    hours = {"work_weekdays": [1, 2, 3, 4, 5], "work_from": 540, "work_until": 1080}
    version = ProgrammeVersion(pk=7, calendar=calendar, acknowledge_hours=9, plan_hours=27, **hours)
    with django_assert_num_queries(1):  # type: ignore[operator]
        acknowledge_by, plan_by = clocks_of(version, at)
    assert acknowledge_by == dt.datetime(2026, 10, 3, 10, tzinfo=dt.UTC)
    assert plan_by == dt.datetime(2026, 10, 6, 10, tzinfo=dt.UTC)
    with django_assert_num_queries(1):  # type: ignore[operator]
        both = worktimes_of([version, office.version])
    assert both[7] == worktime_of(version)
    assert both[office.version.pk].holidays == frozenset()
