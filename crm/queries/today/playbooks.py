"""Which playbook fits a flagged customer: one for a reason, the level or the tier, that is idle there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.playbooks.models import Playbook, PlaybookRun, Trigger
from scoring.core.policy import Policy
from scoring.models import FlagLevel, Tier

_BY_FLAG = (Trigger.FLAG_REASON, Trigger.FLAG_LEVEL, Trigger.TIER)


def fitting(rows: Sequence[Any], policy: Policy | None, startable: Collection[int]) -> dict[int, Playbook]:
    """By customer, of rows with `FlagQueue.columns`: the one for his strongest reason that has one, else for
    the worst level that he reached, else for his tier. ``startable``: customers for whom the reader may start
    one; without an owner who works here none starts. One query at most."""
    asked = [row for row in rows if row.customer_id in startable and row.customer__owner__is_active]
    if not asked:
        return {}
    by_value = _by_value([row.customer_id for row in asked])
    first = {row.customer_id: _first(row, policy, by_value) for row in asked}
    return {customer: playbook for customer, playbook in first.items() if playbook is not None}


def _by_value(customer_ids: Collection[int]) -> dict[tuple[str, str], list[Any]]:
    """Playbooks with those of the customers where each is at work, by what starts them."""
    runs = PlaybookRun.objects.filter(playbook=OuterRef("pk"), customer__in=customer_ids, closed_at=None)
    found = Playbook.objects.filter(trigger__in=_BY_FLAG).order_by("title", "pk")
    by_value: dict[tuple[str, str], list[Any]] = {}
    for playbook in found.annotate(at_work=ArraySubquery(runs.values("customer"))):
        by_value.setdefault((playbook.trigger, playbook.value), []).append(playbook)
    return by_value


def _first(row: Any, policy: Policy | None, by_value: dict[tuple[str, str], list[Any]]) -> Playbook | None:
    fit = (playbook for held in _what_holds(row, policy) for playbook in by_value.get(held, ()))
    return next((each for each in fit if row.customer_id not in each.at_work), None)


def _what_holds(row: Any, policy: Policy | None) -> Iterator[tuple[str, str]]:
    """Triggers with their values, the most telling first."""
    if policy is not None and row.points:
        codes = (str(signal.code) for signal in policy.churn.signals)
        told = sorted(zip(codes, row.points, strict=True), key=lambda each: -(each[1] or 0))
        yield from ((Trigger.FLAG_REASON, code) for code, points in told if points and points > 0)
    yield from ((Trigger.FLAG_LEVEL, FlagLevel(level).code) for level in range(row.level, 0, -1))
    if row.tier:
        yield Trigger.TIER, Tier(row.tier).code
