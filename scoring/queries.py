"""Reads of what scoring concluded. Who may see which customer is not decided here: callers pass them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.customers.models import Customer
from scoring.core import explain
from scoring.core.results import Scores
from scoring.core.state import CustomerState
from scoring.models import ChurnFlag, CustomerScore, RunState, ScoringRun, ShardState
from scoring.policy import cuts_of, policy_of
from scoring.rescore import current_run
from scoring.store import SCORE_COLUMNS, read_states


def scores_of(customers: QuerySet[Customer]) -> QuerySet[CustomerScore]:
    """Scores of these customers in the current run; empty before the first.

    The current run is read by a statement of its own. In one statement with the scores it would be wrong: the
    plan may be older than its snapshot, and then knows the new pointer but not the new partition.
    """
    run = current_run()
    if run is None:
        return CustomerScore.objects.none()
    return CustomerScore.objects.filter(run_id=run.pk, customer__in=customers)


def open_flag_of(customer: Customer) -> ChurnFlag | None:
    """The customer's open churn flag."""
    return ChurnFlag.objects.filter(customer=customer, cleared_at=None).first()


@dataclass(frozen=True)
class Explanation:
    """A customer's score taken apart, and the facts it was made of."""

    score: CustomerScore
    run: ScoringRun
    value: explain.ValueExplanation
    churn: explain.ChurnExplanation
    facts: CustomerState


def explanation_of(customer: Customer, run: ScoringRun | None = None) -> Explanation | None:
    """How the customer's score in `run` (None: the current one) came about; None when he has none there.

    `facts` has one row, or none when the customer was merged away meanwhile.
    """
    run = run or current_run()
    if run is None:
        return None
    row = CustomerScore.objects.filter(run_id=run.pk, customer_id=customer.pk).first()
    if row is None:
        return None
    policy, cuts, scores = policy_of(run.policy), cuts_of(run.pk), as_scores(row)
    return Explanation(
        score=row,
        run=run,
        value=explain.explain_value(scores, 0, policy, cuts),
        churn=explain.explain_churn(scores, 0, policy),
        facts=read_states(run.pk, [customer.pk]),
    )


def as_scores(row: CustomerScore) -> Scores:
    """A row as the core knows it: a table of one customer."""
    columns = {}
    for column, name in SCORE_COLUMNS.items():
        value = getattr(row, column)
        columns[name] = [0 if name == "rank" and value is None else value]
    return Scores.from_columns(columns)


@dataclass(frozen=True)
class RunProgress:
    """A run as a page of jobs shows it; `seconds` from opening to scoring, or to the last finished shard."""

    run: ScoringRun
    shards: int
    shards_done: int
    customers_counted: int
    seconds: float
    errors: tuple[str, ...]

    @property
    def share_done(self) -> float:
        """From 0 to 1; scoring everybody counts as one more piece."""
        if self.run.state == RunState.DONE:
            return 1.0
        return self.shards_done / (self.shards + 1)

    @property
    def is_running(self) -> bool:
        return self.run.state in (RunState.COUNTING, RunState.SCORING)


def run_progress(run_id: int) -> RunProgress:
    """How far a run is. Raises ScoringRun.DoesNotExist."""
    return _progress(_runs().get(pk=run_id))


def latest_runs(limit: int = 20) -> list[RunProgress]:
    """The runs opened last, newest first; one query whatever the limit."""
    return [_progress(run) for run in _runs().order_by("-pk")[:limit]]


def _runs() -> QuerySet[ScoringRun]:
    is_done = Q(shards__state=ShardState.DONE)
    return (
        ScoringRun.objects.defer("cuts")
        .select_related("policy", "requested_by")
        .annotate(
            shard_count=Count("shards"),
            shards_done=Count("shards", filter=is_done),
            counted=Coalesce(Sum("shards__customers", filter=is_done), 0),
            last_finished=Max("shards__finished_at"),
            shard_errors=ArrayAgg("shards__error", filter=~Q(shards__error=""), distinct=True, default=[]),
        )
    )


def _progress(run: Any) -> RunProgress:
    end = run.scored_at or run.last_finished or run.opened_at
    return RunProgress(
        run=run,
        shards=run.shard_count,
        shards_done=run.shards_done,
        customers_counted=run.counted,
        seconds=(end - run.opened_at).total_seconds(),
        errors=tuple(dict.fromkeys([*([run.error] if run.error else []), *run.shard_errors])),
    )
