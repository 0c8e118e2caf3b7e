"""What a version of a programme may say.

Codes: dimensions, code, weight, role, grades, letter, points, marks, opens, confirms, words, week, late,
hours, worktime, percent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.projects.models import FunctionalRole
from accounts.surveys.models.programmes import ALL_DAYS, WHOLE_DAY
from accounts.surveys.standard import GradeFacts, VersionFacts, Words
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


Fault = tuple[str, ValidationError]
"""What is refused, after the field of the facts that it is said at."""


def check_facts(facts: VersionFacts) -> None:
    """Raises one ValidationError with all that is refused, by field of the facts; of a line a LineError."""
    refuse_all(faults_in(facts))


def check_dimensions(facts: VersionFacts) -> None:
    refuse_all(dimension_faults(facts))


def check_grades(facts: VersionFacts) -> None:
    refuse_all(grade_faults(facts))


def refuse_all(faults: Iterable[Fault]) -> None:
    """Nothing, where there is no fault."""
    found: dict[str, list[ValidationError]] = defaultdict(list)
    for field, error in faults:
        found[field].append(error)
    if found:
        raise ValidationError(dict(found))


def faults_in(facts: VersionFacts) -> Iterator[Fault]:
    yield from dimension_faults(facts)
    yield from grade_faults(facts)
    yield from column_faults(facts)


def dimension_faults(facts: VersionFacts) -> Iterator[Fault]:
    """At least one, each once, with its English name."""
    codes = [dimension.code for dimension in facts.dimensions]
    if not codes or len(set(codes)) < len(codes):
        yield _of_all("dimensions", _("A programme asks about at least one dimension, each once."))
    if len(codes) > MOST_DIMENSIONS:
        yield _of_all("dimensions", _("More than 12 dimensions are too many for one page."))
    if TAKEN_CODES & set(codes):
        words = _("This code is taken: choose another one.")
        yield "dimensions", ValidationError(words, code="code")
    for at, dimension in enumerate(facts.dimensions):
        if not dimension.words.name.strip():
            yield _of_line("dimensions", "words", at, _("Every dimension needs its English name."))
        if not 1 <= dimension.weight <= 1000:
            words = _("A weight is a whole number above zero, at most 1,000.")
            yield _of_line("dimensions", "weight", at, words)
        if dimension.functional_role not in ("", *FunctionalRole.values):
            yield _of_line("dimensions", "role", at, _("There is no such functional role."))
    if len(set(codes)) == len(codes):
        yield from _name_faults([dimension.words for dimension in facts.dimensions])


def _name_faults(names: list[Words]) -> Iterator[Fault]:
    """No two alike in a language: nobody could tell what he grades."""
    found: dict[int, str] = {}
    for told in (
        [each.name for each in names],
        [each.name_zh_hans or each.name for each in names],
        [each.name_zh_hant or each.name for each in names],
    ):
        plain = [" ".join(name.split()).casefold() for name in told]
        for at, name in enumerate(plain):
            if name and name in plain[:at]:
                found.setdefault(at, told[at])
    message = _("Two dimensions are called “%(name)s”: give each a name of its own, in each language.")
    for place, spoken in found.items():
        yield _of_line("dimensions", "words", place, message % {"name": spoken})


def grade_faults(facts: VersionFacts) -> Iterator[Fault]:
    """Two to nine, from the best to the worst, with marks that fit their order; the worst open a corrective
    action, and the best say that one is solved."""
    grades = facts.grades
    wrong = list(_letter_faults([grade.letter for grade in grades]))
    yield from wrong
    for at, grade in enumerate(grades):
        if abs(grade.points) > MOST_POINTS:
            yield _of_line("grades", "points", at, _("Points lie between −1,000 and 1,000."))
    if wrong:
        return
    for at, (better, worse) in enumerate(pairwise(grades), start=1):
        yield from _pair_faults(at, better, worse)
    for at, grade in enumerate(grades):
        if grade.opens_case and (grade.confirms_case or not grade.warns):
            words = _("A grade that opens a corrective action warns and confirms nothing.")
            yield _of_line("grades", "marks", at, words)
    if not any(grade.opens_case for grade in grades):
        words = _("At least the worst grade opens a corrective action: else no complaint is worked on.")
        yield _of_line("grades", "opens", len(grades) - 1, words)
    if not any(grade.confirms_case for grade in grades):
        words = _("At least the best grade confirms that a corrective action is solved.")
        yield _of_line("grades", "confirms", 0, words)


def _pair_faults(at: int, better: GradeFacts, worse: GradeFacts) -> Iterator[Fault]:
    """``at``: the place of the worse one."""
    if worse.points >= better.points:
        words = _("A worse grade has fewer points: %(worse)s needs fewer than %(better)s.")
        yield _of_line("grades", "points", at, words % {"worse": worse.letter, "better": better.letter})
    if better.warns > worse.warns or better.opens_case > worse.opens_case:
        words = _("What warns or opens a corrective action does so for worse grades too.")
        yield _of_line("grades", "marks", at, words)
    if worse.confirms_case > better.confirms_case:
        words = _("What confirms a corrective action does so for better grades too.")
        yield _of_line("grades", "marks", at, words)


def _letter_faults(letters: list[str]) -> Iterator[Fault]:
    for at, letter in enumerate(letters):
        if not letter.strip() or len(letter) > 4:
            yield _of_line("grades", "letter", at, _("A grade has a letter, of at most four characters."))
        elif letter in letters[:at]:
            words = _("There are two grades %(letter)s.") % {"letter": letter}
            yield _of_line("grades", "letter", at, words)
    if not 2 <= len(letters) <= MOST_GRADES:
        yield _of_all("grades", _("A programme has two to nine grades, each once."))


def column_faults(facts: VersionFacts) -> Iterator[Fault]:
    """Of the week and the clocks."""
    yield from _week_faults(facts)
    yield from _clock_faults(facts)


def _week_faults(facts: VersionFacts) -> Iterator[Fault]:
    if not (
        facts.send_weekday in ALL_DAYS and facts.close_weekday in ALL_DAYS and 0 <= facts.send_hour <= 23
    ):
        yield _of_field("send_weekday", "week", _("There is no such day or hour."))
    elif not 1 <= facts.remind_after_days <= days_open(facts.send_weekday, facts.close_weekday):
        yield _of_field(
            "remind_after_days",
            "week",
            _("The reminder goes out at least a day after the letter, and before the week closes."),
        )
    if not 0 <= facts.late_days <= MOST_LATE_DAYS:
        yield _of_field("late_days", "late", _("Late answers are taken for at most 60 days."))
    if not 0 <= facts.response_threshold_percent <= 100:
        words = _("A response rate lies between 0 and 100 percent.")
        yield _of_field("response_threshold_percent", "percent", words)


def _clock_faults(facts: VersionFacts) -> Iterator[Fault]:
    if not 1 <= facts.acknowledge_hours <= facts.plan_hours <= MOST_HOURS:
        yield _of_field(
            "plan_hours",
            "hours",
            _("There is at least an hour to acknowledge, no less to plan, and at most 720 hours."),
        )
    if not 1 <= facts.remind_owner_percent <= 100:
        words = _("The owner is reminded after 1 to 100 percent.")
        yield _of_field("remind_owner_percent", "percent", words)
    if not 1 <= facts.executives_after_hours <= MOST_HOURS:
        words = _("Executives are told after 1 to 720 hours.")
        yield _of_field("executives_after_hours", "hours", words)
    if not 0 <= facts.repeat_days <= 3650:
        yield _of_field("repeat_days", "hours", _("A low grade repeats within at most 3,650 days."))
    if not facts.work_weekdays or not set(facts.work_weekdays) <= set(ALL_DAYS):
        yield _of_field("work_weekdays", "worktime", _("Clocks need at least one working day."))
    starts, ends = facts.work_from, facts.work_until
    if not (starts >= 0 and starts + SHORTEST_WORKDAY <= ends <= WHOLE_DAY):
        words = _("Working time ends at least an hour after it begins.")
        yield _of_field("work_until", "worktime", words)


def _of_line(field: str, code: str, place: int, message: str | _StrPromise) -> Fault:
    return field, LineError(message, code, place)


def _of_all(field: str, message: str | _StrPromise) -> Fault:
    return field, ValidationError(message, code=field)


def _of_field(field: str, code: str, message: str | _StrPromise) -> Fault:
    return field, ValidationError(message, code=code)
