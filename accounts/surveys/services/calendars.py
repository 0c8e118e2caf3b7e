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
FRIDAY = 5
DAY = dt.timedelta(days=1)
LANGUAGES = {"en": ("en_US", "en_HK"), "zh-hans": ("zh_CN",), "zh-hant": ("zh_TW", "zh_HK")}
"""Names of days in the languages of the product, as the library calls them; the first that it has."""
TAGS = {"en_US": "en", "en_HK": "en", "zh_CN": "zh-hans", "zh_TW": "zh-hant", "zh_HK": "zh-hant"}


@dataclass(frozen=True)
class Filled:
    """How many holidays and make-up working days were added."""

    holidays: int
    make_up_days: int


@dataclass(frozen=True)
class NamedDay:
    """A day of a calendar as its reader calls it; ``language``: of a name that is in another one (BCP 47)."""

    day: dt.date
    is_working: bool
    name: str
    language: str = ""

    @property
    def is_weekend(self) -> bool:
        return self.day.isoweekday() > FRIDAY


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


def named_days(calendar: HolidayCalendar, year: int, language: str) -> tuple[NamedDay, ...]:
    """The days of a year, each by the name that the reader's language has for it. One query."""
    found = CalendarDay.objects.filter(calendar=calendar, day__year=year).order_by("day")
    known = _names_of(calendar.country, year) if calendar.country else {}
    return tuple(_named(each, known, language) for each in found)


def _named(day: CalendarDay, known: dict[str, dict[dt.date, str]], language: str) -> NamedDay:
    """What the country calls it, in ``language`` where the library has it; what was typed stays as typed."""
    told = [spoken for spoken, names in known.items() if day.name and names.get(day.day) == day.name]
    wish = next((each for each in LANGUAGES[language] if each in known), "")
    if not told or wish in told:
        return NamedDay(day.day, day.is_working, day.name)
    if wish:
        return NamedDay(day.day, day.is_working, known[wish][day.day])
    return NamedDay(day.day, day.is_working, day.name, TAGS.get(told[0], told[0].replace("_", "-")))


@cache
def _names_of(country: str, year: int) -> dict[str, dict[dt.date, str]]:
    """By the library's code of a language."""
    spoken = holidays.country_holidays(country, years=year).supported_languages
    return {each: dict(holidays.country_holidays(country, years=year, language=each)) for each in spoken}


def _days_of(calendar: HolidayCalendar, years: Collection[int], language: str) -> list[CalendarDay]:
    around = range(min(years) - 1, max(years) + 2)  # a break may begin before a year and end after it
    # expand: asking for a day would add its year
    found = holidays.country_holidays(calendar.country, years=around, expand=False)
    wishes = (*LANGUAGES.get(language, ()), *LANGUAGES["en"])
    spoken = next((each for each in wishes if each in found.supported_languages), None)
    found = holidays.country_holidays(calendar.country, years=around, language=spoken, expand=False)
    off = [(day, False, name) for day, name in found.items()]
    off += [(day, False, "") for day in _weekends_in_breaks(found)]
    worked = [(day, True, "") for day in found.weekend_workdays if day not in found]
    return [
        CalendarDay(calendar=calendar, day=day, is_working=is_working, name=name[:120])
        for day, is_working, name in sorted(off + worked)
        if day.year in years
    ]


def _weekends_in_breaks(found: holidays.HolidayBase) -> list[dt.date]:
    """Days of a weekend that belong to a break without being holidays themselves.

    Where working days are moved to weekends a break is announced from its first day to its last, and the
    weekend at either end is part of it; elsewhere only what lies between two holidays, as at Easter.
    """
    is_announced = bool(found.weekend_workdays)
    inside: list[set[dt.date]] = []
    for step in (DAY, -DAY):
        touched: set[dt.date] = set()
        for holiday in found:
            day = holiday + step
            while day.weekday() in found.weekend and day not in found and day not in found.weekend_workdays:
                touched.add(day)
                day += step
        inside.append(touched)
    after, before = inside
    return sorted(after | before if is_announced else after & before)


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
