"""Customers: companies and public bodies we work for, their groups, stages and owners."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.facts import Known
from accounts.history import old_versions
from accounts.users.models import User


class Stage(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    SELECTED = "selected", _("Selected")
    INITIAL = "initial", _("Initial")
    CONTINUING = "continuing", _("Continuing")
    LONG_TERM = "long_term", _("Long-term")
    DORMANT = "dormant", _("Dormant")
    LOST = "lost", _("Lost")


class CustomerKind(models.TextChoices):
    COMPANY = "company", _("Company")
    PUBLIC_BODY = "public_body", _("Public body")


class Lookup(models.Model):
    """A short list that an admin keeps."""

    name = models.CharField(_("name"), max_length=120, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Industry(Lookup):
    class Meta:
        verbose_name = _("industry")
        verbose_name_plural = _("industries")


class Region(Lookup):
    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")


class SalesChannel(Lookup):
    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")


class LocalMarket(Lookup):
    class Meta:
        verbose_name = _("local market")
        verbose_name_plural = _("local markets")


@pghistory.track(*old_versions())
class Customer(Known):
    """``stage`` and ``owner`` are today's values; the dated rows beside them say what held on any day.

    The loser of a merge stays as a tombstone that points to the winner in ``merged_into``.
    """

    number = models.CharField(_("customer number"), max_length=64, null=True, blank=True, unique=True)
    short_name = models.CharField(_("short name"), max_length=120)
    legal_name = models.CharField(_("legal name"), max_length=240, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=CustomerKind, default=CustomerKind.COMPANY)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subsidiaries", verbose_name=_("group")
    )
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, blank=True, verbose_name=_("industry"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    channel = models.ForeignKey(
        SalesChannel, models.PROTECT, null=True, blank=True, verbose_name=_("sales channel")
    )
    market = models.ForeignKey(
        LocalMarket, models.PROTECT, null=True, blank=True, verbose_name=_("local market")
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    stage = models.CharField(
        pgettext_lazy("of a customer", "stage"), max_length=16, choices=Stage, default=Stage.PROSPECT
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="customers", verbose_name=_("owner")
    )
    acquired_on = models.DateField(_("acquired on"), null=True, blank=True)
    acquisition_cost_minor = models.BigIntegerField(_("acquisition cost"), null=True, blank=True)
    retention_cost_minor = models.BigIntegerField(_("yearly retention cost"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True)
    custom_fields = models.JSONField(_("custom fields"), default=dict, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    # Pinyin, so that names sort without ICU; search_text holds names, pinyin and initials for trigrams.
    sort_key = models.CharField(max_length=480, db_collation="C", editable=False)
    search_text = models.TextField(editable=False)
    # What two letters or characters find, and what tells a whole name: `names.search_tokens`.
    search_tokens = ArrayField(models.TextField(), default=list, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(condition=~Q(short_name=""), name="customer_has_a_name"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="customer_stage_known"),
            models.CheckConstraint(condition=Q(kind__in=CustomerKind.values), name="customer_kind_known"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="customer_not_merged_into_itself"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="customer_not_its_own_group"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="customer_currency_code"),
            models.CheckConstraint(
                condition=Q(acquisition_cost_minor__isnull=True) | Q(acquisition_cost_minor__gte=0),
                name="customer_acquisition_cost_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(retention_cost_minor__isnull=True) | Q(retention_cost_minor__gte=0),
                name="customer_retention_cost_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="customer_by_name"),
            models.Index(fields=["owner", "sort_key", "id"], name="customer_by_owner"),
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="customer_trigrams"),
            GinIndex(fields=["search_tokens"], name="customer_tokens"),
            GinIndex(fields=["tags"], name="customer_tags"),
            GinIndex(fields=["custom_fields"], name="customer_custom_fields"),
        ]

    def __str__(self) -> str:
        return self.short_name


class FormerName(Known):
    """A name the customer used to have; searched like the present one."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="former_names")
    name = models.CharField(_("name"), max_length=240)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")


class CustomerStage(Known):
    """Which stage the customer was in from ``valid_from`` until the next row."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="stages")
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    valid_from = models.DateField(_("from"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        indexes = [models.Index(fields=["customer", "-valid_from", "-id"], name="stage_latest_first")]
        constraints = [models.CheckConstraint(condition=Q(stage__in=Stage.values), name="stage_known")]


class CustomerOwner(Known):
    """Who was the one account manager from ``valid_from`` until the next row; empty: nobody."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="owners")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    valid_from = models.DateField(_("from"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        indexes = [models.Index(fields=["customer", "-valid_from", "-id"], name="owner_latest_first")]


class CurrentTransaction(models.Func):
    """The number of the transaction, growing with each that writes and never used again."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class CustomerInput(models.Model):
    """How often a customer's facts changed. A table of its own: a bump must not write a history row.

    ``changed_in``: the transaction of the latest change. Whoever looked at everybody needs to look only at
    those changed in a transaction that had not ended by then.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="input")
    version = models.BigIntegerField(default=1)
    changed_in = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["changed_in"], name="input_latest_changes")]
        triggers = [
            pgtrigger.Trigger(
                name="changed_in_this_transaction",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="new.changed_in = pg_current_xact_id()::text::bigint; return new;",
            )
        ]
