"""Minutes that somebody finishes while another types, and what the screen of a meeting writes of a week."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.models import Action
from accounts.surveys.models import Invitation, MeetingDecision, ReviewMeeting, ReviewNote, WeekReview
from accounts.surveys.services import close_meeting, save_minutes, start_meeting
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of
from tests.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.manager)
    return client


@pytest.fixture
def meeting(office: Office) -> ReviewMeeting:
    return start_meeting(week=WEEK, chair=office.world.manager, held_on=WEEK, now=DUE)


@pytest.mark.parametrize(
    ("what", "field", "who", "verb"),
    [
        ("decide", "text", "decided_by", "Open again and add the decision"),
        ("act", "title", "owner", "Open again and add the action"),
    ],
)
def test_words_typed_into_minutes_meanwhile_finished_are_kept_and_can_be_added(
    office: Office, manager: Client, meeting: ReviewMeeting, what: str, field: str, who: str, verb: str
) -> None:
    close_meeting(meeting, now=DUE + HOUR)
    address = f"/satisfaction/meetings/{meeting.pk}"
    body = {field: "Call every Monday", who: office.world.manager.pk}
    refused = manager.post(f"{address}/{what}", body)
    assert refused.status_code == 422
    page = refused.content.decode()
    for words in ("Somebody finished these minutes meanwhile", "Call every Monday", verb):
        assert words in page
    assert not MeetingDecision.objects.exists()
    assert not Action.objects.exists()
    assert manager.post(f"{address}/{what}", body | {"reopen": "1"}).status_code == 302
    assert MeetingDecision.objects.count() + Action.objects.count() == 1
    meeting.refresh_from_db()
    assert meeting.closed_at is None


def test_notes_typed_meanwhile_are_kept_too_and_overwrite_nobodys(
    office: Office, manager: Client, meeting: ReviewMeeting
) -> None:
    close_meeting(meeting, now=DUE + HOUR)
    address = f"/satisfaction/meetings/{meeting.pk}"
    body = {"version": meeting.version, "held_on": "2026-03-02", "notes": "Mine, typed for long"}
    refused = manager.post(address, body)
    assert refused.status_code == 422
    assert "Mine, typed for long" in refused.content.decode()
    seen = refused.context["form"]["version"].value()
    assert manager.post(address, body | {"version": seen, "reopen": "1"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.closed_at) == ("Mine, typed for long", None)

    close_meeting(meeting, now=DUE + HOUR)
    stale = manager.post(address, body).context["form"]["version"].value()
    reopened = manager.post(f"{address}/reopen")
    assert reopened.status_code == 302
    meeting.refresh_from_db()
    save_minutes(meeting, version=meeting.version, notes="Hers", held_on=WEEK, attendees=[])
    assert manager.post(address, body | {"version": stale, "reopen": "1"}).status_code == 422
    meeting.refresh_from_db()
    assert meeting.notes == "Hers"


def test_who_may_not_change_them_does_not_open_them_again(office: Office, meeting: ReviewMeeting) -> None:
    close_meeting(meeting, now=DUE + HOUR)
    client = Client()
    client.force_login(office.world.executive)
    body = {"text": "Mine", "decided_by": office.world.executive.pk, "reopen": "1"}
    assert client.post(f"/satisfaction/meetings/{meeting.pk}/decide", body).status_code in (403, 404)
    meeting.refresh_from_db()
    assert meeting.closed_at is not None


def test_the_screen_marks_notes_and_reminds_and_stays(
    office: Office, manager: Client, meeting: ReviewMeeting
) -> None:
    now = timezone.now()
    Invitation.objects.update(
        due_at=now - 2 * DAY,
        sent_at=now - 2 * DAY,
        reminder_at=now + DAY,
        closes_at=now + 3 * DAY,
        expires_at=now + 17 * DAY,
    )
    here = f"/satisfaction/meetings/{meeting.pk}/mode?project={office.project.pk}"
    page = manager.get(here).content.decode()
    for words in ('data-key="r"', 'data-key="c"', 'aria-pressed="false"', "never answered", "Remind"):
        assert words in page
    assert f'href="/contacts/{office.li.pk}"' in page

    body = {"project": str(office.project.pk), "week": "2026-W10", "next": here}
    assert manager.post("/satisfaction/reviewed", body).headers["Location"] == here
    assert WeekReview.objects.filter(project=office.project, week=WEEK).exists()
    assert 'aria-pressed="true"' in manager.get(here).content.decode()

    note = {"week": "2026-W10", "text": "They need a word", "next": here}
    address = f"/projects/{office.project.pk}/notes"
    assert manager.post(address, note).headers["Location"] == here
    assert ReviewNote.objects.get().week_id == WEEK
    assert "They need a word" in manager.get(here).content.decode()

    letter = {"invitation": str(office.invitation(office.li).pk), "next": here}
    assert manager.post("/satisfaction/remind", letter).headers["Location"] == here
    assert "reminded" in manager.get(here).content.decode()


def test_who_only_reads_gets_a_screen_without_forms(office: Office, meeting: ReviewMeeting) -> None:
    client = Client()
    client.force_login(office.world.executive)
    page = client.get(f"/satisfaction/meetings/{meeting.pk}/mode")
    assert page.status_code == 200
    for words in ('data-key="r"', 'data-key="c"', "Remind"):
        assert words not in page.content.decode()


def test_days_of_silence_stand_on_the_screen(office: Office, manager: Client) -> None:
    office.say(office.li, delivery="A")
    later = WEEK + 7 * DAY
    office.invite(later)
    today = timezone.localdate()
    days = (today - (DUE + HOUR).date()).days
    held = start_meeting(week=later, chair=office.world.manager, held_on=later, now=DUE + 7 * DAY)
    page = " ".join(manager.get(f"/satisfaction/meetings/{held.pk}/mode").content.decode().split())
    assert f"{days} days since the last one" in page
