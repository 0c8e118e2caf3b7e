"""Tiers: cuts, and what keeps a customer from flickering between two of them (docs/scoring.md, section 6)."""

import numpy as np

from .policy import TierMethod, TierPolicy
from .results import Previous
from .types import BoolArray, CodeArray, FloatArray, Tier

# Scores that differ by less than this are equal: rounding must not separate equals.
EQUAL_SCORES = 1e-9


def fit_tier_cuts(scores: FloatArray, policy: TierPolicy) -> tuple[float | None, ...]:
    """Lowest scores of strategic, core and key; None when nobody reaches the tier.

    By score they are the policy's own. By share, a group of equal scores belongs to the tier when its
    mid-rank share from the top, (higher + half of equal) / n, is at most the policy's; the cut lies half way
    between the lowest group that belongs and the next lower one, and is 0 when everybody belongs.
    """
    if policy.method is TierMethod.SCORE:
        return policy.cuts
    if len(scores) == 0:
        return (None,) * len(policy.cuts)
    ordered = np.sort(scores)
    return tuple(_cut_at_share(ordered, share) for share in policy.cuts)


def _cut_at_share(ordered: FloatArray, share: float) -> float | None:
    n = len(ordered)
    candidate = n - 1 - int(np.floor(share * n - 0.5))
    if candidate >= n:
        return None
    value = ordered[candidate]
    start = int(np.searchsorted(ordered, value - EQUAL_SCORES, side="left"))
    stop = int(np.searchsorted(ordered, value + EQUAL_SCORES, side="right"))
    belongs = (n - stop) + (stop - start) / 2 <= share * n
    lowest = start if belongs else stop
    if lowest == n:
        return None
    if lowest == 0:
        return 0.0
    return float(ordered[lowest] + ordered[lowest - 1]) / 2


def tier_of(scores: FloatArray, cuts: tuple[float | None, ...]) -> CodeArray:
    """Tier by score alone, at or above a cut; NONE for NaN."""
    tier = np.full(len(scores), int(Tier.STANDARD), dtype=np.int8)
    for code, cut in reversed(list(enumerate(cuts, start=int(Tier.STRATEGIC)))):
        if cut is not None:
            tier[scores >= cut - EQUAL_SCORES] = code
    tier[np.isnan(scores)] = int(Tier.NONE)
    return tier


def settle_tiers(
    scores: FloatArray, cuts: tuple[float | None, ...], policy: TierPolicy, previous: Previous
) -> tuple[CodeArray, CodeArray]:
    """Official tier and pending tier (0: none pending).

    1. Without a tier in the previous run, the tier is the one by score.
    2. Otherwise he keeps the previous tier unless his score lies beyond its cuts by more than the margin, and
       then moves only as far as that reaches.
    3. When the previous run already pointed to the same side, the second run confirms: the tier by score
       holds (if the policy says so).
    """
    raw = tier_of(scores, cuts)
    best = tier_of(scores + policy.margin, cuts)
    worst = tier_of(scores - policy.margin, cuts)
    had_tier = previous.exists & (previous.tier > 0) & (raw > 0)
    settled = np.where(had_tier, np.clip(previous.tier, best, worst), raw)
    if policy.second_run_confirms:
        side = np.sign(raw.astype(np.int16) - previous.tier)
        side_before = np.sign(previous.pending_tier.astype(np.int16) - previous.tier)
        is_second = had_tier & (previous.pending_tier > 0) & (side != 0) & (side == side_before)
        settled = np.where(is_second, raw, settled)
    pending = np.where(settled != raw, raw, 0)
    return settled.astype(np.int8), pending.astype(np.int8)


def is_borderline(
    raw: CodeArray, draw_scores: FloatArray, draw_cuts: tuple[tuple[float | None, ...], ...]
) -> BoolArray:
    """Whether the tier by score differs under any weight draw, with the draw's own cuts.

    `draw_scores`: draws x customers.
    """
    starts = np.array([[np.inf if cut is None else cut for cut in cuts] for cuts in draw_cuts])
    tier = np.full(draw_scores.shape, int(Tier.STANDARD), dtype=np.int8)
    for code, start in reversed(list(enumerate(starts.T, start=int(Tier.STRATEGIC)))):
        tier[draw_scores >= start[:, None] - EQUAL_SCORES] = code
    flips: BoolArray = (raw > 0) & (tier != raw).any(axis=0)
    return flips
