"""Survey programmes: what is asked, how grades count, and the clocks. A version is immutable once used."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.projects.models import FunctionalRole, Project
from accounts.surveys.models.calendars import HolidayCalendar
from accounts.surveys.packing import MOST_DIMENSIONS, MOST_GRADES
from accounts.users.models import User

ALL_DAYS = (1, 2, 3, 4, 5, 6, 7)
WHOLE_DAY = 24 * 60

IS_FIXED = """
    select state <> 'draft' or exists (select from surveys_invitation where programme_version_id = {version})
    into is_fixed from surveys_programmeversion where id = {version};
    if is_fixed then
        raise exception 'survey programme version % is in use and cannot be changed', {version}
        using errcode = 'restrict_violation';
    end if;
"""


def part_of_a_version() -> pgtrigger.Trigger:
    """Dimensions, grades and questions come and go only while their version is a draft."""
    return pgtrigger.Trigger(
        name="part_of_a_fixed_version",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("is_fixed", "boolean")],
        func=f"""
            if tg_op <> 'INSERT' then {IS_FIXED.format(version="old.version_id")} end if;
            if tg_op <> 'DELETE' then {IS_FIXED.format(version="new.version_id")} return new; end if;
            return old;
        """,
    )


def _fixed(name: str, operation: Any, condition: Any = None) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        condition=condition,
        declare=[("is_fixed", "boolean")],
        func=IS_FIXED.format(version="old.id") + "if tg_op = 'DELETE' then return old; end if; return new;",
    )


class Worded(models.Model):
    """Words that an admin writes, in the three languages of the product."""

    name = models.CharField(_("name"), max_length=120)
    name_zh_hans = models.CharField(_("name in Simplified Chinese"), max_length=120)
    name_zh_hant = models.CharField(_("name in Traditional Chinese"), max_length=120)

    class Meta:
        abstract = True

    def name_in(self, language: str) -> str:
        """The name in ``language`` (en, zh-hans, zh-hant); English where there is no other."""
        return {"zh-hans": self.name_zh_hans, "zh-hant": self.name_zh_hant}.get(language) or self.name


class ProgrammeKind(models.TextChoices):
    WEEKLY = "weekly", _("Every week")
    EVENT = "event", _("After an event")
    ANY_TIME = "any_time", _("At any time")
    YEARLY = "yearly", _("Once a year")


OWN_NAMES = {
    "Weekly satisfaction": _("Weekly satisfaction"),
    "After a delivery": _("After a delivery"),
    "At any time": _("At any time"),
    "Needs and preferences": _("Needs and preferences"),
}
"""Of the surveys that the product brings along: shown in the reader's language until an admin renames one."""


def title_of_programme(name: str) -> str:
    """The name of a programme as its reader sees it."""
    return str(OWN_NAMES.get(name, name))


class SurveyProgramme(models.Model):
    """One survey and its versions. ``is_weekly``: the one that is asked every week about every project.

    What the others ask, whom and when stands in `accounts.occasions`.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(
        _("when it is asked"), max_length=10, choices=ProgrammeKind, default=ProgrammeKind.ANY_TIME
    )
    is_weekly = models.GeneratedField(
        expression=Exact(F("kind"), ProgrammeKind.WEEKLY.value),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("survey programme")
        verbose_name_plural = _("survey programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind=ProgrammeKind.WEEKLY), name="programme_one_weekly"
            ),
            models.CheckConstraint(condition=Q(kind__in=ProgrammeKind.values), name="programme_kind_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return title_of_programme(self.name)


class SurveyDimension(Worded):
    """What is graded; the same through all versions of a programme, so that a case outlives a version."""

    programme = models.ForeignKey(SurveyProgramme, models.PROTECT, related_name="dimensions")
    code = models.SlugField(_("code"), max_length=24)

    class Meta:
        verbose_name = _("dimension")
        verbose_name_plural = _("dimensions")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="dimension_code_once")]

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


def every_day() -> list[int]:
    """Clocks that run on all days of the week."""
    return list(ALL_DAYS)


class ProgrammeVersion(models.Model):
    """One version of a programme. Weekdays are ISO (Monday 1); hours are local to the respondent.

    Sent at ``send_hour`` on ``send_weekday`` of the rated week; closes at the end of the next
    ``close_weekday``; taken and marked late for ``late_days`` more; one reminder ``remind_after_days`` after
    sending. A case closed by the customer is opened again by a low grade within ``repeat_days``.

    A version of a ``customer`` or ``project`` holds for him or it alone, instead of the general one; the
    project's goes before the customer's. It is whole, and keeps the version it was made from in ``based_on``.

    A version holds for the weeks that begin between ``activated_at`` and ``retired_at``: the week under way
    is asked as it began, so that no change of weekday asks anybody twice or not at all.

    Clocks run on ``work_weekdays`` from ``work_from`` to ``work_until`` (minutes after midnight, where the
    company is), not on the holidays of the ``calendar``, and on its make-up working days. The owner of a case
    is reminded when ``remind_owner_percent`` of a clock have run; a clock that was missed goes to the
    functional manager and the lead at once, and to the executives ``executives_after_hours`` later.
    """

    programme = models.ForeignKey(SurveyProgramme, models.PROTECT, related_name="versions")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("what changed"), max_length=400, blank=True)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=8, choices=VersionState, default=VersionState.DRAFT)
    send_weekday = models.PositiveSmallIntegerField(_("sent on"), default=5)
    send_hour = models.PositiveSmallIntegerField(_("sent at"), default=14)
    remind_after_days = models.PositiveSmallIntegerField(_("reminded after days"), default=4)
    close_weekday = models.PositiveSmallIntegerField(_("closes after"), default=4)
    late_days = models.PositiveSmallIntegerField(_("late answers taken for days"), default=14)
    response_threshold_percent = models.PositiveSmallIntegerField(_("least response rate"), default=70)
    acknowledge_hours = models.PositiveSmallIntegerField(_("hours to acknowledge"), default=24)
    plan_hours = models.PositiveSmallIntegerField(_("hours to plan"), default=72)
    repeat_days = models.PositiveSmallIntegerField(_("days in which a low grade repeats"), default=91)
    work_weekdays = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("working days"), default=every_day
    )
    work_from = models.PositiveSmallIntegerField(_("working hours from"), default=0)
    work_until = models.PositiveSmallIntegerField(_("working hours until"), default=WHOLE_DAY)
    calendar = models.ForeignKey(
        HolidayCalendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("holiday calendar"),
    )
    remind_owner_percent = models.PositiveSmallIntegerField(_("owner reminded after percent"), default=50)
    executives_after_hours = models.PositiveSmallIntegerField(_("executives told after hours"), default=24)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey programme version")
        verbose_name_plural = _("survey programme versions")
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="programme_version_once"),
            models.UniqueConstraint(
                fields=["programme", "customer", "project"],
                condition=Q(state=VersionState.ACTIVE),
                nulls_distinct=False,
                name="programme_one_active",
            ),
            models.UniqueConstraint(
                fields=["programme", "customer", "project"],
                condition=Q(state=VersionState.DRAFT),
                nulls_distinct=False,
                name="programme_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=True) | Q(project__isnull=True), name="programme_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(
                    work_from__lt=F("work_until"),
                    work_until__lte=WHOLE_DAY,
                    work_weekdays__len__gte=1,
                    work_weekdays__contained_by=list(ALL_DAYS),
                ),
                name="programme_working_time_possible",
            ),
            models.CheckConstraint(
                condition=Q(remind_owner_percent__range=(1, 100)), name="programme_reminder_in_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="programme_version_state_known"
            ),
            models.CheckConstraint(
                condition=Q(send_weekday__range=(1, 7), close_weekday__range=(1, 7), send_hour__lte=23),
                name="programme_week_possible",
            ),
            models.CheckConstraint(
                condition=Q(response_threshold_percent__lte=100), name="programme_threshold_possible"
            ),
        ]
        triggers = [
            _fixed(
                "version_is_fixed",
                pgtrigger.Update,
                pgtrigger.AnyChange(exclude=["state", "activated_at", "retired_at"]),
            ),
            _fixed(
                "version_is_no_draft_again",
                pgtrigger.Update,
                pgtrigger.Q(new__state="draft") & ~pgtrigger.Q(old__state="draft"),
            ),
            _fixed("version_is_never_deleted", pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class ProgrammeDimension(models.Model):
    """A dimension as a version asks for it, in the order of ``position``.

    The names are those that the version gives the dimension once it is active; empty: it leaves them.
    ``functional_role``: whose functional manager hears of a clock that was missed; empty: nobody's.
    """

    version = models.ForeignKey(ProgrammeVersion, models.CASCADE, related_name="dimensions", db_index=False)
    dimension = models.ForeignKey(SurveyDimension, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    weight = models.PositiveIntegerField(_("weight"))
    functional_role = models.CharField(
        _("functional role"), max_length=20, choices=FunctionalRole, blank=True, db_default=""
    )
    name = models.CharField(_("name"), max_length=120, blank=True, db_default="")
    name_zh_hans = models.CharField(
        _("name in Simplified Chinese"), max_length=120, blank=True, db_default=""
    )
    name_zh_hant = models.CharField(
        _("name in Traditional Chinese"), max_length=120, blank=True, db_default=""
    )

    class Meta:
        verbose_name = _("dimension of a version")
        verbose_name_plural = _("dimensions of a version")
        constraints = [
            models.UniqueConstraint(fields=["version", "dimension"], name="programme_dimension_once"),
            models.UniqueConstraint(fields=["version", "position"], name="programme_dimension_in_order"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="programme_dimension_counts"),
            models.CheckConstraint(
                condition=Q(position__lt=MOST_DIMENSIONS), name="programme_dimension_packs"
            ),
            models.CheckConstraint(
                condition=Q(functional_role__in=["", *FunctionalRole.values]),
                name="programme_dimension_role_known",
            ),
        ]
        triggers = [part_of_a_version()]


class ProgrammeGrade(Worded):
    """A grade of a version; ``position`` 0 is the best.

    ``warns``: a mark and a notice; ``opens_case``: it cannot stand without a corrective action;
    ``confirms_case``: from a respondent who complained it says that the matter is solved.
    """

    version = models.ForeignKey(ProgrammeVersion, models.CASCADE, related_name="grades", db_index=False)
    letter = models.CharField(_("grade"), max_length=4)
    position = models.PositiveSmallIntegerField()
    points = models.SmallIntegerField(_("points"))
    warns = models.BooleanField(_("warns"), default=False)
    opens_case = models.BooleanField(_("opens a corrective action"), default=False)
    confirms_case = models.BooleanField(_("confirms a corrective action"), default=False)

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        constraints = [
            models.UniqueConstraint(fields=["version", "letter"], name="grade_letter_once"),
            models.UniqueConstraint(fields=["version", "position"], name="grade_in_order"),
            # What answers point at, so that no grade can lie about whether it opens a case.
            models.UniqueConstraint(fields=["version", "id", "opens_case"], name="grade_opens_case_key"),
            models.CheckConstraint(condition=~Q(letter=""), name="grade_has_a_letter"),
            models.CheckConstraint(condition=Q(position__lt=MOST_GRADES), name="grade_packs"),
            models.CheckConstraint(
                condition=Q(opens_case=False) | Q(warns=True, confirms_case=False),
                name="grade_that_opens_warns",
            ),
        ]
        triggers = [part_of_a_version()]

    def __str__(self) -> str:
        return self.letter
