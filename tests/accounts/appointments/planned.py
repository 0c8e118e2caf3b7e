"""A customer with two contacts, and a meeting with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from accounts.appointments.models import Appointment, AppointmentKind, AppointmentLetter
from accounts.appointments.services import (
    AppointmentFacts,
    cancel_appointment,
    change_appointment,
    plan_appointment,
)
from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from tests.conftest import MONDAY, World

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
STARTS = MONDAY + 3 * DAY


@dataclass
class Planned:
    """Chen reads English, Li Chinese; ``mate`` is one of ours. ``now``: when it was planned."""

    world: World
    chen: Contact
    li: Contact
    facts: AppointmentFacts
    meeting: Appointment
    now: dt.datetime

    def change(self, now: dt.datetime, **facts: object) -> Appointment:
        self.facts = replace(self.facts, **facts)  # type: ignore[arg-type]
        self.meeting.refresh_from_db()
        self.meeting = change_appointment(
            self.meeting, version=self.meeting.version, facts=self.facts, now=now
        )
        return self.meeting

    def cancel(self, now: dt.datetime) -> bool:
        return cancel_appointment(self.meeting, by=self.world.owner, now=now)

    @property
    def letters(self) -> list[str]:
        """Whom, which and about which sequence, in the order in which they were asked for."""
        found = AppointmentLetter.objects.select_related("guest__contact", "guest__user").order_by("pk")
        return [f"{each.guest.person.name} {each.method} {each.sequence}" for each in found]

    def letter(self, person: object, sequence: int = 0) -> AppointmentLetter:
        field = "contact" if isinstance(person, Contact) else "user"
        return AppointmentLetter.objects.get(sequence=sequence, **{f"guest__{field}": person})


def contact_of(world: World, name: str, **more: str) -> Contact:
    fields = {"email": f"{name.lower()}@huaxing.test", "time_zone": "Asia/Shanghai"} | more
    return create_contact(
        customer=world.customer, name=name, level=Level.MANAGEMENT, author=None, now=MONDAY, **fields
    )


def planned_in(
    world: World, *, now: dt.datetime = MONDAY, starts_at: dt.datetime = STARTS, **more: object
) -> Planned:
    chen, li = contact_of(world, "Chen"), contact_of(world, "Li", language="zh-hans")
    facts = AppointmentFacts(
        kind=AppointmentKind.MEETING,
        title="Delivery plan",
        starts_at=starts_at,
        minutes=90,
        place="Suzhou, hall 2",
        note="Please bring the drawings.",
        invites=True,
        contacts=(chen.pk, li.pk),
        users=(world.mate.pk,),
    )
    facts = replace(facts, **more)  # type: ignore[arg-type]
    meeting = plan_appointment(customer=world.customer, facts=facts, author=world.owner, now=now)
    return Planned(world, chen, li, facts, meeting, now)
