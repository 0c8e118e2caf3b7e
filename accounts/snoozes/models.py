"""Snoozes: what somebody does not want to see on his own list until an instant."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User


class Snooze(models.Model):
    """``kind`` and ``key`` name the item, ``was`` says what it was like: when that changes, it is back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="snoozes", db_index=False)
    kind = models.CharField(_("kind"), max_length=24)
    key = models.CharField(max_length=64)
    was = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("snooze")
        verbose_name_plural = _("snoozes")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="snooze_once_per_item"),
            models.CheckConstraint(condition=~models.Q(key=""), name="snooze_has_a_key"),
        ]
