"""Meetings that were planned with a customer, in the timeline: when that was done, and for when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import JSONObject

from accounts.appointments.models import Appointment, AppointmentKind
from accounts.customers.models import Customer
from crm.queries.event_source import Facts, Label, Source


@dataclass(frozen=True)
class Planned:
    pk: int
    title: str
    label: Label
    starts_at: dt.datetime
    at: dt.datetime
    by: str
    is_cancelled: bool


def appointments_planned(customer: Customer) -> Source:
    facts = JSONObject(
        title=F("title"),
        kind=F("kind"),
        starts_at=F("starts_at"),
        at=F("known_at"),
        by=F("organiser__name"),
        is_cancelled=Q(cancelled_at__isnull=False),
    )
    planned = Appointment.objects.filter(customer=customer.pk)
    return Source("appointment", planned, "known_at", is_day=False, facts=facts, record=_planned)


def _planned(pk: int, facts: Facts) -> Planned:
    return Planned(
        pk=pk,
        title=facts["title"],
        label=AppointmentKind(facts["kind"]).label,
        starts_at=dt.datetime.fromisoformat(facts["starts_at"]),
        at=dt.datetime.fromisoformat(facts["at"]),
        by=facts["by"],
        is_cancelled=facts["is_cancelled"],
    )
