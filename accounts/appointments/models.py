"""Meetings that are still to come: when and where, with whom, and the letters that invite to them."""

from __future__ import annotations

import uuid

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.history import old_versions
from accounts.surveys.models import LetterFate
from accounts.surveys.models.letters import MAX_REPLY
from accounts.users.models import User

MAX_TITLE = 200
MAX_PLACE = 200
MAX_NOTE = 4_000
MAX_MINUTES = 24 * 60


class AppointmentKind(models.TextChoices):
    """The same words as of interactions, one of which it becomes when it has been."""

    MEETING = "meeting", _("Meeting")
    VISIT = "visit", _("Visit")
    CALL = "call", _("Call")


class Method(models.TextChoices):
    """What a letter asks the reader's calendar to do (RFC 5546)."""

    REQUEST = "request", _("Invitation to a meeting")
    CANCEL = "cancel", _("Cancellation of a meeting")


@pghistory.track(*old_versions())
class Appointment(Known):
    """``known_at``: when it was planned. ``uid`` names it in calendars for ever; ``sequence`` grows with
    every change that guests have to know. ``organiser``: whom they answer. ``invites``: they are written to.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="appointments", db_index=False, verbose_name=_("customer")
    )
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=AppointmentKind)
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    place = models.CharField(_("place"), max_length=MAX_PLACE, blank=True)
    note = models.TextField(_("note"), blank=True)
    starts_at = models.DateTimeField(_("start"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    organiser = models.ForeignKey(
        User, models.PROTECT, related_name="appointments", db_index=False, verbose_name=_("organiser")
    )
    invites = models.BooleanField(_("invite by e-mail"), default=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("planned meeting")
        verbose_name_plural = _("planned meetings")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AppointmentKind.values), name="appointment_kind_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="appointment_has_a_title"),
            models.CheckConstraint(condition=Q(note__length__lte=MAX_NOTE), name="appointment_note_not_huge"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=MAX_MINUTES), name="appointment_minutes_possible"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="appointment_cancelled_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "starts_at", "id"], name="appointment_of_customer"),
            models.Index(fields=["organiser", "starts_at"], name="appointment_of_organiser"),
        ]

    def __str__(self) -> str:
        return self.title


class Guest(models.Model):
    """A contact or one of ours who is to come. ``removed_at``: no longer; the row stays for his letters."""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="guests", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="appointments")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("guest of a meeting")
        verbose_name_plural = _("guests of a meeting")
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False, user__isnull=True)
                | Q(contact__isnull=True, user__isnull=False),
                name="guest_contact_or_user",
            ),
            models.UniqueConstraint(fields=["appointment", "contact"], name="guest_contact_once"),
            models.UniqueConstraint(fields=["appointment", "user"], name="guest_user_once"),
        ]

    @property
    def person(self) -> Contact | User:
        return self.contact or self.user  # type: ignore[return-value]  # one of them, by the constraint


class AppointmentLetter(models.Model):
    """What a guest is told about one ``sequence``, once. ``known_at``: when it was asked for."""

    guest = models.ForeignKey(Guest, models.CASCADE, related_name="letters", db_index=False)
    sequence = models.PositiveIntegerField()
    method = models.CharField(_("letter"), max_length=8, choices=Method)
    known_at = models.DateTimeField(_("known at"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    failure = models.CharField(_("reason of the failure"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("letter about a meeting")
        verbose_name_plural = _("letters about a meeting")
        constraints = [
            models.UniqueConstraint(fields=["guest", "sequence"], name="appointment_letter_once"),
            models.CheckConstraint(
                condition=Q(method__in=Method.values), name="appointment_letter_method_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["known_at", "id"],
                condition=Q(sent_at__isnull=True, failed_at__isnull=True),
                name="appointment_letter_to_send",
            ),
        ]


class AppointmentAttempt(models.Model):
    """One try to send a letter, or what came back of it. ``reply``: what the mail server said."""

    letter = models.ForeignKey(AppointmentLetter, models.CASCADE, related_name="attempts")
    fate = models.CharField(_("fate"), max_length=8, choices=LetterFate)
    at = models.DateTimeField(_("at"))
    reply = models.CharField(_("reply of the mail server"), max_length=MAX_REPLY, blank=True)

    class Meta:
        verbose_name = _("try to send a letter about a meeting")
        verbose_name_plural = _("tries to send a letter about a meeting")
        constraints = [
            models.CheckConstraint(
                condition=Q(fate__in=LetterFate.values), name="appointment_attempt_fate_known"
            )
        ]
