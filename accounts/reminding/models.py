"""How one of us is reminded outside the product: by a calendar feed, and by a letter in the morning."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.users.models import User

LAST_HOUR = 23


class DigestDays(models.TextChoices):
    OFF = "off", pgettext_lazy("letter of the day", "Never")
    DAILY = "daily", _("Every day")
    WEEKDAYS = "weekdays", _("Monday to Friday")


class CalendarFeed(models.Model):
    """The secret address of somebody's calendar; only its hash is kept."""

    user = models.OneToOneField(User, models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")


class DigestWish(models.Model):
    """When somebody wants the letter, by the clock where he is; without a row never."""

    user = models.OneToOneField(User, models.CASCADE, related_name="digest_wish")
    days = models.CharField(_("letter of the day"), max_length=8, choices=DigestDays)
    hour = models.PositiveSmallIntegerField(_("hour"), default=7)

    class Meta:
        verbose_name = _("wish for the letter of the day")
        verbose_name_plural = _("wishes for the letter of the day")
        constraints = [
            models.CheckConstraint(condition=Q(days__in=DigestDays.values), name="digest_days_known"),
            models.CheckConstraint(condition=Q(hour__lte=LAST_HOUR), name="digest_hour_of_a_day"),
        ]


class Digest(models.Model):
    """The letter of a day, which is his own: one at most. ``posted_at``: it was left to the workers."""

    user = models.ForeignKey(User, models.CASCADE, related_name="digests", db_index=False)
    day = models.DateField(_("day"))
    made_at = models.DateTimeField(_("made at"))
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter of the day")
        verbose_name_plural = _("letters of the day")
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]
        indexes = [models.Index(fields=["id"], condition=Q(posted_at=None), name="digest_to_post")]
