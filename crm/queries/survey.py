"""What a respondent may know of the corrective actions that came of his grades: how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.surveys.models import (
    OPEN,
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    CaseState,
    CorrectiveAction,
    Invitation,
)
from accounts.surveys.queries.complaints import complains_now

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Marks(TypedDict):
        letter: str
        is_his: bool
        is_asked: bool
        is_older: bool

    OwnCase = WithAnnotations[CorrectiveAction, Marks]

STEP_TIMES = ("acknowledged_at", "planned_at", "contained_at", "cause_found_at", "corrected_at")
HIS_WORD = (CaseEventKind.CONFIRMED, CaseEventKind.REJECTED)


def own_cases(invitation: Invitation) -> QuerySet[OwnCase]:
    """Those he complained in, open and closed, in the order they were opened first.

    ``letter``: his latest complaint; ``is_his``: it belongs to the present round; ``is_older``: the step that
    we took last came before it, so that it was for others; ``is_asked``: we say that it is corrected, and he
    has not said yet whether it is.
    """
    complaints = AnswerGrade.objects.filter(
        case=OuterRef("pk"), answer__invitation__contact=invitation.contact_id
    )
    has_said = CaseEvent.objects.filter(
        case=OuterRef("pk"),
        contact=invitation.contact_id,
        kind=CaseEventKind.CONFIRMED,
        known_at__gte=OuterRef("corrected_at"),
    )
    return (
        CorrectiveAction.objects.filter(project=invitation.project_id)
        .annotate(
            letter=Subquery(complaints.order_by("-pk").values("grade__letter")[:1]),
            is_his=ExpressionWrapper(complains_now(invitation.contact_id), BooleanField()),
            last_step_at=Greatest(*STEP_TIMES),
            is_older=Exists(complaints.filter(known_at__gt=OuterRef("last_step_at"))),
            is_asked=Q(OPEN, ~Exists(has_said), is_his=True, state=CaseState.CORRECTED),
        )
        .filter(letter__isnull=False)
        .select_related("owner", "dimension")
        .order_by("pk")
    )


def asked_case(invitation: Invitation, pk: int) -> OwnCase | None:
    """The case if its question still waits for his answer. Locked, so that of two clicks one is heard."""
    locked = CorrectiveAction.objects.select_for_update(no_key=True).filter(project=invitation.project_id)
    if locked.filter(pk=pk).first() is None:
        return None
    return own_cases(invitation).filter(pk=pk, is_asked=True).first()


def last_word(invitation: Invitation, pk: int) -> CaseEvent | None:
    """What he said last, by a link, of whether the case is solved."""
    said = CaseEvent.objects.filter(
        case=pk, case__project=invitation.project_id, contact=invitation.contact_id, kind__in=HIS_WORD
    )
    return said.select_related("case__owner", "case__dimension").order_by("-pk").first()
