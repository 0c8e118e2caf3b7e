"""The weekly review: what was looked at, what was noted about a project's week, and the meeting about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.projects.models import Project
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.models.invitations import Week
from accounts.surveys.models.programmes import SurveyDimension
from accounts.users.models import User


class OfProjectWeek(Known):
    """Something of ours about one project's week."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    week = models.ForeignKey(Week, models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class WeekReview(OfProjectWeek):
    """Somebody reviewed the grades of a project's week."""

    class Meta:
        verbose_name = _("review of a week")
        verbose_name_plural = _("reviews of a week")
        constraints = [models.UniqueConstraint(fields=["project", "week"], name="week_reviewed_once")]


class ReviewNote(OfProjectWeek):
    """An internal note, of one dimension or (null) of the whole week; the customer never sees it."""

    dimension = models.ForeignKey(
        SurveyDimension, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.TextField(_("note"))
    token = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("note of a review")
        verbose_name_plural = _("notes of a review")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "week", "token"],
                condition=Q(token__isnull=False),
                name="review_note_once",
            ),
            models.CheckConstraint(
                condition=~Q(text="") & Q(text__length__lte=MAX_COMMENT), name="review_note_says_something"
            ),
        ]
        indexes = [models.Index(fields=["project", "week", "id"], name="review_note_of_week")]


class ReviewMeeting(Known):
    """The weekly meeting that ``chair`` holds about a week. ``closed_at``: its minutes were finished."""

    week = models.ForeignKey(Week, models.PROTECT, related_name="+", db_index=False)
    chair = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("chair"))
    held_on = models.DateField(_("held on"))
    notes = models.TextField(_("notes"), blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("review meeting")
        verbose_name_plural = _("review meetings")
        constraints = [
            models.UniqueConstraint(fields=["week", "chair"], name="meeting_once_per_week"),
            models.CheckConstraint(condition=Q(notes__length__lte=20_000), name="meeting_notes_not_huge"),
        ]


class MeetingAttendee(models.Model):
    """Who was there."""

    meeting = models.ForeignKey(ReviewMeeting, models.CASCADE, related_name="attendees", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("attendee of a meeting")
        verbose_name_plural = _("attendees of a meeting")
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="attendee_once")]


class MeetingDecision(Known):
    """What was decided, about one project or (null) in general. ``decided_by``: who decided it."""

    meeting = models.ForeignKey(ReviewMeeting, models.CASCADE, related_name="decisions", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.TextField(_("decision"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("decision of a meeting")
        verbose_name_plural = _("decisions of a meeting")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "token"], condition=Q(token__isnull=False), name="meeting_decision_once"
            ),
            models.CheckConstraint(
                condition=~Q(text="") & Q(text__length__lte=MAX_COMMENT), name="decision_says_something"
            ),
        ]
        indexes = [models.Index(fields=["meeting", "id"], name="decision_of_meeting")]
