"""A scoring run in the test's own process."""

from __future__ import annotations

import datetime as dt

from scoring import recompute
from scoring.models import RunKind
from scoring.recompute import Terms

TERMS = Terms(zone="UTC", lease=dt.timedelta(minutes=5), shard_customers=1000)


def run_scoring(as_of: dt.datetime) -> None:
    """Everybody, as of then; the run is the current one afterwards."""
    run, _is_new = recompute.open_run(as_of, kind=RunKind.NIGHTLY, terms=TERMS)
    while recompute.work(run.pk, terms=TERMS):
        pass
