"""What a version of such a programme asks beside its dimensions, and when and whom."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Level
from accounts.surveys.models.programmes import ProgrammeVersion, Worded, part_of_a_version


class EventKind(models.TextChoices):
    DELIVERY = "delivery", _("Delivery")
    INSTALLATION = "installation", _("Installation")
    REPAIR = "repair", _("Repair")
    OTHER = "other", _("Something else")


class QuestionKind(models.TextChoices):
    TEXT = "text", _("Free text")
    ONE = "one", _("One choice")
    SEVERAL = "several", _("Several choices")
    NUMBER = "number", _("Number")


class SurveyRules(models.Model):
    """When and whom a version asks. The letter goes at the version's ``send_hour``, ``wait_days`` after the
    event, can be answered for ``answer_days``, and is reminded of after the version's ``remind_after_days``.

    ``asked_levels``: the contacts' organisational levels, empty: all. Nobody is asked again by the same
    programme within ``rest_days``. ``asks_deliveries``: each delivered order is an event by itself; other
    events somebody of ours says. A yearly programme falls due on ``yearly_month`` and ``yearly_day``.
    ``opening``: what stands above the questions, in the three languages.
    """

    version = models.OneToOneField(ProgrammeVersion, models.CASCADE, related_name="rules")
    asked_levels = ArrayField(
        models.CharField(max_length=16, choices=Level),
        verbose_name=_("whom we ask"),
        default=list,
        blank=True,
    )
    asks_deliveries = models.BooleanField(_("ask after each delivery"), default=False)
    wait_days = models.PositiveSmallIntegerField(_("days after the event"), default=1)
    answer_days = models.PositiveSmallIntegerField(_("days to answer"), default=14)
    rest_days = models.PositiveSmallIntegerField(_("days of rest for a contact"), default=30)
    yearly_month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True)
    yearly_day = models.PositiveSmallIntegerField(_("day"), null=True, blank=True)
    opening = models.CharField(_("opening words"), max_length=600, blank=True)
    opening_zh_hans = models.CharField(_("opening words in Simplified Chinese"), max_length=600, blank=True)
    opening_zh_hant = models.CharField(_("opening words in Traditional Chinese"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("rules of a survey")
        verbose_name_plural = _("rules of a survey")
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_levels__contained_by=list(Level.values)), name="rules_levels_known"
            ),
            models.CheckConstraint(
                condition=Q(wait_days__lte=365, answer_days__range=(1, 365), rest_days__lte=1000),
                name="rules_days_possible",
            ),
            models.CheckConstraint(
                condition=Q(yearly_month__isnull=True, yearly_day__isnull=True)
                | Q(yearly_month__range=(1, 12), yearly_day__range=(1, 28)),
                name="rules_day_of_year_possible",
            ),
        ]
        triggers = [part_of_a_version()]

    def opening_in(self, language: str) -> str:
        """The opening words in ``language``; English where there is no other."""
        words = {"zh-hans": self.opening_zh_hans, "zh-hant": self.opening_zh_hant}
        return words.get(language) or self.opening


class Question(Worded):
    """A question that is no grade, in the order of ``position``. ``code`` stays through all versions."""

    name = models.CharField(_("question"), max_length=240)
    name_zh_hans = models.CharField(_("question in Simplified Chinese"), max_length=240)
    name_zh_hant = models.CharField(_("question in Traditional Chinese"), max_length=240)
    version = models.ForeignKey(ProgrammeVersion, models.CASCADE, related_name="questions", db_index=False)
    code = models.SlugField(_("code"), max_length=24)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind of answer"), max_length=8, choices=QuestionKind)
    unit = models.CharField(_("unit"), max_length=24, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="question_once"),
            models.UniqueConstraint(fields=["version", "position"], name="question_in_order"),
            models.UniqueConstraint(fields=["version", "id"], name="question_of_version_key"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
        ]
        triggers = [part_of_a_version()]

    def __str__(self) -> str:
        return self.name


class QuestionOption(Worded):
    """One of the choices; ``code`` stays through all versions."""

    version = models.ForeignKey(ProgrammeVersion, models.CASCADE, related_name="+", db_index=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="options", db_index=False)
    code = models.SlugField(_("code"), max_length=24)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [
            models.UniqueConstraint(fields=["question", "code"], name="option_once"),
            models.UniqueConstraint(fields=["question", "position"], name="option_in_order"),
            models.UniqueConstraint(fields=["question", "id"], name="option_of_question_key"),
        ]
        triggers = [part_of_a_version()]

    def __str__(self) -> str:
        return self.name
