"""What keeps the product from running, for whoever runs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.imports.models import Import, ImportState
from accounts.imports.problems import file_problem
from accounts.surveys.models import OPEN, Invitation
from accounts.surveys.weeks import monday_of
from crm.mail import delivery
from crm.queries.cases import with_due_at
from crm.queries.today.items import (
    ImportItem,
    Item,
    LetterAction,
    LetterItem,
    Overview,
    OwnerlessItem,
    RunItem,
)
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope
from scoring.models import ChurnFlag, FlagLevel, RunState, ScoringRun
from scoring.rescore import current_run

LOOKED_BACK = dt.timedelta(days=14)
REASON = 200


class ImportQueue(Queue[Import]):
    kind = "import"

    def found(self, scope: Scope) -> QuerySet[Import]:
        failed = access.visible_imports(scope.user).filter(
            state=ImportState.FAILED, finished_at__gt=scope.now - LOOKED_BACK
        )
        return failed.order_by("-pk")

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            ImportItem(
                key=str(row.pk),
                bar="at_risk",
                import_id=row.pk,
                file_name=row.file_name,
                reason=file_problem(row.error),
                at=row.finished_at,
            )
            for row in rows
        ]


class RunQueue(Queue[ScoringRun]):
    """Failed runs of an instant that no later run has covered."""

    kind = "run"

    def found(self, scope: Scope) -> QuerySet[ScoringRun]:
        if not access.may_run_jobs(scope.user):
            return ScoringRun.objects.none()
        failed = ScoringRun.objects.defer("cuts").filter(
            state=RunState.FAILED, opened_at__gt=scope.now - LOOKED_BACK
        )
        current = current_run()
        return (failed.filter(as_of__gt=current.as_of) if current else failed).order_by("-pk")

    def was(self, row: Any) -> str:
        return str(row.attempts)

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            RunItem(
                key=str(row.pk),
                was=self.was(row),
                bar="critical",
                run_id=row.pk,
                reason=row.error[:REASON],
                at=row.opened_at,
            )
            for row in rows
        ]


class LetterQueue(Queue[Invitation]):
    """Letters that did not arrive, of weeks that are still open."""

    kind = "letter"

    def found(self, scope: Scope) -> QuerySet[Invitation]:
        if not access.may_see_outbox(scope.user):
            return Invitation.objects.none()
        failed = access.visible_invitations(scope.user).filter(
            failed_at__isnull=False,
            answered_at=None,
            week__gte=monday_of(scope.today) - LOOKED_BACK,
            closes_at__gt=scope.now,
        )
        related = ("contact", "project", "respondent", "customer")
        return failed.select_related(*related).order_by("-failed_at", "pk")

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            LetterItem(
                key=str(row.pk),
                bar="watch",
                contact_id=row.contact_id,
                contact=row.contact.name,
                project_id=row.project_id,
                project=row.project.name,
                action=_action(row, scope.now),
                reason=row.failure[:REASON],
                at=row.failed_at,
            )
            for row in rows
        ]


def _action(row: Invitation, now: dt.datetime) -> str:
    obstacle = delivery.obstacle_to(row, company_day(now))
    if obstacle == delivery.LEFT or row.contact.opted_out:
        return LetterAction.CONTACT
    return LetterAction.ADDRESS if obstacle in {"", delivery.NO_ADDRESS} else LetterAction.RESPONDENTS


class OwnerlessQueue(Queue[Customer]):
    kind = "ownerless"

    def found(self, scope: Scope) -> QuerySet[Customer]:
        if not scope.user.is_admin:
            return Customer.objects.none()
        return access.visible_customers(scope.user).filter(owner=None).order_by("sort_key", "pk")

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [OwnerlessItem(key=str(row.pk), customer_id=row.pk, customer=row.short_name) for row in rows]


def overview_of(scope: Scope) -> Overview:
    """The company in counts; two queries."""
    levels = dict(
        ChurnFlag.objects.filter(cleared_at=None)
        .values_list("level")
        .annotate(count=Count("pk"))
        .order_by("-level")
    )
    cases = with_due_at(access.visible_cases(scope.user).filter(OPEN)).aggregate(
        count=Count("pk"), overdue=Count("pk", filter=Q(("due_at__lte", scope.now)))
    )
    return Overview(
        flags=tuple((FlagLevel(level).code, levels.get(level, 0)) for level in (3, 2, 1)),
        cases=cases["count"],
        overdue_cases=cases["overdue"],
    )
