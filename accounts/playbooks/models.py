"""Playbooks: what is done, by whom and when, for every customer of whom something holds."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actions.models import MAX_NOTE, Action
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.history import old_versions
from accounts.users.models import User

MAX_TITLE = 200
MOST_DAYS = 365


class Trigger(models.TextChoices):
    """What has to hold of a customer; what its values are is said by whoever counts it."""

    FLAG_REASON = "flag_reason", _("Reason of a churn flag")
    FLAG_LEVEL = "flag_level", _("Churn flag, this level or worse")
    TIER = "tier", _("Value tier")
    STAGE = "stage", _("Stage")
    QUADRANT = "quadrant", _("Quadrant of profit and cost to serve")


class Doer(models.TextChoices):
    """Where there is none, the customer's owner."""

    OWNER = "owner", _("The customer's owner")
    MANAGER = "manager", _("The project manager")
    LEAD = "lead", _("The owner's lead")


class Ending(models.TextChoices):
    REASON_GONE = "reason_gone", _("The reason is gone")
    DONE = "done", _("Everything is done")
    STOPPED = "stopped", _("Stopped")


class Worded(models.Model):
    """Words in the languages of the interface; what is empty is said in English."""

    title = models.CharField(pgettext_lazy("of a playbook", "title"), max_length=MAX_TITLE)
    title_zh_hans = models.CharField(_("title in simplified Chinese"), max_length=MAX_TITLE, blank=True)
    title_zh_hant = models.CharField(_("title in traditional Chinese"), max_length=MAX_TITLE, blank=True)

    class Meta:
        abstract = True

    def name_in(self, language: str) -> str:
        return {"zh-hans": self.title_zh_hans, "zh-hant": self.title_zh_hant}.get(language) or self.title


@pghistory.track(*old_versions())
class Playbook(Worded, Known):
    """``version`` rises with every change of its steps or trigger; open runs follow it."""

    trigger = models.CharField(_("starts by"), max_length=16, choices=Trigger)
    value = models.CharField(_("of"), max_length=40)
    is_active = models.BooleanField(_("starts by itself"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        constraints = [
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="playbook_trigger_known"),
            models.CheckConstraint(condition=~Q(value="") & ~Q(title=""), name="playbook_has_words"),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track(*old_versions())
class PlaybookStep(Worded):
    """``days``: after the start, when it is due."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    note = models.TextField(_("note"), blank=True)
    days = models.PositiveSmallIntegerField(_("days after the start"))
    who = models.CharField(_("who"), max_length=8, choices=Doer)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["playbook", "position"], name="playbook_step_once"),
            models.CheckConstraint(condition=Q(who__in=Doer.values), name="playbook_step_doer_known"),
            models.CheckConstraint(condition=~Q(title=""), name="playbook_step_has_a_title"),
            models.CheckConstraint(condition=Q(days__lte=MOST_DAYS), name="playbook_step_within_a_year"),
            models.CheckConstraint(condition=Q(note__length__lte=MAX_NOTE), name="playbook_note_not_huge"),
        ]


class PlaybookRun(models.Model):
    """A playbook at work for one customer: one at a time. Open while its reason holds, so that steps which
    are done do not begin anew; one that somebody started himself (``started_by``) until all is done.

    ``rests``: somebody stopped it, and since then its reason has not been gone: it does not start by itself.
    """

    playbook = models.ForeignKey(Playbook, models.PROTECT, related_name="runs")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="playbook_runs")
    version = models.PositiveIntegerField()
    started_at = models.DateTimeField(_("started at"))
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    ending = models.CharField(_("why it ended"), max_length=12, choices=Ending, blank=True)
    rests = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("run of a playbook")
        verbose_name_plural = _("runs of playbooks")
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "customer"], condition=Q(closed_at=None), name="playbook_run_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, ending="")
                | Q(closed_at__isnull=False, ending__in=Ending.values),
                name="playbook_run_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(rests=False) | Q(ending=Ending.STOPPED), name="playbook_run_rests_when_stopped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["playbook", "customer"], condition=Q(rests=True), name="playbook_run_resting"
            )
        ]


class RunStep(models.Model):
    """The action that a step of a run became."""

    run = models.ForeignKey(PlaybookRun, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    action = models.OneToOneField(Action, models.PROTECT, related_name="run_step")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="playbook_step_made_once")]
