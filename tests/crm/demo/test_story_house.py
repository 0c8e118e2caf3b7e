"""What the demo's company does with what it hears: told once, in both languages, and nobody gets old news."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actions.models import Action
from accounts.notices.models import Notice
from accounts.projects.models import FunctionalManager, FunctionalRole
from accounts.surveys.models import CalendarDay, MeetingDecision, ReviewMeeting, WeekReview
from accounts.voice.models import UNANSWERED, Voice, VoiceKind
from crm.demo.story.book import create_book
from crm.demo.story.cast import create_cast
from crm.demo.story.house import HEADS, SAYINGS, tell_house
from crm.demo.story.weeks import tell_weeks

CUSTOMERS = 12


@pytest.mark.django_db
def test_it_is_told_once() -> None:
    now = timezone.now()
    create_book(create_cast(), now, count=CUSTOMERS)
    tell_weeks(now)
    before = Notice.objects.count()
    assert tell_house(now) == len(SAYINGS)
    assert tell_house(now) == 0
    assert Notice.objects.count() == before
    assert FunctionalManager.objects.count() == len(HEADS) == len(FunctionalRole) - 1
    assert set(Voice.objects.values_list("kind", flat=True)) == set(VoiceKind.values)
    assert Voice.objects.filter(UNANSWERED, answer_by__lt=now.date()).exists()
    assert CalendarDay.objects.filter(is_working=True).exists()
    first, second = ReviewMeeting.objects.order_by("pk")
    assert first.closed_at
    assert second.attendees.count() > 1
    assert WeekReview.objects.filter(week=first.week_id).exists()
    for action in Action.objects.filter(case__isnull=False).select_related("case", "meeting"):
        assert action.meeting is not None
        assert action.case is not None
        assert action.case.known_at <= action.meeting.known_at, "what was opened later was no subject"
        assert action.done_at is None or action.done_at > action.case.opened_at
    per_meeting = MeetingDecision.objects.filter(meeting=first)
    assert per_meeting.values("text").distinct().count() == per_meeting.count()
    decided = MeetingDecision.objects.count()
    assert Action.objects.count() == decided > 0
