"""Churn score, readings and the official flag level (docs/scoring.md, section 7)."""

from dataclasses import dataclass

import numpy as np

from .policy import ChurnPolicy, SignalPolicy
from .results import Previous
from .signals import SIGNALS, SignalContext
from .types import BoolArray, CodeArray, FlagLevel, FloatArray
from .weighting import add_rows

LARGEST_SCORE = 100.0


@dataclass(frozen=True)
class Churn:
    """Arrays s x n (signal by customer) and length n."""

    inputs: FloatArray
    severities: FloatArray
    points: FloatArray
    score: FloatArray
    opens_at_once: CodeArray


def churn_score(context: SignalContext, is_customer: BoolArray) -> Churn:
    """Points = severity x the policy's points; when they sum to more than 100 all are scaled down to 100.

    Who is not a customer yet (`is_customer` false) has no inputs and no points.
    """
    signals, n = context.policy.churn.signals, len(context.state)
    inputs, severities, points = (np.zeros((len(signals), n)) for _ in range(3))
    opens = np.zeros(n, dtype=np.int8)
    for row, signal in enumerate(signals):
        definition = SIGNALS[signal.code]
        inputs[row] = np.where(is_customer, definition.read(context), np.nan)
        severities[row] = severity(inputs[row], signal)
        points[row] = signal.points * severities[row]
        if definition.opens_at_once:
            opens = np.where(severities[row] > 0, np.maximum(opens, definition.opens_at_once), opens)
    total = add_rows(points)
    points = points * np.where(total > LARGEST_SCORE, LARGEST_SCORE / np.maximum(total, LARGEST_SCORE), 1.0)
    return Churn(inputs, severities, points, add_rows(points), opens.astype(np.int8))


def severity(inputs: FloatArray, signal: SignalPolicy) -> FloatArray:
    """Linear from 0 at `start` to 1 at `full`; 0 for a missing input."""
    ramp = np.clip((inputs - signal.start) / (signal.full - signal.start), 0.0, 1.0)
    return np.where(np.isnan(inputs), 0.0, ramp)


def read_level(score: FloatArray, official: CodeArray, policy: ChurnPolicy) -> CodeArray:
    """Level by this score alone: the highest that is entered, or already held and not yet cleared."""
    reading = np.zeros(len(score), dtype=np.int8)
    for code, level in enumerate(policy.levels, start=int(FlagLevel.WATCH)):
        threshold = np.where(official >= code, level.clear, level.enter)
        reading[score >= threshold] = code
    return reading


def settle_level(official: CodeArray, earlier: CodeArray, reading: CodeArray) -> CodeArray:
    """Official level after two readings in a row: it moves only as far as both agree.

    Both above it: up to the lower of them; both below: down to the higher; otherwise it stays. That is, it is
    clipped between the two.
    """
    level: CodeArray = np.clip(official, np.minimum(earlier, reading), np.maximum(earlier, reading))
    return level


def flag_levels(
    score: FloatArray, opens_at_once: CodeArray, previous: Previous, policy: ChurnPolicy
) -> tuple[CodeArray, CodeArray]:
    """Reading to store and official level.

    1. The reading of this score; a sweep keeps the nightly reading that is already stored.
    2. The previous reading counts when it is of another night and not stale (`reading_min_days` to
       `reading_max_days` old); otherwise this is a first reading and changes nothing.
    3. Signals that open at once set the least level whatever the readings say.
    """
    official = np.where(previous.exists, previous.flag_level, 0).astype(np.int8)
    own = np.maximum(read_level(score, official, policy), opens_at_once)
    reading = np.where(previous.kept_reading >= 0, previous.kept_reading, own).astype(np.int8)
    age = np.nan_to_num(previous.days_since, nan=-1.0)
    counts = (age >= policy.reading_min_days) & (age <= policy.reading_max_days)
    earlier = np.where(counts, previous.flag_reading, official).astype(np.int8)
    level = np.maximum(settle_level(official, earlier, reading), opens_at_once)
    return reading, level.astype(np.int8)
