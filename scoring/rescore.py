"""Between two runs: customers whose facts changed are scored alone, with what the current run fitted.

A rescored row equals what a full run with the same cuts would give, except that a sweep is never a reading:
its flag may only open or rise, and only by a signal that opens at once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import connection, transaction

from scoring import flags, locks, store
from scoring.core.results import Previous, Scores
from scoring.core.score import apply
from scoring.core.state import CustomerState
from scoring.core.types import CodeArray
from scoring.inputs import Moment, Wanted, insert_states
from scoring.models import ChurnFlag, CurrentRun, CustomerScore, ScoreChange, ScoringRun
from scoring.policy import cuts_of, policy_of
from scoring.recompute import days_between

logger = logging.getLogger(__name__)

# The CASE looks at a customer only when his versions differ; as a plain condition it was asked of everybody
# (40 ms instead of 5 for 10,000 customers of whom none is stale).
_STALE = """
select i.customer_id
from customers_customerinput i
left join scoring_customer_score s on s.run_id = %(run_id)s and s.customer_id = i.customer_id
where {chosen} and case when s.input_version is distinct from i.version then (
  select c.known_at <= %(as_of)s and c.merged_into_id is null
  from customers_customer c where c.id = i.customer_id
) end
limit %(limit)s
"""
_TOMBSTONES = """
select c.id from customers_customer c
where c.merged_into_id is not null and {chosen} and (
  exists (select from scoring_customer_score s where s.run_id = %(run_id)s and s.customer_id = c.id)
  or exists (select from scoring_churnflag f where f.customer_id = c.id and f.cleared_at is null))
limit %(limit)s
"""


@dataclass(frozen=True)
class Rescored:
    """`done`: now up to date; `busy`: another worker has them, or the current run is just being replaced."""

    done: tuple[int, ...] = ()
    busy: tuple[int, ...] = ()


def current_run() -> ScoringRun | None:
    """The run that everybody reads, without its fitted numbers; None before the first."""
    runs = CurrentRun.objects.select_related("run__policy", "run__previous")
    pointer = runs.defer("run__cuts", "run__previous__cuts").first()
    return None if pointer is None else pointer.run


def stale_customers(limit: int, *, as_of: dt.datetime) -> list[int]:
    """Customers whose facts changed since they were scored, who have no score yet, or who were merged away.

    100,000 customers of whom none is stale take some 30 ms.
    """
    run = current_run()
    return [] if run is None else _stale(run.pk, None, limit, as_of)


def _stale(run_id: int, ids: Sequence[int] | None, limit: int, as_of: dt.datetime) -> list[int]:
    values: dict[str, Any] = {"run_id": run_id, "ids": ids, "limit": limit, "as_of": as_of}
    found: list[int] = []
    with connection.cursor() as cursor:
        for text, column in ((_STALE, "i.customer_id"), (_TOMBSTONES, "c.id")):
            chosen = "true" if ids is None else f"{column} = any(%(ids)s::bigint[])"
            cursor.execute(text.format(chosen=chosen), values)
            found.extend(row[0] for row in cursor.fetchall())
    return found[:limit]


@transaction.atomic
def rescore(ids: Sequence[int], *, as_of: dt.datetime, zone: str) -> Rescored:
    """Score the stale ones among `ids` and write them into the current run, all or nothing.

    1. The pointer cannot move and nobody else can rescore these customers until the transaction ends; who is
       held by another is left to him or to the next sweep, never waited for: `as_of` must not grow old.
    2. The version that is stored is read by the statement that reads the facts, so a later change is stale.
    3. A row never goes back in time: `as_of` is at least that of the run and of the rows that are there.
    """
    if not ids:
        return Rescored()
    if not locks.share_pointer():
        return Rescored(busy=tuple(ids))
    run = current_run()
    if run is None:
        return Rescored()
    taken = locks.take_customers(sorted(set(ids)))
    busy = tuple(sorted(set(ids) - set(taken)))
    stale = sorted(_stale(run.pk, taken, len(taken), as_of))
    if stale:
        _rescore(run, stale, as_of, zone)
    return Rescored(tuple(stale), busy)


def _rescore(run: ScoringRun, ids: list[int], as_of: dt.datetime, zone: str) -> None:
    there = {row.customer_id: row for row in _rows(run.pk, ids)}
    moment = Moment(max([as_of, run.as_of, *(row.as_of for row in there.values())]), zone)
    states = _fresh_states(run, ids, moment)
    previous = _previous(run, states, there, zone)
    scores = apply(states, cuts_of(run.pk), policy_of(run.policy), moment.day_number, previous)
    scores = replace(scores, flag_level=_not_lowered(scores, there))
    _delete_rows(run.pk, sorted(set(there) - set(states.customer_id.tolist())))
    store.upsert_scores(run.pk, moment.as_of, scores)
    _log_changes(run.pk, moment.as_of, scores, there)
    flags.follow_sweep(run.pk, ids, moment.as_of)


def _rows(run_id: int, ids: Sequence[int]) -> list[CustomerScore]:
    narrow = ("as_of", "tier", "flag_level", "flag_reading", "score", "churn_score")
    rows = CustomerScore.objects.filter(run_id=run_id, customer_id__in=ids)
    return list(rows.only("run_id", "customer_id", *narrow))


def _fresh_states(run: ScoringRun, ids: list[int], moment: Moment) -> CustomerState:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from scoring_customer_state where run_id = %s and customer_id = any(%s::bigint[])",
            [run.pk, ids],
        )
    insert_states(run.pk, Wanted(ids), moment, policy_of(run.policy))
    return store.read_states(run.pk, ids)


def _previous(run: ScoringRun, states: CustomerState, there: dict[int, CustomerScore], zone: str) -> Previous:
    """The previous closed run, as old as it was for the run, and the readings that the run itself stored."""
    previous = Previous.nothing(len(states))
    if run.previous is not None and run.previous.dropped_at is None:
        age = days_between(run.previous, Moment(run.as_of, zone))
        previous = store.read_previous(run.previous.pk, states.customer_id, age, few=True)
    readings = [there[pk].flag_reading if pk in there else 0 for pk in states.customer_id.tolist()]
    return replace(previous, kept_reading=np.array(readings, dtype=np.int8))


def _not_lowered(scores: Scores, there: dict[int, CustomerScore]) -> CodeArray:
    ids = scores.customer_id.tolist()
    open_flags = ChurnFlag.objects.filter(customer_id__in=ids, cleared_at=None)
    is_open = dict(open_flags.values_list("customer_id", "level"))
    least = [max(is_open.get(pk, 0), there[pk].flag_level if pk in there else 0) for pk in ids]
    return np.maximum(scores.flag_level, np.array(least, dtype=np.int8))


def _delete_rows(run_id: int, ids: Sequence[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from scoring_customer_score where run_id = %s and customer_id = any(%s::bigint[])",
                [run_id, list(ids)],
            )


def _log_changes(run_id: int, at: dt.datetime, scores: Scores, there: dict[int, CustomerScore]) -> None:
    changes = []
    columns = (scores.customer_id, scores.tier, scores.flag_level, scores.score, scores.churn_score)
    for pk, tier, level, score, churn in zip(*(column.tolist() for column in columns), strict=True):
        old, value = there.get(pk), None if np.isnan(score) else score
        if old and (old.tier, old.flag_level, old.score, old.churn_score) == (tier, level, value, churn):
            continue
        changes.append(
            ScoreChange(
                customer_id=pk,
                run_id=run_id,
                at=at,
                tier_before=old.tier if old else 0,
                tier_after=tier,
                flag_before=old.flag_level if old else 0,
                flag_after=level,
                score_before=old.score if old else None,
                score_after=value,
                churn_score_before=old.churn_score if old else None,
                churn_score_after=churn,
            )
        )
    ScoreChange.objects.bulk_create(changes)


def sweep(*, limit: int, as_of: dt.datetime, zone: str) -> Rescored:
    """Rescore whoever is stale, `limit` at most. One customer who cannot be scored holds up no other."""
    return _by_halves(stale_customers(limit, as_of=as_of), as_of, zone)


def _by_halves(ids: list[int], as_of: dt.datetime, zone: str) -> Rescored:
    try:
        return rescore(ids, as_of=as_of, zone=zone)
    except (ValueError, ArithmeticError):
        if len(ids) == 1:
            logger.exception("Customer %s cannot be scored.", ids[0])
            return Rescored()
    middle = len(ids) // 2
    first, second = (_by_halves(part, as_of, zone) for part in (ids[:middle], ids[middle:]))
    return Rescored(first.done + second.done, first.busy + second.busy)
