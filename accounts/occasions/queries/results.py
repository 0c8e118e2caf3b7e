"""What came of a survey: how many answered, how grades and choices are spread, numbers and texts.

Everything is counted over the same invitations: those that come in, of a period of sending, a customer or a
level. Of each the answer that is current counts. Dimensions, questions and choices are told apart by their
codes, so that all versions count together; their order and words are those of the latest version.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Aggregate, Count, DecimalField, F, Max, Min, Q, QuerySet

from accounts.occasions.facts import questions_of
from accounts.occasions.models import (
    OccasionAnswer,
    OccasionChoice,
    OccasionGrade,
    OccasionInvitation,
    OccasionReply,
    Question,
    QuestionKind,
)
from accounts.surveys.models import (
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeVersion,
    SurveyProgramme,
    VersionState,
)
from accounts.surveys.weeks import DAY, start_of


@dataclass(frozen=True, kw_only=True)
class ResultsFilter:
    """Letters that fell due from the day ``since`` to the day ``until``, where the company is."""

    since: dt.date | None = None
    until: dt.date | None = None
    customer_id: int | None = None
    level: str = ""


@dataclass(frozen=True)
class GradeCount:
    """How many gave a grade. ``grade``: the latest one of its letter."""

    grade: ProgrammeGrade
    count: int


@dataclass(frozen=True)
class DimensionResult:
    """``n``: how many gave a grade; ``absent``: to how many it does not apply; ``mean``: points, or None.

    ``part``: how the latest version that asks it words it. ``spread``: all grades from the best to the worst.
    """

    part: ProgrammeDimension
    n: int
    absent: int
    mean: float | None
    spread: tuple[GradeCount, ...]


@dataclass(frozen=True)
class OptionCount:
    code: str
    option: object
    count: int


@dataclass(frozen=True)
class ChoiceResult:
    """``n``: how many ticked anything; of several choices the counts may add up to more."""

    question: Question
    n: int
    spread: tuple[OptionCount, ...]


@dataclass(frozen=True)
class NumberResult:
    """None of each where nobody wrote a number."""

    question: Question
    n: int
    median: Decimal | None
    least: Decimal | None
    most: Decimal | None


@dataclass(frozen=True)
class Results:
    """``occasions``: about how many somebody was asked. ``asked``: whose letter fell due and did not fail,
    and whoever was interviewed; ``failed``: who got no letter and has not answered."""

    occasions: int
    asked: int
    answered: int
    failed: int
    dimensions: tuple[DimensionResult, ...]
    choices: tuple[ChoiceResult, ...]
    numbers: tuple[NumberResult, ...]
    texts: tuple[tuple[Question, int], ...]
    """Each question that is answered in words, and by how many."""

    @property
    def rate(self) -> float | None:
        return self.answered / self.asked if self.asked else None


class Median(Aggregate):
    template = "percentile_cont(0.5) within group (order by %(expressions)s)"
    output_field = DecimalField(max_digits=18, decimal_places=4)


def scope_of(
    programme: SurveyProgramme,
    invitations: QuerySet[OccasionInvitation],
    chosen: ResultsFilter,
    *,
    now: dt.datetime,
) -> QuerySet[OccasionInvitation]:
    """Of the ``invitations`` somebody may see those that count."""
    found = invitations.filter(Q(due_at__lte=now) | Q(answered_at__isnull=False))
    found = found.filter(occasion__programme=programme)
    if chosen.since is not None:
        found = found.filter(due_at__gte=start_of(chosen.since, settings.TIME_ZONE))
    if chosen.until is not None:
        found = found.filter(due_at__lt=start_of(chosen.until + DAY, settings.TIME_ZONE))
    if chosen.customer_id is not None:
        found = found.filter(customer=chosen.customer_id)
    return found.filter(level=chosen.level) if chosen.level else found


def results_of(programme: SurveyProgramme, scope: QuerySet[OccasionInvitation]) -> Results:
    """Of the invitations in ``scope`` (`scope_of`). Twelve queries, however many there are."""
    answers = answers_in(scope)
    versions = _versions_of(programme)
    questions = _latest(questions_of([each.pk for each in versions]), versions)
    counted = scope.aggregate(
        occasions=Count("occasion", distinct=True),
        asked=Count("pk", filter=Q(failed_at=None) | Q(answered_at__isnull=False)),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        failed=Count("pk", filter=Q(failed_at__isnull=False, answered_at=None)),
    )
    return Results(
        **counted,
        dimensions=_dimensions(versions, answers),
        choices=_choices(questions, answers),
        numbers=_numbers(questions, answers),
        texts=_texts(questions, answers),
    )


def answers_in(scope: QuerySet[OccasionInvitation]) -> QuerySet[OccasionAnswer]:
    """The current answers to these invitations."""
    return OccasionAnswer.objects.filter(superseded_at=None, invitation__in=scope.order_by().values("pk"))


def _versions_of(programme: SurveyProgramme) -> list[ProgrammeVersion]:
    """Those that were ever asked under, the latest first; a draft where there is no other."""
    found = list(ProgrammeVersion.objects.filter(programme=programme).order_by("-number"))
    return [each for each in found if each.state != VersionState.DRAFT] or found


def _latest(questions: list[Question], versions: list[ProgrammeVersion]) -> list[Question]:
    """Each code as its latest version words it; what is asked no more stands at the end."""
    age = {version.pk: at for at, version in enumerate(versions)}
    by_code: dict[str, Question] = {}
    for each in sorted(questions, key=lambda each: (age[each.version_id], each.position)):
        by_code.setdefault(each.code, each)
    return list(by_code.values())


def _dimensions(
    versions: list[ProgrammeVersion], answers: QuerySet[OccasionAnswer]
) -> tuple[DimensionResult, ...]:
    ids = [each.pk for each in versions]
    age = {pk: at for at, pk in enumerate(ids)}
    parts: dict[int, ProgrammeDimension] = {}
    asked = ProgrammeDimension.objects.filter(version__in=ids).select_related("dimension")
    for part in sorted(asked, key=lambda each: (age[each.version_id], each.position)):
        parts.setdefault(part.dimension_id, part)
    letters: dict[str, ProgrammeGrade] = {}
    known = ProgrammeGrade.objects.filter(version__in=ids)
    for grade in sorted(known, key=lambda each: (age[each.version_id], each.position)):
        letters.setdefault(grade.letter, grade)
    rows = OccasionGrade.objects.filter(answer__in=answers.values("pk")).order_by()
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    points: dict[int, int] = defaultdict(int)
    for row in rows.values("dimension", letter=F("grade__letter"), each=F("grade__points")).annotate(
        count=Count("pk")
    ):
        of, letter = counts[row["dimension"]], row["letter"] or ""
        of[letter] = of.get(letter, 0) + row["count"]
        points[row["dimension"]] += row["count"] * (row["each"] or 0)
    return tuple(_dimension(part, counts[pk], points[pk], letters) for pk, part in parts.items())


def _dimension(
    part: ProgrammeDimension, counts: dict[str, int], points: int, letters: dict[str, ProgrammeGrade]
) -> DimensionResult:
    spread = tuple(GradeCount(grade, counts.get(letter, 0)) for letter, grade in letters.items())
    n = sum(each.count for each in spread)
    return DimensionResult(part, n, counts.get("", 0), points / n if n else None, spread)


def _choices(questions: list[Question], answers: QuerySet[OccasionAnswer]) -> tuple[ChoiceResult, ...]:
    asked = [each for each in questions if each.kind in {QuestionKind.ONE, QuestionKind.SEVERAL}]
    ticked = OccasionChoice.objects.filter(answer__in=answers.values("pk")).order_by()
    by_option = {
        (row["question__code"], row["option__code"]): row["count"]
        for row in ticked.values("question__code", "option__code").annotate(count=Count("pk"))
    }
    by_question = {
        row["question__code"]: row["count"]
        for row in ticked.values("question__code").annotate(count=Count("answer", distinct=True))
    }
    return tuple(
        ChoiceResult(
            question,
            by_question.get(question.code, 0),
            tuple(
                OptionCount(option.code, option, by_option.get((question.code, option.code), 0))
                for option in question.options.all()
            ),
        )
        for question in asked
    )


def _numbers(questions: list[Question], answers: QuerySet[OccasionAnswer]) -> tuple[NumberResult, ...]:
    asked = [each for each in questions if each.kind == QuestionKind.NUMBER]
    written = OccasionReply.objects.filter(answer__in=answers.values("pk"), number__isnull=False)
    found = {
        row["question__code"]: row
        for row in written.order_by()
        .values("question__code")
        .annotate(n=Count("pk"), median=Median("number"), least=Min("number"), most=Max("number"))
    }
    nothing: dict[str, int | None] = {"n": 0, "median": None, "least": None, "most": None}
    return tuple(
        NumberResult(each, *(found.get(each.code, nothing)[name] for name in nothing)) for each in asked
    )


def _texts(questions: list[Question], answers: QuerySet[OccasionAnswer]) -> tuple[tuple[Question, int], ...]:
    asked = [each for each in questions if each.kind == QuestionKind.TEXT]
    written = OccasionReply.objects.filter(answer__in=answers.values("pk"), number=None).order_by()
    rows = written.values("question__code").annotate(count=Count("pk"))
    counts = {row["question__code"]: row["count"] for row in rows}
    return tuple((each, counts.get(each.code, 0)) for each in asked)
