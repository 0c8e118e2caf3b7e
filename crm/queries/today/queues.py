"""A queue: one kind of item on the list. What is put off and has not changed since is left out in SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet, Window

from crm.queries.today.items import SHOWN, Item, Section
from crm.queries.today.scope import Scope

M = TypeVar("M", bound=Model)


class Queue(ABC, Generic[M]):
    """``kind`` is that of its items, ``key`` the column that names one; ``columns`` are what an item needs,
    where building whole records would be the dearest part of the page."""

    kind: str
    key = "pk"
    columns: tuple[str, ...] = ()

    @abstractmethod
    def found(self, scope: Scope) -> QuerySet[M]:
        """All that is on the list of whoever asks, in its order: worst first."""

    @abstractmethod
    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        """The rows in words. The same number of queries for however many rows."""

    def was(self, row: Any) -> str:
        """What it is like now; when this changes, a snooze is over."""
        return ""

    def is_still(self, was: str, now: str) -> bool:
        return was == now

    def section(self, scope: Scope, *, limit: int = SHOWN) -> Section:
        """The list is gone through once. Where it may be long, for ids and count alone, and what is shown is
        then read by id: the rows are wide."""
        counted = self.awake(scope).annotate(total=Window(Count("*")))
        if scope.is_small:
            found = self.rows(counted[:limit], "total")
            return Section(self.kind, tuple(self.items(found, scope)), found[0].total if found else 0)
        head = list(counted.values_list("pk", "total")[:limit])
        found = self.rows(self.found(scope).filter(pk__in=[pk for pk, _total in head])) if head else []
        return Section(self.kind, tuple(self.items(found, scope)), head[0][1] if head else 0)

    def rows(self, found: QuerySet[M], *more: str) -> list[Any]:
        if found.query.is_empty():
            return []
        return list(found.values_list(*self.columns, *more, named=True) if self.columns else found)

    def awake(self, scope: Scope) -> QuerySet[M]:
        """Without what he put off."""
        asleep = [row.pk for row in self.asleep(scope)]
        found = self.found(scope)
        return found.exclude(pk__in=asleep) if asleep else found

    def asleep(self, scope: Scope) -> list[Any]:
        """What he put off and has not changed since; no query where he put off nothing of this kind."""
        wishes = scope.snoozed.get(self.kind, {})
        if not wishes:
            return []
        rows = self.rows(self.found(scope).filter(**{f"{self.key}__in": list(wishes)}))
        return [row for row in rows if self.is_still(wishes[str(getattr(row, self.key))], self.was(row))]

    def asleep_section(self, scope: Scope) -> Section:
        rows = self.asleep(scope)
        return Section(self.kind, tuple(self.items(rows, scope)), len(rows))

    def one(self, scope: Scope, key: str) -> Any | None:
        """The item that ``key`` names, if it is on his list, put off or not."""
        try:
            return next(iter(self.rows(self.found(scope).filter(**{self.key: key}))), None)
        except (ValueError, TypeError, OverflowError, ValidationError):
            return None
