"""A version of a survey beside the weekly one in words: when and whom it asks, and what it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from babel.dates import format_skeleton
from django.utils.translation import gettext as _

from accounts.contacts.models import Level
from accounts.occasions.facts import QuestionFacts, SurveyFacts
from accounts.occasions.models import QuestionKind
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.standard import COLUMNS, VersionFacts
from crm.programme_words import Change, changes, days, time_of, words_in
from crm.templatetags.formats import reader_locale

LEAP_YEAR = 2024


def survey_changes(before: SurveyFacts, after: SurveyFacts) -> tuple[Change, ...]:
    """Everything that differs, in the order of the page."""
    return (
        *(
            Change(label, was, now)
            for (label, was), (_label, now) in zip(rules_in_words(before), rules_in_words(after), strict=True)
            if was != now
        ),
        *changes(_only_parts(before.version), _only_parts(after.version), {}),
        *_question_changes(before, after),
    )


def rules_in_words(facts: SurveyFacts) -> list[tuple[str, str]]:
    """Name and value of every rule; – where a kind of survey has no such rule."""
    rules, version = facts.rules, facts.version
    has_day = rules.yearly_month is not None and rules.yearly_day is not None
    yearly = day_of_year(rules.yearly_month or 1, rules.yearly_day or 1) if has_day else "–"
    return [
        (_("Asked by itself after each delivery"), _("yes") if rules.asks_deliveries else _("no")),
        (_("Day of the year"), yearly),
        (_("Days after the event"), days(rules.wait_days)),
        (_("Sent at"), time_of(version.send_hour * 60)),
        (_("One reminder after"), days(version.remind_after_days)),
        (_("Can be answered for"), days(rules.answer_days)),
        (_("Rest of a contact"), days(rules.rest_days)),
        (_("Whom we ask"), levels_in_words(rules.asked_levels)),
        (_("Opening words"), words_in(rules.opening) or "–"),
    ]


def rules_of_kind(facts: SurveyFacts, kind: str) -> list[tuple[str, str]]:
    """Those that a survey of this kind has."""
    lines = rules_in_words(facts)
    unheard = {
        ProgrammeKind.EVENT.value: {1},
        ProgrammeKind.ANY_TIME.value: {0, 1, 2},
        ProgrammeKind.YEARLY.value: {0, 2},
    }[kind]
    return [line for at, line in enumerate(lines) if at not in unheard]


def day_of_year(month: int, day: int) -> str:
    """As the reader's language writes a day without its year."""
    return str(format_skeleton("MMMMd", dt.date(LEAP_YEAR, month, day), locale=reader_locale()))


def levels_in_words(levels: tuple[str, ...]) -> str:
    if not levels:
        return _("all organisational levels")
    return _(", ").join(str(level.label) for level in Level if level.value in levels)


def _only_parts(facts: VersionFacts) -> VersionFacts:
    """Dimensions and grades: the week and the clocks are the weekly survey's."""
    nothing = VersionFacts(dimensions=(), grades=())
    return replace(facts, **{name: getattr(nothing, name) for name in COLUMNS})


def _question_changes(before: SurveyFacts, after: SurveyFacts) -> Iterator[Change]:
    old, new = ({each.code: each for each in facts.questions} for facts in (before, after))
    for code in (*new, *(code for code in old if code not in new)):
        was, now = (_question_words(facts.get(code)) for facts in (old, new))
        if was != now:
            yield Change(words_in((new.get(code) or old[code]).words), was, now)


def _question_words(facts: QuestionFacts | None) -> str:
    if facts is None:
        return _("not asked")
    parts = [words_in(facts.words), str(QuestionKind(facts.kind).label)]
    options = [words_in(each.words) for each in facts.options]
    return " · ".join([*parts, *filter(None, [facts.unit, _(", ").join(options)])])
