"""Corrective actions: what comes of a low grade, on clocks, until the customer says that it is solved."""

from __future__ import annotations

import datetime as dt

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import Known
from accounts.history import old_versions
from accounts.projects.models import Project
from accounts.surveys.models.answers import MAX_COMMENT, Answer
from accounts.surveys.models.programmes import ProgrammeVersion, SurveyDimension
from accounts.users.models import User

OPEN = Q(closed_at__isnull=True)


class CaseState(models.TextChoices):
    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    PLANNED = "planned", _("Planned")
    CONTAINED = "contained", _("Contained")
    CAUSE_FOUND = "cause_found", _("Cause found")
    CORRECTED = "corrected", _("Corrected")
    CONFIRMED = "confirmed", _("Confirmed by the customer")


class CaseEventKind(models.TextChoices):
    OPENED = "opened", _("Opened")
    ATTACHED = "attached", _("Another low grade")
    REOPENED = "reopened", _("Opened again")
    ASSIGNED = "assigned", _("Assigned")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    PLANNED = "planned", _("Planned")
    CONTAINED = "contained", _("Contained")
    CAUSE_FOUND = "cause_found", _("Cause found")
    CORRECTED = "corrected", _("Corrected")
    PREVENTED = "prevented", _("Prevention in place")
    COMMENTED = "commented", _("Comment")
    LINKED = "linked", _("Interaction linked")
    REMINDED = "reminded", _("Owner reminded")
    ESCALATED = "escalated", _("Escalated")
    ASKED = "asked", _("Customer asked")
    CONFIRMED = "confirmed", _("Confirmed by the customer")
    REJECTED = "rejected", _("Rejected by the customer")
    CLOSED = "closed", _("Closed")


@pghistory.track(*old_versions())
class CorrectiveAction(Known):
    """One case per project and dimension while it is open; further low grades attach to it (``grades``).

    The times are those of the present round: a case that is opened again starts anew, and its events keep
    what was. ``opened_by`` is the answer whose grade opened it first. ``prevented_at``: when we said what
    keeps it from coming again (the last step of an 8D report); that is no state, since it may come after the
    customer's word.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cases")
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="cases", db_index=False, db_constraint=False
    )
    dimension = models.ForeignKey(SurveyDimension, models.PROTECT, related_name="+", db_index=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", db_index=False)
    opened_by = models.ForeignKey(Answer, models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="cases", db_index=False, verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=12, choices=CaseState, default=CaseState.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
    acknowledge_by = models.DateTimeField(_("acknowledge by"))
    plan_by = models.DateTimeField(_("plan by"))
    solve_by = models.DateField(_("solve by"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    planned_at = models.DateTimeField(_("planned at"), null=True, blank=True)
    contained_at = models.DateTimeField(_("contained at"), null=True, blank=True)
    cause_found_at = models.DateTimeField(_("cause found at"), null=True, blank=True)
    corrected_at = models.DateTimeField(_("corrected at"), null=True, blank=True)
    prevented_at = models.DateTimeField(_("prevented at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    times_reopened = models.PositiveIntegerField(_("times opened again"), default=0)

    class Meta:
        verbose_name = _("corrective action")
        verbose_name_plural = _("corrective actions")
        constraints = [
            models.UniqueConstraint(fields=["project", "dimension"], condition=OPEN, name="case_one_open"),
            models.UniqueConstraint(fields=["id", "project", "dimension"], name="case_key"),
            models.UniqueConstraint(fields=["id", "customer"], name="case_of_customer"),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="case_state_known"),
            models.CheckConstraint(
                condition=Q(state=CaseState.CONFIRMED, closed_at__isnull=False)
                | (~Q(state=CaseState.CONFIRMED) & Q(closed_at__isnull=True)),
                name="case_closed_when_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[CaseState.OPEN, CaseState.CONFIRMED])
                | Q(acknowledged_at__isnull=False),
                name="case_acknowledged_first",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "dimension", "-closed_at"], name="case_latest_closed"),
            models.Index(fields=["owner", "acknowledge_by"], condition=OPEN, name="case_of_owner"),
        ]

    @property
    def number(self) -> str:
        """What people call it by, in a talk, a letter and a search."""
        return f"CA-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def next_clock(self) -> dt.datetime | dt.date | None:
        """What runs now: until acknowledged, until planned, then the day it is to be solved by.

        Who takes a step without a plan still owes the day by which it is solved.
        """
        if self.state == CaseState.OPEN:
            return self.acknowledge_by
        if not self.is_open or self.corrected_at is not None:
            return None
        return self.solve_by or self.plan_by


class CaseEvent(Known):
    """Who did what, and when (``known_at``). ``author``: one of us; ``contact``: one of the customer's.

    ``assignee``: who owns the case since then. ``token`` names the form it was typed into, so that a form
    that is sent twice is logged once.
    """

    case = models.ForeignKey(
        CorrectiveAction, models.PROTECT, related_name="log", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=CaseEventKind)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer = models.ForeignKey(
        Answer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    comment = models.TextField(_("comment"), blank=True)
    token = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("event of a corrective action")
        verbose_name_plural = _("events of a corrective action")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "token"], condition=Q(token__isnull=False), name="case_event_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=CaseEventKind.values), name="case_event_known"),
            models.CheckConstraint(
                condition=Q(comment__length__lte=MAX_COMMENT), name="case_comment_not_huge"
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="case_event_in_order")]


class CaseInteraction(Known):
    """An interaction that belongs to a case. ``identity``: the interaction's, which outlives corrections."""

    case = models.ForeignKey(
        CorrectiveAction, models.PROTECT, related_name="interactions", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    identity = models.UUIDField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("interaction of a corrective action")
        verbose_name_plural = _("interactions of a corrective action")
        constraints = [models.UniqueConstraint(fields=["case", "identity"], name="case_interaction_once")]
        indexes = [models.Index(fields=["identity"], name="case_of_interaction")]


class CaseClock(models.TextChoices):
    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    PLAN = "plan", _("Plan")
    SOLVE = "solve", _("Solve")


class AlarmStep(models.TextChoices):
    OWNER = "owner", _("The owner was reminded")
    LAST_DAY = "last_day", _("The owner was reminded on the day")
    LINE = "line", _("Missed: functional manager and lead were told")
    EXECUTIVES = "executives", _("Missed: executives were told")


class CaseAlarm(models.Model):
    """That a clock of a case rang, once for each step; a clock is known by the instant it ends at.

    ``told``: ids of the users who got a notice. ``posted_at``: when their letters were left to the workers.
    """

    case = models.ForeignKey(
        CorrectiveAction, models.PROTECT, related_name="alarms", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    clock = models.CharField(_("clock"), max_length=12, choices=CaseClock)
    due_at = models.DateTimeField(_("due"))
    step = models.CharField(_("step"), max_length=10, choices=AlarmStep)
    raised_at = models.DateTimeField(_("raised"))
    told = ArrayField(models.BigIntegerField(), default=list)
    posted_at = models.DateTimeField(_("letters posted"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm of a corrective action")
        verbose_name_plural = _("alarms of a corrective action")
        constraints = [
            models.UniqueConstraint(fields=["case", "clock", "due_at", "step"], name="case_alarm_once"),
            models.CheckConstraint(condition=Q(clock__in=CaseClock.values), name="case_alarm_clock_known"),
            models.CheckConstraint(condition=Q(step__in=AlarmStep.values), name="case_alarm_step_known"),
        ]
        indexes = [
            GinIndex(fields=["told"], name="case_alarm_of_person"),
            models.Index(fields=["id"], condition=Q(posted_at__isnull=True), name="case_alarm_to_post"),
        ]
