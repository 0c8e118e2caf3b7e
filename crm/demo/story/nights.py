"""The nights on which the demo's customers were scored, each with what was known then."""

from __future__ import annotations

import datetime as dt

from accounts.notices.models import Notice
from crm.demo.story.sheets import TOLD_LATELY
from scoring import recompute, tasks
from scoring.models import RunKind, ScoringRun

DAY = dt.timedelta(days=1)
BEFORE_THE_START = (25, 3, 2, 1)
"""Days before the first start: in the first of these nights the customer who was saved was at risk, and in
the second and third it was read twice that he is not any more."""


def nights_before(now: dt.datetime) -> list[dt.datetime]:
    return [now - days * DAY for days in BEFORE_THE_START]


def score_as_of(as_of: dt.datetime, *, kind: RunKind, now: dt.datetime) -> ScoringRun:
    """Score everybody in this process; the run and its notices are dated to the night.

    A notice of long ago is no news at the first start. The caller asks whether the run is done.
    """
    at = min(as_of, now)
    known = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    run, _is_new = recompute.open_run(as_of, kind=kind, terms=tasks.terms())
    while recompute.work(run.pk, terms=tasks.terms()):
        pass
    told = Notice.objects.filter(pk__gt=known)
    if at <= now - TOLD_LATELY:
        told.delete()
    else:
        told.update(created_at=at)
    ScoringRun.objects.filter(pk=run.pk).update(opened_at=at, scored_at=at)
    run.refresh_from_db()
    return run
