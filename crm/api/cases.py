"""/api/v1/corrective-actions: what comes of low grades; for reading. Nobody of ours closes one."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.utils import timezone
from rest_framework import serializers

from accounts import access
from accounts.surveys.models import (
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    CaseState,
    CorrectiveAction,
)
from crm.api.paging import Order
from crm.api.records import Records
from crm.filters.cases import CaseRecordFilter
from crm.queries.cases import with_due_at


class CaseRecord(serializers.Serializer[CorrectiveAction]):
    """The times are those of the present round. ``due_at``: when the clock that runs is over; null where we
    have nothing to do. ``dimension``: its code."""

    id = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    project = serializers.IntegerField(source="project_id")
    dimension = serializers.CharField(source="dimension.code")
    owner = serializers.IntegerField(source="owner_id")
    state = serializers.ChoiceField(CaseState.choices)
    opened_at = serializers.DateTimeField()
    acknowledge_by = serializers.DateTimeField()
    plan_by = serializers.DateTimeField()
    solve_by = serializers.DateField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    is_overdue = serializers.BooleanField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    planned_at = serializers.DateTimeField(allow_null=True)
    contained_at = serializers.DateTimeField(allow_null=True)
    cause_found_at = serializers.DateTimeField(allow_null=True)
    corrected_at = serializers.DateTimeField(allow_null=True)
    prevented_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    times_reopened = serializers.IntegerField()


class CaseGradeRecord(serializers.Serializer[AnswerGrade]):
    """A low grade of the case, of whatever round; one that was changed since has ``superseded_at``."""

    invitation = serializers.IntegerField(source="answer.invitation_id")
    contact = serializers.IntegerField(source="answer.invitation.contact_id")
    week = serializers.DateField(source="week_id")
    grade = serializers.CharField(source="grade.letter")
    comment = serializers.CharField()
    said_at = serializers.DateTimeField(source="known_at")
    superseded_at = serializers.DateTimeField(allow_null=True)


class CaseEventRecord(serializers.Serializer[CaseEvent]):
    """``author`` and ``assignee``: users; ``contact``: who of the customer said it or was asked."""

    kind = serializers.ChoiceField(CaseEventKind.choices)
    at = serializers.DateTimeField(source="known_at")
    author = serializers.IntegerField(source="author_id", allow_null=True)
    assignee = serializers.IntegerField(source="assignee_id", allow_null=True)
    contact = serializers.IntegerField(source="contact_id", allow_null=True)
    comment = serializers.CharField()


class CaseDetail(CaseRecord):
    """With its low grades and its log, both in the order in which they came."""

    grades = CaseGradeRecord(many=True)
    log = CaseEventRecord(many=True)


class CaseView(Records):
    queryset = CorrectiveAction.objects.none()
    serializer_class = CaseRecord
    filterset_class = CaseRecordFilter
    order = Order(("-id",), (int,))

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        return CaseDetail if self.action == "retrieve" else CaseRecord

    def get_queryset(self) -> QuerySet[CorrectiveAction]:
        is_over = Q(("due_at__isnull", False)) & Q(("due_at__lte", timezone.now()))
        found = with_due_at(access.visible_cases(self.person)).annotate(
            is_overdue=ExpressionWrapper(is_over, output_field=BooleanField())
        )
        if self.action != "retrieve":
            return found.select_related("dimension")
        grades = AnswerGrade.objects.select_related("grade", "answer__invitation").order_by("pk")
        return found.select_related("dimension").prefetch_related(
            Prefetch("grades", grades), Prefetch("log", CaseEvent.objects.order_by("pk"))
        )
