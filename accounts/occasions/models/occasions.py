"""Why somebody is asked, and whom we asked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.interactions.models import Interaction
from accounts.occasions.models.questions import EventKind
from accounts.projects.models import Project
from accounts.surveys.models.letters import MAX_REPLY, LetterFate
from accounts.surveys.models.programmes import ProgrammeVersion, SurveyProgramme
from accounts.users.models import User
from accounts.voice.models import Voice


class Occasion(Known):
    """One event of a customer, one year, or one wish of ours to ask, under the version of that day.

    ``happened_on``: the day of the event, or the day from which we ask. An order is named by its number
    (``order_identity``), because its rows are versions. Nobody as ``author``: the programme's rules made it.
    """

    programme = models.ForeignKey(SurveyProgramme, models.PROTECT, related_name="occasions", db_index=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="occasions")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="occasions", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="occasions")
    event = models.CharField(_("event"), max_length=12, choices=EventKind, blank=True)
    happened_on = models.DateField(_("when"))
    about = models.CharField(_("about"), max_length=160, blank=True)
    order_identity = models.CharField(max_length=96, blank=True, editable=False)
    interaction = models.ForeignKey(Interaction, models.PROTECT, null=True, blank=True, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order_identity"],
                condition=~Q(order_identity=""),
                name="occasion_once_per_order",
            ),
            models.UniqueConstraint(
                fields=["programme", "interaction"],
                condition=Q(interaction__isnull=False),
                name="occasion_once_per_interaction",
            ),
            models.UniqueConstraint(
                fields=["programme", "customer", "year"],
                condition=Q(year__isnull=False),
                name="occasion_once_a_year",
            ),
            models.UniqueConstraint(fields=["id", "programme_version", "customer"], name="occasion_key"),
            models.CheckConstraint(
                condition=Q(event__in=["", *EventKind.values]), name="occasion_event_known"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-happened_on", "-id"], name="occasion_latest_first"),
            models.Index(fields=["programme", "-happened_on", "-id"], name="occasion_of_programme"),
        ]


class OccasionInvitation(Known):
    """One question to one contact about one occasion. Instants as those of the weekly `Invitation`.

    ``voice``: the complaint that his low grade became; one, however often he changes his answer.
    """

    occasion = models.ForeignKey(Occasion, models.PROTECT, related_name="invitations", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="occasion_invitations")
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(_("organisational level"), max_length=16, choices=Level)
    due_at = models.DateTimeField(_("due"))
    reminder_at = models.DateTimeField(_("reminder due"))
    closes_at = models.DateTimeField(_("closes"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    failure = models.CharField(_("reason of the failure"), max_length=400, blank=True)
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    voice = models.ForeignKey(Voice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("invitation to a survey")
        verbose_name_plural = _("invitations to a survey")
        constraints = [
            models.UniqueConstraint(fields=["occasion", "contact"], name="occasion_contact_once"),
            models.UniqueConstraint(
                fields=["id", "programme_version", "customer"], name="occasion_invitation_key"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("due_at")), name="occasion_invitation_times_in_order"
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="occasion_invitation_level_known"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-known_at"], name="occasion_invited_latest"),
            models.Index(fields=["closes_at"], name="occasion_closing"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(sent_at__isnull=True, failed_at__isnull=True, answered_at__isnull=True),
                name="occasion_to_send",
            ),
            models.Index(
                fields=["reminder_at", "id"],
                condition=Q(sent_at__isnull=False, reminded_at__isnull=True, answered_at__isnull=True),
                name="occasion_to_remind",
            ),
        ]


class OccasionAttempt(models.Model):
    """One try to send a letter, or what came back of it. ``reply``: what the mail server said."""

    invitation = models.ForeignKey(
        OccasionInvitation, models.CASCADE, related_name="attempts", db_index=False
    )
    is_reminder = models.BooleanField(_("reminder"))
    fate = models.CharField(_("fate"), max_length=8, choices=LetterFate)
    at = models.DateTimeField(_("at"))
    reply = models.CharField(_("reply of the mail server"), max_length=MAX_REPLY, blank=True)

    class Meta:
        verbose_name = _("try to send an invitation to a survey")
        verbose_name_plural = _("tries to send an invitation to a survey")
        constraints = [
            models.CheckConstraint(
                condition=Q(fate__in=LetterFate.values), name="occasion_attempt_fate_known"
            )
        ]
        indexes = [models.Index(fields=["invitation", "id"], name="occasion_attempt_of")]


class OccasionToken(models.Model):
    """A link that was sent: only its SHA-256 is kept. Every link works until the survey closes."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    invitation = models.ForeignKey(OccasionInvitation, models.CASCADE, related_name="tokens")
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link of an invitation to a survey")
        verbose_name_plural = _("links of an invitation to a survey")
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="occasion_token_is_hashed"
            )
        ]
