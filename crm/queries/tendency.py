"""Why a churn flag's level and the score beside it disagree: a level moves slower than the score."""

from __future__ import annotations

from enum import StrEnum

from scoring.core.policy import ChurnPolicy


class Tendency(StrEnum):
    """What becomes of the level if the score stays; ``held``: by a signal that opens a flag at once."""

    FALLS = "falls"
    RISES = "rises"
    HELD = "held"


def tendency_of(level: int, score: float, policy: ChurnPolicy, *, is_immediate: bool) -> str:
    """One of `Tendency`, or empty where ``level`` (0: no flag) is that of ``score`` (0 to 100)."""
    levels = policy.levels
    if level < len(levels) and score >= levels[level].enter:
        return Tendency.RISES
    if level and score < levels[level - 1].clear:
        return Tendency.HELD if is_immediate else Tendency.FALLS
    return ""


def holds_until(level: int, score: float, policy: ChurnPolicy) -> float | None:
    """Below which score ``level`` is left, where ``score`` alone would no longer reach it; else None."""
    held = policy.levels[level - 1] if level else None
    return held.clear if held and held.clear <= score < held.enter else None
