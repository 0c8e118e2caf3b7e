"""Between two runs: customers whose facts changed are scored alone, with what the current run fitted.

A rescored row equals what a full run with the same cuts would give, except that a sweep is never a reading:
its flag may only open or rise, and only by a signal that opens at once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection, transaction

from scoring import flags, kept, locks, store
from scoring.core.policy import Policy
from scoring.core.results import Previous, Scores
from scoring.core.score import apply
from scoring.core.state import CustomerState
from scoring.core.types import CodeArray
from scoring.inputs import Moment, Wanted, insert_states
from scoring.models import ScoreChange, ScoringRun
from scoring.policy import cuts_of, policy_of
from scoring.recompute import days_between

logger = logging.getLogger(__name__)

# The CASE looks at a customer only when his versions differ; as a plain condition it was asked of everybody
# (40 ms instead of 5 for 10,000 customers of whom none is stale).
_CHANGED = """
select i.customer_id from latest i
left join scoring_customer_score s on s.run_id = %(run_id)s and s.customer_id = i.customer_id
where case when s.input_version is distinct from i.version then (
  select c.merged_into_id is null and c.known_at {known} %(as_of)s
  from customers_customer c where c.id = i.customer_id
) end
limit %(limit)s
"""
_MERGED = """
select c.id from customers_customer c
where c.merged_into_id is not null and (
  exists (select from scoring_customer_score s where s.run_id = %(run_id)s and s.customer_id = c.id)
  or exists (select from scoring_churnflag f where f.customer_id = c.id and f.cleared_at is null))
limit %(limit)s
"""
_LOOK = f"""
with latest as materialized (
  select customer_id, version from customers_customerinput where changed_in >= %(horizon)s
),
changed as materialized ({_CHANGED.format(known="<=")}),
merged as materialized ({_MERGED})
select pg_postmaster_start_time(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
  array(select customer_id from changed) || array(select id from merged),
  case when not exists (select from changed) then exists ({_CHANGED.format(known=">")}) end
"""  # noqa: S608
# Who of them is stale, what the run holds of each, and his open flag.
_THERE = """
select x.id, s.as_of, s.tier, s.flag_level, s.flag_reading, s.score, s.churn_score, coalesce(f.level, 0)
from unnest(%(ids)s::bigint[]) as x (id)
join customers_customer c on c.id = x.id
left join customers_customerinput i on i.customer_id = x.id
left join {table} s on s.run_id = %(run_id)s and s.customer_id = x.id
left join scoring_churnflag f on f.customer_id = x.id and f.cleared_at is null
where case when c.merged_into_id is not null then s.run_id is not null or f.id is not null
  else c.known_at <= %(as_of)s and i.version <> coalesce(s.input_version, -1) end
"""


@dataclass(frozen=True)
class Rescored:
    """`done`: now up to date; `busy`: another worker has them, or the current run is just being replaced."""

    done: tuple[int, ...] = ()
    busy: tuple[int, ...] = ()


@dataclass(frozen=True)
class _There:
    """A customer as the current run holds him; ``as_of`` is None when it does not. ``open_level``: of the
    flag that is open, 0 without one."""

    as_of: dt.datetime | None
    tier: int
    flag_level: int
    flag_reading: int
    score: float | None
    churn_score: float | None
    open_level: int

    @classmethod
    def of(cls, as_of: dt.datetime | None, *rest: Any) -> _There:
        return cls(None, 0, 0, 0, None, None, rest[-1]) if as_of is None else cls(as_of, *rest)


def current_run() -> ScoringRun | None:
    """The run that everybody reads, without its fitted numbers; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute("select run_id from scoring_currentrun")
        row = cursor.fetchone()
    return None if row is None else _done_run(row[0])


@lru_cache(maxsize=4)
def _done_run(run_id: int) -> ScoringRun:
    """Kept by the process: of a run that everybody reads nothing changes any more."""
    runs = ScoringRun.objects.select_related("policy", "previous")
    return runs.defer("cuts", "previous__cuts").get(pk=run_id)


@dataclass(frozen=True)
class _Looked:
    """Nobody was stale in this run but for what transactions from ``horizon`` on may have changed since.

    ``server``: when it started; one that was restored may count transactions anew. ``everybody_at``: when all
    were last looked at.
    """

    run_id: int
    server: dt.datetime
    horizon: int
    everybody_at: dt.datetime

    def holds(self, run: ScoringRun, as_of: dt.datetime) -> bool:
        return self.run_id == run.pk and dt.timedelta() <= as_of - self.everybody_at < EVERYBODY_EVERY


@dataclass(frozen=True)
class _Found:
    """``is_waiting``: somebody else changed who is known to us only later."""

    server: dt.datetime
    horizon: int
    ids: list[int]
    is_waiting: bool | None


# Whatever makes a customer stale and leaves no trace in his input is found so late.
EVERYBODY_EVERY = dt.timedelta(minutes=10)
_looked: _Looked | None = None


def stale_customers(limit: int, *, as_of: dt.datetime) -> list[int]:
    """Customers whose facts changed since they were scored, who have no score yet, or who were merged away.

    The process remembers how far it had looked when it found nobody; then only later changes are read, and
    never under a lock. The horizon is the oldest transaction that was open then, so none is missed however
    long it takes to commit.
    """
    global _looked
    run = current_run()
    if run is None:
        return []
    looked = _looked if _looked is not None and _looked.holds(run, as_of) else None
    found = _look(run.pk, 0 if looked is None else looked.horizon, limit, as_of)
    if looked is not None and looked.server != found.server:
        looked, found = None, _look(run.pk, 0, limit, as_of)
    if not found.ids and not found.is_waiting:
        everybody_at = as_of if looked is None else looked.everybody_at
        _looked = _Looked(run.pk, found.server, found.horizon, everybody_at)
    return found.ids[:limit]


def _look(run_id: int, horizon: int, limit: int, as_of: dt.datetime) -> _Found:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"run_id": run_id, "horizon": horizon, "limit": limit, "as_of": as_of})
        return _Found(*cursor.fetchone())


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
    there = _there(run.pk, taken, as_of)
    if there:
        _rescore(run, there, as_of, zone)
    return Rescored(tuple(sorted(there)), busy)


def _rescore(run: ScoringRun, there: dict[int, _There], as_of: dt.datetime, zone: str) -> None:
    ids = sorted(there)
    moment = Moment(max([as_of, run.as_of, *(row.as_of for row in there.values() if row.as_of)]), zone)
    policy = policy_of(run.policy)
    states = _fresh_states(run.pk, ids, moment, policy)
    of_states = [there[pk] for pk in states.customer_id.tolist()]
    previous = _previous(run, states, of_states, zone)
    scores = apply(states, cuts_of(run.pk), policy, moment.day_number, previous)
    scores = replace(scores, flag_level=_not_lowered(scores, of_states))
    store.replace_scores(run.pk, ids, moment.as_of, scores)
    _log_changes(run.pk, moment.as_of, scores, of_states)
    flagged = scores.customer_id[scores.flag_level > 0].tolist()
    gone = sorted(set(ids) - set(states.customer_id.tolist()))
    flags.follow_sweep(run.pk, flagged, moment.as_of, gone=gone)


def _there(run_id: int, ids: Sequence[int], as_of: dt.datetime) -> dict[int, _There]:
    """Those of ``ids`` who are stale."""
    text = _THERE.format(table=store.partition(store.SCORE_TABLE, run_id))
    rows = kept.run(text, {"run_id": run_id, "ids": list(ids), "as_of": as_of})
    return {pk: _There.of(*rest) for pk, *rest in rows}


def _fresh_states(run_id: int, ids: list[int], moment: Moment, policy: Policy) -> CustomerState:
    store.delete_states(run_id, ids)
    insert_states(run_id, Wanted(ids), moment, policy)
    return store.read_states(run_id, ids)


def _previous(run: ScoringRun, states: CustomerState, there: Sequence[_There], zone: str) -> Previous:
    """The previous closed run, as old as it was for the run, and the readings that the run itself stored."""
    previous = Previous.nothing(len(states))
    if run.previous is not None and run.previous.dropped_at is None:
        age = days_between(run.previous, Moment(run.as_of, zone))
        previous = store.read_previous(run.previous.pk, states.customer_id, age, few=True)
    return replace(previous, kept_reading=np.array([row.flag_reading for row in there], dtype=np.int8))


def _not_lowered(scores: Scores, there: Sequence[_There]) -> CodeArray:
    least = [max(row.open_level, row.flag_level) for row in there]
    return np.maximum(scores.flag_level, np.array(least, dtype=np.int8))


def _log_changes(run_id: int, at: dt.datetime, scores: Scores, there: Sequence[_There]) -> None:
    changes = []
    columns = (scores.customer_id, scores.tier, scores.flag_level, scores.score, scores.churn_score)
    rows = zip(there, *(column.tolist() for column in columns), strict=True)
    for old, pk, tier, level, score, churn in rows:
        value = None if np.isnan(score) else score
        before = (old.tier, old.flag_level, old.score, old.churn_score)
        if old.as_of and before == (tier, level, value, churn):
            continue
        changes.append(
            ScoreChange(
                customer_id=pk,
                run_id=run_id,
                at=at,
                tier_before=old.tier,
                tier_after=tier,
                flag_before=old.flag_level,
                flag_after=level,
                score_before=old.score,
                score_after=value,
                churn_score_before=old.churn_score,
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
