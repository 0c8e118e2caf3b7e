"""What scoring keeps: policies, runs and their shards, scores of each run, changes, churn flags.

``CustomerState`` and ``CustomerScore`` are partitioned by run and written by COPY (scoring/store.py).
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.users.models import User


class PolicyState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


class PolicyVersion(models.Model):
    """One version of the scoring policy; ``values`` is Policy.to_plain(), fixed once it was active."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(_("state"), max_length=8, choices=PolicyState, default=PolicyState.DRAFT)
    values = models.JSONField(_("values"))
    note = models.CharField(_("note"), max_length=400, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scoring policy version")
        verbose_name_plural = _("scoring policy versions")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=PolicyState.ACTIVE), name="policy_one_active"
            ),
            models.CheckConstraint(condition=Q(state__in=PolicyState.values), name="policy_state_known"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="policy_values_are_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__values__df=pgtrigger.F("new__values"))
                & ~pgtrigger.Q(old__state="draft"),
            ),
            pgtrigger.Protect(
                name="policy_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state="draft"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class RunKind(models.TextChoices):
    NIGHTLY = "nightly", _("Nightly")
    MANUAL = "manual", _("On demand")
    REPLAY = "replay", _("Replay of a past day")


class RunState(models.TextChoices):
    COUNTING = "counting", _("Collecting facts")
    SCORING = "scoring", _("Scoring")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class ScoringRun(models.Model):
    """Everybody scored as of an instant under a policy version; what was fitted stands in ``cuts``."""

    kind = models.CharField(_("kind"), max_length=8, choices=RunKind)
    as_of = models.DateTimeField(_("as of"))
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="runs", verbose_name=_("policy"))
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.COUNTING)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    cuts = models.JSONField(null=True, blank=True)
    customers = models.BigIntegerField(_("customers"), default=0)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(_("opened at"), db_default=Now())
    scored_at = models.DateTimeField(_("scored at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("scores dropped at"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    retries = models.PositiveIntegerField(default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("scoring run")
        verbose_name_plural = _("scoring runs")
        constraints = [
            models.UniqueConstraint(fields=["as_of", "policy"], name="run_once_per_instant_and_policy"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=Q(kind__in=RunKind.values), name="run_kind_known"),
        ]
        indexes = [models.Index(fields=["-as_of", "-id"], name="run_latest_first")]


class ShardState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RunShard(models.Model):
    """Customers ``low`` <= id < ``high`` of a run, held by a worker until ``lease_until``.

    ``customer_ids`` and their input ``versions`` are those of the opening: what changes later is stale.
    Both are emptied when the run is done.
    """

    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="shards")
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    customer_ids = ArrayField(models.BigIntegerField())
    versions = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=8, choices=ShardState, default=ShardState.WAITING)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    customers = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("shard")
        verbose_name_plural = _("shards")
        constraints = [
            models.UniqueConstraint(fields=["run", "low"], name="shard_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="shard_not_empty"),
            models.CheckConstraint(condition=Q(state__in=ShardState.values), name="shard_state_known"),
        ]


class CurrentRun(models.Model):
    """The one row that says which run everybody reads.

    Read it in a statement before the one that reads scores, never in a join: see `queries.scores_of`.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("current run")
        verbose_name_plural = _("current run")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="current_run_is_one")]


class Tier(models.IntegerChoices):
    """Highest first; 0 is a customer who is not tiered yet."""

    NONE = 0, _("No tier yet")
    STRATEGIC = 1, _("Strategic")
    CORE = 2, _("Core")
    KEY = 3, _("Key")
    STANDARD = 4, _("Standard")

    @property
    def code(self) -> str:
        """As it stands in JSON, filters and CSS; empty for none."""
        return self.name.lower() if self else ""


class FlagLevel(models.IntegerChoices):
    NONE = 0, _("No flag")
    WATCH = 1, _("Watch")
    AT_RISK = 2, _("At risk")
    CRITICAL = 3, _("Critical")

    @property
    def code(self) -> str:
        """As it stands in JSON, filters and CSS; empty for none."""
        return self.name.lower() if self else ""


class CustomerScore(models.Model):
    """A customer in a run; the arrays are his explanation, in the order of the run's policy."""

    pk = models.CompositePrimaryKey("run_id", "customer_id")
    run = models.ForeignKey(ScoringRun, models.DO_NOTHING, related_name="scores", db_constraint=False)
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="scores", db_constraint=False)
    as_of = models.DateTimeField(_("as of"))
    input_version = models.BigIntegerField()
    score = models.FloatField(_("score"), null=True)
    share = models.FloatField(_("share of rank"), null=True)
    rank = models.BigIntegerField(_("rank"), null=True)
    tier = models.SmallIntegerField(_("tier"), choices=Tier)
    pending_tier = models.SmallIntegerField(choices=Tier)
    borderline = models.BooleanField(_("borderline"))
    coverage = models.FloatField(_("coverage"))
    indicator_inputs = ArrayField(models.FloatField(null=True))
    indicator_normalised = ArrayField(models.FloatField(null=True))
    indicator_weights = ArrayField(models.FloatField(null=True))
    indicator_points = ArrayField(models.FloatField(null=True))
    p_alive = models.FloatField(_("probability of being active"), null=True)
    expected_purchases = models.FloatField(_("expected purchases"), null=True)
    expected_value_minor = models.FloatField(_("expected value"), null=True)
    churn_score = models.FloatField(_("churn score"))
    churn_inputs = ArrayField(models.FloatField(null=True))
    churn_severities = ArrayField(models.FloatField(null=True))
    churn_points = ArrayField(models.FloatField(null=True))
    flag_reading = models.SmallIntegerField(choices=FlagLevel)
    flag_level = models.SmallIntegerField(_("churn flag"), choices=FlagLevel)
    is_immediate = models.BooleanField()
    money_at_risk_minor = models.FloatField(_("money at risk"), null=True)

    class Meta:
        managed = False
        db_table = "scoring_customer_score"
        verbose_name = _("score")
        verbose_name_plural = _("scores")

    @property
    def tier_code(self) -> str:
        return Tier(self.tier).code

    @property
    def flag_code(self) -> str:
        return FlagLevel(self.flag_level).code


class CustomerStateRow(models.Model):
    """What pages sort and filter by of a customer's state in a run; all of it: `scoring.core.state`.

    Money in minor units of the base currency. NaN, which PostgreSQL sorts above every number, is unknown.
    """

    pk = models.CompositePrimaryKey("run_id", "customer_id")
    run = models.ForeignKey(ScoringRun, models.DO_NOTHING, related_name="+", db_constraint=False)
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="states", db_constraint=False)
    sales = models.FloatField(_("sales in the policy's window"))
    direct_cost = models.FloatField(_("direct cost"))
    costed_sales = models.FloatField(_("sales with a known direct cost"))
    cost_to_serve = models.FloatField(_("cost to serve"))
    recent_sales = models.FloatField(_("recent sales"))
    satisfaction_level = models.FloatField(_("satisfaction index"))
    lowest_points = models.FloatField(_("fewest points"))

    class Meta:
        managed = False
        db_table = "scoring_customer_state"
        verbose_name = _("state")
        verbose_name_plural = _("states")


class ScoreChange(models.Model):
    """What moved when a customer was rescored or a new run became current."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="score_changes")
    run_id = models.BigIntegerField()
    at = models.DateTimeField(_("at"))
    tier_before = models.SmallIntegerField(choices=Tier)
    tier_after = models.SmallIntegerField(choices=Tier)
    flag_before = models.SmallIntegerField(choices=FlagLevel)
    flag_after = models.SmallIntegerField(choices=FlagLevel)
    score_before = models.FloatField(null=True)
    score_after = models.FloatField(null=True)
    churn_score_before = models.FloatField(null=True)
    churn_score_after = models.FloatField(null=True)

    class Meta:
        verbose_name = _("score change")
        verbose_name_plural = _("score changes")
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="change_latest_first")]


class ChurnFlag(models.Model):
    """An episode: from the reading that opened a flag until the one that cleared it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="churn_flags")
    level = models.SmallIntegerField(_("level"), choices=FlagLevel)
    score = models.FloatField(_("score"))
    run_id = models.BigIntegerField()
    opened_at = models.DateTimeField(_("opened at"))
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # What it was then: codes of its reasons, and money at risk. Null where that was not kept.
    acknowledged_reasons = ArrayField(models.TextField(), null=True, blank=True)
    acknowledged_money_minor = models.FloatField(null=True, blank=True)
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)

    class Meta:
        verbose_name = _("churn flag")
        verbose_name_plural = _("churn flags")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(cleared_at__isnull=True), name="flag_one_open"
            ),
            models.CheckConstraint(condition=Q(level__in=[1, 2, 3]), name="flag_level_known"),
        ]
