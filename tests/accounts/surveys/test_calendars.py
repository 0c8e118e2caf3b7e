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
    remove_day,
    set_day,
)
from accounts.surveys.standard import STANDARD
from accounts.surveys.worktime import clocks_of
from tests.accounts.surveys.office import Office
from tests.conftest import MONDAY

MAKE_UP_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
"""Worked on a weekend: notice of the General Office of the State Council on the holidays of 2026."""


def days(calendar: HolidayCalendar, *, is_working: bool) -> list[dt.date]:
    found = CalendarDay.objects.filter(calendar=calendar, is_working=is_working)
    return list(found.order_by("day").values_list("day", flat=True))


def test_china_brings_its_holidays_and_the_weekends_that_are_worked_instead(db: None) -> None:
    china = create_calendar(name="China", country="CN")
    filled = fill_calendar(china, years=[2026], language="zh-hans")
    assert [f"{day:%m-%d}" for day in days(china, is_working=True)] == MAKE_UP_2026
    off = days(china, is_working=False)
    assert {dt.date(2026, 10, day) for day in (1, 2, 5, 6, 7)} <= set(off)
    assert (filled.holidays, filled.make_up_days) == (len(off), 6)
    assert CalendarDay.objects.get(calendar=china, day="2026-10-01").name == "国庆节"


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
