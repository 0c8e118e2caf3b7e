"""What the respondent's page needs: whose link it is, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Subquery

from accounts.occasions.facts import questions_of
from accounts.occasions.models import OccasionInvitation, OccasionToken, Question
from accounts.surveys.links import hashed
from accounts.surveys.models import ProgrammeDimension, ProgrammeGrade
from accounts.surveys.queries import Form
from accounts.surveys.queries.forms import MAX_TOKEN

RELATED = (
    "occasion__programme",
    "occasion__project__manager",
    "occasion__author",
    "customer__owner",
    "contact",
    "programme_version__rules",
)


@dataclass(frozen=True)
class Asked:
    """What a version asks: dimensions and grades as the weekly survey has them, and questions in order, each
    with its options (``options.all()``) in order."""

    form: Form
    questions: tuple[Question, ...]


def invitation_by_token(token: str) -> OccasionInvitation | None:
    """The invitation of a link, closed or not; None for any other text. One query, with all of RELATED."""
    if not token or len(token) > MAX_TOKEN:
        return None
    named = OccasionToken.objects.filter(pk=hashed(token)).values("invitation")
    return OccasionInvitation.objects.filter(pk=Subquery(named)).select_related(*RELATED).first()


def asked_of(version_id: int) -> Asked:
    """Of any version, a draft as well. Four queries, three where no question has options."""
    dimensions = ProgrammeDimension.objects.filter(version=version_id).select_related("dimension")
    grades = ProgrammeGrade.objects.filter(version=version_id).order_by("position")
    form = Form(tuple(dimensions.order_by("position")), tuple(grades))
    return Asked(form, tuple(questions_of([version_id])))
