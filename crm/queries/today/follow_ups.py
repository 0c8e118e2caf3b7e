"""Promises made in interactions that are due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts import access
from accounts.interactions.models import Interaction, InteractionKind
from crm.queries.today.items import FollowUpItem, Item
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope
from crm.queries.wording import name_of

SUMMARY = 160
COLUMNS = (
    "pk",
    "identity",
    "customer_id",
    "customer__short_name",
    "kind",
    "summary",
    "follow_up_on",
    "follow_up_by_id",
    "promised_by",
)


class FollowUpQueue(Queue[Interaction]):
    """Due by him or his people, the longest overdue first."""

    kind = "follow_up"
    columns = COLUMNS
    key = "identity"

    def found(self, scope: Scope) -> QuerySet[Interaction]:
        due = open_follow_ups(scope).filter(follow_up_on__lte=scope.today)
        return due.annotate(promised_by=name_of("follow_up_by")).order_by("follow_up_on", "pk")

    def was(self, row: Any) -> str:
        return str(row.follow_up_on)

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        may_log = scope.may_log(row.customer_id for row in rows)
        promised_by_others = [row.pk for row in rows if row.follow_up_by_id != scope.user.pk]
        changeable = access.changeable_interactions(scope.user).filter(pk__in=promised_by_others)
        may_change = set(changeable.values_list("pk", flat=True)) if promised_by_others else set()
        return [
            FollowUpItem(
                key=str(row.identity),
                was=self.was(row),
                bar="at_risk" if row.follow_up_on < scope.today else "accent",
                customer_id=row.customer_id,
                customer=row.customer__short_name,
                interaction=str(InteractionKind(row.kind).label),
                summary=row.summary[:SUMMARY],
                due_on=row.follow_up_on,
                is_overdue=row.follow_up_on < scope.today,
                by=scope.unless_mine(row.follow_up_by_id, row.promised_by),
                may_log=row.customer_id in may_log,
                may_change=row.follow_up_by_id == scope.user.pk or row.pk in may_change,
            )
            for row in rows
        ]


def open_follow_ups(scope: Scope) -> QuerySet[Interaction]:
    """Of him and his people: not done, and the customer was not touched on the day or later; as
    `crm.queries.customers.with_touches` says."""
    touched = Interaction.objects.filter(
        customer=OuterRef("customer"), superseded_at=None, started_at__gte=OuterRef("follow_up_on")
    )
    promised = access.visible_interactions(scope.user).filter(
        follow_up_by__in=scope.people, follow_up_on__isnull=False, follow_up_done_at=None
    )
    return promised.filter(~Exists(touched))
