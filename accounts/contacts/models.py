"""Contacts: a customer's people, at four organisational levels."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.facts import Fact, Known
from accounts.history import old_versions
from accounts.users.models import User


class Level(models.TextChoices):
    EXECUTIVE = "executive", _("Executive level")
    MANAGEMENT = "management", _("Management level")
    SPECIALIST = "specialist", _("Specialist level")
    OPERATIONAL = "operational", _("Operational level")


class DecisionRole(models.TextChoices):
    DECISION_MAKER = "decision_maker", _("Decision maker")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    BUYER = "buyer", _("Buyer")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")


class Attitude(models.TextChoices):
    SUPPORTER = "supporter", _("Supporter")
    NEUTRAL = "neutral", _("Neutral")
    OPPONENT = "opponent", _("Opponent")


@pghistory.track(*old_versions())
class Contact(Known):
    """``level``, ``attitude`` and ``left_on`` are today's values of the dated rows below."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    level = models.CharField(_("organisational level"), max_length=16, choices=Level)
    reports_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("reports to")
    )
    decision_role = models.CharField(_("decision role"), max_length=16, choices=DecisionRole, blank=True)
    attitude = models.CharField(_("attitude"), max_length=16, choices=Attitude, default=Attitude.NEUTRAL)
    counterpart = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("our counterpart")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    opted_out = models.BooleanField(_("wants no surveys"), default=False)
    left_on = models.DateField(_("left the company on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    sort_key = models.CharField(max_length=480, db_collation="C", editable=False)
    search_text = models.TextField(editable=False)
    search_tokens = ArrayField(models.TextField(), default=list, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="contact_has_a_name"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="contact_level_known"),
            models.CheckConstraint(condition=Q(attitude__in=Attitude.values), name="contact_attitude_known"),
            models.CheckConstraint(
                condition=Q(decision_role__in=["", *DecisionRole.values]), name="contact_decision_role_known"
            ),
            models.CheckConstraint(condition=~Q(reports_to=F("id")), name="contact_not_his_own_superior"),
            models.UniqueConstraint(fields=["customer", "id"], name="contact_of_customer"),
        ]
        indexes = [
            models.Index(fields=["customer", "sort_key", "id"], name="contact_by_name"),
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="contact_trigrams"),
            GinIndex(fields=["search_tokens"], name="contact_tokens"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactLevel(Known):
    """At which level the contact stood from ``valid_from`` until the next row."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="levels")
    level = models.CharField(_("organisational level"), max_length=16, choices=Level)
    valid_from = models.DateField(_("from"))

    class Meta:
        verbose_name = _("organisational level")
        verbose_name_plural = _("organisational levels")
        indexes = [models.Index(fields=["contact", "-valid_from", "-id"], name="level_latest_first")]
        constraints = [models.CheckConstraint(condition=Q(level__in=Level.values), name="level_known")]


class ContactAttitude(Known):
    """Somebody's judgement of a contact's attitude and decision role on a day."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="attitudes")
    attitude = models.CharField(_("attitude"), max_length=16, choices=Attitude)
    decision_role = models.CharField(_("decision role"), max_length=16, choices=DecisionRole, blank=True)
    stated_on = models.DateField(_("stated on"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = _("attitude")
        verbose_name_plural = _("attitudes")
        indexes = [models.Index(fields=["contact", "-stated_on", "-id"], name="attitude_latest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(attitude__in=Attitude.values), name="attitude_known")
        ]


class ContactDeparture(Fact):
    """The contact left the customer's company; superseded when that was wrong or he came back.

    ``reports``: ids of those who reported to him and were given ``successor`` instead, so that it is undone.
    """

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="departures")
    left_on = models.DateField(_("left on"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    successor = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    reports = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(superseded_at__isnull=True), name="departure_one_current"
            )
        ]


class ContactMove(Known):
    """A person who went from one customer to another: the contact there follows the contact here.

    What was said, graded and promised stays with the customer where it was; pages of the person show both.
    """

    earlier = models.OneToOneField(Contact, models.CASCADE, related_name="moved_to")
    later = models.OneToOneField(Contact, models.CASCADE, related_name="moved_from")
    moved_on = models.DateField(_("moved on"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("move to another customer")
        verbose_name_plural = _("moves to another customer")
        constraints = [
            models.CheckConstraint(condition=~Q(earlier=F("later")), name="move_to_another_contact")
        ]
