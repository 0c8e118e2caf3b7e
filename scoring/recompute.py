"""The recipe of a run: open, count by shards, score everybody in one pass, publish.

1. `open_run` writes the run and its shards: ranges of customer ids, each with the ids and the input versions
   of this instant. What changes later differs from them and is rescored by the sweep.
2. `work` does one piece: a shard, or, after the last shard, the scoring. Whoever finds the piece takes it by
   a conditional UPDATE with a lease; the number of attempts is the token that proves the claim is still his.
3. Scoring reads all states, fits, applies, and writes the scores into a table of its own.
4. Publishing is one transaction: attach that table, move the pointer if the run is newer than the current one
   (a replay never is), and let flags and the log of changes follow.

A crash anywhere leaves either a lease that runs out or a finished piece; `expired_work` finds the former.
Leases are measured by the clock of the database, which all workers share.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, QuerySet

from accounts.users.models import User
from scoring import flags, locks, store
from scoring.core.results import Previous
from scoring.core.score import fit_and_apply
from scoring.core.state import CustomerState
from scoring.inputs import Moment, Wanted, insert_states
from scoring.models import CurrentRun, PolicyVersion, RunKind, RunShard, RunState, ScoringRun, ShardState
from scoring.policy import active_policy, policy_of

logger = logging.getLogger(__name__)

# A piece that took its worker down so often is not tried again by itself.
MOST_ATTEMPTS = 5
LONGEST_ERROR = 2_000


@dataclass(frozen=True)
class Terms:
    """What an installation decides: the company's time zone, how long a claim holds, customers per shard."""

    zone: str
    lease: dt.timedelta
    shard_customers: int = 5_000


class LostClaimError(Exception):
    """Another worker took the piece over, or the run was cancelled; nothing was written."""


_OPEN_SHARDS = """
insert into scoring_runshard (run_id, low, high, customer_ids, versions, state, attempts, customers, error)
select %(run_id)s, min(id), max(id) + 1, array_agg(id order by id), array_agg(version order by id),
  'waiting', 0, 0, ''
from (
  select c.id, coalesce(i.version, 0) as version, (row_number() over (order by c.id) - 1) / %(size)s as shard
  from customers_customer c left join customers_customerinput i on i.customer_id = c.id
  where c.known_at <= %(as_of)s and c.merged_into_id is null
) x
group by shard
"""
_CLAIM_SHARD = """
update scoring_runshard set state = 'running', attempts = attempts + 1, started_at = clock_timestamp(),
  lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
where id = (
  select s.id from scoring_runshard s join scoring_scoringrun r on r.id = s.run_id
  where s.run_id = %(run_id)s and r.state = 'counting'
    and s.attempts < %(most)s * (r.retries + 1)
    and (s.state = 'waiting' or (s.state = 'running' and s.lease_until < clock_timestamp()))
  order by s.low limit 1 for update of s skip locked
)
returning id
"""
_CLAIM_SCORING = """
update scoring_scoringrun r set state = 'scoring', attempts = attempts + 1,
  lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
where id = %(run_id)s and attempts < %(most)s * (retries + 1)
  and (r.state = 'counting' or (r.state = 'scoring' and r.lease_until < clock_timestamp()))
  and not exists (select from scoring_runshard s where s.run_id = r.id and s.state <> 'done')
returning attempts
"""
_RENEW_SCORING = """
update scoring_scoringrun set lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
where id = %(run_id)s and state = 'scoring' and attempts = %(attempt)s
"""


@transaction.atomic
def open_run(
    as_of: dt.datetime,
    *,
    kind: RunKind,
    terms: Terms,
    policy: PolicyVersion | None = None,
    requested_by: User | None = None,
) -> tuple[ScoringRun, bool]:
    """The run of this instant and policy (None: the active one), and whether this call opened it."""
    run, is_new = ScoringRun.objects.get_or_create(
        as_of=as_of, policy=policy or active_policy(), defaults={"kind": kind, "requested_by": requested_by}
    )
    if is_new:
        store.create_state_partition(run.pk)
        with connection.cursor() as cursor:
            cursor.execute(_OPEN_SHARDS, {"run_id": run.pk, "size": terms.shard_customers, "as_of": as_of})
    return run, is_new


def work(run_id: int, *, terms: Terms) -> bool:
    """Do one piece of the run; false when there was none to take.

    An error is kept with the piece, which is tried again until it was tried `MOST_ATTEMPTS` times; then the
    run fails. Errors of the database itself are raised: the lease will run out.
    """
    shard = claim_shard(run_id, lease=terms.lease)
    if shard is not None:
        _attempt_shard(shard, terms)
        if RunShard.objects.filter(run_id=run_id).exclude(state=ShardState.DONE).exists():
            return True
    attempt = claim_scoring(run_id, lease=terms.lease)
    if attempt is not None:
        _attempt_scoring(run_id, attempt, terms)
    return shard is not None or attempt is not None


def _attempt_shard(shard: RunShard, terms: Terms) -> None:
    try:
        do_shard(shard, zone=terms.zone)
    except LostClaimError:
        logger.info("Shard %s of run %s was taken over.", shard.pk, shard.run_id)
    except Exception as error:
        logger.exception("Shard %s of run %s failed.", shard.pk, shard.run_id)
        _keep_shard_error(shard, error)


def _attempt_scoring(run_id: int, attempt: int, terms: Terms) -> None:
    try:
        score_run(run_id, attempt, terms=terms)
    except LostClaimError:
        logger.info("Run %s was taken over.", run_id)
    except Exception as error:
        logger.exception("Run %s failed.", run_id)
        _keep_run_error(run_id, attempt, error)


def claim_shard(run_id: int, *, lease: dt.timedelta) -> RunShard | None:
    """A shard that waits or whose lease ran out, now ours for `lease`."""
    values = {"run_id": run_id, "lease": lease.total_seconds(), "most": MOST_ATTEMPTS}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_SHARD, values)
        row = cursor.fetchone()
    return None if row is None else RunShard.objects.get(pk=row[0])


@transaction.atomic
def do_shard(shard: RunShard, *, zone: str) -> None:
    """Count the facts of a claimed shard anew; repeating it changes nothing. Raises LostClaimError."""
    held = RunShard.objects.select_for_update(of=("self",)).filter(
        pk=shard.pk, state=ShardState.RUNNING, attempts=shard.attempts, run__state=RunState.COUNTING
    )
    if not held.values_list("pk"):
        raise LostClaimError
    run = _light(ScoringRun.objects.filter(pk=shard.run_id)).select_related("policy").get()
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from scoring_customer_state where run_id = %s and customer_id >= %s and customer_id < %s",
            [shard.run_id, shard.low, shard.high],
        )
    wanted = Wanted(shard.customer_ids, shard.versions, shard.low, shard.high)
    counted = insert_states(run.pk, wanted, Moment(run.as_of, zone), policy_of(run.policy))
    with connection.cursor() as cursor:
        cursor.execute(
            "update scoring_runshard set state = 'done', customers = %s, lease_until = null, error = '',"
            " finished_at = clock_timestamp() where id = %s",
            [counted, shard.pk],
        )


def claim_scoring(run_id: int, *, lease: dt.timedelta) -> int | None:
    """The scoring of a run whose shards are all done, now ours for `lease`: the number of this attempt."""
    values = {"run_id": run_id, "lease": lease.total_seconds(), "most": MOST_ATTEMPTS}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_SCORING, values)
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def score_run(run_id: int, attempt: int, *, terms: Terms) -> None:
    """Fit, apply, write and publish a run that was claimed. Raises LostClaimError."""
    run = ScoringRun.objects.select_related("policy").get(pk=run_id)
    moment, policy = Moment(run.as_of, terms.zone), policy_of(run.policy)
    states = store.read_states(run_id)
    run.previous = previous_of(run, moment)
    previous = _previous_rows(run.previous, states, moment)
    _renew(run_id, attempt, terms.lease)
    cuts, scores = fit_and_apply(states, policy, moment.day_number, previous)
    run.cuts = cuts.to_plain()
    _renew(run_id, attempt, terms.lease)
    run.customers = len(scores)
    del states, previous
    table = store.write_scores(run_id, attempt, run.as_of, scores)
    publish(run, attempt, table)


def previous_of(run: ScoringRun, moment: Moment) -> ScoringRun | None:
    """The run that hysteresis looks back to: the latest of an earlier day that still has its scores."""
    earlier = ScoringRun.objects.filter(
        state=RunState.DONE, dropped_at=None, as_of__lt=moment.start_of(moment.day)
    )
    return _light(earlier.exclude(kind=RunKind.REPLAY).exclude(pk=run.pk)).order_by("-as_of", "-pk").first()


def days_between(previous: ScoringRun, moment: Moment) -> float:
    """Whole days from the previous run's as-of day to this one."""
    return moment.day_number - Moment(previous.as_of, moment.zone).day_number


def _previous_rows(previous: ScoringRun | None, states: CustomerState, moment: Moment) -> Previous | None:
    if previous is None:
        return None
    return store.read_previous(previous.pk, states.customer_id, days_between(previous, moment))


def _light(runs: QuerySet[ScoringRun]) -> QuerySet[ScoringRun]:
    """Without the fitted numbers, which are some 100 kB."""
    return runs.defer("cuts")


def _renew(run_id: int, attempt: int, lease: dt.timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RENEW_SCORING, {"run_id": run_id, "attempt": attempt, "lease": lease.total_seconds()})
        if not cursor.rowcount:
            raise LostClaimError


@transaction.atomic
def publish(run: ScoringRun, attempt: int, table: str) -> None:
    """Attach the scores; for the newest as-of also move the pointer and flags. Raises LostClaimError."""
    locks.hold_pointer()
    held = ScoringRun.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk=run.pk, state=RunState.SCORING, attempts=attempt
    )
    if not held.values_list("pk"):
        raise LostClaimError
    store.attach_scores(run.pk, table)
    store.drop_attempts(run.pk)
    run.state, run.lease_until, run.error = RunState.DONE, None, ""
    run.save(update_fields=["state", "previous", "cuts", "customers", "lease_until", "error"])
    is_current = _move_pointer(run)
    with connection.cursor() as cursor:
        cursor.execute(
            "update scoring_scoringrun set scored_at = clock_timestamp(),"
            " closed_at = case when %s then null else clock_timestamp() end where id = %s",
            [is_current, run.pk],
        )
        cursor.execute(
            "update scoring_runshard set customer_ids = '{}', versions = '{}' where run_id = %s", [run.pk]
        )


def _move_pointer(run: ScoringRun) -> bool:
    if run.kind == RunKind.REPLAY:
        return False
    pointer = CurrentRun.objects.select_related("run").defer("run__cuts").first()
    if pointer is None:
        CurrentRun.objects.create(run=run)
    elif pointer.run.as_of > run.as_of:
        return False
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "update scoring_scoringrun set closed_at = clock_timestamp() where id = %s", [pointer.run_id]
            )
        flags.log_run_changes(run.pk, pointer.run_id, run.as_of)
        CurrentRun.objects.update(run=run)
    flags.follow_run(run.pk, run.as_of)
    return True


@dataclass(frozen=True)
class Unfinished:
    """A run with pieces that nobody holds."""

    run_id: int
    pieces: int


def expired_work() -> list[Unfinished]:
    """Runs whose work stopped, each with how many pieces can be taken up.

    A piece is a shard or scoring whose lease ran out; when no shard of a run is held by anybody, every
    waiting one counts as well, because its message may be lost.
    """
    fail_exhausted()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select r.id, case when r.state = 'scoring' then 1 else greatest(1,
                count(s.id) filter (where s.state = 'running' and s.lease_until < clock_timestamp())
                + case when bool_or(s.state = 'running' and s.lease_until >= clock_timestamp()) then 0
                  else count(s.id) filter (where s.state = 'waiting') end) end
            from scoring_scoringrun r left join scoring_runshard s on s.run_id = r.id
            where r.state = 'counting' or (r.state = 'scoring' and r.lease_until < clock_timestamp())
            group by r.id
            having r.state = 'scoring' or not coalesce(
              bool_or(s.state = 'running' and s.lease_until >= clock_timestamp())
              and not bool_or(s.state = 'running' and s.lease_until < clock_timestamp()), false)
            order by r.id
            """
        )
        return [Unfinished(run_id, pieces) for run_id, pieces in cursor.fetchall()]


_EXHAUSTED = """
with dead as (
  update scoring_runshard s set state = 'failed', lease_until = null,
    error = coalesce(nullif(s.error, ''), %(died)s)
  from scoring_scoringrun r
  where r.id = s.run_id and r.state = 'counting' and s.attempts >= %(most)s * (r.retries + 1)
    and (s.state = 'waiting' or (s.state = 'running' and s.lease_until < clock_timestamp()))
  returning s.run_id, s.error
)
update scoring_scoringrun r set state = 'failed', lease_until = null,
  error = coalesce((select min(error) from dead where dead.run_id = r.id), nullif(r.error, ''), %(died)s)
where r.id in (select run_id from dead)
  or (r.state = 'scoring' and r.attempts >= %(most)s * (r.retries + 1) and r.lease_until < clock_timestamp())
"""


def fail_exhausted() -> None:
    """Give up runs with a piece that was tried `MOST_ATTEMPTS` times."""
    died = f"The worker died {MOST_ATTEMPTS} times."
    with connection.cursor() as cursor:
        cursor.execute(_EXHAUSTED, {"most": MOST_ATTEMPTS, "died": died})


def _keep_shard_error(shard: RunShard, error: Exception) -> None:
    RunShard.objects.filter(pk=shard.pk, state=ShardState.RUNNING, attempts=shard.attempts).update(
        state=ShardState.WAITING, lease_until=None, error=_text_of(error)
    )
    fail_exhausted()


def _keep_run_error(run_id: int, attempt: int, error: Exception) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update scoring_scoringrun set error = %s, lease_until = clock_timestamp()"
            " where id = %s and state = 'scoring' and attempts = %s",
            [_text_of(error), run_id, attempt],
        )
    fail_exhausted()


def _text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]


def cancel_run(run: ScoringRun) -> bool:
    """Stop a run that is not done; pieces under way write nothing more. False when it had ended."""
    unfinished = ScoringRun.objects.filter(pk=run.pk, state__in=[RunState.COUNTING, RunState.SCORING])
    is_cancelled = bool(unfinished.update(state=RunState.CANCELLED, lease_until=None))
    if is_cancelled:
        with transaction.atomic():
            store.drop_attempts(run.pk)
    return is_cancelled


@transaction.atomic
def retry_run(run: ScoringRun) -> bool:
    """Take up a failed or cancelled run where it stopped; False when it was neither.

    Attempts go on counting from the next multiple of `MOST_ATTEMPTS`: a number is never given out twice, so
    that a worker who comes back from before cannot pass for the new one.
    """
    stopped = ScoringRun.objects.filter(pk=run.pk, state__in=[RunState.FAILED, RunState.CANCELLED])
    if not stopped.update(
        state=RunState.COUNTING,
        retries=F("retries") + 1,
        attempts=(F("retries") + 1) * MOST_ATTEMPTS,
        lease_until=None,
        error="",
    ):
        return False
    retries = ScoringRun.objects.values_list("retries", flat=True).get(pk=run.pk)
    RunShard.objects.filter(run=run).exclude(state=ShardState.DONE).update(
        state=ShardState.WAITING, attempts=retries * MOST_ATTEMPTS, lease_until=None, error=""
    )
    return True
