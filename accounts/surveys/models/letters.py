"""What became of every letter to a respondent, try by try; and the question whether a case is solved."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.projects.models import Project
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.models.cases import CorrectiveAction
from accounts.surveys.models.invitations import Invitation
from accounts.users.models import User

MAX_REPLY = 400


class LetterKind(models.TextChoices):
    """The two after the weekly ones are of the other surveys, whose tries stand in `accounts.occasions`; the
    last one is of `accounts.appointments`."""

    INVITATION = "invitation", _("Invitation")
    REMINDER = "reminder", _("Reminder")
    CONFIRMATION = "confirmation", _("Question whether it is solved")
    SURVEY = "survey", _("Invitation")
    SURVEY_REMINDER = "survey_reminder", _("Reminder")
    MEETING = "meeting", _("Invitation to a meeting")


WEEKLY_KINDS = (LetterKind.INVITATION, LetterKind.REMINDER, LetterKind.CONFIRMATION)


class LetterFate(models.TextChoices):
    ACCEPTED = "accepted", _("Taken by the mail server")
    DEFERRED = "deferred", _("Will be tried again")
    REFUSED = "refused", _("Refused")
    NOT_SENT = "not_sent", _("Not sent")
    BOUNCED = "bounced", _("Came back")


class Verdict(models.TextChoices):
    CONFIRMED = "confirmed", _("Solved")
    REJECTED = "rejected", _("Not solved")


class ConfirmationRequest(Known):
    """We said that it is corrected, and ask one who complained whether it is. ``known_at``: when we asked.

    One is open per case and contact; ``message`` is what we wrote to him. Links hold until ``expires_at``.
    ``round`` is the case's ``times_reopened`` then. ``invitation``: that of the low grade it is about, which
    is somebody else's where who complained cannot be asked any more (`stands_in`).
    """

    case = models.ForeignKey(
        CorrectiveAction, models.PROTECT, related_name="requests", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="confirmation_requests")
    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveIntegerField()
    message = models.TextField(_("message"), blank=True)
    asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField(_("expires"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    failure = models.CharField(_("reason of the failure"), max_length=400, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)

    class Meta:
        verbose_name = _("confirmation request")
        verbose_name_plural = _("confirmation requests")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "contact"],
                condition=Q(answered_at__isnull=True),
                name="confirmation_one_open",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, verdict="")
                | Q(answered_at__isnull=False, verdict__in=Verdict.values),
                name="confirmation_answered_with_a_verdict",
            ),
            models.CheckConstraint(
                condition=Q(message__length__lte=MAX_COMMENT), name="confirmation_message_not_huge"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "id"], name="confirmation_of_case"),
            models.Index(
                fields=["known_at", "id"],
                condition=Q(sent_at__isnull=True, failed_at__isnull=True, answered_at__isnull=True),
                name="confirmation_to_send",
            ),
        ]

    @property
    def stands_in(self) -> bool:
        """Whether he is asked instead of the one who complained."""
        return self.invitation.contact_id != self.contact_id


class ConfirmationToken(models.Model):
    """A link that was sent: only its SHA-256 is kept."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    request = models.ForeignKey(ConfirmationRequest, models.CASCADE, related_name="tokens")
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link of a confirmation request")
        verbose_name_plural = _("links of a confirmation request")
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="confirmation_token_is_hashed"
            )
        ]


class LetterAttempt(models.Model):
    """One try to send a letter, or what came back of it. ``reply``: what the mail server said."""

    invitation = models.ForeignKey(
        Invitation, models.CASCADE, null=True, blank=True, related_name="attempts", db_index=False
    )
    request = models.ForeignKey(
        ConfirmationRequest, models.CASCADE, null=True, blank=True, related_name="attempts", db_index=False
    )
    kind = models.CharField(
        _("letter"), max_length=12, choices=[(kind.value, kind.label) for kind in WEEKLY_KINDS]
    )
    fate = models.CharField(_("fate"), max_length=8, choices=LetterFate)
    at = models.DateTimeField(_("at"))
    reply = models.CharField(_("reply of the mail server"), max_length=MAX_REPLY, blank=True)

    class Meta:
        verbose_name = _("try to send a letter")
        verbose_name_plural = _("tries to send a letter")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=LetterKind.CONFIRMATION, request__isnull=False, invitation__isnull=True)
                | (~Q(kind=LetterKind.CONFIRMATION) & Q(request__isnull=True, invitation__isnull=False)),
                name="attempt_of_one_letter",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in WEEKLY_KINDS]), name="attempt_kind_known"
            ),
            models.CheckConstraint(condition=Q(fate__in=LetterFate.values), name="attempt_fate_known"),
        ]
        indexes = [
            models.Index(
                fields=["invitation", "id"],
                condition=Q(invitation__isnull=False),
                name="attempt_of_invitation",
            ),
            models.Index(
                fields=["request", "id"], condition=Q(request__isnull=False), name="attempt_of_request"
            ),
        ]


class ReferralState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class Referral(Known):
    """ "Ask my colleague instead": a respondent names somebody; one of ours decides. Nobody is written to
    before that, because whoever holds a link could have us write to strangers.

    ``colleague``: the contact who is asked since then, when accepted.
    """

    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="referrals", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="referrals", db_index=False, db_constraint=False
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="referrals", db_index=False, db_constraint=False
    )
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="referrals", db_index=False)
    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("e-mail address"))
    message = models.CharField(_("message"), max_length=400, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ReferralState, default=ReferralState.PROPOSED)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    colleague = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "contact"],
                condition=Q(state=ReferralState.PROPOSED),
                name="referral_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=ReferralState.PROPOSED, decided_at__isnull=True)
                | Q(state__in=[ReferralState.ACCEPTED, ReferralState.DECLINED], decided_at__isnull=False),
                name="referral_decided_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(colleague__isnull=True)
                | (Q(state=ReferralState.ACCEPTED) & ~Q(colleague=F("contact"))),
                name="referral_to_somebody_else",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project"], condition=Q(state=ReferralState.PROPOSED), name="referral_to_decide"
            ),
        ]
