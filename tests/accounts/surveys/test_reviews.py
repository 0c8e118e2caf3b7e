"""Reviewed weeks, internal notes, and the minutes of a meeting."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.facts import AlreadySavedError
from accounts.surveys.models import MeetingDecision, ReviewMeeting, ReviewNote, WeekReview
from accounts.surveys.services import (
    add_decision,
    add_note,
    close_meeting,
    mark_reviewed,
    reopen_meeting,
    save_minutes,
    start_meeting,
    unmark_reviewed,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of
from tests.conftest import World

FAR = WEEK + 70 * DAY


def code(refusal: pytest.ExceptionInfo[ValidationError], field: str) -> str:
    return str(refusal.value.error_dict[field][0].code)


def test_a_week_is_reviewed_once_and_the_first_stands(office: Office) -> None:
    mark_reviewed(office.project, WEEK, by=office.world.manager, now=DUE)
    mark_reviewed(office.project, WEEK, by=office.world.lead, now=DUE + HOUR)
    (review,) = WeekReview.objects.all()
    assert (review.author, review.known_at, review.customer) == (
        office.world.manager,
        DUE,
        office.world.customer,
    )
    unmark_reviewed(office.project, WEEK)
    assert not WeekReview.objects.exists()


def test_a_week_nobody_was_asked_about_can_be_reviewed_and_noted(office: Office) -> None:
    mark_reviewed(office.project, FAR, by=office.world.manager, now=DUE)
    add_note(office.project, FAR, text="Quiet weeks", by=office.world.manager, now=DUE)
    assert WeekReview.objects.get().week_id == ReviewNote.objects.get().week_id == FAR


def test_a_form_sent_twice_notes_once(office: Office) -> None:
    token = uuid.uuid4()
    facts = {"by": office.world.manager, "now": DUE, "token": token}
    add_note(office.project, WEEK, text="Ask Li", dimension=office.dimension("delivery"), **facts)
    with pytest.raises(AlreadySavedError):
        add_note(office.project, WEEK, text="Ask Li again", **facts)
    assert [note.text for note in ReviewNote.objects.all()] == ["Ask Li"]


@pytest.mark.parametrize(("text", "reason"), [("  \n", "blank"), ("x" * 4001, "too_long")])
def test_a_note_says_something_and_not_too_much(office: Office, text: str, reason: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_note(office.project, WEEK, text=text, by=office.world.manager, now=DUE)
    assert code(refusal, "text") == reason
    assert not ReviewNote.objects.exists()


def meeting_of(office: Office) -> ReviewMeeting:
    return start_meeting(
        week=WEEK,
        chair=office.world.manager,
        held_on=DUE.date(),
        attendees=[office.world.member],
        now=DUE,
    )


def there(meeting: ReviewMeeting) -> set[int]:
    return set(meeting.attendees.values_list("user", flat=True))


def test_a_meeting_is_begun_once_for_each_week_and_chair(office: Office) -> None:
    first, again = meeting_of(office), meeting_of(office)
    assert first == again
    assert there(first) == {office.world.manager.pk, office.world.member.pk}


def test_minutes_that_somebody_else_changed_are_not_overwritten(office: Office) -> None:
    meeting = meeting_of(office)
    saved = save_minutes(meeting, version=1, notes="First", held_on=DUE.date(), attendees=[office.world.lead])
    assert (saved.version, there(saved)) == (2, {office.world.manager.pk, office.world.lead.pk})
    with pytest.raises(ValidationError) as refusal:
        save_minutes(meeting, version=1, notes="Second", held_on=DUE.date(), attendees=[])
    assert code(refusal, "version") == "changed"
    meeting.refresh_from_db()
    assert (meeting.notes, there(meeting)) == ("First", {office.world.manager.pk, office.world.lead.pk})


def test_finished_minutes_stay_as_they_are_until_they_are_opened_again(office: Office) -> None:
    meeting = meeting_of(office)
    finished = close_meeting(meeting, now=DUE + HOUR)
    assert close_meeting(meeting, now=DUE + 2 * HOUR).closed_at == finished.closed_at == DUE + HOUR
    with pytest.raises(ValidationError) as refusal:
        save_minutes(meeting, version=finished.version, notes="More", held_on=DUE.date(), attendees=[])
    assert code(refusal, "meeting") == "closed"
    with pytest.raises(ValidationError) as refusal:
        add_decision(meeting, text="Late", decided_by=office.world.manager, now=DUE)
    assert code(refusal, "meeting") == "closed"
    assert not MeetingDecision.objects.exists()
    opened = reopen_meeting(meeting)
    add_decision(opened, text="Late", decided_by=office.world.manager, project=office.project, now=DUE)
    assert MeetingDecision.objects.get().customer == office.world.customer


@pytest.mark.django_db(transaction=True)
def test_two_who_save_minutes_at_once_do_not_lose_each_others(world: World) -> None:
    office = office_of(world)
    office.invite()
    meeting = meeting_of(office)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def save(notes: str) -> None:
        gate.wait(10)
        try:
            save_minutes(meeting, version=1, notes=notes, held_on=DUE.date(), attendees=[])
            outcomes.append(notes)
        except ValidationError as refusal:
            outcomes.append(str(refusal.error_dict["version"][0].code))
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(notes,)) for notes in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (winner,) = [outcome for outcome in outcomes if outcome != "changed"]
    assert sorted(outcomes) == sorted([winner, "changed"])
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.version) == (winner, 2)
