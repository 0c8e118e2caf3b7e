"""What respondents said: every version of an answer, its grades, and what does not apply.

No `db_constraint` where a key over several columns (migration 0002) holds the same: half the checks per row.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.facts import CURRENT, Fact
from accounts.projects.models import Project
from accounts.surveys.models.invitations import Invitation, Week
from accounts.surveys.models.programmes import ProgrammeGrade, ProgrammeVersion, SurveyDimension
from accounts.surveys.packing import packs_grades

MAX_COMMENT = 4_000

models.TextField.register_lookup(Length)


class Answer(Fact):
    """One submitted version of an answer; one of an invitation is current. ``known_at``: when it was given.

    ``digest`` is of what it says; with ``idempotency_key`` it tells a repeated POST from a new word.
    ``fingerprint`` is a hash the caller makes of the browser: it tells whether somebody else answered.
    ``packed_grades`` is written by the database (`accounts.surveys.packing`).
    """

    invitation = models.ForeignKey(
        Invitation, models.PROTECT, related_name="answers", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="answers", db_index=False, db_constraint=False
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="answers", db_index=False, db_constraint=False
    )
    week = models.ForeignKey(Week, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    programme_version = models.ForeignKey(
        ProgrammeVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    comment = models.TextField(_("comment"), blank=True)
    is_late = models.BooleanField(_("late"))
    idempotency_key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True)
    packed_grades = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["invitation"], condition=CURRENT, name="answer_one_current"),
            models.UniqueConstraint(
                fields=["id", "programme_version", "customer", "project", "week"], name="answer_key"
            ),
            models.CheckConstraint(
                condition=Q(comment__length__lte=MAX_COMMENT), name="answer_comment_not_huge"
            ),
        ]
        indexes = [
            models.Index(fields=["invitation", "-id"], name="answer_latest_first"),
            models.Index(
                fields=["customer", "week"],
                include=["project", "known_at", "superseded_at"],
                name="answer_features",
            ),
            models.Index(
                fields=["project", "week"],
                include=["programme_version", "invitation", "packed_grades", "known_at", "superseded_at"],
                name="answer_of_week",
            ),
        ]


class AboutDimension(Fact):
    """What an answer says of one dimension; ``superseded_at`` is that of the answer.

    What scoring asks (customer, project, week, when known) stands on the row: one scan of one index.
    """

    answer = models.ForeignKey(Answer, models.PROTECT, db_index=False, db_constraint=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    week = models.ForeignKey(Week, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    programme_version = models.ForeignKey(
        ProgrammeVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    dimension = models.ForeignKey(
        SurveyDimension, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True


class AnswerGrade(AboutDimension):
    """A grade. ``opens_case`` repeats the programme's word and a foreign key holds it to that; a check then
    asks for the corrective action: no low grade can stand without one."""

    answer = models.ForeignKey(
        Answer, models.PROTECT, related_name="grades", db_index=False, db_constraint=False
    )
    grade = models.ForeignKey(
        ProgrammeGrade, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    opens_case = models.BooleanField()
    case = models.ForeignKey(
        "CorrectiveAction",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grades",
        db_index=False,
        db_constraint=False,
    )
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("grade of an answer")
        verbose_name_plural = _("grades of an answer")
        constraints = [
            models.UniqueConstraint(fields=["answer", "dimension"], name="answer_grade_once"),
            models.CheckConstraint(
                condition=Q(opens_case=False, case__isnull=True) | Q(opens_case=True, case__isnull=False),
                name="low_grade_has_a_case",
            ),
            models.CheckConstraint(
                condition=Q(comment__length__lte=MAX_COMMENT), name="grade_comment_not_huge"
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "week"],
                include=[
                    "project",
                    "answer",
                    "dimension",
                    "grade",
                    "opens_case",
                    "known_at",
                    "superseded_at",
                ],
                name="answer_grade_features",
            ),
            models.Index(fields=["project", "week"], condition=CURRENT, name="answer_grade_board"),
            models.Index(fields=["case"], condition=Q(case__isnull=False), name="answer_grade_of_case"),
        ]
        triggers = packs_grades()


class AnswerNotApplicable(AboutDimension):
    """The respondent said that a dimension does not apply: it has no grade, and that is no silence."""

    answer = models.ForeignKey(
        Answer, models.PROTECT, related_name="not_applicable", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("dimension that does not apply")
        verbose_name_plural = _("dimensions that do not apply")
        constraints = [models.UniqueConstraint(fields=["answer", "dimension"], name="not_applicable_once")]
