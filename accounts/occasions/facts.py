"""What a version of a survey beside the weekly one says: its version, its rules, its questions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db.models import Prefetch

from accounts.occasions.models import Question, QuestionOption, SurveyRules
from accounts.surveys.models import ProgrammeVersion
from accounts.surveys.models.programmes import Worded
from accounts.surveys.standard import VersionFacts, Words, facts_of_all

NO_WORDS = Words(name="", name_zh_hans="", name_zh_hant="")


@dataclass(frozen=True, kw_only=True)
class OptionFacts:
    """``code`` stays the same through all versions."""

    code: str
    words: Words


@dataclass(frozen=True, kw_only=True)
class QuestionFacts:
    """``kind``: one of `QuestionKind`. Choices have ``options``, at least two; a number may have a unit."""

    code: str
    kind: str
    words: Words
    unit: str = ""
    options: tuple[OptionFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RulesFacts:
    """When and whom a version asks, as `SurveyRules` says; ``opening``: what stands above the questions."""

    asked_levels: tuple[str, ...] = ()
    asks_deliveries: bool = False
    wait_days: int = 1
    answer_days: int = 14
    rest_days: int = 30
    yearly_month: int | None = None
    yearly_day: int | None = None
    opening: Words = NO_WORDS


@dataclass(frozen=True, kw_only=True)
class SurveyFacts:
    """Of the version its dimensions, grades, ``send_hour``, ``remind_after_days`` and note count; the week
    and the clocks of corrective actions are the weekly survey's."""

    version: VersionFacts
    rules: RulesFacts = RulesFacts()
    questions: tuple[QuestionFacts, ...] = ()

    @property
    def digest(self) -> str:
        """Tells whether somebody changed a draft since it was read."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def survey_facts_of(version: ProgrammeVersion) -> SurveyFacts:
    """What a version says. Five queries."""
    return survey_facts_of_all([version])[version.pk]


def survey_facts_of_all(versions: Iterable[ProgrammeVersion]) -> dict[int, SurveyFacts]:
    """By id of the version. Five queries, however many."""
    known = list(versions)
    ids = [version.pk for version in known]
    parts = facts_of_all(known)
    rules = {each.version_id: _rules_facts(each) for each in SurveyRules.objects.filter(version__in=ids)}
    questions: dict[int, list[QuestionFacts]] = {pk: [] for pk in ids}
    for each in questions_of(ids):
        questions[each.version_id].append(_question_facts(each))
    return {
        pk: SurveyFacts(version=parts[pk], rules=rules.get(pk, RulesFacts()), questions=tuple(questions[pk]))
        for pk in ids
    }


def questions_of(versions: Iterable[int]) -> list[Question]:
    """In their order, with their options in theirs. Two queries."""
    options = Prefetch("options", QuestionOption.objects.order_by("position"))
    found = Question.objects.filter(version__in=list(versions)).prefetch_related(options)
    return list(found.order_by("version", "position"))


def write_survey_parts(version: ProgrammeVersion, facts: SurveyFacts) -> None:
    """The rules and questions of a draft, instead of those it has."""
    SurveyRules.objects.filter(version=version).delete()
    Question.objects.filter(version=version).delete()
    SurveyRules.objects.create(version=version, **_columns(facts.rules))
    questions = Question.objects.bulk_create(
        Question(
            version=version,
            code=each.code,
            position=at,
            kind=each.kind,
            unit=each.unit,
            **asdict(each.words),
        )
        for at, each in enumerate(facts.questions)
    )
    QuestionOption.objects.bulk_create(
        QuestionOption(
            version=version, question=question, code=option.code, position=at, **asdict(option.words)
        )
        for question, each in zip(questions, facts.questions, strict=True)
        for at, option in enumerate(each.options)
    )


def _columns(rules: RulesFacts) -> dict[str, object]:
    """By column of SurveyRules."""
    return {
        "asked_levels": sorted(rules.asked_levels),
        "asks_deliveries": rules.asks_deliveries,
        "wait_days": rules.wait_days,
        "answer_days": rules.answer_days,
        "rest_days": rules.rest_days,
        "yearly_month": rules.yearly_month,
        "yearly_day": rules.yearly_day,
        "opening": rules.opening.name,
        "opening_zh_hans": rules.opening.name_zh_hans,
        "opening_zh_hant": rules.opening.name_zh_hant,
    }


def _rules_facts(rules: SurveyRules) -> RulesFacts:
    return RulesFacts(
        asked_levels=tuple(rules.asked_levels),
        asks_deliveries=rules.asks_deliveries,
        wait_days=rules.wait_days,
        answer_days=rules.answer_days,
        rest_days=rules.rest_days,
        yearly_month=rules.yearly_month,
        yearly_day=rules.yearly_day,
        opening=Words(
            name=rules.opening, name_zh_hans=rules.opening_zh_hans, name_zh_hant=rules.opening_zh_hant
        ),
    )


def _question_facts(question: Question) -> QuestionFacts:
    return QuestionFacts(
        code=question.code,
        kind=question.kind,
        words=_words(question),
        unit=question.unit,
        options=tuple(OptionFacts(code=each.code, words=_words(each)) for each in question.options.all()),
    )


def _words(of: Worded) -> Words:
    return Words(name=of.name, name_zh_hans=of.name_zh_hans, name_zh_hant=of.name_zh_hant)
