"""What Celery runs: thin, idempotent, and the only place of this package that reads the clock."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from scoring import recompute, rescore, retention
from scoring.models import RunKind

# Facts typed on a host whose clock is ahead of ours by less than this still count as known.
CLOCK_TOLERANCE = dt.timedelta(seconds=2)
SWEEP_CUSTOMERS = 500
BUSY_RETRY_SECONDS = 0.3
# A message about work that the next beat finds anyway is worth nothing later.
REQUEUED_EXPIRES = 20


def terms() -> recompute.Terms:
    """What this installation decided."""
    return recompute.Terms(
        zone=settings.TIME_ZONE,
        lease=dt.timedelta(seconds=settings.SHARD_LEASE_SECONDS),
        shard_customers=settings.SHARD_CUSTOMERS,
    )


def instant() -> dt.datetime:
    """Now, late enough for everything that is already committed."""
    return timezone.now() + CLOCK_TOLERANCE


@shared_task
def run_shard(run_id: int) -> None:
    """One piece of a run."""
    recompute.work(run_id, terms=terms())


@shared_task
def requeue_expired_shards() -> None:
    """Pieces that a dead worker held, and pieces whose message is lost."""
    for unfinished in recompute.expired_work():
        for _ in range(unfinished.pieces):
            run_shard.apply_async((unfinished.run_id,), expires=REQUEUED_EXPIRES)


@shared_task
def open_nightly_run() -> None:
    """Everybody, as of now."""
    from scoring.services import start_run

    start_run(instant(), kind=RunKind.NIGHTLY)


@shared_task
def sweep_stale() -> None:
    """Whoever changed since he was scored; more at once when the batch was full."""
    swept = rescore.sweep(limit=SWEEP_CUSTOMERS, as_of=instant(), zone=settings.TIME_ZONE)
    if len(swept.done) == SWEEP_CUSTOMERS:
        sweep_stale.apply_async(expires=REQUEUED_EXPIRES)


@shared_task
def rescore_customers(ids: list[int]) -> None:
    """These customers, if they are stale."""
    busy = rescore.rescore(ids, as_of=instant(), zone=settings.TIME_ZONE).busy
    if busy:
        rescore_customers.apply_async((list(busy),), countdown=BUSY_RETRY_SECONDS, expires=REQUEUED_EXPIRES)


@shared_task
def drop_old_runs() -> None:
    """Scores of runs that are no longer kept."""
    retention.drop_old_runs(now=timezone.now(), zone=settings.TIME_ZONE)
