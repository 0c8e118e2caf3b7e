"""What a version of a programme may say.

Codes: dimensions, code, weight, role, grades, letter, points, marks, words, week, late, hours, worktime,
percent.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import refuse
from accounts.projects.models import FunctionalRole
from accounts.surveys.models.programmes import ALL_DAYS, WHOLE_DAY
from accounts.surveys.standard import VersionFacts, Words
from accounts.surveys.weeks import days_open

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Names that the respondent's page has for something else than a dimension.
TAKEN_CODES = frozenset({"week", "key", "comment", "lang", "done", "said", "same", "show"})
MOST_DIMENSIONS, MOST_GRADES = 12, 9
MOST_HOURS = 30 * 24
SHORTEST_WORKDAY = 60
MOST_LATE_DAYS = 60
MOST_POINTS = 1000


class LineError(ValidationError):
    """What is wrong with one of the dimensions or grades: ``place`` in the order of the facts, from 0."""

    def __init__(self, message: str | _StrPromise, code: str, place: int) -> None:
        super().__init__(message, code=code)
        self.place = place


def _refuse_line(field: str, code: str, place: int, message: str | _StrPromise) -> NoReturn:
    raise ValidationError({field: LineError(message, code, place)})


def check_facts(facts: VersionFacts) -> None:
    """Raises a ValidationError by field of the facts; of a line a LineError."""
    check_dimensions(facts)
    check_grades(facts)
    _check_week(facts)
    _check_clocks(facts)


def check_dimensions(facts: VersionFacts) -> None:
    """At least one, each once, with its English name."""
    codes = [dimension.code for dimension in facts.dimensions]
    if not codes or len(set(codes)) < len(codes):
        refuse("dimensions", "dimensions", _("A programme asks about at least one dimension, each once."))
    if len(codes) > MOST_DIMENSIONS:
        refuse("dimensions", "dimensions", _("More than 12 dimensions are too many for one page."))
    if TAKEN_CODES & set(codes):
        refuse("dimensions", "code", _("This code is taken: choose another one."))
    for at, dimension in enumerate(facts.dimensions):
        if not dimension.words.name.strip():
            _refuse_line("dimensions", "words", at, _("Every dimension needs its English name."))
    _check_names([dimension.words for dimension in facts.dimensions])
    for at, dimension in enumerate(facts.dimensions):
        if not 1 <= dimension.weight <= 1000:
            words = _("A weight is a whole number above zero, at most 1,000.")
            _refuse_line("dimensions", "weight", at, words)
        if dimension.functional_role not in ("", *FunctionalRole.values):
            _refuse_line("dimensions", "role", at, _("There is no such functional role."))


def _check_names(names: list[Words]) -> None:
    """No two alike in a language: nobody could tell what he grades."""
    for told in (
        [each.name for each in names],
        [each.name_zh_hans or each.name for each in names],
        [each.name_zh_hant or each.name for each in names],
    ):
        plain = [" ".join(name.split()).casefold() for name in told]
        for at, name in enumerate(plain):
            if name in plain[:at]:
                words = _(
                    "Two dimensions are called “%(name)s”: give each a name of its own, in each language."
                )
                _refuse_line("dimensions", "words", at, words % {"name": told[at]})


def check_grades(facts: VersionFacts) -> None:
    """Two to nine, from the best to the worst, with marks that fit their order."""
    _check_letters([grade.letter for grade in facts.grades])
    for at, grade in enumerate(facts.grades):
        if abs(grade.points) > MOST_POINTS:
            _refuse_line("grades", "points", at, _("Points lie between −1,000 and 1,000."))
    for at, (better, worse) in enumerate(pairwise(facts.grades), start=1):
        if worse.points >= better.points:
            _refuse_line("grades", "points", at, _("A worse grade has fewer points."))
        if better.warns > worse.warns or better.opens_case > worse.opens_case:
            words = _("What warns or opens a corrective action does so for worse grades too.")
            _refuse_line("grades", "marks", at, words)
        if worse.confirms_case > better.confirms_case:
            words = _("What confirms a corrective action does so for better grades too.")
            _refuse_line("grades", "marks", at, words)
    for at, grade in enumerate(facts.grades):
        if grade.opens_case and (grade.confirms_case or not grade.warns):
            words = _("A grade that opens a corrective action warns and confirms nothing.")
            _refuse_line("grades", "marks", at, words)


def _check_letters(letters: list[str]) -> None:
    for at, letter in enumerate(letters):
        if letter in letters[:at]:
            words = _("There are two grades %(letter)s.") % {"letter": letter}
            _refuse_line("grades", "letter", at, words)
    if not 2 <= len(letters) <= MOST_GRADES:
        refuse("grades", "grades", _("A programme has two to nine grades, each once."))
    for at, letter in enumerate(letters):
        if not letter.strip() or len(letter) > 4:
            _refuse_line("grades", "letter", at, _("A grade has a letter, of at most four characters."))


def _check_week(facts: VersionFacts) -> None:
    if not (
        facts.send_weekday in ALL_DAYS and facts.close_weekday in ALL_DAYS and 0 <= facts.send_hour <= 23
    ):
        refuse("send_weekday", "week", _("There is no such day or hour."))
    if not 1 <= facts.remind_after_days <= days_open(facts.send_weekday, facts.close_weekday):
        refuse(
            "remind_after_days",
            "week",
            _("The reminder goes out at least a day after the letter, and before the week closes."),
        )
    if not 0 <= facts.late_days <= MOST_LATE_DAYS:
        refuse("late_days", "late", _("Late answers are taken for at most 60 days."))


def _check_clocks(facts: VersionFacts) -> None:
    if not 1 <= facts.acknowledge_hours <= facts.plan_hours <= MOST_HOURS:
        refuse(
            "plan_hours",
            "hours",
            _("There is at least an hour to acknowledge, no less to plan, and at most 720 hours."),
        )
    if not 1 <= facts.executives_after_hours <= MOST_HOURS:
        refuse("executives_after_hours", "hours", _("Executives are told after 1 to 720 hours."))
    if not 0 <= facts.repeat_days <= 3650:
        refuse("repeat_days", "hours", _("A low grade repeats within at most 3,650 days."))
    if not facts.work_weekdays or not set(facts.work_weekdays) <= set(ALL_DAYS):
        refuse("work_weekdays", "worktime", _("Clocks need at least one working day."))
    starts, ends = facts.work_from, facts.work_until
    if not (starts >= 0 and starts + SHORTEST_WORKDAY <= ends <= WHOLE_DAY):
        refuse("work_until", "worktime", _("Working time ends at least an hour after it begins."))
    if not 1 <= facts.remind_owner_percent <= 100:
        refuse("remind_owner_percent", "percent", _("The owner is reminded after 1 to 100 percent."))
    if not 0 <= facts.response_threshold_percent <= 100:
        refuse("response_threshold_percent", "percent", _("A response rate lies between 0 and 100 percent."))
