"""Money, numbers and dates in the reader's locale. Every filter shows a missing value as an en dash."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_timedelta,
    get_timezone_location,
)
from babel.numbers import (
    NumberPattern,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    parse_pattern,
)
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

register = template.Library()

MISSING = "–"
_HYPHEN, _MINUS = "-", "−"
_SOMETHING = re.compile(r"[1-9]")
_PUNCTUATION = re.compile(r"[\s().\-/]")
_PHONE = re.compile(r"\+?[0-9]{3,20}")
DAYS_OF_A_YEAR = 365.25
# Of a clock one wants to know more than "1 day"; within seconds nobody does.
_TWO, _ALMOST_ONE, _SOON = 2.0, 0.85, timedelta(minutes=2)
Number = int | float | Decimal
Value = TypeVar("Value")
More = ParamSpec("More")


def reader_locale() -> Locale:
    """Babel's locale of the active language; English where none is active."""
    return _locale(get_language() or "en")


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def dash_for_nothing(
    write: Callable[Concatenate[Value, More], str],
) -> Callable[Concatenate[Value | None, More], str]:
    """`MISSING` in place of None, and of the empty text that a template makes of an attribute of None."""

    @wraps(write)
    def written(value: Value | None, /, *more: More.args, **named: More.kwargs) -> str:
        return MISSING if value is None or value == "" else write(value, *more, **named)

    return written


@lru_cache(maxsize=64)
def _pattern(text: str) -> NumberPattern:
    """Read once: Babel reads a pattern anew for each number."""
    return parse_pattern(text)


def _fraction_pattern(digits: int, unit: str = "") -> NumberPattern:
    return _pattern(f"{'#,##0.' if digits else '#,##0'}{'0' * digits}{unit}")


@lru_cache(maxsize=4096)
def _day_text(day: date, language: str) -> str:
    return str(format_date(day, format="medium", locale=_locale(language)))


def with_minus(figures: str) -> str:
    """The figures of a number with U+2212, as wide as a plus, for the hyphen of Babel and Python; a zero that
    was rounded up to has no sign. Not for text: that has hyphens of its own."""
    return figures.replace(_HYPHEN, _MINUS if _SOMETHING.search(figures) else "")


@register.filter
@dash_for_nothing
def money(minor_units: int, currency: str) -> str:
    """An amount in minor units (cents, fen) with its currency: 123450 of "EUR" is €1,234.50."""
    amount = Decimal(minor_units).scaleb(-get_currency_precision(currency))
    return with_minus(format_currency(amount, currency, locale=reader_locale()))


@register.filter
@dash_for_nothing
def amount(minor_units: int, currency: str) -> str:
    """As `money`, without the sign of the currency, for a table whose heading names it."""
    digits = get_currency_precision(currency)
    value = Decimal(minor_units).scaleb(-digits)
    return with_minus(format_decimal(value, format=_fraction_pattern(digits), locale=reader_locale()))


@register.filter
@dash_for_nothing
def money_whole(minor_units: int, currency: str) -> str:
    """The amount in minor units, rounded to whole units of the currency, for a number that stands alone.

    What stands beside its sum or difference is written by `money` or `amount`, else they do not add up.
    """
    amount = Decimal(minor_units).scaleb(-get_currency_precision(currency))
    return with_minus(
        format_currency(
            round(amount), currency, locale=reader_locale(), currency_digits=False, format=_pattern("¤#,##0")
        )
    )


@dash_for_nothing
def money_fine(minor_units: Decimal, currency: str) -> str:
    """A rate in minor units as money, with the decimals it has beyond those of the currency, up to four."""
    digits = get_currency_precision(currency)
    pattern = _pattern("¤#,##0." + "0" * digits + "#" * (4 - digits))
    amount = Decimal(minor_units).scaleb(-digits)
    return with_minus(
        format_currency(amount, currency, locale=reader_locale(), currency_digits=False, format=pattern)
    )


@register.filter
@dash_for_nothing
def number(value: Number, digits: int = 0) -> str:
    """A number with grouped thousands and the given decimals."""
    return with_minus(format_decimal(value, format=_fraction_pattern(digits), locale=reader_locale()))


@register.filter
@dash_for_nothing
def plain_number(value: Number) -> str:
    """A number as somebody typed it, with at most four decimals and none that are zero."""
    return with_minus(format_decimal(value, format=_pattern("#,##0.####"), locale=reader_locale()))


@register.filter
def dialled(phone: str) -> str:
    """What a telephone dials: "+86 (512) 6288-0000" is "+8651262880000"; empty for what is no number."""
    number = _PUNCTUATION.sub("", phone)
    return number if _PHONE.fullmatch(number) else ""


@register.filter
@dash_for_nothing
def percent(share: Number, digits: int = 0) -> str:
    """A share as a percentage: 0.125 with one digit is 12.5%."""
    return with_minus(format_percent(share, format=_fraction_pattern(digits, "%"), locale=reader_locale()))


@register.filter
@dash_for_nothing
def percent_signed(share: Number, digits: int = 0) -> str:
    """A change as a percentage with its sign: +12%, −3%, 0%."""
    text = percent(share, digits)
    return f"+{text}" if share and share > 0 and _SOMETHING.search(text) else text


@register.filter
@dash_for_nothing
def signed(value: Number, digits: int = 0) -> str:
    """A change with its sign, U+2212 for minus: +3, −2, 0."""
    text = number(value, digits)
    return f"+{text}" if value and value > 0 and _SOMETHING.search(text) else text


@register.filter
@dash_for_nothing
def day(value: date | datetime) -> SafeString | str:
    """A calendar day as <time>; an aware datetime counts in the reader's time zone."""
    local = (
        timezone.localtime(value).date()
        if isinstance(value, datetime) and timezone.is_aware(value)
        else value
    )
    on = local.date() if isinstance(local, datetime) else local
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), in_words(on))


def in_words(value: date) -> str:
    """A calendar day as bare text."""
    return _day_text(value, get_language() or "en")


@register.filter
@dash_for_nothing
def moment(value: datetime) -> SafeString | str:
    """A day with hours and minutes in the reader's time zone, as <time>."""
    local = timezone.localtime(value)
    text = _("%(day)s, %(time)s") % {"day": in_words(local.date()), "time": f"{local:%H:%M}"}
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), text)


@register.simple_tag
def zone_name() -> str:
    """The active time zone by its city, as one says it in the active language."""
    return str(
        get_timezone_location(timezone.get_current_timezone(), locale=reader_locale(), return_city=True)
    )


@register.filter
@dash_for_nothing
def moment_there(value: datetime) -> SafeString | str:
    """A moment that says whose clock it is: for who did not choose a time zone, or reads of several."""
    return format_html(_("{moment} ({zone})"), moment=moment(value), zone=zone_name())


@register.filter
@dash_for_nothing
def moment_brief(value: datetime) -> SafeString | str:
    """A moment without its year, for a page that says it; the whole moment is the title."""
    local = timezone.localtime(value)
    day_text = format_skeleton("MMMd", local, locale=reader_locale())
    text = _("%(day)s, %(time)s") % {"day": day_text, "time": f"{local:%H:%M}"}
    exact = format_datetime(local, format="medium", locale=reader_locale())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="minutes"), exact, text
    )


def how_far(delta: timedelta) -> str:
    """How long ago, or in how long, in the largest unit of which there are two: 47 hours are no "2 days", 13
    days no "2 weeks"."""
    threshold = _TWO if abs(delta) >= _SOON else _ALMOST_ONE
    return str(format_timedelta(delta, add_direction=True, threshold=threshold, locale=reader_locale()))


@register.filter
@dash_for_nothing
def relative(value: datetime, now: datetime) -> SafeString | str:
    """How long ago, or in how long, seen from `now`; the exact moment is the title."""
    text = how_far(value - now)
    local = timezone.localtime(value)
    exact = format_datetime(local, format="medium", locale=reader_locale())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, text
    )


@register.filter
@dash_for_nothing
def duration(seconds: float) -> str:
    """A span of time in words, in its largest unit: 200 is 3 minutes."""
    return str(format_timedelta(timedelta(seconds=round(seconds)), threshold=1.5, locale=reader_locale()))


@register.filter
def span(days: int) -> str:
    """A number of days, in years where they are whole ones: 1461 is 4 years, 90 is 90 days."""
    years = round(days / DAYS_OF_A_YEAR)
    if years and abs(days - years * DAYS_OF_A_YEAR) < 1:
        return ngettext("%(number)s year", "%(number)s years", years) % {"number": number(years)}
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": number(days)}


@register.filter
def seconds(value: float | None) -> str:
    """A number of seconds, below ten with two digits: 0.04, 9.87, 12.3."""
    return number(value, 2 if value is not None and value < 10 else 1)


@register.filter
def language_name(code: str) -> str:
    """A language in its own name: zh-hans is 中文 (简体)."""
    locale = Locale.parse(to_locale(code))
    return str(locale.get_display_name(locale))
