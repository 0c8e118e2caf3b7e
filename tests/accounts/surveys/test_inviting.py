"""Who is invited, when, and exactly once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.contacts.models import Contact
from accounts.contacts.services import change_contact, mark_left
from accounts.customers.models import Customer
from accounts.projects.services import end_project
from accounts.surveys.links import hashed
from accounts.surveys.models import (
    Invitation,
    InvitationToken,
    ProgrammeVersion,
    Respondent,
    RespondentState,
    Week,
)
from accounts.surveys.services import (
    change_respondent,
    issue_token,
    make_due_invitations,
    make_invitations,
    mark_failed,
    mark_reminded,
    mark_sent,
    name_respondent,
)
from accounts.surveys.weeks import clock_of, monday_of, weeks_possibly_open
from tests.accounts.surveys.office import (
    CLOSED,
    DAY,
    DUE,
    EXPIRED,
    HOUR,
    WEEK,
    Office,
    contact_of,
    execute,
    office_of,
    project_of,
)
from tests.conftest import MONDAY, World

SECOND = dt.timedelta(seconds=1)


def invited(contact: Contact) -> list[dt.date]:
    return sorted(Invitation.objects.filter(contact=contact).values_list("week", flat=True))


def respondent_of(office: Office, contact: Contact) -> Respondent:
    return Respondent.objects.get(project=office.project, contact=contact)


def test_everybody_named_is_invited_once_when_his_hour_has_come(world: World) -> None:
    office_of(world)
    assert make_invitations(WEEK, now=DUE - SECOND) == 0
    assert make_invitations(WEEK, now=DUE) == 2
    assert make_invitations(WEEK, now=DUE + HOUR) == 0
    assert Invitation.objects.count() == 2


def test_an_invitation_carries_its_instants_level_and_version(office: Office) -> None:
    invitation = office.invitation(office.chen)
    assert invitation.due_at == DUE
    assert invitation.reminder_at == DUE + 4 * DAY
    assert invitation.closes_at == CLOSED
    assert invitation.expires_at == EXPIRED
    assert (invitation.level, invitation.programme_version) == ("specialist", office.version)
    assert (str(invitation.week), invitation.customer) == ("2026-W10", office.world.customer)


def test_each_is_invited_at_his_own_afternoon(world: World) -> None:
    office = office_of(world)
    east = contact_of(world, "East", time_zone="Asia/Shanghai")
    west = contact_of(world, "West", time_zone="America/Los_Angeles")
    lost = contact_of(world, "Lost", time_zone="Atlantis/Capital")
    for contact in (east, west, lost):
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    assert make_invitations(WEEK, now=DUE - 8 * HOUR - SECOND) == 0
    assert make_invitations(WEEK, now=DUE - 8 * HOUR) == 1
    assert invited(east) == [WEEK]
    assert make_invitations(WEEK, now=DUE) == 3
    assert invited(lost) == [WEEK]
    assert make_invitations(WEEK, now=DUE + 8 * HOUR) == 1
    assert invited(west) == [WEEK]
    assert office.invitation(west).due_at == DUE + 8 * HOUR


def test_daylight_saving_moves_nothing_for_the_respondent(db: None) -> None:
    """The week of 2026-03-23 is sent on Friday in winter time and closes in summer time."""
    version = ProgrammeVersion()
    clock = clock_of(version, dt.date(2026, 3, 23), "Europe/Berlin")
    assert clock.due_at == dt.datetime(2026, 3, 27, 13, tzinfo=dt.UTC)
    assert clock.reminder_at == dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
    assert clock.closes_at == dt.datetime(2026, 4, 2, 22, tzinfo=dt.UTC)


def test_a_skipped_hour_is_taken_an_hour_later(db: None) -> None:
    """Clocks in Berlin skip from 2:00 to 3:00 on Sunday, 29 March 2026."""
    clock = clock_of(ProgrammeVersion(send_weekday=7, send_hour=2), dt.date(2026, 3, 23), "Europe/Berlin")
    assert clock.due_at == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("send", range(1, 8))
@pytest.mark.parametrize("close", range(1, 8))
def test_a_week_closes_on_the_next_such_day_and_is_looked_for_until_then(send: int, close: int) -> None:
    version = ProgrammeVersion(send_weekday=send, close_weekday=close)
    for zone in ("Etc/GMT-14", "UTC", "Etc/GMT+12"):
        clock = clock_of(version, WEEK, zone)
        last_day = (clock.closes_at - SECOND).astimezone(dt.UTC) + (DUE - DUE)
        assert dt.timedelta(0) < clock.closes_at - clock.due_at <= 8 * DAY
        assert clock.sent_on.isoweekday() == send
        for now in (clock.due_at, last_day):
            assert WEEK in weeks_possibly_open(now)
    assert clock_of(version, WEEK, "UTC").closes_at.date().isoweekday() == close % 7 + 1


def test_a_week_is_known_by_its_monday(db: None) -> None:
    assert monday_of(dt.date(2027, 1, 3)) == dt.date(2026, 12, 28)
    week = Week.objects.create(monday=dt.date(2026, 12, 28))
    assert (week.iso_year, week.iso_week) == (2026, 53)
    with pytest.raises(IntegrityError), transaction.atomic():
        Week.objects.create(monday=dt.date(2026, 12, 29))


def test_two_days_without_beat_are_made_up_exactly_once(world: World) -> None:
    """Beat stops before Friday 14:00 and comes back on Sunday."""
    office = office_of(world)
    assert make_due_invitations(now=DUE - HOUR) == 0
    back = DUE + 2 * DAY
    assert make_due_invitations(now=back) == 2
    assert [make_due_invitations(now=back + minute * SECOND * 60) for minute in range(5)] == [0] * 5
    assert invited(office.chen) == invited(office.li) == [WEEK]
    assert office.invitation(office.chen).due_at == DUE


def test_a_week_that_is_closed_is_not_made_up(world: World) -> None:
    office = office_of(world)
    assert make_due_invitations(now=CLOSED - SECOND) == 2
    Invitation.objects.all().delete()
    assert make_due_invitations(now=CLOSED) == 0
    assert make_due_invitations(now=DUE + 7 * DAY) == 2
    assert invited(office.chen) == [WEEK + 7 * DAY]


def test_an_outage_of_ten_days_leaves_the_week_that_is_still_open(world: World) -> None:
    office = office_of(world)
    assert make_due_invitations(now=DUE + 10 * DAY) == 2
    assert invited(office.chen) == [WEEK + 7 * DAY]


def test_who_is_named_after_the_hour_is_asked_the_next_week(office: Office) -> None:
    wang = contact_of(office.world, "Wang")
    name_respondent(project=office.project, contact=wang, author=None, now=DUE + HOUR)
    make_due_invitations(now=DUE + 2 * HOUR)
    assert invited(wang) == []
    make_due_invitations(now=DUE + 7 * DAY)
    assert invited(wang) == [WEEK + 7 * DAY]


def test_who_paused_opted_out_left_or_has_no_address_is_not_asked(world: World) -> None:
    office = office_of(world)
    change_respondent(
        respondent_of(office, office.chen), state=RespondentState.PAUSED, author=None, now=MONDAY
    )
    others = [contact_of(world, name) for name in ("Out", "Gone", "Silent")]
    for contact in others:
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    out, gone, silent = others
    change_contact(out, expected_version=1, changes={"opted_out": True}, author=None, now=MONDAY)
    mark_left(gone, left_on=WEEK, now=MONDAY)
    change_contact(silent, expected_version=1, changes={"email": ""}, author=None, now=MONDAY)
    assert make_invitations(WEEK, now=DUE) == 1
    assert invited(office.li) == [WEEK]


def test_a_pause_at_the_hour_counts_even_if_beat_was_late(world: World) -> None:
    office = office_of(world)
    chen, li = (respondent_of(office, contact) for contact in (office.chen, office.li))
    change_respondent(chen, state=RespondentState.PAUSED, author=None, now=DUE - HOUR)
    change_respondent(chen, state=RespondentState.ACTIVE, author=None, now=DUE + HOUR)
    change_respondent(li, state=RespondentState.PAUSED, author=None, now=DUE + HOUR)
    assert make_invitations(WEEK, now=DUE + 2 * HOUR) == 0
    change_respondent(li, state=RespondentState.ACTIVE, author=None, now=DUE + 3 * HOUR)
    assert make_invitations(WEEK, now=DUE + 4 * HOUR) == 1
    assert list(li.changes.order_by("pk").values_list("state", flat=True)) == ["active", "paused", "active"]


def test_only_projects_that_ran_in_the_week_of_living_customers_are_asked_about(world: World) -> None:
    office = office_of(world)
    for name, ended in (("Ended before", WEEK - DAY), ("Ended in the week", WEEK)):
        project = project_of(world, name)
        type(project).objects.filter(pk=project.pk).update(started_on=WEEK - 9 * DAY)
        project.refresh_from_db()
        end_project(project, ended_on=ended)
        name_respondent(project=project, contact=office.chen, author=None, now=MONDAY)
    assert make_invitations(WEEK, now=DUE) == 3
    Invitation.objects.all().delete()
    Customer.objects.filter(pk=world.customer.pk).update(merged_into=world.foreign)
    assert make_invitations(WEEK, now=DUE) == 0


def test_named_twice_he_is_asked_once_and_a_paused_one_resumes(office: Office) -> None:
    again = name_respondent(project=office.project, contact=office.chen, author=None, now=DUE)
    assert Respondent.objects.filter(contact=office.chen).count() == 1
    assert again.changes.count() == 1
    change_respondent(again, state=RespondentState.OPTED_OUT, author=None, reason="asked", now=DUE)
    resumed = name_respondent(project=office.project, contact=office.chen, author=None, now=DUE)
    assert resumed.state == RespondentState.ACTIVE
    assert resumed.changes.count() == 3


def test_a_contact_of_another_customer_is_refused_also_by_the_database(office: Office, world: World) -> None:
    stranger = Contact.objects.create(
        customer=world.foreign, name="Stranger", level="specialist", known_at=MONDAY, sort_key="s"
    )
    with pytest.raises(ValidationError) as refused:
        name_respondent(project=office.project, contact=stranger, author=None, now=MONDAY)
    assert refused.value.error_dict["contact"][0].code == "other_customer"
    with pytest.raises(IntegrityError, match="respondent_contact_of_customer"):
        execute(
            "insert into surveys_respondent (customer_id, project_id, contact_id, state, known_at) "
            "values (%s, %s, %s, 'active', now())",
            office.project.customer_id,
            office.project.pk,
            stranger.pk,
        )


def test_a_link_is_kept_as_a_hash_only_and_every_link_sent_works(office: Office) -> None:
    invitation = office.invitation(office.chen)
    first, second = (issue_token(invitation, now=DUE) for _ in range(2))
    assert len({first, second}) == 2
    stored = set(InvitationToken.objects.values_list("sha256", flat=True))
    assert stored == {hashed(first), hashed(second)}
    assert not {first, second} & stored
    with pytest.raises(ValidationError) as refused:
        issue_token(invitation, now=EXPIRED)
    assert refused.value.error_dict["invitation"][0].code == "expired"
    with pytest.raises(DatabaseError), transaction.atomic():
        InvitationToken.objects.create(sha256=first, invitation=invitation, issued_at=DUE)


def test_sending_and_reminding_are_claimed_once(office: Office) -> None:
    pk = office.invitation(office.chen).pk
    assert mark_failed(pk, reason="x" * 900, now=DUE)
    assert [mark_sent(pk, now=DUE), mark_sent(pk, now=DUE)] == [True, False]
    assert [mark_reminded(pk, now=DUE + 4 * DAY), mark_reminded(pk, now=DUE + 4 * DAY)] == [True, False]
    office.say(office.li, quality="A")
    assert not mark_reminded(office.invitation(office.li).pk, now=DUE + 4 * DAY)
    sent = Invitation.objects.get(pk=pk)
    assert (sent.sent_at, sent.failed_at, sent.failure) == (DUE, None, "")


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_invite_everybody_exactly_once(world: World) -> None:
    office_of(world)
    contacts = [contact_of(world, f"Respondent {number}") for number in range(20)]
    for contact in contacts:
        for project in world.customer.projects.all():
            name_respondent(project=project, contact=contact, author=None, now=MONDAY)
    start, made = threading.Barrier(4), []

    def beat() -> None:
        try:
            start.wait()
            made.append(make_due_invitations(now=DUE))
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == Invitation.objects.count() == 22
    assert len(made) == 4


@pytest.mark.django_db(transaction=True)
def test_two_first_beats_at_once_agree_on_one_programme(world: World) -> None:
    from accounts.surveys.services import ensure_programme

    start, versions = threading.Barrier(3), []

    def first() -> None:
        try:
            start.wait()
            versions.append(ensure_programme(now=MONDAY).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=first) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(versions) == 3
    assert len(set(versions)) == ProgrammeVersion.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_respondents(
    world: World, django_assert_num_queries: object
) -> None:
    office = office_of(world)
    with django_assert_num_queries(9):  # type: ignore[operator]
        make_invitations(WEEK, now=DUE)
    for number in range(30):
        contact = contact_of(world, f"Respondent {number}")
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    with django_assert_num_queries(9):  # type: ignore[operator]
        assert make_invitations(WEEK, now=DUE) == 30
