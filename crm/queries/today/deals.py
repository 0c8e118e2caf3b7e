"""Contracts that end, and competitors whose share rises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts import access
from accounts.deals.models import Contract, SupplyShare
from crm.queries.deals import attention, rising, with_next_on
from crm.queries.today.items import Item
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope


@dataclass(frozen=True, kw_only=True)
class ContractItem(Item):
    """``value_minor``: of a year, in minor units of ``currency``. ``is_over``: it ended without a renewal."""

    kind = "contract"
    template = "today/_contract.html"
    contract_id: int
    customer: str
    title: str
    value_minor: int | None
    currency: str
    next_on: dt.date
    ends_on: dt.date | None
    is_over: bool
    owner: str


@dataclass(frozen=True, kw_only=True)
class RivalItem(Item):
    """A competitor's share of what a customer buys, in percent, and that of a quarter ago."""

    kind = "rival"
    template = "today/_rival.html"
    customer_id: int
    customer: str
    competitor: str
    share: Decimal
    before: Decimal
    said_on: dt.date
    owner: str


class ContractQueue(Queue[Contract]):
    """His own and those of his people, the nearest day first."""

    kind = "contract"

    def found(self, scope: Scope) -> QuerySet[Contract]:
        visible = access.visible_contracts(scope.user).filter(owner__in=scope.people)
        found = with_next_on(attention(visible, scope.today)).select_related("customer", "owner")
        return found.order_by("next_on", "pk")

    def was(self, row: Any) -> str:
        return f"{row.next_on} {row.version}"

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            ContractItem(
                key=str(row.pk),
                was=self.was(row),
                bar="critical" if self._is_over(row, scope) else "watch",
                contract_id=row.pk,
                customer=row.customer.short_name,
                title=row.title,
                value_minor=row.value_minor,
                currency=row.currency,
                next_on=row.next_on,
                ends_on=row.ends_on,
                is_over=self._is_over(row, scope),
                owner=scope.name_unless_mine(row.owner),
            )
            for row in rows
        ]

    def _is_over(self, row: Contract, scope: Scope) -> bool:
        return row.ends_on is not None and row.ends_on < scope.today


class RivalQueue(Queue[SupplyShare]):
    """Of customers that he or his people own, the largest share first."""

    kind = "rival"

    def found(self, scope: Scope) -> QuerySet[SupplyShare]:
        visible = access.visible_shares(scope.user).filter(customer__owner__in=scope.people)
        found = rising(visible, scope.today).select_related("customer__owner", "competitor")
        return found.order_by("-share", "pk")

    def was(self, row: Any) -> str:
        return f"{row.share}"

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            RivalItem(
                key=str(row.pk),
                was=self.was(row),
                bar="at_risk",
                customer_id=row.customer_id,
                customer=row.customer.short_name,
                competitor=row.competitor.name,
                share=row.share,
                before=row.before,
                said_on=row.valid_on,
                owner=scope.name_unless_mine(row.customer.owner),
            )
            for row in rows
        ]
