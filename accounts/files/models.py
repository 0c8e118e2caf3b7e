"""Files that belong to a customer, perhaps to one interaction. Their content lies in the storage."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.users.models import User

NOT_DELETED = Q(deleted_at__isnull=True)


class Attachment(Known):
    """One file. ``path`` names its content in the storage; ``type`` is what the content was found to be.

    A deleted one can be restored until its content is removed, days later, and the row with it.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="files", db_index=False, verbose_name=_("customer")
    )
    # The identity of an interaction, which stays the same through corrections.
    interaction = models.UUIDField(null=True, blank=True, editable=False)
    name = models.CharField(_("file name"), max_length=160)
    path = models.CharField(max_length=120, unique=True, editable=False)
    bytes = models.PositiveBigIntegerField(_("size"), editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    type = models.CharField(_("type"), max_length=100, editable=False)
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("uploaded by")
    )
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(type=""), name="file_has_name_and_type"),
            models.CheckConstraint(condition=Q(bytes__gt=0), name="file_is_not_empty"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by__isnull=True)
                | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="file_deleted_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "-known_at", "-id"], condition=NOT_DELETED, name="file_latest_first"
            ),
            models.Index(
                fields=["interaction"],
                condition=NOT_DELETED & Q(interaction__isnull=False),
                name="file_of_interaction",
            ),
            models.Index(fields=["deleted_at"], condition=~NOT_DELETED, name="file_to_remove"),
        ]

    def __str__(self) -> str:
        return self.name
