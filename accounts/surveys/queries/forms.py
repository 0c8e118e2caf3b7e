"""What the respondent's page needs: whose link it is, what is asked, what he said, what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from accounts.surveys.links import hashed
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    AnswerNotApplicable,
    Invitation,
    InvitationToken,
    ProgrammeDimension,
    ProgrammeGrade,
)

MAX_TOKEN = 200


@dataclass(frozen=True)
class Form:
    """Dimensions in order and grades from best to worst, of one programme version."""

    dimensions: tuple[ProgrammeDimension, ...]
    grades: tuple[ProgrammeGrade, ...]

    def grade(self, letter: str) -> ProgrammeGrade:
        """Raises KeyError for a letter the version does not have."""
        return {grade.letter: grade for grade in self.grades}[letter]


@dataclass(frozen=True)
class SaidGrade:
    """``case_state``: how far the corrective action is that came of it; None where none did."""

    letter: str
    comment: str
    case_id: int | None
    case_state: str | None


@dataclass(frozen=True)
class Said:
    """The current version of one week's answer, by dimension code."""

    week: dt.date
    comment: str
    grades: dict[str, SaidGrade]
    not_applicable: frozenset[str]
    given_at: dt.datetime
    is_late: bool


@dataclass(frozen=True)
class SurveyPage:
    """``current``: what he said for this week; ``last``: for the latest week before it that he answered."""

    invitation: Invitation
    form: Form
    current: Said | None
    last: Said | None


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation of a link, expired or not; None for any other text. One query."""
    if not token or len(token) > MAX_TOKEN:
        return None
    # As a join of its own it had PostgreSQL weigh orders of joins for longer than everything else here takes.
    named = InvitationToken.objects.filter(pk=hashed(token)).values("invitation")
    found = Invitation.objects.filter(pk=Subquery(named))
    return found.select_related("customer__owner", "project__manager", "contact", "respondent").first()


def form_of(version_id: int) -> Form:
    """Of a version that somebody was asked under. One query, another for grades that were not read before."""
    dimensions = ProgrammeDimension.objects.filter(version=version_id).select_related("dimension")
    return Form(tuple(dimensions.order_by("position")), _grades_of(version_id))


@lru_cache(maxsize=64)
def _grades_of(version_id: int) -> tuple[ProgrammeGrade, ...]:
    """Kept for good: the database refuses to change a version that was asked."""
    return tuple(ProgrammeGrade.objects.filter(version=version_id).order_by("position"))


def survey_page(invitation: Invitation) -> SurveyPage:
    """Two queries, however many weeks he has answered; a third as in `form_of`."""
    said = [
        _said(row)
        for row in _answers(invitation).values(
            "week_id", "comment", "known_at", "is_late", "grade_lines", "absent"
        )
    ]
    current = next((each for each in said if each.week == invitation.week_id), None)
    last = next((each for each in said if each.week != invitation.week_id), None)
    return SurveyPage(invitation, form_of(invitation.programme_version_id), current, last)


def said_at(invitation: Invitation, given_at: dt.datetime) -> Said | None:
    """The version of the week's answer that was given then, current or not. One query."""
    found = _with_lines(Answer.objects.filter(invitation=invitation, known_at=given_at))
    row = found.values("week_id", "comment", "known_at", "is_late", "grade_lines", "absent").first()
    return _said(row) if row else None


def _answers(invitation: Invitation) -> Any:
    """His current answers of this week and before, the latest two."""
    known = Answer.objects.filter(
        invitation__in=Invitation.objects.filter(
            project=invitation.project_id, contact=invitation.contact_id, week__lte=invitation.week_id
        ).values("pk"),
        superseded_at=None,
    )
    return _with_lines(known).order_by("-week")[:2]


def _with_lines(answers: Any) -> Any:
    grades = AnswerGrade.objects.filter(answer=OuterRef("pk")).values(
        line=JSONObject(
            code="dimension__code",
            letter="grade__letter",
            comment=F("comment"),
            case="case",
            state="case__state",
        )
    )
    absent = AnswerNotApplicable.objects.filter(answer=OuterRef("pk")).values("dimension__code")
    return answers.annotate(grade_lines=ArraySubquery(grades), absent=ArraySubquery(absent))


def _said(row: dict[str, Any]) -> Said:
    grades = {
        line["code"]: SaidGrade(line["letter"], line["comment"], line["case"], line["state"])
        for line in row["grade_lines"]
    }
    return Said(
        week=row["week_id"],
        comment=row["comment"],
        grades=grades,
        not_applicable=frozenset(row["absent"]),
        given_at=row["known_at"],
        is_late=row["is_late"],
    )
