"""Every write of what scoring owns, and how work is asked for. Work is queued after commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.users.models import User
from scoring import acknowledged, recompute, tasks
from scoring.core.policy import Policy
from scoring.models import ChurnFlag, CurrentRun, PolicyState, PolicyVersion, RunKind, ScoringRun

# More customers than this are left to the sweep, which takes them in batches.
MOST_AT_ONCE = 100


def rescore_soon(customer_ids: Iterable[int]) -> None:
    """Rescore these customers as soon as this transaction is committed; the sweep is the safety net."""
    ids = sorted(set(customer_ids))
    if 0 < len(ids) <= MOST_AT_ONCE:
        transaction.on_commit(lambda: _queue_rescoring(ids), robust=True)


def _queue_rescoring(ids: list[int]) -> None:
    tasks.rescore_customers.apply_async((ids,), expires=tasks.REQUEUED_EXPIRES)


def start_run(
    as_of: dt.datetime,
    *,
    kind: RunKind,
    policy: PolicyVersion | None = None,
    requested_by: User | None = None,
) -> ScoringRun:
    """Open a run and queue its work; the run that is there when one of this instant and policy is."""
    with transaction.atomic():
        run, is_new = recompute.open_run(
            as_of, kind=kind, terms=tasks.terms(), policy=policy, requested_by=requested_by
        )
        if is_new:
            _queue_run(run)
    return run


def retry_run(run: ScoringRun) -> bool:
    """Take up a failed or cancelled run where it stopped; False when it was neither."""
    with transaction.atomic():
        is_retried = recompute.retry_run(run)
        if is_retried:
            _queue_run(run)
    return is_retried


def cancel_run(run: ScoringRun) -> bool:
    """Stop a run that is not done; False when it had ended."""
    return recompute.cancel_run(run)


def _queue_run(run: ScoringRun) -> None:
    pieces = max(1, run.shards.exclude(state="done").count())

    def queue() -> None:
        for _ in range(pieces):
            tasks.run_shard.apply_async((run.pk,))

    transaction.on_commit(queue, robust=True)


def acknowledge_flag(flag: ChurnFlag, *, user: User, now: dt.datetime) -> bool:
    """Somebody takes note of an open flag as it is now; False when it is cleared or somebody did before."""
    run_id = CurrentRun.objects.values_list("run", flat=True).first()
    return acknowledged.take_note(flag.pk, user_id=user.pk, run_id=run_id, at=now)


def take_back_acknowledgement(flag: ChurnFlag, *, user: User) -> bool:
    """The open flag waits for somebody again; False unless it was this user's note and still stands."""
    noted = ChurnFlag.objects.filter(
        pk=flag.pk, level=flag.level, cleared_at=None, acknowledged_at__isnull=False, acknowledged_by=user
    )
    return bool(noted.update(acknowledged_at=None, acknowledged_by=None))


def draft_policy(
    values: Mapping[str, Any], *, author: User | None, note: str = "", draft: PolicyVersion | None = None
) -> PolicyVersion:
    """A new draft, or new values of `draft`. Raises ValueError that says what is wrong with the values."""
    plain = Policy.from_plain(dict(values)).to_plain()
    if draft is not None:
        changed = PolicyVersion.objects.filter(pk=draft.pk, state=PolicyState.DRAFT)
        if not changed.update(values=plain, note=note):
            raise ValueError(f"Policy version {draft.number} is no draft.")
        return PolicyVersion.objects.get(pk=draft.pk)
    with transaction.atomic():
        _lock_versions()
        highest = PolicyVersion.objects.aggregate(highest=Max("number"))["highest"] or 0
        return PolicyVersion.objects.create(number=highest + 1, values=plain, note=note, created_by=author)


def activate_policy(version: PolicyVersion, *, user: User | None, now: dt.datetime) -> ScoringRun:
    """Make a draft the active version and open a run under it. Raises ValueError when it is no draft."""
    with transaction.atomic():
        _lock_versions()
        version = PolicyVersion.objects.get(pk=version.pk)
        if version.state != PolicyState.DRAFT:
            raise ValueError(f"Policy version {version.number} is no draft.")
        Policy.from_plain(version.values)
        PolicyVersion.objects.filter(state=PolicyState.ACTIVE).update(state=PolicyState.RETIRED)
        version.state, version.activated_at = PolicyState.ACTIVE, now
        version.save(update_fields=["state", "activated_at"])
        return start_run(now, kind=RunKind.MANUAL, policy=version, requested_by=user)


def _lock_versions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("lock table scoring_policyversion in share row exclusive mode")
