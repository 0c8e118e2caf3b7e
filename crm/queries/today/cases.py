"""Corrective actions by their clocks, with the low grade that was said last.

What is corrected waits for the customer's word: nobody here can do anything about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from accounts.surveys.models import OPEN, AnswerGrade, CorrectiveAction
from crm.queries.cases import LATEST_SAID, clock_of, overdue, with_due_at
from crm.queries.today.falls import falls_of
from crm.queries.today.items import CaseItem, Item
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope

NOTHING_SAID: dict[str, Any] = {"letter": "", "lowest": "", "respondent": "", "words": "", "said_at": None}


class CaseQueue(Queue[CorrectiveAction]):
    """Open ones, the clock that runs out first in front; of an executive only those that are overdue.

    Whoever a missed clock escalated to has it as well, and may acknowledge it.
    """

    kind = "case"

    def found(self, scope: Scope) -> QuerySet[CorrectiveAction]:
        cases = scope.cases_and_escalated.filter(OPEN, corrected_at=None)
        timed = overdue(cases, scope.now) if scope.user.is_executive else with_due_at(cases)
        grades = AnswerGrade.objects.filter(case=OuterRef("pk")).order_by().values("case")
        count = Subquery(grades.annotate(count=Count("pk")).values("count"))
        return (
            timed.annotate(grade_count=Coalesce(count, 0))
            .select_related("customer", "project", "dimension", "owner")
            .order_by(F("due_at").asc(nulls_last=True), "pk")
        )

    def was(self, row: Any) -> str:
        return f"{row.state} {row.times_reopened} {row.grade_count}"

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        said = _last_low_grades([row.pk for row in rows])
        falls = falls_of([(row.project_id, row.dimension_id) for row in rows], scope.today)
        language = get_language() or "en"
        workable = scope.may_work_on(row.pk for row in rows)
        escalated = scope.escalated_of(row.pk for row in rows)
        return [
            CaseItem(
                key=str(row.pk),
                was=self.was(row),
                bar=_bar(row, scope),
                case=row,
                clock=str(clock_of(row, scope.now)),
                dimension=row.dimension.name_in(language),
                fall=falls.get((row.project_id, row.dimension_id)),
                owner=scope.name_unless_mine(row.owner),
                may_work=row.pk in workable,
                is_escalated=row.pk in escalated,
                **said.get(row.pk, NOTHING_SAID),
            )
            for row in rows
        ]


def _bar(row: CorrectiveAction, scope: Scope) -> str:
    return "critical" if clock_of(row, scope.now).is_overdue else "at_risk"


def waiting_for_customers(scope: Scope) -> int:
    """Corrected ones that he is to know about; of an executive none, who is told only what is overdue."""
    if scope.user.is_executive:
        return 0
    return scope.cases.filter(OPEN, corrected_at__isnull=False).count()


def _last_low_grades(case_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Of each case the low grade that stands and was given last; else, after an edit, the last there was; and
    the lowest letter of the present round."""
    of_round = AnswerGrade.objects.filter(case=OuterRef("case"), known_at__gte=OuterRef("case__opened_at"))
    lowest = of_round.order_by("-grade__position").values("grade__letter")
    grades = (
        AnswerGrade.objects.filter(case__in=case_ids)
        .annotate(lowest=Subquery(lowest[:1]))
        .select_related("grade", "answer__invitation__contact")
        .order_by("case", *LATEST_SAID)
        .distinct("case")
    )
    return {
        grade.case_id: {
            "letter": grade.grade.letter,
            "lowest": grade.lowest or grade.grade.letter,
            "respondent": grade.answer.invitation.contact.name,
            "words": grade.comment or grade.answer.comment,
            "said_at": grade.known_at,
        }
        for grade in grades
        if grade.case_id is not None
    }
