"""What customers said outside the weekly survey and wait to hear an answer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import get_language

from accounts import access
from accounts.voice.models import UNANSWERED, Voice
from crm.queries.today.items import Item, VoiceItem
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope
from crm.queries.voice_words import told_in


class VoiceQueue(Queue[Voice]):
    """His own that are due by today, and of his people what is overdue; the longest overdue first."""

    kind = "voice"

    def found(self, scope: Scope) -> QuerySet[Voice]:
        waiting = access.visible_voices(scope.user).filter(UNANSWERED)
        mine = waiting.filter(owner=scope.user.pk, answer_by__lte=scope.today)
        theirs = waiting.filter(owner__in=scope.people, answer_by__lt=scope.today)
        related = ("customer", "contact", "owner")
        return (mine | theirs).select_related(*related).order_by(F("answer_by").asc(), "pk")

    def was(self, row: Any) -> str:
        return f"{row.answer_by} {row.version}"

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        words = told_in(get_language() or "en", rows) if rows else {}
        return [
            VoiceItem(
                key=str(row.pk),
                was=self.was(row),
                bar="critical" if row.answer_by < scope.today else "at_risk",
                voice_id=row.pk,
                customer=row.customer.short_name,
                contact=row.contact.name if row.contact else "",
                voice_kind=row.get_kind_display(),
                text=words[row.pk],
                answer_by=row.answer_by,
                is_overdue=row.answer_by < scope.today,
                owner=scope.name_unless_mine(row.owner),
            )
            for row in rows
        ]
