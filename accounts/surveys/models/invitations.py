"""Whom we ask and when: weeks, named respondents, invitations and their links."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractIsoYear, ExtractWeek
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.history import old_versions
from accounts.projects.models import Project
from accounts.surveys.models.programmes import ProgrammeVersion
from accounts.users.models import User


class Week(models.Model):
    """A rated week, known by its Monday."""

    monday = models.DateField(_("Monday"), primary_key=True)
    iso_year = models.GeneratedField(
        expression=ExtractIsoYear("monday"), output_field=models.SmallIntegerField(), db_persist=True
    )
    iso_week = models.GeneratedField(
        expression=ExtractWeek("monday"), output_field=models.SmallIntegerField(), db_persist=True
    )

    class Meta:
        verbose_name = _("week")
        verbose_name_plural = _("weeks")
        constraints = [
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="week_starts_on_monday")
        ]

    def __str__(self) -> str:
        return f"{self.iso_year}-W{self.iso_week:02}"


class RespondentState(models.TextChoices):
    ACTIVE = "active", _("Asked every week")
    PAUSED = "paused", _("Paused")
    OPTED_OUT = "opted_out", _("Wants no surveys")


@pghistory.track(*old_versions())
class Respondent(Known):
    """A contact whom we ask about a project. ``state`` is today's value of the dated rows below.

    ``paused_until``: the first day on which he is asked again, where the pause has an end.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="respondents")
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="respondents", db_index=False, db_constraint=False
    )
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="survey_roles")
    state = models.CharField(
        _("state"), max_length=10, choices=RespondentState, default=RespondentState.ACTIVE
    )
    paused_until = models.DateField(_("paused until"), null=True, blank=True)

    class Meta:
        verbose_name = _("respondent")
        verbose_name_plural = _("respondents")
        constraints = [
            models.UniqueConstraint(fields=["project", "contact"], name="respondent_once_per_project"),
            models.UniqueConstraint(
                fields=["id", "customer", "project", "contact"], name="respondent_of_customer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RespondentState.values), name="respondent_state_known"
            ),
            models.CheckConstraint(
                condition=Q(paused_until__isnull=True) | Q(state=RespondentState.PAUSED),
                name="respondent_only_pauses_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["paused_until"], condition=Q(paused_until__isnull=False), name="respondent_pause_ends"
            )
        ]


class RespondentChange(Known):
    """In which state the respondent was from ``known_at`` until the next row; nobody: he said so himself.

    ``until``: the first day on which he is asked again, where a pause has an end.
    """

    respondent = models.ForeignKey(Respondent, models.CASCADE, related_name="changes", db_index=False)
    state = models.CharField(_("state"), max_length=10, choices=RespondentState)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a respondent")
        verbose_name_plural = _("changes of a respondent")
        indexes = [models.Index(fields=["respondent", "-known_at", "-id"], name="respondent_latest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RespondentState.values), name="respondent_change_known"
            )
        ]


class Invitation(Known):
    """One question to one respondent about one project and week, under the version of that day.

    Instants are computed once, in the respondent's time zone: sent from ``due_at``, changed until
    ``closes_at``, taken as late until ``expires_at``. ``level``: his when he was asked.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="invitations", db_index=False, db_constraint=False
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="invitations", db_index=False, db_constraint=False
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="invitations", db_index=False, db_constraint=False
    )
    respondent = models.ForeignKey(
        Respondent, models.PROTECT, related_name="invitations", db_index=False, db_constraint=False
    )
    week = models.ForeignKey(Week, models.PROTECT, related_name="invitations", db_index=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="invitations")
    level = models.CharField(_("organisational level"), max_length=16, choices=Level)
    due_at = models.DateTimeField(_("due"))
    reminder_at = models.DateTimeField(_("reminder due"))
    closes_at = models.DateTimeField(_("closes"))
    expires_at = models.DateTimeField(_("expires"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    failure = models.CharField(_("reason of the failure"), max_length=400, blank=True)
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["project", "contact", "week"], name="invitation_once"),
            models.UniqueConstraint(
                fields=["id", "programme_version", "customer", "project", "week"], name="invitation_key"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("due_at"), expires_at__gte=F("closes_at")),
                name="invitation_times_in_order",
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="invitation_level_known"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "week"],
                include=["project", "closes_at", "answered_at", "failed_at", "known_at"],
                name="invitation_features",
            ),
            models.Index(
                fields=["project", "week"],
                include=["programme_version", "level", "closes_at", "answered_at", "failed_at", "known_at"],
                name="invitation_board",
            ),
            models.Index(fields=["week", "id"], name="invitation_of_week"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(sent_at__isnull=True, failed_at__isnull=True),
                name="invitation_to_send",
            ),
            models.Index(
                fields=["failed_at"],
                condition=Q(failed_at__isnull=False, answered_at__isnull=True),
                name="invitation_failed",
            ),
            models.Index(
                fields=["reminder_at", "id"],
                condition=Q(sent_at__isnull=False, reminded_at__isnull=True, answered_at__isnull=True),
                name="invitation_to_remind",
            ),
        ]


class InvitationToken(models.Model):
    """A link that was sent: only its SHA-256 is kept. Every link of an invitation works until it expires."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="tokens")
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link of an invitation")
        verbose_name_plural = _("links of an invitation")
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="token_is_hashed")
        ]
