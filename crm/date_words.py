"""Days as people say them: "tomorrow", "next mon", "in 2 weeks", "30.11.", 明天, 下周一, 月底, 3天后.

A grammar of its own, a table of patterns: a general parser guesses where it should refuse, and reads few of
the Chinese words. Every language is understood in every language; ``language`` only says which number comes
first in "3/4". A week begins on Monday: "next mon" and 下周一 are the Monday of the calendar week after this
one, "mon" and 周一 the nearest Monday that is not today. Without a year the nearest such day counts, forward
or, with ``is_past``, backward.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

DAY = dt.timedelta(days=1)
NOON = dt.time(12)
LONGEST = 60


class DateWordsError(ValueError):
    """The text names no day, or more than one."""


@dataclass(frozen=True)
class _Asked:
    today: dt.date
    is_past: bool
    is_month_first: bool


Read = Callable[[re.Match[str], _Asked], dt.date]

_TRADITIONAL = str.maketrans("後個週禮號兩內這現剛點時鐘幾", "后个周礼号两内这现刚点时钟几")
_WEEKDAYS = {
    **{day: at for at, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{day: at for at, day in enumerate("一二三四五六日")},
    **{"天": 6, **{str(at + 1): at for at in range(7)}},
}
_MONTHS = {
    name: at + 1
    for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())  # noqa: SIM905
}
_NAMED = {
    -2: "day before yesterday|前天",
    -1: "yesterday|yest|昨天|昨日",
    0: "today|tod|今天|今日|今",
    1: "tomorrow|tomorow|tmrw|tmr|tom|明天|明日|明",
    2: "day after tomorrow|overmorrow|后天|后日",
    3: "大后天",
}
_COUNTED = "a|an|one|一 two|二|两 three|三 four|四 five|五 six|六 seven|七 eight|八 nine|九 ten|十"
_WORDS = {word: at + 1 for at, words in enumerate(_COUNTED.split()) for word in words.split("|")} | {
    "twelve": 12
}
_COUNT = (
    r"(?P<count>\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve"
    r"|[一二两三四五六七八九十]{1,3})"
)
_WEEKDAY = (
    r"(?P<day>mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r|rs|rsday)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_HAN_WEEKDAY = r"(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-7])"
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_NUMBER = r"(?P<number>\d{1,2})(?:st|nd|rd|th)?"
_UNIT = r"(?P<unit>d|days?|天|日|w|wks?|weeks?|个?(?:周|星期|礼拜)|m|months?|mths?|个?月|y|yrs?|years?|年)"


def day_of(text: str, today: dt.date, language: str, *, is_past: bool = False) -> dt.date:
    """The day that ``text`` names. Raises DateWordsError for anything else, also for the 31st of February."""
    said = _plain(text)
    if len(said) > LONGEST:
        raise DateWordsError(text)
    asked = _Asked(today, is_past, is_month_first=language.startswith("zh"))
    for pattern, read in _GRAMMAR:
        if found := pattern.fullmatch(said):
            try:
                return read(found, asked)
            except (ValueError, OverflowError) as error:
                raise DateWordsError(text) from error
    raise DateWordsError(text)


def moment_of(text: str, now: dt.datetime, language: str) -> dt.datetime:
    """When it was: a day with an hour ("yesterday 15:00", 昨天下午3点), an hour of today, or a day alone.

    ``now`` is local, and so is the answer. Of a day alone it is noon, of today this moment.
    """
    said = _plain(text)
    if re.fullmatch("now|just now|right now|现在|刚才|刚刚", said):
        return now
    rest, hour = _without_hour(said)
    day = day_of(rest, now.date(), language, is_past=True) if rest else now.date()
    if hour is None:
        return now if day == now.date() else dt.datetime.combine(day, NOON, now.tzinfo)
    return dt.datetime.combine(day, hour, now.tzinfo)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[: LONGEST * 2]).casefold().translate(_TRADITIONAL)
    return " ".join(folded.replace(",", " ").split())


_CLOCK = re.compile(
    r"(?:\bat )?(?:t|(?<=[ \d])|^)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)? ?(?P<half>[ap]m)?$"
    r"|(?:\bat |(?<= )|^)(?P<hour12>\d{1,2}) ?(?P<half12>[ap]m)$"
    r"|(?P<part>凌晨|早上|上午|中午|下午|晚上)?(?P<hour_han>\d{1,2}|[一二两三四五六七八九十]{1,3})点"
    r"(?:(?P<minute_han>\d{1,2})分?|(?P<half_hour>半)|钟|整)?$"
)


def _without_hour(said: str) -> tuple[str, dt.time | None]:
    found = _CLOCK.search(said)
    if found is None:
        return said, None
    hour = _number(found["hour"] or found["hour12"] or found["hour_han"])
    minute = 30 if found["half_hour"] else int(found["minute"] or found["minute_han"] or 0)
    half = found["half"] or found["half12"]
    is_afternoon = half == "pm" or found["part"] in {"下午", "晚上", "中午"}
    if half and not 1 <= hour <= 12:
        raise DateWordsError(said)
    if is_afternoon and (hour < 11 or (half and hour < 12)):
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    try:
        return said[: found.start()].removesuffix(" at").strip(), dt.time(hour, minute)
    except ValueError as error:
        raise DateWordsError(said) from error


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word in _WORDS:
        return _WORDS[word]
    tens, ten, ones = word.partition("十")
    if not ten or not {tens, ones} <= {"", *"一二三四五六七八九"}:
        raise DateWordsError(word)
    return (_WORDS[tens] if tens else 1) * 10 + (_WORDS[ones] if ones else 0)


def _shifted(day: dt.date, months: int) -> dt.date:
    """So many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _last_of_month(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _later(found: re.Match[str], asked: _Asked, *, sign: int = 1) -> dt.date:
    count, unit = sign * _number(found["count"]), found["unit"].removeprefix("个")
    if unit.startswith(("d", "天", "日")):
        return asked.today + count * DAY
    if unit.startswith(("w", "周", "星", "礼")):
        return asked.today + count * 7 * DAY
    return _shifted(asked.today, count * (12 if unit.startswith(("y", "年")) else 1))


def _earlier(found: re.Match[str], asked: _Asked) -> dt.date:
    return _later(found, asked, sign=-1)


def _nearest_weekday(found: re.Match[str], asked: _Asked) -> dt.date:
    wanted = _WEEKDAYS[found["day"][:3]]
    if asked.is_past:
        return asked.today - ((asked.today.weekday() - wanted - 1) % 7 + 1) * DAY
    return asked.today + ((wanted - asked.today.weekday() - 1) % 7 + 1) * DAY


def _weekday_of(weeks: int) -> Read:
    """A day of the calendar week ``weeks`` after this one; a week without a day is its Monday."""

    def read(found: re.Match[str], asked: _Asked) -> dt.date:
        wanted = _WEEKDAYS[found["day"][:3]] if "day" in found.groupdict() else 0
        return asked.today + (7 * weeks + wanted - asked.today.weekday()) * DAY

    return read


def _after(days: int) -> Read:
    return lambda found, asked: asked.today + days * DAY


def _month(months: int, *, is_end: bool) -> Read:
    def read(found: re.Match[str], asked: _Asked) -> dt.date:
        first = _shifted(asked.today.replace(day=1), months)
        return _last_of_month(first) if is_end else first

    return read


def _end_of_year(found: re.Match[str], asked: _Asked) -> dt.date:
    return dt.date(asked.today.year, 12, 31)


def _next_day(weekday: int) -> Read:
    """The nearest such day of the week (0 is Monday), which may be today."""
    return lambda found, asked: asked.today + ((weekday - asked.today.weekday()) % 7) * DAY


def _whole(found: re.Match[str], asked: _Asked) -> dt.date:
    year = int(found["year"])
    return dt.date(year + 2000 if year < 100 else year, int(found["month"]), int(found["number"]))


def _in_year(month: int, number: int, asked: _Asked) -> dt.date:
    """The nearest such day, which 29 February may be years away."""
    for year in range(9):
        try:
            day = dt.date(asked.today.year + (-year if asked.is_past else year), month, number)
        except ValueError:
            continue
        if day <= asked.today if asked.is_past else day >= asked.today:
            return day
    raise DateWordsError(f"{number}.{month}.")


def _day_and_month(found: re.Match[str], asked: _Asked) -> dt.date:
    month = found["month"]
    return _in_year(_MONTHS.get(month) or int(month), int(found["number"]), asked)


def _named_month_of_year(found: re.Match[str], asked: _Asked) -> dt.date:
    return dt.date(int(found["year"]), _MONTHS[found["month"]], int(found["number"]))


def _slashed(found: re.Match[str], asked: _Asked) -> dt.date:
    """Which comes first is known where only one reading is a date, and in Chinese."""
    first, second = int(found["first"]), int(found["second"])
    if asked.is_month_first or second > 12:
        return _in_year(first, second, asked)
    if first > 12 or first == second:
        return _in_year(second, first, asked)
    raise DateWordsError(found[0])


def _day_of_month(found: re.Match[str], asked: _Asked) -> dt.date:
    number = int(found["number"])
    for months in range(4):
        first = _shifted(asked.today.replace(day=1), -months if asked.is_past else months)
        if number > calendar.monthrange(first.year, first.month)[1]:
            continue
        day = first.replace(day=number)
        if day <= asked.today if asked.is_past else day >= asked.today:
            return day
    raise DateWordsError(found[0])


_PATTERNS: tuple[tuple[str, Read], ...] = (
    *((words, _after(days)) for days, words in _NAMED.items()),
    (r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<number>\d{1,2})[日号]?", _whole),
    (r"(?P<number>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})", _whole),
    (r"(?P<number>\d{1,2})\. ?(?P<month>\d{1,2})\.?", _day_and_month),
    (r"(?P<month>\d{1,2})月(?P<number>\d{1,2})[日号]?", _day_and_month),
    (r"(?P<first>\d{1,2})/(?P<second>\d{1,2})", _slashed),
    (rf"{_NUMBER}\.? ?(?:of )?{_MONTH}", _day_and_month),
    (rf"{_MONTH} ?{_NUMBER}", _day_and_month),
    (rf"{_NUMBER}\.? ?(?:of )?{_MONTH} ?(?P<year>\d{{4}})", _named_month_of_year),
    (rf"{_MONTH} ?{_NUMBER} (?P<year>\d{{4}})", _named_month_of_year),
    (r"(?:the )?(?P<number>\d{1,2})(?:st|nd|rd|th|号|日)", _day_of_month),
    (rf"(?:on )?{_WEEKDAY}", _nearest_weekday),
    (_HAN_WEEKDAY, _nearest_weekday),
    (rf"this {_WEEKDAY}", _weekday_of(0)),
    (rf"[本这]个?{_HAN_WEEKDAY}", _weekday_of(0)),
    (rf"next (?:week )?(?:on )?{_WEEKDAY}", _weekday_of(1)),
    (rf"{_WEEKDAY} next week", _weekday_of(1)),
    (rf"下个?{_HAN_WEEKDAY}", _weekday_of(1)),
    (rf"下下个?{_HAN_WEEKDAY}", _weekday_of(2)),
    (rf"last {_WEEKDAY}", _weekday_of(-1)),
    (rf"{_WEEKDAY} last week", _weekday_of(-1)),
    (rf"上个?{_HAN_WEEKDAY}", _weekday_of(-1)),
    (r"next week|下个?(?:周|星期|礼拜)", _weekday_of(1)),
    (r"下下个?(?:周|星期|礼拜)", _weekday_of(2)),
    (rf"(?:in |\+)?{_COUNT} ?{_UNIT}(?: (?:later|from now|time))?", _later),
    (rf"{_COUNT} ?{_UNIT}(?:之后|以后|后)", _later),
    (r"\+(?P<count>\d{1,4})(?P<unit>)", lambda found, asked: asked.today + int(found["count"]) * DAY),
    (rf"{_COUNT} ?{_UNIT} ago", _earlier),
    (rf"{_COUNT} ?{_UNIT}(?:之前|以前|前)", _earlier),
    (r"半个月(?:之后|以后|后)?|in half a month", _after(15)),
    (r"next month|下个?月初?", _month(1, is_end=False)),
    (r"(?:the )?end of (?:the |this )?month|month end|eom|(?:本|这个)?月[底末]", _month(0, is_end=True)),
    (r"(?:the )?end of next month|下个?月[底末]", _month(1, is_end=True)),
    (r"(?:the )?end of (?:the |this )?week|eow", _next_day(4)),
    (r"(?:the )?end of (?:the |this )?year|year end|eoy|今?年[底末]", _end_of_year),
    (r"(?:本|这|这个)?周末|(?:the )?weekend", _next_day(5)),
)
_GRAMMAR = tuple((re.compile(pattern), read) for pattern, read in _PATTERNS)
