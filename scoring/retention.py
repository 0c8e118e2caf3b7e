"""How long the scores of past runs are kept."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from scoring import store
from scoring.models import CurrentRun, RunState, ScoringRun

KEPT_RUNS = 35
# A replay is looked at and forgotten.
KEPT_REPLAYS = 5
# Runs that ended without scores keep their states this long, so that they can be retried.
UNFINISHED_DAYS = 7

_KEPT = """
with done as (
  select id, as_of, kind,
    row_number() over (partition by kind = 'replay' order by as_of desc, id desc) as newest,
    row_number() over (
      partition by kind = 'replay', date_trunc('month', as_of at time zone %(zone)s)
      order by as_of desc, id desc
    ) as newest_of_month
  from scoring_scoringrun where state = 'done' and dropped_at is null
)
select id from done
where case when kind = 'replay' then newest > %(replays)s else newest > %(runs)s and newest_of_month > 1 end
"""


def old_runs(*, now: dt.datetime, zone: str) -> list[int]:
    """Runs whose rows may go: all but the newest 35, the last of each month, and what these look back to."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"zone": zone, "runs": KEPT_RUNS, "replays": KEPT_REPLAYS})
        old = {row[0] for row in cursor.fetchall()}
    pointer = CurrentRun.objects.values_list("run_id", "run__previous_id").first() or ()
    unfinished = ScoringRun.objects.filter(
        state__in=[RunState.FAILED, RunState.CANCELLED],
        dropped_at=None,
        opened_at__lt=now - dt.timedelta(days=UNFINISHED_DAYS),
    )
    return sorted((old - set(pointer)) | set(unfinished.values_list("pk", flat=True)))


def drop_old_runs(*, now: dt.datetime, zone: str) -> list[int]:
    """Drop their partitions, without blocking readers; what is known about the run itself stays.

    Must not be in a transaction. A crash in the middle is made good by the next call.
    """
    dropped = old_runs(now=now, zone=zone)
    for run_id in dropped:
        store.drop_attempts(run_id)
        store.drop_run(run_id)
        ScoringRun.objects.filter(pk=run_id).update(dropped_at=now)
    return dropped
