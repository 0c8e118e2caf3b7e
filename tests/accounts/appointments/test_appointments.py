"""Planned meetings: what is refused, who is told what, and once; who sees and changes them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.appointments.mailing import give_up_unsent, to_send
from accounts.appointments.models import Appointment, AppointmentKind, AppointmentLetter, Guest
from accounts.appointments.services import (
    AppointmentFacts,
    change_appointment,
    hand_over_appointments,
    plan_appointment,
    restore_appointment,
)
from accounts.contacts.models import Contact, Level
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.users.services import deactivate
from tests.accounts.appointments.planned import DAY, HOUR, STARTS, Planned, contact_of, planned_in
from tests.conftest import MONDAY, World

FACTS = AppointmentFacts(kind=AppointmentKind.CALL, title="Prices", starts_at=STARTS)


@pytest.fixture
def planned(world: World) -> Planned:
    return planned_in(world)


def refused(world: World, **more: object) -> str:
    facts = replace(FACTS, **more)  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as error:
        plan_appointment(customer=world.customer, facts=facts, author=world.owner, now=MONDAY)
    ((field, (problem,)),) = error.value.error_dict.items()
    assert not Appointment.objects.exists()
    return f"{field}: {problem.code}"


def test_what_is_wrong_is_refused_and_nothing_is_written(world: World) -> None:
    foreign = Contact.objects.create(
        customer=world.foreign, name="Weber", level=Level.EXECUTIVE, known_at=MONDAY
    )
    deactivate(world.mate)
    assert refused(world, title=" \n ") == "title: blank"
    assert refused(world, title="x" * 10_000) == "title: too_long"
    assert refused(world, place="x" * 201) == "place: too_long"
    assert refused(world, note="x" * 10_000) == "note: too_long"
    assert refused(world, minutes=0) == "minutes: minutes"
    assert refused(world, minutes=1441) == "minutes: minutes"
    assert refused(world, starts_at=MONDAY) == "starts_at: past"
    assert refused(world, starts_at=MONDAY + 2000 * DAY) == "starts_at: too_far"
    assert refused(world, contacts=(foreign.pk,)) == "contacts: other_customer"
    assert refused(world, users=(world.mate.pk,)) == "users: gone"
    assert refused(world, contacts=tuple(range(1, 52))) == "contacts: too_many"
    assert refused(world, invites=True, users=(world.owner.pk,)) == "invites: nobody"


def test_the_same_form_plans_it_once(world: World) -> None:
    token = uuid.uuid4()
    plan_appointment(customer=world.customer, facts=FACTS, author=world.owner, now=MONDAY, token=token)
    with pytest.raises(AlreadySavedError):
        plan_appointment(customer=world.customer, facts=FACTS, author=world.owner, now=MONDAY, token=token)
    assert Appointment.objects.count() == 1


def test_everybody_who_is_to_come_is_invited_but_the_organiser(planned: Planned) -> None:
    assert planned.letters == ["Chen request 0", "Li request 0", "Mate request 0"]


def test_without_a_wish_for_letters_there_are_none_until_somebody_has_it(world: World) -> None:
    planned = planned_in(world, invites=False)
    planned.change(MONDAY + HOUR, place="Hall 3")
    assert planned.letters == []
    planned.change(MONDAY + HOUR, invites=True)
    assert planned.letters == ["Chen request 2", "Li request 2", "Mate request 2"]


def test_a_change_is_told_once_and_saving_without_one_is_none(planned: Planned) -> None:
    planned.change(MONDAY + HOUR)
    assert (planned.meeting.sequence, planned.meeting.version) == (0, 1)
    planned.change(MONDAY + HOUR, starts_at=STARTS + HOUR, invites=False)
    assert planned.letters[3:] == ["Chen request 1", "Li request 1", "Mate request 1"]
    assert planned.meeting.invites
    with pytest.raises(ConflictError):
        change_appointment(planned.meeting, version=1, facts=planned.facts, now=MONDAY)


def test_who_is_left_out_is_told_so_and_who_comes_anew_is_invited(planned: Planned) -> None:
    wang = contact_of(planned.world, "Wang")
    planned.change(MONDAY + HOUR, contacts=(planned.chen.pk, wang.pk))
    assert planned.letters[3:] == ["Chen request 1", "Mate request 1", "Wang request 1", "Li cancel 1"]
    planned.change(MONDAY + HOUR, contacts=(planned.li.pk,))
    assert planned.letters[7:] == ["Li request 2", "Mate request 2", "Chen cancel 2", "Wang cancel 2"]
    assert Guest.objects.count() == 4


def test_a_cancelled_meeting_is_told_to_who_was_invited_and_can_be_brought_back(planned: Planned) -> None:
    AppointmentLetter.objects.filter(guest__contact=planned.li).update(failed_at=MONDAY, failure="No.")
    assert planned.cancel(MONDAY + HOUR)
    assert not planned.cancel(MONDAY + HOUR)
    assert planned.letters[3:] == ["Chen cancel 1", "Mate cancel 1"]
    with pytest.raises(ConflictError):
        planned.change(MONDAY + HOUR, place="Hall 3")
    assert restore_appointment(planned.meeting, now=MONDAY + HOUR)
    assert not restore_appointment(planned.meeting, now=MONDAY + HOUR)
    assert planned.letters[5:] == ["Chen request 2", "Li request 2", "Mate request 2"]


def test_what_has_begun_is_neither_cancelled_nor_brought_back(planned: Planned) -> None:
    assert not planned.cancel(STARTS)
    assert planned.cancel(STARTS - HOUR)
    assert not restore_appointment(planned.meeting, now=STARTS)


def test_only_the_latest_letter_of_a_guest_is_due_and_none_after_the_beginning(planned: Planned) -> None:
    planned.change(MONDAY + HOUR, contacts=(planned.chen.pk,))
    due = to_send(now=MONDAY + HOUR)
    assert [(each.guest.person.name, each.sequence) for each in due] == [("Chen", 1), ("Mate", 1), ("Li", 1)]
    assert not to_send(now=STARTS).exists()
    assert give_up_unsent(reason="Too late.", now=STARTS) == 6
    assert give_up_unsent(reason="Too late.", now=STARTS) == 0


def test_the_database_takes_no_second_letter_about_the_same(planned: Planned) -> None:
    letter = planned.letter(planned.chen)
    with pytest.raises(IntegrityError, match="appointment_letter_once"):
        AppointmentLetter.objects.create(guest=letter.guest, sequence=0, method="cancel", known_at=MONDAY)


def test_many_guests_cost_no_more_statements_than_few(world: World) -> None:
    counts = []
    for many in (3, 30):
        people = tuple(contact_of(world, f"P{many}{number}").pk for number in range(many))
        facts = replace(FACTS, contacts=people, invites=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            plan_appointment(customer=world.customer, facts=facts, author=world.owner, now=MONDAY)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_sees_and_who_changes_it(planned: Planned) -> None:
    world = planned.world
    sees = {name for name, user in world.users.items() if access.visible_appointments(user).exists()}
    changes = {name for name, user in world.users.items() if access.changeable_appointments(user).exists()}
    assert sees == {"owner", "lead", "mate", "executive", "admin"}
    assert changes == {"owner", "lead", "admin"}
    planned.change(MONDAY + dt.timedelta(hours=1), users=())
    assert not access.visible_appointments(world.mate).exists()


def test_meetings_to_come_go_to_who_takes_over_and_guests_hear_whom_they_answer(
    world: World, planned: Planned
) -> None:
    over = planned_in(world, now=MONDAY, starts_at=MONDAY + HOUR).meeting
    moved = hand_over_appointments(leaving=world.owner, to=world.mate, now=MONDAY + DAY)
    planned.meeting.refresh_from_db()
    over.refresh_from_db()
    assert moved == 1
    assert (planned.meeting.organiser, planned.meeting.sequence) == (world.mate, 1)
    assert (over.organiser, over.sequence) == (world.owner, 0)
    told = AppointmentLetter.objects.filter(sequence=1).order_by("pk")
    assert [letter.guest.person.name for letter in told] == ["Chen", "Li"]
    assert set(told.values_list("method", flat=True)) == {"request"}
