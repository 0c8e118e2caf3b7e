"""The voice of the customer: complaints, suggestions and praise that come outside the survey."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.history import old_versions
from accounts.interactions.models import InteractionKind
from accounts.projects.models import Project
from accounts.users.models import User

MAX_TEXT = 4_000
UNANSWERED = Q(answered_at__isnull=True)


class VoiceKind(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint")
    SUGGESTION = "suggestion", _("Suggestion")
    PRAISE = "praise", _("Praise")


class VoiceTheme(models.TextChoices):
    QUALITY = "quality", _("Quality")
    DELIVERY = "delivery", _("Delivery")
    COMMUNICATION = "communication", _("Communication")
    SERVICE = "service", _("Service and flexibility")
    SUPPORT = "support", _("Technical support")
    PRICE = "price", _("Price")
    OTHER = "other", _("Something else")


@pghistory.track(*old_versions())
class Voice(Known):
    """What somebody of the customer said on ``heard_on``, and what we answered him.

    ``owner`` answers by ``answer_by``; without that day nobody waits. ``answer``: what we told the customer.
    Nobody as ``author``: he wrote it himself, in a survey.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="voices", db_index=False)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who said it")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=VoiceKind)
    theme = models.CharField(_("theme"), max_length=16, choices=VoiceTheme, default=VoiceTheme.OTHER)
    channel = models.CharField(
        _("how it came"), max_length=16, choices=InteractionKind, default=InteractionKind.CALL
    )
    text = models.TextField(_("what was said"))
    heard_on = models.DateField(_("heard on"))
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="voices", db_index=False, verbose_name=_("owner")
    )
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("voice of the customer")
        verbose_name_plural = _("voices of the customer")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=VoiceKind.values), name="voice_kind_known"),
            models.CheckConstraint(condition=Q(theme__in=VoiceTheme.values), name="voice_theme_known"),
            models.CheckConstraint(
                condition=Q(channel__in=InteractionKind.values), name="voice_channel_known"
            ),
            models.CheckConstraint(
                condition=~Q(text="") & Q(text__length__lte=MAX_TEXT, answer__length__lte=MAX_TEXT),
                name="voice_says_something",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="voice_answered_with_words",
            ),
            models.CheckConstraint(
                condition=~Q(kind=VoiceKind.COMPLAINT) | Q(answer_by__isnull=False),
                name="voice_complaint_has_a_clock",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-heard_on", "-id"], name="voice_latest_first"),
            models.Index(fields=["owner", "answer_by", "id"], condition=UNANSWERED, name="voice_of_owner"),
            models.Index(fields=["-heard_on", "-id"], name="voice_all_latest_first"),
        ]


class VoiceAlarm(models.Model):
    """That owner and lead were told that nobody answered by a day; another day promised is another alarm."""

    voice = models.ForeignKey(Voice, models.CASCADE, related_name="alarms", db_index=False)
    answer_by = models.DateField(_("answer by"))
    raised_at = models.DateTimeField(_("raised"))

    class Meta:
        verbose_name = _("alarm of a voice")
        verbose_name_plural = _("alarms of a voice")
        constraints = [models.UniqueConstraint(fields=["voice", "answer_by"], name="voice_alarm_once")]
