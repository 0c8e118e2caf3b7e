"""Activity-based cost: what we do for customers beside what they order, at dated rates, and who caused it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.customers.models import Customer
from accounts.facts import CURRENT, Fact, Known
from accounts.history import old_versions
from accounts.projects.models import Project
from accounts.users.models import User


class CostPool(models.TextChoices):
    """Production holds what this customer's orders cause beyond the direct cost that stands on the order."""

    PRESALES = "presales", _("Pre-sales")
    PRODUCTION = "production", pgettext_lazy("cost pool", "Production")
    SALES = "sales", pgettext_lazy("cost pool", "Sales")
    AFTER_SALES = "after_sales", _("After-sales")


class Driver(models.TextChoices):
    """What an activity is counted in."""

    MINUTES = "minutes", pgettext_lazy("activity driver", "Minutes")
    VISITS = "visits", pgettext_lazy("activity driver", "Visits")
    SET_UPS = "set_ups", pgettext_lazy("activity driver", "Set-ups")
    SHIPMENTS = "shipments", pgettext_lazy("activity driver", "Shipments")
    TICKETS = "tickets", pgettext_lazy("activity driver", "Tickets")


class UsageSource(models.TextChoices):
    """Where a usage comes from; the last three are written by the system."""

    TYPED = "typed", _("Typed")
    IMPORTED = "imported", _("Imported")
    INTERACTION = "interaction", _("Interaction")
    CORRECTIVE_ACTION = "case", _("Corrective action")
    ORDER = "order", _("Order")


@pghistory.track(*old_versions())
class Activity(Known):
    """Something done for customers. One that is not ``is_active`` takes no new usage; what it cost stays."""

    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=120)
    pool = models.CharField(_("cost pool"), max_length=12, choices=CostPool)
    driver = models.CharField(_("counted in"), max_length=12, choices=Driver)
    is_value_adding = models.BooleanField(_("adds value for the customer"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            # Files name an activity by its code or its name, in whatever case.
            models.UniqueConstraint(Lower("code"), name="activity_code_once"),
            models.UniqueConstraint(Lower("name"), name="activity_name_once"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="activity_has_code_and_name"),
            models.CheckConstraint(condition=Q(pool__in=CostPool.values), name="activity_pool_known"),
            models.CheckConstraint(condition=Q(driver__in=Driver.values), name="activity_driver_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ActivityRate(Fact):
    """What one unit of the driver costs from ``valid_from`` until the next rate.

    Minor units of the company's currency, to a ten-thousandth: a minute costs a fraction of a cent.
    """

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="rates", verbose_name=_("activity"))
    valid_from = models.DateField(_("from"))
    rate_minor = models.DecimalField(_("rate"), max_digits=18, decimal_places=4)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("activity rate")
        verbose_name_plural = _("activity rates")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "valid_from"], condition=CURRENT, name="activity_rate_one_current"
            ),
            models.CheckConstraint(condition=Q(rate_minor__range=(0, 10**12)), name="activity_rate_possible"),
        ]


class ActivityUsage(Fact):
    """One version of: so much of an activity was used for a customer on a day.

    ``identity`` is ``ref:<id of the activity>:<reference>``, so that one report may hold several activities,
    else ``<sha256 of the file>:<line>`` or ``typed:<uuid>``; one version of it is current.
    ``base_cost_minor``: quantity x the rate of ``used_on``, rounded once, halves away from zero, in minor
    units of the company's currency. A corrected rate makes a new version.
    """

    identity = models.CharField(max_length=96, editable=False)
    # usage_features begins with the customer.
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="activity_usages",
        db_index=False,
        verbose_name=_("customer"),
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activity_usages",
        db_index=False,
        verbose_name=_("project"),
    )
    # usage_by_activity begins with the activity.
    activity = models.ForeignKey(
        Activity, models.PROTECT, related_name="usages", db_index=False, verbose_name=_("activity")
    )
    reference = models.CharField(_("reference number"), max_length=64, blank=True)
    used_on = models.DateField(_("used on"))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    base_cost_minor = models.BigIntegerField(_("cost"), editable=False)
    source = models.CharField(
        _("source"), max_length=12, choices=UsageSource, default=UsageSource.TYPED, editable=False
    )

    class Meta:
        verbose_name = _("activity usage")
        verbose_name_plural = _("activity usages")
        constraints = [
            models.UniqueConstraint(fields=["identity"], condition=CURRENT, name="usage_one_current"),
            models.CheckConstraint(condition=~Q(identity=""), name="usage_has_identity"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="usage_quantity_positive"),
            models.CheckConstraint(condition=Q(source__in=UsageSource.values), name="usage_source_known"),
            # Far below 2^53, so that float sums of whole books are exact.
            models.CheckConstraint(
                condition=Q(base_cost_minor__range=(0, 10**13)), name="usage_cost_possible"
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "used_on"],
                include=["base_cost_minor", "activity", "known_at", "superseded_at"],
                name="usage_features",
            ),
            models.Index(fields=["activity", "used_on"], condition=CURRENT, name="usage_by_activity"),
            models.Index(fields=["identity"], condition=~CURRENT, name="usage_old_versions"),
            models.Index(fields=["project"], condition=Q(project__isnull=False), name="usage_by_project"),
            models.Index(fields=["import_id"], condition=Q(import_id__isnull=False), name="usage_by_import"),
        ]

    def __str__(self) -> str:
        return self.reference or self.identity
