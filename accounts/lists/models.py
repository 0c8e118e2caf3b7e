"""What the list of customers keeps: views that somebody saved, changes of many at once, and last contacts."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.users.models import User


class LastContact(models.Model):
    """The latest interaction of a customer and the day of his next open follow-up, to sort and filter by.

    Written by the database whenever interactions are (migration 0001), so that no way of writing them, COPY
    among them, can leave it out. ``at`` is null, or there is no row, for whom nobody ever talked to.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="last_contact")
    at = models.DateTimeField(_("last contact"), null=True)
    follow_up_on = models.DateField(_("follow-up"), null=True)

    class Meta:
        verbose_name = _("last contact")
        verbose_name_plural = _("last contacts")
        indexes = [
            models.Index(fields=["at", "customer"], condition=Q(at__isnull=False), name="contact_latest"),
            models.Index(
                fields=["follow_up_on", "customer"],
                condition=Q(follow_up_on__isnull=False),
                name="contact_next_follow_up",
            ),
        ]


class ListSubject(models.TextChoices):
    CUSTOMERS = "customers", _("Customers")


class SavedView(models.Model):
    """A list as somebody wants it again: filters, columns and order. It says what to look for, never who may
    see it: each reader finds what he may see himself.

    ``query``: values by filter, checked before they are kept. The one without a name holds the columns that
    its owner chose last. A shared one is a segment: other parts offer it by its name.
    """

    subject = models.CharField(max_length=12, choices=ListSubject, default=ListSubject.CUSTOMERS)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", db_index=False)
    name = models.CharField(_("name"), max_length=80, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False)
    is_default = models.BooleanField(_("opens first"), default=False)
    query = models.JSONField(_("filters"), default=dict, blank=True)
    columns = ArrayField(models.CharField(max_length=60), verbose_name=_("columns"), default=list, blank=True)
    sort = models.CharField(_("order"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "subject", "name"],
                condition=Q(deleted_at__isnull=True),
                name="view_name_once_per_owner",
            ),
            models.UniqueConstraint(
                fields=["owner", "subject"],
                condition=Q(is_default=True, deleted_at__isnull=True),
                name="view_one_opens_first",
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(is_shared=False, is_default=False), name="view_without_name_is_own"
            ),
            models.CheckConstraint(condition=Q(subject__in=ListSubject.values), name="view_subject_known"),
        ]
        indexes = [
            models.Index(
                fields=["subject", "name"],
                condition=Q(is_shared=True, deleted_at__isnull=True),
                name="view_shared",
            )
        ]

    def __str__(self) -> str:
        return self.name


class BulkKind(models.TextChoices):
    OWNER = "owner", _("Assign to an owner")
    STAGE = "stage", _("Change the stage")
    ADD_TAG = "add_tag", _("Add a tag")
    REMOVE_TAG = "remove_tag", _("Remove a tag")


class BulkState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class BulkChange(models.Model):
    """One change of many customers, all of it or nothing. A worker holds a long one by a lease.

    ``value``: an owner's id (empty: nobody), a stage or a tag. ``undoes``: the change that it takes back.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=BulkKind)
    value = models.CharField(_("value"), max_length=40, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=BulkState, default=BulkState.WAITING)
    total = models.PositiveIntegerField(_("customers"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    undoes = models.OneToOneField(
        to="self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BulkKind.values), name="bulk_kind_known"),
            models.CheckConstraint(condition=Q(state__in=BulkState.values), name="bulk_state_known"),
            models.CheckConstraint(condition=~Q(undoes=F("id")), name="bulk_undoes_another"),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(state__in=["waiting", "running"]), name="bulk_unfinished"
            )
        ]

    @property
    def is_over(self) -> bool:
        return self.state in {BulkState.DONE, BulkState.FAILED}


class BulkRow(models.Model):
    """A customer of a bulk change. ``was``: owner or stage before it; ``is_changed``: it was not so yet."""

    pk = models.CompositePrimaryKey("change_id", "customer_id")
    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="rows", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    was = models.CharField(max_length=40, blank=True)
    is_changed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("customer of a bulk change")
        verbose_name_plural = _("customers of a bulk change")
