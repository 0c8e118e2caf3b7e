"""Imports: a file that came in, how far it got, what was done with it, and every row that was refused."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User


class ImportKind(models.TextChoices):
    ORDERS = "orders", _("Orders")
    ACTIVITY_USAGE = "activity_usage", _("Activity usage")


class ImportState(models.TextChoices):
    """``uploaded``: not started; the columns can still be chosen."""

    UPLOADED = "uploaded", _("Not started")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Import(models.Model):
    """One file. A worker holds it by a lease; when the lease runs out another one starts it again."""

    kind = models.CharField(_("kind"), max_length=16, choices=ImportKind)
    state = models.CharField(_("state"), max_length=12, choices=ImportState, default=ImportState.UPLOADED)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=400)
    file_name = models.CharField(_("file name"), max_length=240)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField(_("size"))
    layout = models.JSONField(_("layout"), default=dict)
    mapping = models.JSONField(_("column mapping"), default=dict)
    owner = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner of new customers"),
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    step = models.CharField(_("step"), max_length=16, blank=True)
    bytes_read = models.BigIntegerField(default=0)
    rows_read = models.BigIntegerField(_("rows read"), default=0)
    rows_added = models.BigIntegerField(_("added"), default=0)
    rows_corrected = models.BigIntegerField(_("corrected"), default=0)
    rows_unchanged = models.BigIntegerField(_("unchanged"), default=0)
    rows_refused = models.BigIntegerField(_("refused"), default=0)
    customers_added = models.BigIntegerField(_("customers created"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known")
        ]
        indexes = [models.Index(fields=["-id"], name="import_latest_first")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def took_nothing(self) -> bool:
        """It is done, and every row was refused."""
        taken = self.rows_added + self.rows_corrected + self.rows_unchanged
        return self.state == ImportState.DONE and self.rows_refused > 0 and not taken


class RefusedRow(models.Model):
    """A row that was not taken: the first column at fault and a code for why, worded on reading."""

    refused_in = models.ForeignKey(Import, models.CASCADE, related_name="refused")
    line = models.BigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=32)
    value = models.CharField(_("value"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        indexes = [models.Index(fields=["refused_in", "line"], name="refused_by_line")]
