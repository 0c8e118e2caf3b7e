"""Weighted score of normalised indicators; a missing indicator is left out and the weights re-scaled."""

from dataclasses import dataclass

import numpy as np

from .policy import TierPolicy
from .types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Weighted:
    """Arrays k x n (indicator by customer) and length n. No data at all: score NaN, coverage 0, points 0."""

    weights: FloatArray
    points: FloatArray
    score: FloatArray
    coverage: FloatArray


def weigh(normalised: FloatArray, weights: FloatArray) -> Weighted:
    """Score = 100 x sum of weight x normalised over the indicators with data, weights re-scaled to sum to 1.

    `normalised` k x n in 0..1 with NaN for no data, `weights` k summing to 1.
    """
    has_data = ~np.isnan(normalised)
    used = np.where(has_data, weights[:, None], 0.0)
    coverage = add_rows(used)
    rescaled = used / np.where(coverage > 0, coverage, 1.0)
    points = 100.0 * rescaled * np.where(has_data, normalised, 0.0)
    score = np.where(coverage > 0, add_rows(points), np.nan)
    return Weighted(rescaled, points, score, coverage)


def add_rows(rows: FloatArray) -> FloatArray:
    """Sum over the first axis in a fixed order, so that a slice of customers gives the same bits as all."""
    total = np.zeros(rows.shape[1])
    for row in rows:
        total += row
    return total


class WeightDraws:
    """Scores under random weights: each weight times 1 +- spread, uniform, drawn once from the policy's seed.

    The draws are those of the policy, not of the customers, so order and sharding change nothing.
    """

    def __init__(self, normalised: FloatArray, weights: FloatArray, policy: TierPolicy) -> None:
        # RandomState, unlike Generator, promises the same stream in every numpy version.
        uniform = np.random.RandomState(policy.seed).uniform(-1.0, 1.0, (policy.draws, len(weights)))
        self.draws = weights * (1.0 + policy.weight_spread * uniform)
        has_data = ~np.isnan(normalised)
        self.filled = np.where(has_data, normalised, 0.0)
        patterns, self.pattern_of = _patterns(has_data)
        coverage = np.zeros((len(self.draws), len(patterns)))
        for weights, pattern in zip(self.draws.T, patterns.T, strict=True):
            coverage += weights[:, None] * pattern
        self.factors = 100.0 / np.where(coverage > 0, coverage, 1.0)

    def __len__(self) -> int:
        return len(self.draws)

    def score(self, draw: int) -> FloatArray:
        """Scores of all customers under one draw; 0 without data."""
        # One buffer for the products: fresh memory for each of them costs more than the arithmetic.
        total, product = np.zeros(self.filled.shape[1]), np.empty(self.filled.shape[1])
        for weight, row in zip(self.draws[draw], self.filled, strict=True):
            total += np.multiply(weight, row, out=product)
        total *= self.factors[draw][self.pattern_of]
        return total

    def scores(self, rows: slice) -> FloatArray:
        """Scores of these customers under every draw, draws x customers: the same bits as one by one."""
        chosen = self.filled[:, rows]
        total = np.zeros((len(self.draws), chosen.shape[1]))
        for weights, row in zip(self.draws.T, chosen, strict=True):
            total += weights[:, None] * row
        return total * self.factors[:, self.pattern_of[rows]]


def _patterns(has_data: BoolArray) -> tuple[FloatArray, IntArray]:
    code = np.zeros(has_data.shape[1], dtype=np.int64)
    for bit, row in enumerate(has_data):
        code |= row.astype(np.int64) << bit
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return has_data.T[first].astype(np.float64), inverse.reshape(-1)
