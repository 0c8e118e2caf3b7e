"""Notices: what others must learn. Written with the change itself; pages, mail and webhooks read them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.users.models import User


class Notice(models.Model):
    """``kind`` is a code and ``facts`` its numbers and ids; words are found when it is shown."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=40)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="+")
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_latest_first"),
            # Every page counts them for the bell.
            models.Index(
                fields=["user", "-id"], condition=models.Q(read_at__isnull=True), name="notice_unread"
            ),
        ]
