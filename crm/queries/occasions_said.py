"""What was said in answers to the surveys beside the weekly one, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import get_language

from accounts.occasions.models import OccasionAnswer, OccasionChoice, OccasionGrade, OccasionReply
from accounts.surveys.models import ProgrammeDimension
from accounts.surveys.models.programmes import Worded


@dataclass(frozen=True)
class SaidGrade:
    """``letter``: empty, it does not apply to him. ``is_low``: the grade warns."""

    code: str
    name: str
    letter: str
    word: str
    comment: str
    is_low: bool


@dataclass(frozen=True)
class SaidReply:
    """A text, a number with its unit, or the choices that were ticked: their codes and their words."""

    code: str
    name: str
    text: str = ""
    number: Decimal | None = None
    unit: str = ""
    codes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """The current version of an answer; grades and replies in the order in which they were asked."""

    answer: OccasionAnswer
    grades: tuple[SaidGrade, ...]
    replies: tuple[SaidReply, ...]

    @property
    def given_at(self) -> dt.datetime:
        return self.answer.known_at

    @property
    def comment(self) -> str:
        return self.answer.comment

    @property
    def low(self) -> tuple[SaidGrade, ...]:
        return tuple(each for each in self.grades if each.is_low)


def said_by(invitations: Iterable[int]) -> dict[int, Said]:
    """By id of the invitation; who has said nothing is not in it. Five queries, however many."""
    return said_in(OccasionAnswer.objects.filter(invitation__in=list(invitations)))


def said_at(invitation: int, instant: dt.datetime) -> Said | None:
    """The version of its answer that was given then, also one that another has superseded. Five queries."""
    found = OccasionAnswer.objects.filter(invitation=invitation, known_at=instant).order_by("-pk")
    return _said_of(found.select_related("taken_by")[:1]).get(invitation)


def said_in(answers: QuerySet[OccasionAnswer]) -> dict[int, Said]:
    """The current ones among ``answers``, by id of the invitation, in their order. Five queries."""
    return _said_of(answers.filter(superseded_at=None).select_related("taken_by"))


def _said_of(answers: Iterable[OccasionAnswer]) -> dict[int, Said]:
    found = list(answers)
    ids = [each.pk for each in found]
    if not ids:
        return {}
    grades, replies = _grades(ids), _replies(ids)
    return {each.invitation_id: Said(each, tuple(grades[each.pk]), tuple(replies[each.pk])) for each in found}


def _grades(ids: list[int]) -> defaultdict[int, list[SaidGrade]]:
    given = OccasionGrade.objects.filter(answer__in=ids).select_related("dimension", "grade")
    asked = ProgrammeDimension.objects.filter(version__in={each.programme_version_id for each in given})
    place = {(each.version_id, each.dimension_id): each.position for each in asked}
    lines = sorted(given, key=lambda each: place.get((each.programme_version_id, each.dimension_id), 0))
    found: defaultdict[int, list[SaidGrade]] = defaultdict(list)
    for each in lines:
        found[each.answer_id].append(
            SaidGrade(
                code=each.dimension.code,
                name=_name(each.dimension),
                letter=each.grade.letter if each.grade else "",
                word=_name(each.grade) if each.grade else "",
                comment=each.comment,
                is_low=bool(each.grade and each.grade.warns),
            )
        )
    return found


def _replies(ids: list[int]) -> defaultdict[int, list[SaidReply]]:
    written = OccasionReply.objects.filter(answer__in=ids).select_related("question")
    ticked = OccasionChoice.objects.filter(answer__in=ids).select_related("question", "option")
    lines: list[tuple[int, int, SaidReply]] = [
        (
            each.answer_id,
            each.question.position,
            SaidReply(
                code=each.question.code,
                name=_name(each.question),
                text=each.text,
                number=each.number,
                unit=each.question.unit,
            ),
        )
        for each in written
    ]
    several: defaultdict[tuple[int, int], list[OccasionChoice]] = defaultdict(list)
    for choice in sorted(ticked, key=lambda each: each.option.position):
        several[choice.answer_id, choice.question_id].append(choice)
    for (answer, _question), choices in several.items():
        question = choices[0].question
        options = tuple(_name(each.option) for each in choices)
        codes = tuple(each.option.code for each in choices)
        reply = SaidReply(question.code, _name(question), codes=codes, options=options)
        lines.append((answer, question.position, reply))
    found: defaultdict[int, list[SaidReply]] = defaultdict(list)
    for answer, _position, reply in sorted(lines, key=lambda line: line[1]):
        found[answer].append(reply)
    return found


def _name(words: Worded) -> str:
    return words.name_in(get_language() or "en")
