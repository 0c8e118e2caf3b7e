"""Playbooks: of whom a trigger holds now, how far a customer's are, and whether they helped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, FloatField, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.customers.models import Customer, Stage
from accounts.playbooks.models import Ending, Playbook, PlaybookRun, Trigger
from accounts.playbooks.services import end_finished_runs, follow_playbook
from crm.wording import QUADRANTS, SIGNALS
from scoring.core.quadrants import Quadrant
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, ScoringRun, Tier
from scoring.policy import policy_of
from scoring.quadrants import customers_in
from scoring.rescore import current_run

MOST_RUNS = 20


def values_of(trigger: Trigger) -> list[tuple[str, str]]:
    """What a trigger may be of, in words."""
    if trigger == Trigger.FLAG_REASON:
        return [(str(code), str(words)) for code, words in SIGNALS.items()]
    if trigger == Trigger.FLAG_LEVEL:
        return [(level.code, str(level.label)) for level in FlagLevel if level]
    if trigger == Trigger.TIER:
        return [(tier.code, str(tier.label)) for tier in Tier if tier]
    if trigger == Trigger.QUADRANT:
        return [(str(code), str(words.name)) for code, words in QUADRANTS.items()]
    return [(str(stage), str(stage.label)) for stage in Stage]


def in_words(playbook: Playbook) -> str:
    """What it starts by."""
    return dict(values_of(Trigger(playbook.trigger))).get(playbook.value, playbook.value)


def who_meets(trigger: Trigger, value: str) -> QuerySet[Customer] | None:
    """Customers of whom it holds now; None while nothing is scored, or the policy has no such signal."""
    living = Customer.objects.filter(merged_into=None)
    if trigger == Trigger.STAGE:
        return living.filter(stage=value)
    run = current_run()
    if run is None:
        return None
    if trigger == Trigger.TIER:
        tier = next(each for each in Tier if each.code == value)
        return living.filter(pk__in=CustomerScore.objects.filter(run_id=run.pk, tier=tier).values("customer"))
    if trigger == Trigger.QUADRANT:
        return living.filter(pk__in=customers_in(Quadrant(value), run))
    flags = ChurnFlag.objects.filter(cleared_at=None)
    if trigger == Trigger.FLAG_LEVEL:
        least = next(each for each in FlagLevel if each.code == value)
        return living.filter(pk__in=flags.filter(level__gte=least).values("customer"))
    return _with_reason(living, flags, run, value)


def _with_reason(
    living: QuerySet[Customer], flags: QuerySet[ChurnFlag], run: ScoringRun, value: str
) -> QuerySet[Customer] | None:
    codes = [str(signal.code) for signal in policy_of(run.policy).churn.signals]
    if value not in codes:
        return None
    scores = CustomerScore.objects.filter(run_id=run.pk, customer__in=flags.values("customer"))
    place = codes.index(value) + 1
    told = scores.annotate(points=RawSQL("churn_points[%s]", [place], output_field=FloatField())).filter(
        points__gt=0
    )
    return living.filter(pk__in=told.values("customer"))


def would_start(trigger: Trigger, value: str) -> int | None:
    """For how many customers it would start now; None while that is not known."""
    met = who_meets(trigger, value)
    return None if met is None else met.filter(owner__is_active=True).count()


def follow_playbooks(*, now: dt.datetime) -> int:
    """All of them do as the present scores say; how many runs started. What is not known ends nothing."""
    started = 0
    for playbook in Playbook.objects.filter(is_active=True).order_by("pk"):
        met = who_meets(Trigger(playbook.trigger), playbook.value)
        if met is not None:
            started += follow_playbook(playbook, list(met.values_list("pk", flat=True)), now=now)
    end_finished_runs(now=now)
    return started


@dataclass(frozen=True)
class PlaybookRow:
    """``ended``: where it started by itself and is over; ``helped``: of these, where the reason is gone."""

    playbook: Playbook
    starts_by: str
    running: int
    ended: int
    helped: int


def playbook_rows(visible: QuerySet[Playbook]) -> list[PlaybookRow]:
    """Those in use first. One query."""
    ended = Q(runs__closed_at__isnull=False)
    found = visible.annotate(
        running=Count("runs", filter=Q(runs__closed_at=None, runs__isnull=False)),
        ended=Count("runs", filter=ended & ~Q(runs__ending=Ending.STOPPED)),
        helped=Count("runs", filter=Q(runs__ending=Ending.REASON_GONE)),
    ).order_by("-is_active", "title", "pk")
    return [PlaybookRow(each, in_words(each), each.running, each.ended, each.helped) for each in found]


@dataclass(frozen=True)
class RunRow:
    run: PlaybookRun
    steps: int
    done: int


def runs_of(customer: Customer) -> list[RunRow]:
    """Open ones first, then those that ended last. One query."""
    done = Q(steps__action__done_at__isnull=False)
    found = (
        PlaybookRun.objects.filter(customer=customer)
        .select_related("playbook", "started_by")
        .annotate(step_count=Count("steps"), done_count=Count("steps", filter=done))
        .order_by(F("closed_at").desc(nulls_first=True), "-started_at", "-pk")[:MOST_RUNS]
    )
    return [RunRow(run, run.step_count, run.done_count) for run in found]


def startable(customer: Customer) -> QuerySet[Playbook]:
    """Those that are not at work for him."""
    at_work = PlaybookRun.objects.filter(customer=customer, closed_at=None)
    return Playbook.objects.exclude(pk__in=at_work.values("playbook")).order_by("title")


def advised(customer: Customer, quadrant: Quadrant) -> QuerySet[Playbook]:
    """Those for the quadrant that are not at work for the customer."""
    return startable(customer).filter(trigger=Trigger.QUADRANT, value=quadrant)
