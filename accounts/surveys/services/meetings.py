"""The weekly meeting: who was there, what was decided, its notes. Its actions are those of accounts.actions.

Codes, by field: meeting: closed; version: changed; notes: too_long; text: blank, too_long.

A ``token`` names the form that a decision was typed into: AlreadySavedError when it was saved before.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import refuse
from accounts.facts import AlreadySavedError
from accounts.projects.models import Project
from accounts.surveys.models import MeetingAttendee, MeetingDecision, ReviewMeeting
from accounts.surveys.services.reviews import require_words, week_of
from accounts.users.models import User

MAX_NOTES = 20_000


@transaction.atomic
def start_meeting(
    *, week: dt.date, chair: User, held_on: dt.date, now: dt.datetime, attendees: Iterable[User] = ()
) -> ReviewMeeting:
    """The meeting that ``chair`` holds about the week; the one there is, if he has begun it already."""
    found, is_new = ReviewMeeting.objects.get_or_create(
        week=week_of(week), chair=chair, defaults={"held_on": held_on, "known_at": now}
    )
    if is_new:
        _set_attendees(found, {chair.pk, *(user.pk for user in attendees)})
    return found


@transaction.atomic
def save_minutes(
    meeting: ReviewMeeting, *, version: int, notes: str, held_on: dt.date, attendees: Iterable[User]
) -> ReviewMeeting:
    """Notes, day and who was there, if they are still those of ``version``; else refused, and nothing of what
    somebody else wrote meanwhile is lost."""
    if len(notes) > MAX_NOTES:
        refuse("notes", "too_long", _("Notes have at most 20,000 characters."))
    current = _open(meeting)
    if current.version != version:
        refuse(
            "version",
            "changed",
            _("Somebody else saved these minutes meanwhile. Read what they wrote, then save yours again."),
        )
    current.notes, current.held_on, current.version = notes, held_on, version + 1
    current.save(update_fields=["notes", "held_on", "version"])
    _set_attendees(current, {current.chair_id, *(user.pk for user in attendees)})
    return current


@transaction.atomic
def add_decision(
    meeting: ReviewMeeting,
    *,
    text: str,
    decided_by: User,
    now: dt.datetime,
    project: Project | None = None,
    token: uuid.UUID | None = None,
) -> MeetingDecision:
    """About one project, or in general."""
    current = _open(meeting)
    require_words("text", text)
    found, is_new = MeetingDecision.objects.get_or_create(
        meeting=current,
        token=token or uuid.uuid4(),
        defaults={
            "project": project,
            "customer_id": project.customer_id if project else None,
            "text": text,
            "decided_by": decided_by,
            "known_at": now,
        },
    )
    if not is_new:
        raise AlreadySavedError(token)
    return found


@transaction.atomic
def close_meeting(meeting: ReviewMeeting, *, now: dt.datetime) -> ReviewMeeting:
    """Its minutes are finished. Said twice, the first time stands."""
    ReviewMeeting.objects.filter(pk=meeting.pk, closed_at=None).update(
        closed_at=now, version=F("version") + 1
    )
    return ReviewMeeting.objects.get(pk=meeting.pk)


@transaction.atomic
def reopen_meeting(meeting: ReviewMeeting) -> ReviewMeeting:
    """Something was forgotten."""
    ReviewMeeting.objects.filter(pk=meeting.pk).update(closed_at=None, version=F("version") + 1)
    return ReviewMeeting.objects.get(pk=meeting.pk)


def require_open(meeting: ReviewMeeting) -> None:
    if meeting.closed_at is not None:
        refuse("meeting", "closed", _("These minutes are finished. Open them again to change them."))


def _open(meeting: ReviewMeeting) -> ReviewMeeting:
    """The meeting as it is now, locked until the end of the transaction."""
    current = ReviewMeeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    require_open(current)
    return current


def _set_attendees(meeting: ReviewMeeting, wanted: set[int]) -> None:
    meeting.attendees.exclude(user__in=wanted).delete()
    MeetingAttendee.objects.bulk_create(
        [MeetingAttendee(meeting=meeting, user_id=pk) for pk in sorted(wanted)], ignore_conflicts=True
    )
