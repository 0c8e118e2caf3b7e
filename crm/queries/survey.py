"""What a respondent may know of the corrective actions that came of his grades: how far they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.surveys.models import (
    OPEN,
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    CaseState,
    ConfirmationRequest,
    CorrectiveAction,
    Invitation,
    Referral,
    ReferralState,
    Respondent,
    RespondentState,
)
from accounts.surveys.queries.complaints import complains_now, still_asked

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Marks(TypedDict):
        letter: str
        is_his: bool
        is_asked: bool
        is_older: bool
        is_taken_back: bool
        message: str | None

    OwnCase = WithAnnotations[CorrectiveAction, Marks]

STEP_TIMES = ("acknowledged_at", "planned_at", "contained_at", "cause_found_at", "corrected_at")
HIS_WORD = (CaseEventKind.CONFIRMED, CaseEventKind.REJECTED)


@dataclass(frozen=True)
class Letters:
    """Whether he gets letters about the project of an ``invitation``."""

    invitation: Invitation

    @property
    def state(self) -> RespondentState:
        return RespondentState(self.invitation.respondent.state)

    @property
    def paused_until(self) -> dt.date | None:
        return self.invitation.respondent.paused_until

    @property
    def is_out(self) -> bool:
        return self.invitation.contact.opted_out

    @property
    def are_sent(self) -> bool:
        return self.state == RespondentState.ACTIVE and not self.is_out

    @cached_property
    def proposed(self) -> Referral | None:
        """The colleague he named, while we decide. One query, where it is shown."""
        return Referral.objects.filter(
            project=self.invitation.project_id,
            contact=self.invitation.contact_id,
            state=ReferralState.PROPOSED,
        ).first()


def own_cases(invitation: Invitation) -> QuerySet[OwnCase]:
    """Those he complained in, open and closed, in the order they were opened first.

    ``letter``: his latest complaint; ``is_his``: it belongs to the present round; ``is_older``: the step that
    we took last came before it, so that it was for others; ``is_taken_back``: he changed each of his low
    grades in it to a better one; ``is_asked``: we say that it is corrected, and he has not said yet whether
    it is; ``message``: what we wrote to him of what we did, in this round. What we wrote to each other is not
    his.
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
    told = ConfirmationRequest.objects.filter(
        case=OuterRef("pk"), contact=invitation.contact_id, round=OuterRef("times_reopened")
    )
    return (
        CorrectiveAction.objects.filter(project=invitation.project_id)
        .annotate(
            letter=Subquery(complaints.order_by("-pk").values("grade__letter")[:1]),
            is_his=ExpressionWrapper(complains_now(invitation.contact_id), BooleanField()),
            last_step_at=Greatest(*STEP_TIMES),
            is_older=Exists(complaints.filter(known_at__gt=OuterRef("last_step_at"))),
            is_taken_back=~Exists(complaints.filter(superseded_at=None)),
            message=Subquery(told.order_by("-pk").values("message")[:1]),
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


def complaints_behind(asked: ConfirmationRequest) -> list[AnswerGrade]:
    """His low grades that stand in the present round of the case, by week, with his words; where none does,
    the latest one that he gave."""
    complaints = (
        AnswerGrade.objects.filter(
            case=asked.case_id, answer__invitation__contact=asked.contact_id, known_at__lte=asked.known_at
        )
        .select_related("grade", "dimension")
        .order_by("week", "pk")
    )
    standing = complaints.filter(superseded_at=None, known_at__gte=asked.case.opened_at)
    return list(standing) or list(complaints.order_by("-pk")[:1])


def is_out(asked: ConfirmationRequest) -> bool:
    """Whether who is asked wants no more letters about the project, or any."""
    respondents = Respondent.objects.filter(project=asked.case.project_id, contact=asked.contact_id)
    return asked.contact.opted_out or respondents.filter(state=RespondentState.OPTED_OUT).exists()


def words_since(asked: ConfirmationRequest) -> list[CaseEvent]:
    """What he wrote since we asked, oldest first: with his answer, and in addition to it."""
    his = CaseEvent.objects.filter(case=asked.case_id, contact=asked.contact_id, known_at__gte=asked.known_at)
    kinds = (*HIS_WORD, CaseEventKind.COMMENTED)
    return list(his.filter(kind__in=kinds).exclude(comment="").order_by("pk"))


def open_request(
    invitation: Invitation, case: CorrectiveAction, *, now: dt.datetime
) -> ConfirmationRequest | None:
    """The letter to him that waits for the same word."""
    return still_asked(now=now).filter(case=case, contact=invitation.contact_id).first()


def last_word(invitation: Invitation, pk: int) -> CaseEvent | None:
    """What he said last, by a link, of whether the case is solved."""
    said = CaseEvent.objects.filter(
        case=pk, case__project=invitation.project_id, contact=invitation.contact_id, kind__in=HIS_WORD
    )
    return said.select_related("case__owner", "case__dimension").order_by("-pk").first()
