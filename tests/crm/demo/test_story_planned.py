"""The demo's meetings to come: planned once, with people, and nobody is written to."""

from __future__ import annotations

from accounts.appointments.models import Appointment, AppointmentLetter
from crm.demo.story.planned import tell_planned
from tests.accounts.appointments.planned import contact_of
from tests.conftest import MONDAY, World


def test_meetings_are_planned_once_and_nobody_is_written_to(world: World) -> None:
    chen = contact_of(world, "Chen")
    assert [tell_planned(now=MONDAY), tell_planned(now=MONDAY)] == [1, 0]
    meeting = Appointment.objects.get()
    assert (meeting.customer, meeting.organiser) == (world.customer, world.owner)
    assert meeting.starts_at > MONDAY
    assert [guest.contact for guest in meeting.guests.all()] == [chen]
    assert not AppointmentLetter.objects.exists()
