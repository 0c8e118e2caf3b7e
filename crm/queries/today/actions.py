"""What somebody promised to do and is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import get_language

from accounts.actions.models import UNDONE, Action
from crm.queries.actions import was_of
from crm.queries.today.items import Item
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope


@dataclass(frozen=True, kw_only=True)
class ActionItem(Item):
    """``about``: the customer, project and dimension it belongs to, as far as there are any."""

    kind = "action"
    template = "today/_action.html"
    action_id: int
    title: str
    about: tuple[str, ...]
    due_on: dt.date
    is_overdue: bool
    by: str


class ActionQueue(Queue[Action]):
    """His own by today, and of his people what is overdue; the longest overdue first."""

    kind = "action"

    def found(self, scope: Scope) -> QuerySet[Action]:
        undone = Action.objects.filter(UNDONE)
        mine = undone.filter(owner=scope.user.pk, due_on__lte=scope.today)
        theirs = undone.filter(owner__in=scope.people, due_on__lt=scope.today)
        related = ("customer", "project", "case__dimension", "owner")
        return (mine | theirs).select_related(*related).order_by(F("due_on").asc(), "pk")

    def was(self, row: Any) -> str:
        return was_of(row)

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        language = get_language() or "en"
        return [
            ActionItem(
                key=str(row.pk),
                was=self.was(row),
                bar="at_risk" if row.due_on < scope.today else "accent",
                action_id=row.pk,
                title=row.title,
                about=tuple(_about(row, language)),
                due_on=row.due_on,
                is_overdue=row.due_on < scope.today,
                by=scope.name_unless_mine(row.owner),
            )
            for row in rows
        ]


def _about(row: Action, language: str) -> list[str]:
    words = [row.customer.short_name if row.customer else "", row.project.name if row.project else ""]
    return [word for word in [*words, row.case.dimension.name_in(language) if row.case else ""] if word]
