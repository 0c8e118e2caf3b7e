"""Actions: who is to do what by when, what is refused, and who sees and changes them."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts import access
from accounts.actions.models import Action
from accounts.actions.services import (
    add_action,
    change_action,
    drop_action,
    finish_action,
    reopen_action,
)
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.handover import hand_over
from accounts.notices.models import Notice
from accounts.projects.services import create_project
from accounts.surveys.models import ReviewMeeting, Week
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.conftest import MONDAY, World

TODAY = MONDAY.date()


def added(world: World, **more: object) -> Action:
    fields: dict[str, object] = {"title": "Send the drawings", "owner": world.owner, "author": world.owner}
    return add_action(now=MONDAY, **(fields | more))  # type: ignore[arg-type]


def refused(world: World, **more: object) -> str:
    with pytest.raises(ValidationError) as error:
        added(world, **more)
    ((field, (problem,)),) = error.value.error_dict.items()
    assert not Action.objects.exists()
    return f"{field}: {problem.code}"


def test_whoever_gets_something_to_do_from_another_is_told(world: World) -> None:
    added(world)
    assert not Notice.objects.exists()
    action = added(world, author=world.lead)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.facts["action"]) == (world.owner, "action_assigned", action.pk)


def test_what_is_wrong_is_refused(world: World) -> None:
    project = create_project(
        customer=world.foreign, name="Pump", manager=world.manager, started_on=TODAY, now=MONDAY
    )
    assert refused(world, title="  ") == "title: blank"
    assert refused(world, title="x" * 201) == "title: too_long"
    assert refused(world, note="x" * 4001) == "note: too_long"
    assert refused(world, due_on=dt.date(2260, 1, 1)) == "due_on: too_far"
    assert refused(world, customer=world.customer, project=project) == "project: other_customer"
    world.mate.is_active = False
    assert refused(world, owner=world.mate) == "owner: gone"


def test_a_form_sent_twice_is_saved_once(world: World) -> None:
    token = uuid.uuid4()
    added(world, token=token)
    with pytest.raises(AlreadySavedError):
        added(world, token=token)
    assert Action.objects.count() == 1


def test_a_change_over_an_older_version_changes_nothing(world: World) -> None:
    action = added(world)
    changed = change_action(action, version=1, by=world.lead, now=MONDAY, owner=world.mate)
    assert (changed.owner, changed.version) == (world.mate, 2)
    assert Notice.objects.get().user == world.mate
    with pytest.raises(ConflictError):
        change_action(action, version=1, by=world.owner, now=MONDAY, title="Other")
    action.refresh_from_db()
    assert action.title == "Send the drawings"
    assert action.events.count() == 1  # type: ignore[attr-defined]


def test_done_dropped_and_open_again(world: World) -> None:
    action = added(world)
    assert finish_action(action, by=world.owner, now=MONDAY)
    assert not finish_action(action, by=world.mate, now=MONDAY)
    assert not drop_action(action, now=MONDAY)
    assert reopen_action(action, now=MONDAY)
    assert not reopen_action(action, now=MONDAY)
    assert drop_action(action, now=MONDAY)
    assert not finish_action(action, by=world.owner, now=MONDAY)
    assert reopen_action(action, now=MONDAY)
    action.refresh_from_db()
    assert (action.done_at, action.done_by, action.dropped_at) == (None, None, None)


def test_what_comes_of_a_case_is_of_its_customer_and_project(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, at=DUE + HOUR, delivery="D")
    action = added(world, case=office.case(), author=world.manager, owner=world.manager)
    assert (action.customer, action.project) == (world.customer, office.project)
    seen = {name for name, user in world.users.items() if access.visible_actions(user).exists()}
    assert seen == {"owner", "lead", "manager", "executive", "admin"}
    changing = {name for name, user in world.users.items() if access.changeable_actions(user).exists()}
    assert changing == {"owner", "lead", "manager", "admin"}


def test_a_colleague_who_sees_nothing_else_sees_what_he_is_to_do(world: World) -> None:
    action = added(world, customer=world.customer, owner=world.stranger)
    assert access.visible_actions(world.stranger).get() == action
    assert access.changeable_actions(world.stranger).get() == action
    assert not access.visible_actions(world.mate).exists()
    world.stranger.is_active = False
    assert not access.changeable_actions(world.stranger).exists()


def test_an_executive_sees_all_and_changes_his_own(world: World) -> None:
    added(world, customer=world.customer)
    own = added(world, owner=world.executive, author=world.executive)
    assert access.visible_actions(world.executive).count() == 2
    assert access.changeable_actions(world.executive).get() == own


def test_who_was_at_the_meeting_sees_what_it_agreed(world: World) -> None:
    week = Week.objects.create(monday=TODAY)
    meeting = ReviewMeeting.objects.create(week=week, chair=world.owner, held_on=TODAY, known_at=MONDAY)
    meeting.attendees.create(user=world.stranger)  # type: ignore[attr-defined]
    action = added(world, meeting=meeting)
    assert access.visible_actions(world.stranger).get() == action
    assert not access.changeable_actions(world.stranger).exists()


def test_handed_over_it_is_for_another_to_do(world: World) -> None:
    action, done = added(world), added(world)
    finish_action(done, by=world.owner, now=MONDAY)
    hand_over(leaving=world.owner, to=world.mate, author=world.admin, now=MONDAY)
    action.refresh_from_db()
    done.refresh_from_db()
    assert (action.owner, done.owner) == (world.mate, world.owner)
