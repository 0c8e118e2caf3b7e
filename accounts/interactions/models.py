"""Interactions: every touch between a customer's people and ours."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact, Level
from accounts.costs.models import Activity
from accounts.customers.models import Customer
from accounts.facts import CURRENT, Fact
from accounts.history import old_versions
from accounts.projects.models import Project
from accounts.users.models import User

MAX_TEMPLATE = 2_000


class InteractionKind(models.TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    MESSAGE = "message", _("Message")
    FAX = "fax", _("Fax or voicemail")
    TRAINING = "training", _("Training")
    SUPPORT = "support", _("Support")
    STRATEGY = "strategy", _("Strategy session")
    REVIEW = "review", _("Review")


class Direction(models.TextChoices):
    OUTBOUND = "outbound", _("From us")
    INBOUND = "inbound", _("From the customer")


class Sentiment(models.IntegerChoices):
    NEGATIVE = -1, _("Negative")
    NEUTRAL = 0, _("Neutral")
    POSITIVE = 1, _("Positive")


class SearchedWords(models.Func):
    """The words of a text, and of Chinese its pairs of neighbouring characters, as a tsvector.

    Lower case, without accents and full width; of a longer text its first 20,000 characters.
    """

    function = "interactions_words"
    arity = 1
    output_field = SearchVectorField()


class Interaction(Fact):
    """One version of one interaction; ``identity`` stays the same through corrections and stands in URLs."""

    identity = models.UUIDField(default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="interactions", db_index=False)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="interactions", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=InteractionKind)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, default=Direction.OUTBOUND)
    started_at = models.DateTimeField(_("start"))
    minutes = models.PositiveIntegerField(_("minutes"), default=0)
    summary = models.TextField(_("summary"), blank=True)
    sentiment = models.SmallIntegerField(_("sentiment"), choices=Sentiment, null=True, blank=True)
    follow_up_on = models.DateField(_("follow-up by"), null=True, blank=True)
    follow_up_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("follow-up by whom"),
    )
    # Set in place: that a promise was kept says nothing else about what was talked.
    follow_up_done_at = models.DateTimeField(_("follow-up done"), null=True, blank=True, editable=False)
    follow_up_done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    author = models.ForeignKey(
        User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("author")
    )
    # Whoever corrected or deleted this version: the table of versions is its own history.
    superseded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(fields=["identity"], condition=CURRENT, name="interaction_one_current"),
            models.CheckConstraint(
                condition=Q(kind__in=InteractionKind.values), name="interaction_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(sentiment__isnull=True) | Q(sentiment__in=Sentiment.values),
                name="interaction_sentiment_known",
            ),
            models.CheckConstraint(condition=Q(minutes__lte=100_000), name="interaction_minutes_possible"),
            models.CheckConstraint(
                condition=Q(follow_up_done_at__isnull=True, follow_up_done_by__isnull=True)
                | Q(
                    follow_up_on__isnull=False,
                    follow_up_done_at__isnull=False,
                    follow_up_done_by__isnull=False,
                ),
                name="interaction_follow_up_done_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "started_at"],
                include=["minutes", "sentiment", "known_at", "superseded_at"],
                name="interaction_features",
            ),
            models.Index(
                fields=["customer", "-started_at", "-id"], condition=CURRENT, name="interaction_latest_first"
            ),
            models.Index(
                fields=["identity"],
                condition=Q(superseded_at__isnull=False),
                name="interaction_earlier_versions",
            ),
            models.Index(
                fields=["follow_up_by", "follow_up_on"],
                condition=CURRENT & Q(follow_up_on__isnull=False),
                name="interaction_follow_ups",
            ),
            models.Index(
                fields=["customer", "follow_up_on"],
                condition=CURRENT & Q(follow_up_on__isnull=False),
                name="interaction_next_follow_up",
            ),
            models.Index(
                fields=["customer", "follow_up_on"],
                include=["follow_up_done_at", "known_at", "superseded_at"],
                condition=Q(follow_up_on__isnull=False),
                name="interaction_promised",
            ),
            # The customer in it as well: whoever sees a few finds theirs however common the words are.
            GinIndex(
                "customer",
                SearchedWords("summary"),
                condition=CURRENT & ~Q(summary=""),
                name="interaction_words",
            ),
        ]


class InteractionParticipant(models.Model):
    """A contact or a user who took part.

    What scoring asks of it (customer, day, the contact's level on that day) stands on the row: the silence of
    a level is then one scan of one index.
    """

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="participants", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="interactions", db_index=False
    )
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    level = models.CharField(max_length=16, choices=Level, blank=True)
    started_at = models.DateTimeField()
    known_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False, user__isnull=True, level__in=Level.values)
                | Q(contact__isnull=True, user__isnull=False, level=""),
                name="participant_contact_or_user",
            ),
            models.UniqueConstraint(fields=["interaction", "contact"], name="participant_contact_once"),
            models.UniqueConstraint(fields=["interaction", "user"], name="participant_user_once"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "level", "started_at"],
                include=["contact", "known_at", "superseded_at"],
                condition=Q(contact__isnull=False),
                name="participant_features",
            ),
            models.Index(
                fields=["contact", "-started_at"],
                condition=Q(contact__isnull=False, superseded_at__isnull=True),
                name="participant_last_touch",
            ),
        ]


class KindActivity(models.Model):
    """What interactions of a kind cost: each uses the activity, by its minutes or once."""

    kind = models.CharField(_("kind"), max_length=16, choices=InteractionKind, unique=True)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="+", verbose_name=_("activity"))

    class Meta:
        verbose_name = _("activity of a kind of interaction")
        verbose_name_plural = _("activities of kinds of interactions")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=InteractionKind.values), name="kind_activity_kind_known"
            )
        ]


@pghistory.track(*old_versions())
class KindTemplate(models.Model):
    """The headings that the text of an interaction of a kind begins with; an empty one is said in English.

    A deleted one can be brought back until another of its kind is written.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=InteractionKind)
    text = models.TextField(_("template"))
    text_zh_hans = models.TextField(_("template in simplified Chinese"), blank=True)
    text_zh_hant = models.TextField(_("template in traditional Chinese"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("template of a kind of interaction")
        verbose_name_plural = _("templates of kinds of interactions")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(deleted_at__isnull=True), name="kind_template_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=InteractionKind.values), name="kind_template_kind_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="kind_template_says_something"),
            models.CheckConstraint(
                condition=Q(text__length__lte=MAX_TEMPLATE)
                & Q(text_zh_hans__length__lte=MAX_TEMPLATE)
                & Q(text_zh_hant__length__lte=MAX_TEMPLATE),
                name="kind_template_not_huge",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def text_in(self, language: str) -> str:
        """In a language of the product; the first one where nobody wrote another."""
        return {"zh-hans": self.text_zh_hans, "zh-hant": self.text_zh_hant}.get(language.lower()) or self.text
