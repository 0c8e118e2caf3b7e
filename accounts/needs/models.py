"""The need register: what customers want of us, what we decided about it, and whether it was delivered."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import Changed
from accounts.history import old_versions
from accounts.orders.models import ProductLine
from accounts.users.models import User

MAX_TEXT = 4_000
MAX_REASON = 1_000
LEAST_IMPORTANT, MOST_IMPORTANT = 1, 5


class NeedOrigin(models.TextChoices):
    ORGANISATION = "organisation", _("The organisation")
    PERSON = "person", _("One person")
    LONG_TERM = "long_term", pgettext_lazy("origin of a need", "Long-term")
    EXPERIMENTAL = "experimental", _("Experimental")


class NeedExpression(models.TextChoices):
    STATED = "stated", _("Stated")
    LATENT = "latent", _("Latent")


class NeedLevel(models.TextChoices):
    BASIC = "basic", _("Basic need")
    BEYOND = "beyond", _("Beyond expectation")
    SHARED_VIEW = "shared_view", _("Shared viewpoint")
    SUCCESS = "success", _("Customer success")


class NeedAbout(models.TextChoices):
    PRICE = "price", _("Price")
    QUALITY = "quality", _("Quality")
    DELIVERY = "delivery", _("Delivery")
    TECHNOLOGY = "technology", _("Technology")
    SERVICE = "service", _("Service")


class StrategicFit(models.TextChoices):
    GOOD = "good", _("Fits well")
    PARTIAL = "partial", _("Fits in part")
    POOR = "poor", _("Does not fit")


class Capability(models.TextChoices):
    WITHIN = "within", _("Within reach")
    STRETCH = "stretch", _("A stretch")
    BEYOND = "beyond", _("Beyond us")


class Decision(models.TextChoices):
    ACCEPT = "accept", _("Accept")
    NEGOTIATE = "negotiate", _("Negotiate")
    DECLINE = "decline", _("Decline")
    PARK = "park", _("Park")


class NeedState(models.TextChoices):
    """Where it stands, in the order of the way."""

    RAISED = "raised", _("Raised")
    NEGOTIATING = "negotiating", _("Negotiating")
    ACCEPTED = "accepted", _("Accepted")
    PROMISED = "promised", _("Promised")
    DELIVERED = "delivered", _("Delivered")
    CONFIRMED = "confirmed", pgettext_lazy("by the customer", "Confirmed")
    PARKED = "parked", _("Parked")
    DECLINED = "declined", _("Declined")


UNJUDGED = Q(decision="", promised_on__isnull=True, delivered_on__isnull=True, confirmed_on__isnull=True)
STANDS = {
    NeedState.RAISED: UNJUDGED,
    NeedState.ACCEPTED: Q(
        decision=Decision.ACCEPT,
        promised_on__isnull=True,
        delivered_on__isnull=True,
        confirmed_on__isnull=True,
    ),
    NeedState.PROMISED: Q(
        decision=Decision.ACCEPT,
        promised_on__isnull=False,
        delivered_on__isnull=True,
        confirmed_on__isnull=True,
    ),
    NeedState.DELIVERED: Q(decision=Decision.ACCEPT, delivered_on__isnull=False, confirmed_on__isnull=True),
    NeedState.CONFIRMED: Q(decision=Decision.ACCEPT, delivered_on__isnull=False, confirmed_on__isnull=False),
} | {
    state: Q(
        decision=decision,
        promised_on__isnull=True,
        delivered_on__isnull=True,
        confirmed_on__isnull=True,
    )
    for state, decision in (
        (NeedState.NEGOTIATING, Decision.NEGOTIATE),
        (NeedState.PARKED, Decision.PARK),
        (NeedState.DECLINED, Decision.DECLINE),
    )
}
"""What each state is, so that the column can say nothing else."""
LIVE = Q(state__in=[NeedState.RAISED, NeedState.NEGOTIATING, NeedState.ACCEPTED, NeedState.PROMISED])
"""Those that somebody of ours still has to do something about."""


def _each_state() -> Q:
    is_one = Q()
    for state, stands in STANDS.items():
        is_one |= Q(state=state) & stands
    return is_one


@pghistory.track(*old_versions())
class Need(Changed):
    """What somebody of the customer wants of us since ``raised_on``.

    ``run_by``: who runs it at the customer; ``must_fit``: what it has to fit with there. ``interaction``: the
    identity of the talk it was heard in. ``triage_by``: the last day on which deciding is in time.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="needs", db_index=False, verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("raised by")
    )
    title = models.CharField(_("what is needed"), max_length=200)
    text = models.TextField(_("in more words"), blank=True)
    origin = models.CharField(
        _("where it comes from"), max_length=16, choices=NeedOrigin, default=NeedOrigin.ORGANISATION
    )
    expression = models.CharField(
        _("stated or latent"), max_length=8, choices=NeedExpression, default=NeedExpression.STATED
    )
    level = models.CharField(_("level"), max_length=16, choices=NeedLevel, default=NeedLevel.BASIC)
    about = models.CharField(_("about"), max_length=16, choices=NeedAbout)
    product_line = models.ForeignKey(
        ProductLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product line")
    )
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True)
    budget_minor = models.BigIntegerField(_("budget"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    needed_on = models.DateField(_("needed on"), null=True, blank=True)
    run_by = models.CharField(_("who runs it"), max_length=200, blank=True)
    must_fit = models.CharField(_("what it must fit with"), max_length=400, blank=True)
    importance = models.PositiveSmallIntegerField(_("importance"), default=3)
    raised_on = models.DateField(_("raised on"))
    interaction = models.UUIDField(_("interaction"), null=True, blank=True, editable=False)
    triage_by = models.DateField(_("decide by"))
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="needs", db_index=False, verbose_name=_("owner")
    )
    state = models.CharField(
        pgettext_lazy("of a need", "state"), max_length=12, choices=NeedState, default=NeedState.RAISED
    )
    fit = models.CharField(_("fit with our strategy"), max_length=8, choices=StrategicFit, blank=True)
    capability = models.CharField(_("our capability"), max_length=8, choices=Capability, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            *(
                models.CheckConstraint(
                    condition=Q((f"{name}__in", [*blank, *choices.values])), name=f"need_{name}_known"
                )
                for name, choices, blank in (
                    ("origin", NeedOrigin, []),
                    ("expression", NeedExpression, []),
                    ("level", NeedLevel, []),
                    ("about", NeedAbout, []),
                    ("fit", StrategicFit, [""]),
                    ("capability", Capability, [""]),
                )
            ),
            models.CheckConstraint(condition=_each_state(), name="need_state_is_what_was_done"),
            models.CheckConstraint(
                condition=~Q(title="") & Q(text__length__lte=MAX_TEXT, reason__length__lte=MAX_REASON),
                name="need_says_something",
            ),
            models.CheckConstraint(
                condition=Q(decision="", reason="", decided_at__isnull=True, decided_by__isnull=True)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(decision="")
                    & ~Q(reason="")
                    & ~Q(fit="")
                    & ~Q(capability="")
                ),
                name="need_decided_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(importance__gte=LEAST_IMPORTANT, importance__lte=MOST_IMPORTANT),
                name="need_importance_of_five",
            ),
            models.CheckConstraint(
                condition=Q(budget_minor__isnull=True) | Q(budget_minor__gte=0),
                name="need_budget_not_negative",
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="need_currency_code"),
            # What points to a need and to its customer points to both together.
            models.UniqueConstraint(fields=["customer", "id"], name="need_of_customer"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(confirmed_on__isnull=False),
                name="need_confirmed_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-raised_on", "-id"], name="need_latest_of_customer"),
            models.Index(fields=["-raised_on", "-id"], name="need_all_latest_first"),
            models.Index(fields=["-importance", "-raised_on", "-id"], name="need_most_important_first"),
            models.Index(fields=["owner", "state", "id"], condition=LIVE, name="need_of_owner"),
            models.Index(
                fields=["triage_by", "id"], condition=Q(state=NeedState.RAISED), name="need_to_decide"
            ),
            models.Index(
                fields=["promised_on", "id"], condition=Q(state=NeedState.PROMISED), name="need_to_deliver"
            ),
            models.Index(
                fields=["interaction"], condition=Q(interaction__isnull=False), name="need_of_interaction"
            ),
            GinIndex(fields=["tags"], name="need_tags"),
        ]

    def __str__(self) -> str:
        return self.title


class NeedClock(models.TextChoices):
    TRIAGE = "triage", _("Decide")
    PROMISE = "promise", _("Keep the promise")


class NeedAlarm(models.Model):
    """That owner and lead were told of a missed day; another day promised is another alarm."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="alarms", db_index=False)
    clock = models.CharField(_("clock"), max_length=8, choices=NeedClock)
    due_on = models.DateField(_("due on"))
    raised_at = models.DateTimeField(_("raised"))

    class Meta:
        verbose_name = _("alarm of a need")
        verbose_name_plural = _("alarms of a need")
        constraints = [
            models.CheckConstraint(condition=Q(clock__in=NeedClock.values), name="need_alarm_clock_known"),
            models.UniqueConstraint(fields=["need", "clock", "due_on"], name="need_alarm_once"),
        ]
