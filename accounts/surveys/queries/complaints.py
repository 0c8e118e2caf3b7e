"""Whose complaint a corrective action is about."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from accounts.surveys.models import AnswerGrade, CaseEvent, CaseEventKind


def complains_now(contact_id: int) -> Q:
    """Corrective actions whose present round is his: by a low grade, or by his word that it is not solved."""
    grade = AnswerGrade.objects.filter(
        case=OuterRef("pk"), known_at__gte=OuterRef("opened_at"), answer__invitation__contact=contact_id
    )
    word = CaseEvent.objects.filter(
        case=OuterRef("pk"),
        known_at__gte=OuterRef("opened_at"),
        contact=contact_id,
        kind=CaseEventKind.REJECTED,
    )
    return Q(Exists(grade)) | Q(Exists(word))
