"""Holiday calendars: what a country gives, and what is typed by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from accounts.surveys.models import CalendarDay, HolidayCalendar
from accounts.surveys.services import publish_version
from accounts.surveys.services.calendars import (
    change_calendar,
    create_calendar,
    delete_calendar,
    fill_calendar,
    known_countries,
    named_days,
    remove_day,
    set_day,
)
from accounts.surveys.standard import STANDARD
from accounts.surveys.worktime import clocks_of
from tests.accounts.surveys.office import Office
from tests.conftest import MONDAY

MAKE_UP_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
"""Worked on a weekend: notice of the General Office of the State Council on the holidays of 2026."""

BREAKS_2026 = [
    first + dt.timedelta(days=day)
    for first, count in (
        (dt.date(2026, 1, 1), 3),
        (dt.date(2026, 2, 15), 9),
        (dt.date(2026, 4, 4), 3),
        (dt.date(2026, 5, 1), 5),
        (dt.date(2026, 6, 19), 3),
        (dt.date(2026, 9, 25), 3),
        (dt.date(2026, 10, 1), 7),
    )
    for day in range(count)
]
"""From the first to the last day, weekends and all: the same notice."""


def days(calendar: HolidayCalendar, *, is_working: bool) -> list[dt.date]:
    found = CalendarDay.objects.filter(calendar=calendar, is_working=is_working)
    return list(found.order_by("day").values_list("day", flat=True))


def test_china_brings_its_holidays_and_the_weekends_that_are_worked_instead(db: None) -> None:
    china = create_calendar(name="China", country="CN")
    filled = fill_calendar(china, years=[2026], language="zh-hans")
    assert [f"{day:%m-%d}" for day in days(china, is_working=True)] == MAKE_UP_2026
    off = days(china, is_working=False)
    assert off == BREAKS_2026
    assert (filled.holidays, filled.make_up_days) == (len(off), 6)
    assert CalendarDay.objects.get(calendar=china, day="2026-10-01").name == "国庆节"


def test_a_clock_that_runs_every_day_stands_still_through_golden_week(office: Office) -> None:
    china = create_calendar(name="China", country="CN")
    fill_calendar(china, years=[2026], language="en")
    facts = replace(STANDARD, calendar_id=china.pk)
    version = publish_version(office.version.programme, facts=facts, author=None, now=MONDAY)
    due, _planned = clocks_of(version, dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC))
    assert due == dt.datetime(2026, 10, 8, 12, tzinfo=dt.UTC)


def test_elsewhere_only_the_weekend_between_two_holidays_is_off(db: None) -> None:
    germany = create_calendar(name="Germany", country="DE")
    fill_calendar(germany, years=[2026], language="en")
    off = days(germany, is_working=False)
    assert [dt.date(2026, 4, day) in off for day in range(2, 8)] == [False, True, True, True, True, False]
    assert dt.date(2026, 5, 2) not in off  # the Saturday after Labour Day, a Friday


def test_days_are_called_as_the_reader_calls_them(db: None) -> None:
    china, germany = (create_calendar(name=code, country=code) for code in ("CN", "DE"))
    fill_calendar(china, years=[2026], language="zh-hans")
    fill_calendar(germany, years=[2026], language="en")
    set_day(china, day=dt.date(2026, 10, 2), is_working=False, name="厂休")
    named = {
        language: {each.day: each for each in named_days(china, 2026, language)}
        for language in ("en", "zh-hans", "zh-hant")
    }
    first = dt.date(2026, 10, 1)
    assert [named[each][first].name for each in named] == ["National Day", "国庆节", "國慶節"]
    assert {each[first].language for each in named.values()} == {""}
    assert {each[dt.date(2026, 10, 2)].name for each in named.values()} == {"厂休"}
    christmas = {each.day: each for each in named_days(germany, 2026, "zh-hans")}[dt.date(2026, 12, 25)]
    assert (christmas.name, christmas.language) == ("Christmas Day", "en")


def test_filled_again_it_keeps_what_was_typed_unless_it_is_filled_anew(db: None) -> None:
    germany = create_calendar(name="Germany", country="DE")
    set_day(germany, day=dt.date(2026, 12, 25), is_working=True, name="Stocktaking")
    set_day(germany, day=dt.date(2026, 12, 24), is_working=False, name="Works holiday")
    fill_calendar(germany, years=[2026], language="en")
    assert fill_calendar(germany, years=[2026], language="en").holidays == 0
    assert days(germany, is_working=True) == [dt.date(2026, 12, 25)]
    fill_calendar(germany, years=[2026], language="en", is_anew=True)
    assert days(germany, is_working=True) == []
    assert dt.date(2026, 12, 24) not in days(germany, is_working=False)
    assert CalendarDay.objects.get(calendar=germany, day="2026-12-25").name == "Christmas Day"


def test_days_come_and_go_by_hand(db: None) -> None:
    works = create_calendar(name="Works")
    day = dt.date(2026, 7, 1)
    set_day(works, day=day, is_working=False, name="Founding day")
    assert set_day(works, day=day, is_working=True).pk == CalendarDay.objects.get().pk
    assert [remove_day(works, day=day), remove_day(works, day=day)] == [True, False]


def test_what_cannot_be_is_refused(office: Office) -> None:
    works = create_calendar(name="Works")
    refusals = {
        "blank": lambda: create_calendar(name=" "),
        "name_taken": lambda: create_calendar(name="Works"),
        "country": lambda: change_calendar(works, name="Works", country="XX"),
        "years": lambda: fill_calendar(create_calendar(name="F", country="FR"), years=[], language="en"),
    }
    for code, attempt in refusals.items():
        with pytest.raises(ValidationError) as refused:
            attempt()
        assert [error.code for errors in refused.value.error_dict.values() for error in errors] == [code]
    facts = replace(STANDARD, calendar_id=works.pk)
    publish_version(office.version.programme, facts=facts, author=None, now=MONDAY)
    with pytest.raises(ValidationError):
        delete_calendar(works)
    assert HolidayCalendar.objects.filter(pk=works.pk).exists()


def test_a_calendar_nobody_counts_with_is_deleted_with_its_days(db: None) -> None:
    china = create_calendar(name="China", country="CN")
    fill_calendar(china, years=[2026, 2027], language="en")
    delete_calendar(china)
    assert not CalendarDay.objects.exists()


def test_a_day_that_changes_moves_no_clock_that_runs(office: Office) -> None:
    works = create_calendar(name="Works")
    facts = replace(STANDARD, calendar_id=works.pk)
    version = publish_version(office.version.programme, facts=facts, author=None, now=MONDAY)
    before = clocks_of(version, MONDAY)
    set_day(works, day=MONDAY.date() + dt.timedelta(days=1), is_working=False)
    after = clocks_of(version, MONDAY)
    assert before[1] == MONDAY + dt.timedelta(hours=72)
    assert after[1] == before[1] + dt.timedelta(days=1)


def test_the_countries_are_those_of_the_world() -> None:
    assert {"CN", "DE", "US", "JP", "TW", "HK", "AU", "BR", "ZA"} <= known_countries()
    assert all(len(code) == 2 for code in known_countries())
