"""Holiday calendars: filled in by country, changed by hand. Codes: blank, name_taken, country, years, in_use.

A clock is computed once, when it starts: a day that changes later moves nothing that runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import holidays
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import refuse
from accounts.surveys.models import CalendarDay, HolidayCalendar, ProgrammeVersion

MOST_YEARS = 10
FIRST_YEAR, LAST_YEAR = 2000, 2100
LANGUAGES = {"en": "en_US", "zh-hans": "zh_CN", "zh-hant": "zh_TW"}
"""Names of days in the languages of the product, as the library calls them."""


@dataclass(frozen=True)
class Filled:
    """How many holidays and make-up working days were added."""

    holidays: int
    make_up_days: int


@cache
def known_countries() -> frozenset[str]:
    """ISO 3166 codes of the countries whose days can be filled in."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@transaction.atomic
def create_calendar(*, name: str, country: str = "") -> HolidayCalendar:
    """An empty calendar."""
    calendar = HolidayCalendar(name=name.strip(), country=country)
    _save(calendar)
    return calendar


@transaction.atomic
def change_calendar(calendar: HolidayCalendar, *, name: str, country: str) -> HolidayCalendar:
    current = _locked(calendar)
    current.name, current.country = name.strip(), country
    _save(current)
    return current


@transaction.atomic
def fill_calendar(
    calendar: HolidayCalendar, *, years: Collection[int], language: str, is_anew: bool = False
) -> Filled:
    """The holidays of its country in these years, and the days that are worked instead.

    Days that are there stay as they are; ``is_anew``: those of these years go first.
    """
    current = _locked(calendar)
    if not current.country:
        refuse("country", "country", _("Choose a country first: this calendar is kept by hand."))
    if not 1 <= len(years) <= MOST_YEARS or not all(FIRST_YEAR <= year <= LAST_YEAR for year in years):
        refuse("years", "years", _("One to ten years, from 2000 to 2100."))
    if is_anew:
        CalendarDay.objects.filter(calendar=current, day__year__in=years).delete()
    known = CalendarDay.objects.filter(calendar=current, day__year__in=years).values_list("day", flat=True)
    kept = set(known)
    days = [each for each in _days_of(current, years, language) if each.day not in kept]
    CalendarDay.objects.bulk_create(days)
    made_up = sum(each.is_working for each in days)
    return Filled(len(days) - made_up, made_up)


@transaction.atomic
def set_day(calendar: HolidayCalendar, *, day: dt.date, is_working: bool, name: str = "") -> CalendarDay:
    """A holiday or a make-up working day; a day that is there becomes this one."""
    current = _locked(calendar)
    values = {"is_working": is_working, "name": name.strip()}
    found, _is_new = CalendarDay.objects.update_or_create(calendar=current, day=day, defaults=values)
    return found


def remove_day(calendar: HolidayCalendar, *, day: dt.date) -> bool:
    """The day is as its weekday says again; whether there was one."""
    removed, _by_model = CalendarDay.objects.filter(calendar=calendar, day=day).delete()
    return bool(removed)


@transaction.atomic
def delete_calendar(calendar: HolidayCalendar) -> None:
    """Refused while a version of a programme names it."""
    current = _locked(calendar)
    if ProgrammeVersion.objects.filter(calendar=current).exists():
        refuse("name", "in_use", _("A survey programme counts with this calendar: it cannot be deleted."))
    current.delete()


def _days_of(calendar: HolidayCalendar, years: Collection[int], language: str) -> list[CalendarDay]:
    found = holidays.country_holidays(calendar.country, years=list(years))
    wish = LANGUAGES.get(language, "en_US")
    spoken = next((each for each in (wish, "en_US") if each in found.supported_languages), None)
    found = holidays.country_holidays(calendar.country, years=list(years), language=spoken)
    off = [(day, False, name) for day, name in found.items() if day.year in years]
    worked = [(day, True, "") for day in found.weekend_workdays if day.year in years and day not in found]
    return [
        CalendarDay(calendar=calendar, day=day, is_working=is_working, name=name[:120])
        for day, is_working, name in sorted(off + worked)
    ]


def _locked(calendar: HolidayCalendar) -> HolidayCalendar:
    return HolidayCalendar.objects.select_for_update().get(pk=calendar.pk)


def _save(calendar: HolidayCalendar) -> None:
    if not calendar.name:
        refuse("name", "blank", _("This field is required."))
    if calendar.country and calendar.country not in known_countries():
        refuse("country", "country", _("The days of this country are not known."))
    try:
        with transaction.atomic():
            calendar.save()
    except IntegrityError:
        refuse("name", "name_taken", _("There is a calendar of this name already."))
