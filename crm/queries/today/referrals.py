"""Colleagues whom respondents propose to ask instead: somebody of ours has to decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from accounts import access
from accounts.surveys.models import Referral, ReferralState
from crm.queries.respondents import proposals_of
from crm.queries.today.items import Item, ReferralItem
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope


class ReferralQueue(Queue[Referral]):
    """Of projects that he or his people manage, or whose customer they own; the longest waiting first."""

    kind = "referral"

    def found(self, scope: Scope) -> QuerySet[Referral]:
        waiting = access.changeable_referrals(scope.user).filter(
            state=ReferralState.PROPOSED, project__in=scope.project_keys
        )
        return waiting.select_related("contact", "customer", "project").order_by("known_at", "pk")

    def was(self, row: Any) -> str:
        return str(row.known_at.isoformat())

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        may_add = scope.may_change(row.customer_id for row in rows)
        return [
            ReferralItem(
                key=str(each.referral.pk),
                was=each.seen,
                bar="accent",
                referral_id=each.referral.pk,
                name=each.referral.name,
                email=each.referral.email,
                message=each.referral.message,
                proposer=each.referral.contact.name,
                customer=each.referral.customer.short_name,
                project_id=each.referral.project_id,
                project=each.referral.project.name,
                at=each.referral.known_at,
                seen=each.seen,
                meant=each.meant.name if each.meant else "",
                is_askable=each.meant is not None and not each.obstacle,
                may_add=each.referral.customer_id in may_add,
                level=each.referral.contact.level,
            )
            for each in proposals_of(rows, today=scope.today)
        ]
