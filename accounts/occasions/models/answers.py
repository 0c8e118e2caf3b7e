"""What was said; every version of an answer is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.facts import CURRENT, Fact
from accounts.occasions.models.occasions import OccasionInvitation
from accounts.occasions.models.questions import Question, QuestionOption
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.models.programmes import ProgrammeGrade, ProgrammeVersion, SurveyDimension
from accounts.users.models import User


class OccasionAnswer(Fact):
    """One submitted version; one of an invitation is current. ``known_at``: when it was given.

    ``taken_by``: who of ours wrote it down in an interview; nobody: he answered himself. ``digest``,
    ``idempotency_key`` and ``fingerprint`` as those of the weekly `Answer`.
    """

    invitation = models.ForeignKey(OccasionInvitation, models.PROTECT, related_name="answers", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", db_index=False)
    comment = models.TextField(_("comment"), blank=True)
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    idempotency_key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("answers to a survey")
        constraints = [
            models.UniqueConstraint(
                fields=["invitation"], condition=CURRENT, name="occasion_answer_one_current"
            ),
            models.UniqueConstraint(fields=["id", "programme_version"], name="occasion_answer_key"),
            models.CheckConstraint(
                condition=Q(comment__length__lte=MAX_COMMENT), name="occasion_comment_not_huge"
            ),
        ]
        indexes = [
            models.Index(fields=["invitation", "-id"], name="occasion_answer_latest"),
            models.Index(fields=["customer", "-known_at"], name="occasion_answer_of_customer"),
            models.Index(fields=["programme_version", "-known_at"], name="occasion_answer_of_version"),
        ]


class PartOfAnswer(models.Model):
    """What an answer says; whether it is current says the answer."""

    answer = models.ForeignKey(OccasionAnswer, models.CASCADE, db_index=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class OccasionGrade(PartOfAnswer):
    """A grade of a dimension; without a ``grade`` it does not apply to him."""

    answer = models.ForeignKey(OccasionAnswer, models.CASCADE, related_name="grades", db_index=False)
    dimension = models.ForeignKey(SurveyDimension, models.PROTECT, related_name="+", db_index=False)
    grade = models.ForeignKey(
        ProgrammeGrade, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("grade of an answer to a survey")
        verbose_name_plural = _("grades of an answer to a survey")
        constraints = [
            models.UniqueConstraint(fields=["answer", "dimension"], name="occasion_grade_once"),
            models.CheckConstraint(
                condition=Q(comment__length__lte=MAX_COMMENT), name="occasion_grade_comment_not_huge"
            ),
        ]


class OccasionReply(PartOfAnswer):
    """Text or number to a question."""

    answer = models.ForeignKey(OccasionAnswer, models.CASCADE, related_name="replies", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(_("text"), blank=True)
    number = models.DecimalField(_("number"), max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [
            models.UniqueConstraint(fields=["answer", "question"], name="occasion_reply_once"),
            models.CheckConstraint(
                condition=(Q(number__isnull=True) & ~Q(text="")) | Q(number__isnull=False, text=""),
                name="occasion_reply_says_something",
            ),
            models.CheckConstraint(
                condition=Q(text__length__lte=MAX_COMMENT), name="occasion_reply_not_huge"
            ),
        ]


class OccasionChoice(PartOfAnswer):
    """A choice that was ticked."""

    answer = models.ForeignKey(OccasionAnswer, models.CASCADE, related_name="choices", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", db_index=False)
    option = models.ForeignKey(QuestionOption, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("ticked choice")
        verbose_name_plural = _("ticked choices")
        constraints = [models.UniqueConstraint(fields=["answer", "option"], name="occasion_choice_once")]
