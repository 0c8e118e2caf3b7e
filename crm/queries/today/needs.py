"""What customers need and somebody has to decide about or to deliver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts import access
from accounts.needs.models import Need, NeedState
from crm.queries.needs import overdue, with_due_on
from crm.queries.today.items import Item
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope


@dataclass(frozen=True, kw_only=True)
class NeedItem(Item):
    """A need whose clock runs out. ``is_promised``: it is to be delivered, else somebody has to decide."""

    kind = "need"
    template = "today/_need.html"
    need_id: int
    customer: str
    title: str
    about: str
    importance: int
    is_promised: bool
    due_on: dt.date
    is_overdue: bool
    today: dt.date
    owner: str


class NeedQueue(Queue[Need]):
    """His own that are due by today, and of his people what is overdue; the longest overdue first."""

    kind = "need"

    def found(self, scope: Scope) -> QuerySet[Need]:
        visible = access.visible_needs(scope.user)
        due = Q(state=NeedState.RAISED, triage_by=scope.today)
        due |= Q(state=NeedState.PROMISED, promised_on=scope.today)
        late = overdue(scope.today)
        mine = Q(owner=scope.user.pk) & (late | due)
        theirs = Q(owner__in=scope.people) & late
        found = with_due_on(visible.filter(mine | theirs)).select_related("customer", "owner")
        return found.order_by("due_on", "-importance", "pk")

    def was(self, row: Any) -> str:
        return f"{row.state} {row.due_on} {row.version}"

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            NeedItem(
                key=str(row.pk),
                was=self.was(row),
                bar="critical" if row.due_on < scope.today else "at_risk",
                need_id=row.pk,
                customer=row.customer.short_name,
                title=row.title,
                about=row.get_about_display(),
                importance=row.importance,
                is_promised=row.state == NeedState.PROMISED,
                due_on=row.due_on,
                is_overdue=row.due_on < scope.today,
                today=scope.today,
                owner=scope.name_unless_mine(row.owner),
            )
            for row in rows
        ]
