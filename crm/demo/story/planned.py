"""Meetings that are to come: one for a few customers, with their people, and nobody written to."""

from __future__ import annotations

import datetime as dt

from accounts.appointments.models import Appointment, AppointmentKind
from accounts.appointments.services import AppointmentFacts, plan_appointment
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.surveys.weeks import zone_of

DAY = dt.timedelta(days=1)
FEW = 8
PLANNED = (
    (AppointmentKind.VISIT, ("Walk through the line", "参观产线"), ("Their plant", "客户工厂"), 120),
    (
        AppointmentKind.MEETING,
        ("Delivery plan for next quarter", "下季度交付计划"),
        ("Our office", "我司"),
        60,
    ),
    (AppointmentKind.CALL, ("Open questions", "待澄清问题"), ("", ""), 30),
)


def tell_planned(*, now: dt.datetime) -> int:
    """Once; how many meetings are planned. Without letters: the demo writes to nobody by itself."""
    if Appointment.objects.exists():
        return 0
    kept = Customer.objects.filter(merged_into=None, owner__isnull=False, contacts__left_on=None)
    customers = kept.select_related("owner").distinct().order_by("pk")[: FEW * 5 : 5]
    for number, customer in enumerate(customers):
        kind, title, place, minutes = PLANNED[number % len(PLANNED)]
        owner = customer.owner
        assert owner is not None
        word = int(owner.language == "zh-hans")
        people = Contact.objects.filter(customer=customer, left_on=None).order_by("pk")[:2]
        day = company_day(now) + (2 + 2 * number) * DAY
        facts = AppointmentFacts(
            kind=kind,
            title=title[word],
            place=place[word],
            starts_at=dt.datetime.combine(day, dt.time(9 + number % 6), zone_of(owner.time_zone)),
            minutes=minutes,
            contacts=tuple(people.values_list("pk", flat=True)),
        )
        plan_appointment(customer=customer, facts=facts, author=owner, now=now)
    return Appointment.objects.count()
