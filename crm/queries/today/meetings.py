"""Meetings of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.appointments.models import Appointment, AppointmentKind
from crm.queries.appointments import mine
from crm.queries.today.items import Item
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope


@dataclass(frozen=True, kw_only=True)
class MeetingItem(Item):
    """``may_log``: it has begun, and he may note what was said."""

    kind = "meeting"
    template = "today/_meeting.html"
    title: str
    label: Any
    customer_id: int
    customer: str
    place: str
    starts_at: dt.datetime
    may_log: bool


class MeetingQueue(Queue[Appointment]):
    """Those of today that he organises or is to come to, in the order of the day."""

    kind = "meeting"

    def found(self, scope: Scope) -> QuerySet[Appointment]:
        begins = dt.datetime.combine(scope.today, dt.time(), timezone.get_current_timezone())
        planned = Appointment.objects.filter(
            mine(scope.user),
            cancelled_at=None,
            customer__merged_into=None,
            starts_at__gte=begins,
            starts_at__lt=begins + dt.timedelta(days=1),
        )
        return planned.select_related("customer").order_by("starts_at", "pk")

    def was(self, row: Any) -> str:
        return str(row.sequence)

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        may_log = scope.may_log(row.customer_id for row in rows)
        return [
            MeetingItem(
                key=str(row.pk),
                was=self.was(row),
                bar="accent",
                title=row.title,
                label=AppointmentKind(row.kind).label,
                customer_id=row.customer_id,
                customer=row.customer.short_name,
                place=row.place,
                starts_at=row.starts_at,
                may_log=row.starts_at <= scope.now and row.customer_id in may_log,
            )
            for row in rows
        ]
