"""Deals: contracts with their ends, opportunities, and which share of a customer's supply is whose."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.customers.models import Customer, Lookup
from accounts.facts import CURRENT, Changed, Fact, Known
from accounts.history import old_versions
from accounts.needs.models import Need
from accounts.users.models import User

MAX_REASON = 1_000


class ContractKind(models.TextChoices):
    FRAMEWORK = "framework", _("Framework")
    SUPPLY = "supply", _("Supply")
    SERVICE = "service", pgettext_lazy("kind of contract", "Service")
    DEVELOPMENT = "development", _("Development")
    OTHER = "other", pgettext_lazy("kind of contract", "Other")


class Renewal(models.TextChoices):
    BY_HAND = "by_hand", _("By hand")
    AUTOMATIC = "automatic", _("Automatic")


class ContractState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("contract", "Draft")
    ACTIVE = "active", pgettext_lazy("contract", "Active")
    RENEWED = "renewed", _("Renewed")
    ENDED = "ended", pgettext_lazy("contract", "Ended")


@pghistory.track(*old_versions())
class Contract(Changed):
    """What holds from ``starts_on`` to ``ends_on``; without that day it has no end.

    ``notice_on``: the last day on which either side can say that it ends. ``value_minor``: of a year, in
    minor units of ``currency``. ``renews``: the contract that this one goes on from, which then is renewed.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contracts", db_index=False, verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=64, blank=True)
    title = models.CharField(pgettext_lazy("of a contract", "title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=ContractKind, default=ContractKind.SUPPLY)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    renewal = models.CharField(_("renewal"), max_length=10, choices=Renewal, default=Renewal.BY_HAND)
    notice_on = models.DateField(_("notice by"), null=True, blank=True)
    value_minor = models.BigIntegerField(_("value of a year"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="contracts", db_index=False, verbose_name=_("owner")
    )
    state = models.CharField(
        pgettext_lazy("of a contract", "state"),
        max_length=8,
        choices=ContractState,
        default=ContractState.ACTIVE,
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    reason = models.TextField(_("why it ended"), blank=True)
    renews = models.OneToOneField(
        to="self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="renewed_by",
        verbose_name=_("renews"),
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="contract_has_a_title"),
            models.CheckConstraint(condition=Q(kind__in=ContractKind.values), name="contract_kind_known"),
            models.CheckConstraint(condition=Q(renewal__in=Renewal.values), name="contract_renewal_known"),
            models.CheckConstraint(condition=Q(state__in=ContractState.values), name="contract_state_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(notice_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(notice_on__lte=F("ends_on")),
                name="contract_notice_before_its_end",
            ),
            models.CheckConstraint(
                condition=Q(value_minor__isnull=True) | Q(value_minor__gte=0),
                name="contract_value_not_negative",
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="contract_currency_code"),
            models.CheckConstraint(
                condition=(Q(state=ContractState.ENDED, ended_on__isnull=False) & ~Q(reason=""))
                | (~Q(state=ContractState.ENDED) & Q(ended_on__isnull=True, reason="")),
                name="contract_ended_with_a_reason",
            ),
            models.UniqueConstraint(fields=["customer", "id"], name="contract_and_customer"),
            models.CheckConstraint(condition=~Q(renews=F("id")), name="contract_not_its_own_renewal"),
        ]
        indexes = [
            models.Index(fields=["customer", "-starts_on", "-id"], name="contract_of_customer"),
            models.Index(
                fields=["ends_on", "id"], condition=Q(state=ContractState.ACTIVE), name="contract_next_end"
            ),
            models.Index(
                fields=["owner", "id"], condition=Q(state=ContractState.ACTIVE), name="contract_of_owner"
            ),
            models.Index(
                OpClass(Upper("number"), name="text_pattern_ops"),
                condition=~Q(number=""),
                name="contract_by_number",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ContractAlarm(models.Model):
    """That owner and lead were told of a notice day that is near, or of an end without a renewal."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="alarms", db_index=False)
    due_on = models.DateField(_("due on"))
    is_over = models.BooleanField(_("is over"))
    raised_at = models.DateTimeField(_("raised"))

    class Meta:
        verbose_name = _("alarm of a contract")
        verbose_name_plural = _("alarms of a contract")
        constraints = [
            models.UniqueConstraint(fields=["contract", "due_on", "is_over"], name="contract_alarm_once")
        ]


class OpportunityStage(models.TextChoices):
    LEAD = "lead", pgettext_lazy("opportunity", "Lead")
    QUALIFIED = "qualified", _("Qualified")
    PROPOSAL = "proposal", _("Proposal")
    NEGOTIATION = "negotiation", _("Negotiation")
    WON = "won", _("Won")
    LOST = "lost", pgettext_lazy("opportunity", "Lost")


OPEN = ~Q(stage__in=[OpportunityStage.WON, OpportunityStage.LOST])


@pghistory.track(*old_versions())
class Opportunity(Known):
    """What a customer may buy. ``probability`` in percent; ``order_number``: the order that was won.

    ``closed_on``: the day on which it was won or lost.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="opportunities", db_index=False, verbose_name=_("customer")
    )
    need = models.ForeignKey(
        Need, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=_("need")
    )
    title = models.CharField(pgettext_lazy("of a contract", "title"), max_length=200)
    stage = models.CharField(
        pgettext_lazy("of an opportunity", "stage"),
        max_length=12,
        choices=OpportunityStage,
        default=OpportunityStage.LEAD,
    )
    value_minor = models.BigIntegerField(_("expected value"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    probability = models.PositiveSmallIntegerField(_("probability"), default=20)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    lost_reason = models.TextField(_("why it was lost"), blank=True)
    order_number = models.CharField(_("order"), max_length=96, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="opportunities", db_index=False, verbose_name=_("owner")
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="opportunity_has_a_title"),
            models.CheckConstraint(
                condition=Q(stage__in=OpportunityStage.values), name="opportunity_stage_known"
            ),
            models.CheckConstraint(condition=Q(probability__lte=100), name="opportunity_probability"),
            models.CheckConstraint(
                condition=Q(value_minor__isnull=True) | Q(value_minor__gte=0),
                name="opportunity_value_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="opportunity_currency_code"
            ),
            models.CheckConstraint(
                condition=(Q(stage=OpportunityStage.WON, closed_on__isnull=False, lost_reason=""))
                | (
                    Q(stage=OpportunityStage.LOST, closed_on__isnull=False, order_number="")
                    & ~Q(lost_reason="")
                )
                | (OPEN & Q(closed_on__isnull=True, lost_reason="", order_number="")),
                name="opportunity_closed_with_its_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "expected_on", "id"], name="opportunity_of_customer"),
            models.Index(fields=["expected_on", "id"], condition=OPEN, name="opportunity_next"),
            models.Index(fields=["owner", "id"], condition=OPEN, name="opportunity_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title


class Competitor(Lookup):
    class Meta:
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")


class SupplyShare(Fact):
    """Which share of what the customer buys somebody had on ``valid_on``, in percent.

    Nobody as ``competitor``: ours. Together they are not more than all of it: a trigger looks at the end of
    the transaction.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="supply_shares", db_index=False)
    competitor = models.ForeignKey(
        Competitor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shares",
        verbose_name=_("competitor"),
    )
    valid_on = models.DateField(_("on"))
    share = models.DecimalField(_("share"), max_digits=5, decimal_places=2)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("supply share")
        verbose_name_plural = _("supply shares")
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=100), name="share_is_a_percentage"),
            models.UniqueConstraint(
                fields=["customer", "valid_on", "competitor"],
                condition=CURRENT,
                nulls_distinct=False,
                name="share_one_current",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "competitor", "valid_on"],
                include=["share", "known_at", "superseded_at"],
                name="share_features",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="shares_not_above_all",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func="""
                    if (select sum(share) from deals_supplyshare
                        where customer_id = new.customer_id and valid_on = new.valid_on
                          and superseded_at is null) > 100 then
                        raise check_violation using message = 'shares_not_above_all';
                    end if;
                    return null;
                """,
            )
        ]
