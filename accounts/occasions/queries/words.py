"""What was written in answers to a survey, the newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import chain

from django.db.models import QuerySet

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.occasions.models import (
    OccasionAnswer,
    OccasionGrade,
    OccasionInvitation,
    OccasionReply,
    Question,
)
from accounts.occasions.queries.results import answers_in
from accounts.surveys.models import ProgrammeGrade, SurveyDimension

SHOWN = 100


@dataclass(frozen=True)
class Words:
    """A text and what it answers: a ``question``, a ``dimension`` with its ``grade``, or neither: the comment
    on the whole."""

    text: str
    at: dt.datetime
    invitation_id: int
    occasion_id: int
    customer: Customer
    contact: Contact
    question: Question | None = None
    dimension: SurveyDimension | None = None
    grade: ProgrammeGrade | None = None


def words_in(scope: QuerySet[OccasionInvitation], *, question: str = "", limit: int = SHOWN) -> list[Words]:
    """At most ``limit``, of one ``question`` (its code) or of all. Three queries, one for a question."""
    answers = answers_in(scope).values("pk")
    related = ("answer__invitation__contact", "answer__customer")
    replies = OccasionReply.objects.filter(answer__in=answers).exclude(text="")
    if question:
        replies = replies.filter(question__code=question)
    latest = replies.select_related("question", *related).order_by("-answer__known_at", "-pk")[:limit]
    found = [_words(each.text, each.answer, question=each.question) for each in latest]
    if question:
        return found
    grades = OccasionGrade.objects.filter(answer__in=answers).exclude(comment="")
    graded = grades.select_related("dimension", "grade", *related).order_by("-answer__known_at", "-pk")
    said = [
        _words(each.comment, each.answer, dimension=each.dimension, grade=each.grade)
        for each in graded[:limit]
    ]
    comments = OccasionAnswer.objects.filter(pk__in=answers).exclude(comment="")
    whole = comments.select_related("invitation__contact", "customer").order_by("-known_at", "-pk")[:limit]
    ordered = sorted(
        chain(found, said, (_words(each.comment, each) for each in whole)),
        key=lambda each: (each.at, each.invitation_id),
        reverse=True,
    )
    return ordered[:limit]


def _words(
    text: str,
    answer: OccasionAnswer,
    *,
    question: Question | None = None,
    dimension: SurveyDimension | None = None,
    grade: ProgrammeGrade | None = None,
) -> Words:
    return Words(
        text=text,
        at=answer.known_at,
        invitation_id=answer.invitation_id,
        occasion_id=answer.invitation.occasion_id,
        customer=answer.customer,
        contact=answer.invitation.contact,
        question=question,
        dimension=dimension,
        grade=grade,
    )
