"""What a version of a survey beside the weekly one may say.

Codes: those of dimensions and grades (surveys.services.programme_rules), and hour, reminder, levels, days,
yearly, questions, kind, words, unit, options, blank, kind_weekly, name_taken.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Level
from accounts.customers.services import refuse
from accounts.occasions.facts import QuestionFacts, RulesFacts, SurveyFacts
from accounts.occasions.models import QuestionKind
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.services.programme_rules import TAKEN_CODES, check_dimensions, check_grades

MOST_QUESTIONS, MOST_OPTIONS = 20, 20
LONGEST_QUESTION, LONGEST_OPTION, LONGEST_UNIT, LONGEST_OPENING = 240, 120, 24, 600
MOST_WAIT_DAYS, MOST_ANSWER_DAYS, MOST_REST_DAYS = 365, 365, 1000
WITH_OPTIONS = frozenset({QuestionKind.ONE.value, QuestionKind.SEVERAL.value})
_CODE = re.compile(r"[a-z0-9_-]{1,24}")


def check_survey(facts: SurveyFacts, kind: str) -> None:
    """Raises a ValidationError by field of the facts or their parts."""
    if facts.version.dimensions:
        check_dimensions(facts.version)
    if not facts.version.dimensions and not facts.questions:
        refuse("questions", "questions", _("A survey asks at least one thing."))
    check_grades(facts.version)
    if not 0 <= facts.version.send_hour <= 23:
        refuse("send_hour", "hour", _("There is no such hour."))
    if not 1 <= facts.version.remind_after_days <= facts.rules.answer_days:
        refuse(
            "remind_after_days",
            "reminder",
            _("The reminder goes out at least a day after the letter, and before the survey closes."),
        )
    _check_rules(facts.rules, kind)
    _check_questions(facts)


def _check_rules(rules: RulesFacts, kind: str) -> None:
    if not set(rules.asked_levels) <= set(Level.values):
        refuse("asked_levels", "levels", _("There is no such organisational level."))
    if not 0 <= rules.wait_days <= MOST_WAIT_DAYS:
        refuse("wait_days", "days", _("The letter goes out at most 365 days after the event."))
    if not 1 <= rules.answer_days <= MOST_ANSWER_DAYS:
        refuse("answer_days", "days", _("A survey can be answered for 1 to 365 days."))
    if not 0 <= rules.rest_days <= MOST_REST_DAYS:
        refuse("rest_days", "days", _("A contact rests for at most 1,000 days."))
    if rules.asks_deliveries and kind != ProgrammeKind.EVENT:
        refuse("asks_deliveries", "kind", _("Only a survey after an event asks after deliveries."))
    has_day = rules.yearly_month is not None and rules.yearly_day is not None
    has_part = rules.yearly_month is not None or rules.yearly_day is not None
    if has_part and kind != ProgrammeKind.YEARLY:
        refuse("yearly_day", "yearly", _("Only a yearly survey has a day of the year."))
    if kind == ProgrammeKind.YEARLY and not has_day:
        refuse("yearly_day", "yearly", _("Say on which day of the year it is asked."))
    if has_day and not (1 <= (rules.yearly_month or 0) <= 12 and 1 <= (rules.yearly_day or 0) <= 28):
        refuse("yearly_day", "yearly", _("Choose a day from the 1st to the 28th, which every month has."))
    opening = (rules.opening.name, rules.opening.name_zh_hans, rules.opening.name_zh_hant)
    if any(len(text) > LONGEST_OPENING for text in opening):
        refuse("opening", "words", _("Opening words have at most 600 characters."))


def _check_questions(facts: SurveyFacts) -> None:
    codes = [question.code for question in facts.questions]
    if len(set(codes)) < len(codes) or any(not _CODE.fullmatch(code) for code in codes):
        refuse("questions", "questions", _("Every question has a code of its own, of small letters."))
    if TAKEN_CODES & set(codes) or {each.code for each in facts.version.dimensions} & set(codes):
        refuse("questions", "questions", _("This code is taken: choose another one."))
    if len(codes) > MOST_QUESTIONS:
        refuse("questions", "questions", _("More than 20 questions are too many for one page."))
    for question in facts.questions:
        _check_question(question)


def _check_question(question: QuestionFacts) -> None:
    if question.kind not in QuestionKind.values:
        refuse("questions", "kind", _("There is no such kind of question."))
    words = (question.words.name, question.words.name_zh_hans, question.words.name_zh_hant)
    if not question.words.name.strip() or any(len(text) > LONGEST_QUESTION for text in words):
        refuse("questions", "words", _("A question needs its English words, of at most 240 characters."))
    if len(question.unit) > LONGEST_UNIT or (question.unit and question.kind != QuestionKind.NUMBER):
        refuse("questions", "unit", _("Only a number has a unit, of at most 24 characters."))
    if question.kind not in WITH_OPTIONS:
        if question.options:
            refuse("questions", "options", _("Only a choice has options."))
        return
    _check_options(question)


def _check_options(question: QuestionFacts) -> None:
    codes = [option.code for option in question.options]
    if not 2 <= len(codes) <= MOST_OPTIONS or len(set(codes)) < len(codes):
        refuse("questions", "options", _("A choice has two to twenty options, each once."))
    if any(not _CODE.fullmatch(code) for code in codes):
        refuse("questions", "options", _("Every option has a code of its own, of small letters."))
    for option in question.options:
        words = (option.words.name, option.words.name_zh_hans, option.words.name_zh_hant)
        if not option.words.name.strip() or any(len(text) > LONGEST_OPTION for text in words):
            refuse("questions", "words", _("An option needs its English words, of at most 120 characters."))
