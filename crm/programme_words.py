"""A version of the survey programme in words: its week, its clocks, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.projects.models import FunctionalRole
from accounts.surveys.models.programmes import ALL_DAYS, WHOLE_DAY
from accounts.surveys.standard import DimensionFacts, GradeFacts, VersionFacts, Words
from accounts.surveys.weeks import days_open
from crm.templatetags.formats import number, reader_locale

THURSDAY, FRIDAY = 4, 5
Text = Callable[[Any], str]


@dataclass(frozen=True)
class RhythmDay:
    """A day between sending and closing; ``hour``: of the letter or the reminder."""

    name: str
    full_name: str
    hour: str
    is_sent: bool
    is_reminded: bool
    is_last: bool


@dataclass(frozen=True)
class Change:
    """What a version says of something, and what the one before said; empty: nothing."""

    label: str
    before: str
    after: str


def rhythm(facts: VersionFacts) -> tuple[RhythmDay, ...]:
    """The days of a week's survey, from the letter to the last answer in time."""
    last = days_open(facts.send_weekday, facts.close_weekday)
    return tuple(
        RhythmDay(
            name=weekday_brief((facts.send_weekday - 1 + day) % 7 + 1),
            full_name=weekday((facts.send_weekday - 1 + day) % 7 + 1),
            hour=time_of(facts.send_hour * 60),
            is_sent=day == 0,
            is_reminded=day == facts.remind_after_days,
            is_last=day == last,
        )
        for day in range(last + 1)
    )


def rated_week(facts: VersionFacts) -> str:
    """Which week the letter asks about: that of the day on which it goes out, however far it has come."""
    if facts.send_weekday == 1:
        return _("It asks about the week that begins on that day.")
    if facts.send_weekday < FRIDAY:
        return _("It asks about the week under way, which has not ended yet.")
    return _("It asks about the week just ending.")


def is_asked_early(facts: VersionFacts) -> bool:
    """Of most of the rated week a respondent knows nothing yet."""
    return facts.send_weekday < THURSDAY


def weekday(iso: int) -> str:
    """The name of a weekday, Monday 1."""
    return _named_day(iso, "wide")


def weekday_brief(iso: int) -> str:
    return _named_day(iso, "abbreviated")


def month(number: int) -> str:
    """The name of a month, January 1, as it stands by itself."""
    return str(reader_locale().months["stand-alone"]["wide"][number])


def time_of(minutes: int) -> str:
    """Minutes after midnight as a clock shows them; the end of the day is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def working_time(facts: VersionFacts) -> str:
    """When clocks run."""
    hours = {"start": time_of(facts.work_from), "end": time_of(facts.work_until)}
    is_whole_day = (facts.work_from, facts.work_until) == (0, WHOLE_DAY)
    if set(facts.work_weekdays) == set(ALL_DAYS):
        return _("Around the clock") if is_whole_day else _("Every day, %(start)s to %(end)s") % hours
    days = _(", ").join(weekday_brief(day) for day in sorted(facts.work_weekdays))
    if is_whole_day:
        return _("%(days)s, all day") % {"days": days}
    return _("%(days)s, %(start)s to %(end)s") % {"days": days, **hours}


def clocks_in_days(facts: VersionFacts) -> tuple[tuple[str, str, str], ...]:
    """What a clock is called, its hours, and how many working days they are; nothing around the clock."""
    day = (facts.work_until - facts.work_from) / 60
    if facts.work_until - facts.work_from == WHOLE_DAY and set(facts.work_weekdays) == set(ALL_DAYS):
        return ()
    clocks = (
        (_("Acknowledge within"), facts.acknowledge_hours),
        (_("Plan within"), facts.plan_hours),
        (_("Executives told after"), facts.executives_after_hours),
    )
    return tuple((label, hours(count), _about_days(count / day)) for label, count in clocks)


def _about_days(count: float) -> str:
    text = number(count, 0 if count == round(count) else 1)
    words = ngettext("%(count)s working day", "about %(count)s working days", 1 if count == 1 else 2)
    return words % {"count": text}


def words_in(words: Words, language: str | None = None) -> str:
    """The name in the reader's language; English where there is no other."""
    spoken = language or get_language() or "en"
    return {"zh-hans": words.name_zh_hans, "zh-hant": words.name_zh_hant}.get(spoken) or words.name


def role_name(role: str) -> str:
    return str(FunctionalRole(role).label) if role else _("no functional role")


def changes(before: VersionFacts, after: VersionFacts, calendars: dict[int, str]) -> tuple[Change, ...]:
    """Everything that differs, in the order of the page. ``calendars``: their names by id."""
    return (
        *_dimension_changes(before, after),
        *_grade_changes(before, after),
        *_column_changes(before, after, calendars),
    )


def _named_day(iso: int, width: str) -> str:
    # Not Django's names: "Monday" is a word of the product too, that of a week's first day.
    return str(reader_locale().days["stand-alone"][width][iso - 1])


def _dimension_changes(before: VersionFacts, after: VersionFacts) -> Iterator[Change]:
    old, new = ({each.code: each for each in facts.dimensions} for facts in (before, after))
    for code in (*new, *(code for code in old if code not in new)):
        was, now = old.get(code), new.get(code)
        words = [_dimension_words(each, was, now) for each in (was, now)]
        if words[0] != words[1]:
            yield Change(words_in((now or was).words), *words)  # type: ignore[union-attr]
    kept = [[code for code in facts if code in old and code in new] for facts in (old, new)]
    if kept[0] != kept[1]:
        named = [_(", ").join(words_in(each.words) for each in facts.dimensions) for facts in (before, after)]
        yield Change(_("Order of the dimensions"), *named)


def _dimension_words(
    facts: DimensionFacts | None, was: DimensionFacts | None, now: DimensionFacts | None
) -> str:
    if facts is None:
        return _("not asked")
    parts = [_("weight %(weight)s") % {"weight": number(facts.weight)}, role_name(facts.functional_role)]
    if was and now and was.words != now.words:
        names = dict.fromkeys((facts.words.name, facts.words.name_zh_hans, facts.words.name_zh_hant))
        parts.insert(0, " / ".join(name for name in names if name))
    return _(", ").join(parts)


def _grade_changes(before: VersionFacts, after: VersionFacts) -> Iterator[Change]:
    old, new = ({each.letter: each for each in facts.grades} for facts in (before, after))
    for letter in (*new, *(letter for letter in old if letter not in new)):
        was, now = old.get(letter), new.get(letter)
        is_renamed = bool(was and now and was.words != now.words)
        words = [_grade_words(each, is_named=is_renamed) for each in (was, now)]
        if words[0] != words[1]:
            yield Change(_("Grade %(letter)s") % {"letter": letter}, *words)


def _grade_words(facts: GradeFacts | None, *, is_named: bool) -> str:
    if facts is None:
        return _("no such grade")
    marks = [
        (facts.warns, _("warns")),
        (facts.opens_case, _("opens a corrective action")),
        (facts.confirms_case, _("confirms a corrective action")),
    ]
    points = ngettext("%(points)s point", "%(points)s points", abs(facts.points))
    parts = [points % {"points": number(facts.points)}, *(text for is_set, text in marks if is_set)]
    if is_named:
        names = (facts.words.name, facts.words.name_zh_hans, facts.words.name_zh_hant)
        parts.insert(0, " / ".join(dict.fromkeys(name for name in names if name)))
    return _(", ").join(parts)


def _column_changes(before: VersionFacts, after: VersionFacts, calendars: dict[int, str]) -> Iterator[Change]:
    for label, text in _columns(calendars):
        words = text(before), text(after)
        if words[0] != words[1]:
            yield Change(label, *words)


def _columns(calendars: dict[int, str]) -> tuple[tuple[str, Text], ...]:
    """What stands on the version itself, with the words for it."""
    return (
        (_("Sent"), lambda facts: f"{weekday(facts.send_weekday)} {time_of(facts.send_hour * 60)}"),
        (_("Reminder"), lambda facts: days(facts.remind_after_days)),
        (_("Closes at the end of"), lambda facts: weekday(facts.close_weekday)),
        (_("Late answers taken for"), lambda facts: days(facts.late_days)),
        (_("Least response rate"), lambda facts: f"{number(facts.response_threshold_percent)} %"),
        (_("Acknowledge within"), lambda facts: hours(facts.acknowledge_hours)),
        (_("Plan within"), lambda facts: hours(facts.plan_hours)),
        (_("Owner reminded after"), lambda facts: f"{number(facts.remind_owner_percent)} %"),
        (_("Executives told after"), lambda facts: hours(facts.executives_after_hours)),
        (_("A low grade opens again within"), lambda facts: days(facts.repeat_days)),
        (_("Working time"), working_time),
        (_("Holiday calendar"), lambda facts: calendars.get(facts.calendar_id or 0, "–")),
    )


def days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count)}


def hours(count: int) -> str:
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": number(count)}
