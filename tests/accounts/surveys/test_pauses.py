"""Pauses with an end: who is asked again, and as of when."""

from __future__ import annotations

import datetime as dt

from accounts.surveys.models import Invitation, Respondent, RespondentState
from accounts.surveys.services import change_respondent, make_due_invitations, name_respondent, resume_paused
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, contact_of, office_of
from tests.conftest import MONDAY, World

FRIDAY = DUE.date()
SECOND = dt.timedelta(seconds=1)
MIDNIGHT = dt.datetime(2026, 3, 6, tzinfo=dt.UTC)


def paused(world: World, name: str, zone: str, until: dt.date | None) -> Respondent:
    office_project = world.customer.projects.get(name="Line 4")
    contact = contact_of(world, name, time_zone=zone)
    named = name_respondent(project=office_project, contact=contact, author=None, now=MONDAY)
    return change_respondent(
        named, state=RespondentState.PAUSED, author=world.manager, until=until, now=MONDAY + HOUR
    )


def test_a_pause_ends_with_the_first_moment_of_its_day_where_the_respondent_is(world: World) -> None:
    office_of(world)
    east = paused(world, "East", "Asia/Shanghai", FRIDAY)
    west = paused(world, "West", "America/New_York", FRIDAY)
    endless = paused(world, "Endless", "UTC", None)
    assert resume_paused(now=MIDNIGHT - 8 * HOUR - SECOND) == 0
    assert resume_paused(now=MIDNIGHT) == 1
    assert resume_paused(now=MIDNIGHT + 5 * HOUR - SECOND) == 0
    assert resume_paused(now=MIDNIGHT + 6 * HOUR) == 1
    assert resume_paused(now=MIDNIGHT + 99 * DAY) == 0
    for respondent, at in ((east, MIDNIGHT - 8 * HOUR), (west, MIDNIGHT + 5 * HOUR)):
        respondent.refresh_from_db()
        assert (respondent.state, respondent.paused_until) == (RespondentState.ACTIVE, None)
        change = respondent.changes.latest("pk")
        assert (change.state, change.known_at, change.author) == ("active", at, world.manager)
    endless.refresh_from_db()
    assert endless.state == RespondentState.PAUSED


def test_who_is_back_at_the_hour_is_asked_also_when_beat_was_late(world: World) -> None:
    office_of(world)
    back = paused(world, "Back", "Asia/Shanghai", FRIDAY)
    later = paused(world, "Later", "Asia/Shanghai", FRIDAY + DAY)
    lost = paused(world, "Lost", "Atlantis/Capital", FRIDAY)
    make_due_invitations(now=DUE + 2 * DAY)
    asked = set(Invitation.objects.filter(week=WEEK).values_list("respondent", flat=True))
    assert {back.pk, lost.pk} <= asked
    assert later.pk not in asked
    make_due_invitations(now=DUE + 7 * DAY)
    assert Invitation.objects.filter(respondent=later).count() == 1


def test_a_pause_that_was_prolonged_meanwhile_goes_on(world: World) -> None:
    office_of(world)
    respondent = paused(world, "Back", "UTC", FRIDAY)
    change_respondent(
        respondent, state=RespondentState.PAUSED, author=None, until=FRIDAY + 7 * DAY, now=DUE - 2 * DAY
    )
    assert resume_paused(now=DUE) == 0
    assert resume_paused(now=DUE + 7 * DAY) == 1


def test_thirty_pauses_end_with_the_queries_of_three(world: World, django_assert_num_queries: object) -> None:
    office_of(world)
    for count in (3, 30):
        for number in range(count):
            paused(world, f"Back {count} {number}", "UTC" if number % 2 else "Asia/Shanghai", FRIDAY)
        with django_assert_num_queries(4):  # type: ignore[operator]
            assert resume_paused(now=DUE) == count
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert resume_paused(now=DUE) == 0
