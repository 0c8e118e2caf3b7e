"""/api/v1/invitations: who was asked about which project's week, and what he answered; for reading."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import access
from accounts.contacts.models import Level
from accounts.surveys.models import Answer, AnswerGrade, Invitation
from crm.api.paging import Order
from crm.api.records import Records
from crm.filters.invitations import InvitationFilter


class GivenRecord(serializers.Serializer[AnswerGrade]):
    """A grade of a dimension, by their codes; ``corrective_action``: the one it stands in."""

    dimension = serializers.CharField(source="dimension.code")
    grade = serializers.CharField(source="grade.letter")
    comment = serializers.CharField()
    corrective_action = serializers.IntegerField(source="case_id", allow_null=True)


class SaidRecord(serializers.Serializer[Answer]):
    """The version that stands; a dimension that does not apply has no grade."""

    said_at = serializers.DateTimeField(source="known_at")
    is_late = serializers.BooleanField()
    comment = serializers.CharField()
    grades = GivenRecord(source="standing_grades", many=True)


class InvitationRecord(serializers.Serializer[Invitation]):
    """``week``: the Monday of the week he was asked about. ``level``: his organisational level then."""

    id = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    project = serializers.IntegerField(source="project_id")
    contact = serializers.IntegerField(source="contact_id")
    level = serializers.ChoiceField(Level.choices)
    week = serializers.DateField(source="week_id")
    due_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    reminded_at = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.SerializerMethodField()

    @extend_schema_field(SaidRecord(allow_null=True))
    def get_answer(self, invitation: Invitation) -> dict[str, Any] | None:
        said = invitation.standing_answers  # type: ignore[attr-defined]
        return SaidRecord(said[0]).data if said else None


class InvitationView(Records):
    queryset = Invitation.objects.none()
    serializer_class = InvitationRecord
    filterset_class = InvitationFilter
    order = Order(("-id",), (int,))

    def get_queryset(self) -> QuerySet[Invitation]:
        grades = AnswerGrade.objects.filter(superseded_at=None).select_related("dimension", "grade")
        answers = Answer.objects.filter(superseded_at=None).prefetch_related(
            Prefetch("grades", grades.order_by("dimension_id"), to_attr="standing_grades")
        )
        return access.visible_invitations(self.person).prefetch_related(
            Prefetch("answers", answers.order_by("pk"), to_attr="standing_answers")
        )
