"""The weekly meeting: holding it, its minutes, its screen, and what it leaves to do."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.actions.models import Action
from accounts.actions.services import finish_action
from accounts.notices.models import Notice
from accounts.projects.models import Project
from accounts.surveys.models import MeetingDecision, ReviewMeeting
from accounts.surveys.services import close_meeting, make_invitations, name_respondent, start_meeting
from accounts.users.models import Role, User
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of, project_of
from tests.conftest import MONDAY, World, person

NEXT = WEEK + 7 * DAY


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(world: World) -> Client:
    return as_(world.manager)


def meeting_of(office: Office, week: dt.date = WEEK, *others: User) -> ReviewMeeting:
    return start_meeting(
        week=week, chair=office.world.manager, held_on=week, attendees=others, now=DUE + (week - WEEK)
    )


def address(meeting: ReviewMeeting, what: str = "") -> str:
    return f"/satisfaction/meetings/{meeting.pk}{what}"


def asked(office: Office, name: str) -> Office:
    project = project_of(office.world, name)
    name_respondent(project=project, contact=office.chen, author=None, now=MONDAY)
    make_invitations(WEEK, now=DUE)
    return Office(office.world, office.version, project, office.chen, office.li)


def test_holding_the_meeting_twice_opens_the_same_minutes(office: Office, manager: Client) -> None:
    first = manager.post("/satisfaction/meetings/start", {"week": "2026-W10"})
    again = manager.post("/satisfaction/meetings/start", {"week": "2026-W10"})
    meeting = ReviewMeeting.objects.get()
    assert first.url == again.url == address(meeting)
    page = manager.get("/satisfaction/meetings/").content.decode()
    assert f'href="{address(meeting)}"' in page
    assert "2026-W10" in page


def test_decisions_and_actions_stand_in_the_minutes(office: Office, manager: Client) -> None:
    meeting, owner = meeting_of(office), office.world.owner
    body = {"text": "Change the carrier", "decided_by": owner.pk, "project": office.project.pk}
    assert manager.post(address(meeting, "/decide"), body).status_code == 302
    decision = MeetingDecision.objects.get()
    assert (decision.project, decision.decided_by, decision.meeting) == (office.project, owner, meeting)
    body = {
        "title": "Call the carrier",
        "owner": owner.pk,
        "due_on": "2026-03-13",
        "project": office.project.pk,
    }
    assert manager.post(address(meeting, "/act"), body).status_code == 302
    action = Action.objects.get()
    assert (action.meeting, action.project, action.customer, action.author) == (
        meeting,
        office.project,
        office.world.customer,
        office.world.manager,
    )
    assert Notice.objects.filter(user=owner).exists()
    page = manager.get(address(meeting)).content.decode()
    for text in ("Change the carrier", "Call the carrier", "decided by Owner", "Line 4"):
        assert text in page


def test_a_form_sent_twice_decides_and_promises_once(office: Office, manager: Client) -> None:
    meeting = meeting_of(office)
    form = manager.get(address(meeting)).context
    me = office.world.manager.pk
    decide = {"text": "Wait", "decided_by": me, "token": form["decision"]["token"].value()}
    act = {"title": "Wait", "owner": me, "token": form["action"]["token"].value()}
    for _time in range(2):
        assert manager.post(address(meeting, "/decide"), decide).status_code == 302
        assert manager.post(address(meeting, "/act"), act).status_code == 302
    assert (MeetingDecision.objects.count(), Action.objects.count()) == (1, 1)


def test_a_project_that_is_not_on_the_agenda_is_refused_and_the_words_are_kept(
    office: Office, manager: Client
) -> None:
    meeting = meeting_of(office)
    foreign = asked(office, "Line 5").project
    Project.objects.filter(pk=foreign.pk).update(manager=person("other", Role.PROJECT_MANAGER))
    body = {"text": "Steal it", "decided_by": office.world.manager.pk, "project": foreign.pk}
    answer = manager.post(address(meeting, "/decide"), body)
    assert answer.status_code == 422
    assert "Steal it" in answer.content.decode()
    assert not MeetingDecision.objects.exists()


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(office: Office, manager: Client) -> None:
    meeting = meeting_of(office, WEEK, office.world.member)
    body = {"version": 1, "held_on": "2026-03-02", "attendees": [office.world.member.pk]}
    member = as_(office.world.member)
    assert member.post(address(meeting), body | {"notes": "Mine"}).status_code == 302
    answer = manager.post(address(meeting), body | {"notes": "Other words"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody else saved these minutes meanwhile" in page
    # Both stand on the page: what he typed in the form, and what the other wrote.
    assert "Other words" in page
    assert "Mine" in page
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.version) == ("Mine", 2)
    version = re.search(r'name="version"\s+value="(\d+)"', page)
    assert version
    again = manager.post(address(meeting), body | {"notes": "Both", "version": version[1]})
    assert again.status_code == 302


def test_finished_minutes_take_nothing_until_they_are_opened_again(office: Office, manager: Client) -> None:
    meeting = meeting_of(office)
    assert manager.post(address(meeting, "/close")).status_code == 302
    me = office.world.manager.pk
    refused = manager.post(address(meeting, "/decide"), {"text": "Late", "decided_by": me})
    assert refused.status_code == 422
    assert manager.post(address(meeting, "/act"), {"title": "Late", "owner": me}).status_code == 422
    assert not MeetingDecision.objects.exists()
    assert not Action.objects.exists()
    assert "Add the decision" not in manager.get(address(meeting)).content.decode()
    manager.post(address(meeting, "/reopen"))
    assert manager.post(address(meeting, "/decide"), {"text": "Late", "decided_by": me}).status_code == 302


def test_what_is_still_open_comes_along_to_the_next_meeting(office: Office, manager: Client) -> None:
    first, me = meeting_of(office), office.world.manager
    for title in ("Call the carrier", "Measure the boxes"):
        manager.post(address(first, "/act"), {"title": title, "owner": me.pk})
    finish_action(Action.objects.get(title="Measure the boxes"), by=me, now=DUE)
    close_meeting(first, now=DUE + HOUR)
    second = meeting_of(office, NEXT)
    carried = manager.get(address(second)).context["minutes"].carried
    assert [row.action.title for row in carried] == ["Call the carrier"]
    assert manager.get(address(first)).context["minutes"].carried == ()


def test_the_screen_goes_through_every_project_and_back(office: Office, manager: Client) -> None:
    for name in ("Line 5", "Line 6"):
        asked(office, name).say(office.chen, delivery="D" if name == "Line 6" else "B")
    meeting = meeting_of(office)
    seen, here = [], address(meeting, "/mode")
    while here:
        page = manager.get(here)
        topic = page.context["topic"]
        seen.append((topic.row.project.name, topic.number, topic.count))
        found = re.search(r'data-turn="ArrowRight"\s+href="([^"]*)"', page.content.decode())
        here = found[1] if found else ""
    assert seen == [("Line 6", 1, 3), ("Line 5", 2, 3), ("Line 4", 3, 3)]
    assert 'data-turn="ArrowLeft"' in page.content.decode()
    first = manager.get(address(meeting, "/mode?project=nothing")).context["topic"]
    assert first.number == 1


def test_the_screen_says_what_was_said_and_decided_before(office: Office, manager: Client) -> None:
    office.say(office.chen, delivery="D", comment="Three days late")
    first, me = meeting_of(office), office.world.manager.pk
    body = {"text": "Change the carrier", "decided_by": me, "project": office.project.pk}
    manager.post(address(first, "/decide"), body)
    office.invite(NEXT)
    office.say(office.chen, at=DUE + 7 * DAY, week=NEXT, delivery="C", comment="Still late")
    page = manager.get(address(meeting_of(office, NEXT), "/mode")).content.decode()
    for text in ("Still late", "Change the carrier", "+1 against last week", "Corrective action"):
        assert text in re.sub(r"\s+", " ", page)
    assert "Three days late" not in page


def test_an_attendee_sees_only_the_projects_that_are_his_to_see(office: Office) -> None:
    stranger = office.world.stranger
    meeting = meeting_of(office, WEEK, stranger)
    page = as_(stranger).get(address(meeting, "/mode"))
    assert page.status_code == 200
    assert page.context["topic"] is None
    assert "Line 4" not in page.content.decode()


def test_an_empty_week_says_so(world: World) -> None:
    manager = as_(world.manager)
    assert "No meeting yet" in manager.get("/satisfaction/meetings/").content.decode()
    manager.post("/satisfaction/meetings/start", {"week": "2026-W10"})
    page = manager.get(address(ReviewMeeting.objects.get(), "/mode")).content.decode()
    assert "no projects to go through" in page


def test_the_workbook_of_the_minutes_holds_them(office: Office, manager: Client) -> None:
    meeting, me = meeting_of(office), office.world.manager.pk
    manager.post(address(meeting), {"version": 1, "held_on": "2026-03-09", "notes": "=A\nB"})
    about = {"project": office.project.pk}
    manager.post(address(meeting, "/decide"), {"text": "Change it", "decided_by": me} | about)
    act = {"title": "Call", "owner": me, "due_on": "2026-03-13"}
    manager.post(address(meeting, "/act"), act | about)
    answer = manager.get(address(meeting, "/minutes.xlsx"))
    book = load_workbook(io.BytesIO(answer.content))
    assert ("Notes", "=A\nB") in list(book["Minutes"].values)
    decisions = list(book["Decisions"].values)[1:]
    assert decisions == [("Huaxing Electronics", "Line 4", "Change it", "Manager")]
    ((project, title, who, by, done, earlier),) = list(book["Actions"].values)[1:]
    assert (project, title, who, f"{by:%Y-%m-%d}", done, earlier) == (
        *("Line 4", "Call", "Manager", "2026-03-13"),
        None,
        None,
    )


def test_a_long_agenda_and_many_decisions_take_as_many_queries_as_few(
    office: Office, manager: Client
) -> None:
    meeting, me = meeting_of(office), office.world.manager

    def cost(what: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(address(meeting, what)).status_code == 200
        return len(queries)

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            there = asked(office, f"Project {number}")
            there.say(there.chen, delivery="D", comment="Late")
            about = {"project": there.project.pk}
            manager.post(address(meeting, "/decide"), {"text": "Look", "decided_by": me.pk} | about)
            manager.post(address(meeting, "/act"), {"title": "Look", "owner": me.pk} | about)

    pages = ("", "/mode", "/minutes.xlsx")
    grow(0, 3)
    manager.get(address(meeting, "/mode"))  # what a version says is read once and kept
    few = [cost(page) for page in pages]
    grow(3, 30)
    assert [cost(page) for page in pages] == few
