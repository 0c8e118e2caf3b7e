"""Actions (to-dos): what somebody of ours promised to do by a day; by itself, or out of a case or meeting."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import Changed
from accounts.history import old_versions
from accounts.needs.models import Need
from accounts.projects.models import Project
from accounts.surveys.models import CorrectiveAction, ReviewMeeting
from accounts.users.models import User

UNDONE = Q(done_at__isnull=True, dropped_at__isnull=True)
MAX_NOTE = 4_000
MAX_REASON = 200
MOST_REPEATED = 365


class RepeatUnit(models.TextChoices):
    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")


@pghistory.track(*old_versions())
class Action(Changed):
    """``known_at``: when it was agreed. ``dropped_at``: it is no longer wanted, and ``drop_reason`` why.

    What it belongs to is of the same customer: a case, the meeting that agreed it, a contact, a need, the
    interaction (its identity) that it was promised in.

    One that repeats (``repeat_every`` of ``repeat_unit``, not after ``repeat_until``) is followed by the next
    when it is done, once: that one ``repeats`` it. ``repeat_day``: the day of the month that it is meant for,
    also after a month that is shorter.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("customer")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    case = models.ForeignKey(CorrectiveAction, models.PROTECT, null=True, blank=True, related_name="actions")
    meeting = models.ForeignKey(ReviewMeeting, models.PROTECT, null=True, blank=True, related_name="actions")
    need = models.ForeignKey(
        Need, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("need")
    )
    interaction = models.UUIDField(null=True, blank=True, editable=False)
    title = models.CharField(_("what is to be done"), max_length=200)
    note = models.TextField(_("note"), blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="actions", db_index=False, verbose_name=_("who")
    )
    due_on = models.DateField(_("by"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    dropped_at = models.DateTimeField(_("dropped at"), null=True, blank=True)
    drop_reason = models.CharField(_("why it is dropped"), max_length=MAX_REASON, blank=True)
    repeat_every = models.PositiveSmallIntegerField(_("repeated every"), null=True, blank=True)
    repeat_unit = models.CharField(max_length=5, choices=RepeatUnit, blank=True)
    repeat_day = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    repeat_until = models.DateField(_("repeated until"), null=True, blank=True)
    repeats = models.OneToOneField(
        to="self", on_delete=models.PROTECT, null=True, blank=True, related_name="next", editable=False
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="action_has_a_title"),
            models.CheckConstraint(condition=Q(note__length__lte=MAX_NOTE), name="action_note_not_huge"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False, dropped_at__isnull=True),
                name="action_done_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=True) | Q(customer__isnull=False),
                name="action_of_project_has_customer",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=True) | Q(customer__isnull=False), name="action_of_case_has_customer"
            ),
            models.CheckConstraint(
                condition=Q(need__isnull=True, interaction__isnull=True) | Q(customer__isnull=False),
                name="action_of_need_has_customer",
            ),
            models.CheckConstraint(
                condition=Q(drop_reason="") | Q(dropped_at__isnull=False), name="action_dropped_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(repeat_every__isnull=True, repeat_unit="", repeat_until__isnull=True)
                | Q(
                    repeat_every__gte=1,
                    repeat_every__lte=MOST_REPEATED,
                    repeat_unit__in=RepeatUnit.values,
                    due_on__isnull=False,
                ),
                name="action_repeats_from_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "due_on", "id"], condition=UNDONE, name="action_of_owner"),
            models.Index(
                fields=["customer", "due_on"],
                include=["id", "known_at", "changed_at", "done_at", "dropped_at"],
                condition=Q(customer__isnull=False),
                name="action_features",
            ),
            models.Index(
                fields=["interaction"],
                condition=Q(interaction__isnull=False),
                name="action_of_interaction",
            ),
        ]

    def __str__(self) -> str:
        return self.title
