"""What a run remembers: `Cuts` of the book, `Previous` per customer, and the `Scores`."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from .columns import Column, Table
from .lifetime_value import LifetimeFit
from .normalisation import IndicatorReference
from .plain import Plain
from .reference import Reference
from .types import BoolArray, CodeArray, FloatArray, IntArray


@dataclass(frozen=True)
class Cuts(Plain):
    """Everything fitted on the whole book of a run; with it one customer is scored as if with all the others.

    `customers`, `ranked`: how many there were, and how many of them are ranked. `gap_variation`: pooled
    squared coefficient of variation of the gaps between purchases (None: no customer with two gaps).
    `mean_gaps`: mean gap in days of the customers with a repeat purchase. `tier_cuts`: lowest scores of
    strategic, core and key (None: nobody reaches it). `draw_cuts`: the same under each weight draw.
    """

    as_of_day: float
    customers: int
    ranked: int
    indicators: tuple[IndicatorReference, ...]
    lifetime: LifetimeFit
    gap_variation: float | None
    mean_gaps: Reference
    scores: Reference
    tier_cuts: tuple[float | None, ...]
    draw_cuts: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Previous(Table):
    """What hysteresis needs from the previous *closed* run, row by row beside the state.

    `days_since`: from that run's as-of to this one's, NaN for a customer who was not in it. `tier`,
    `pending_tier`, `flag_level`, `flag_reading`: as that run stored them (0: none). `kept_reading`: -1 in a
    nightly run; in a sweep the reading that the current run already stored, because a sweep is never a
    reading.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("days_since", "float64"),
        Column("tier", "int8"),
        Column("pending_tier", "int8"),
        Column("flag_level", "int8"),
        Column("flag_reading", "int8"),
        Column("kept_reading", "int8"),
    )

    days_since: FloatArray
    tier: CodeArray
    pending_tier: CodeArray
    flag_level: CodeArray
    flag_reading: CodeArray
    kept_reading: CodeArray

    @classmethod
    def nothing(cls, n: int) -> Self:
        """No earlier run."""
        zero = np.zeros(n, dtype=np.int8)
        return cls(np.full(n, np.nan), zero, zero, zero, zero, np.full(n, -1, dtype=np.int8))

    @property
    def exists(self) -> BoolArray:
        """Whether the customer was in the previous run."""
        return ~np.isnan(self.days_since)


Previous.assert_complete()


@dataclass(frozen=True)
class Scores(Table):
    """One row per customer, in the order of the states; NaN: not defined. n x k arrays may be transposed.

    - `score` 0..100 = sum of `indicator_points`; `share`: mid-rank from the top, 0..1, equal for equals;
      `rank`: 1 + customers with a higher score, exact for the first 1,001. A customer who is not ranked
      (prospect or selected without a purchase, or no data at all) has score and share NaN, rank 0, tier 0.
    - `tier`: after hysteresis; `pending_tier`: where the score points if that differs, else 0; `borderline`.
    - `coverage`: share of the weights with data. `indicator_*`: n x k in the order of `Policy.components`;
      `indicator_weights` are re-scaled to sum to 1 over those with data.
    - `p_alive`, `expected_purchases` in the policy horizon, `expected_value` in minor units.
    - `churn_score` 0..100, higher is worse = sum of `churn_points`; `churn_*`: n x s in the order of
      `ChurnPolicy.signals`; `flag_reading`: level by this reading alone; `flag_level`: the official one;
      `is_immediate`: opened by a signal that needs no second reading.
    - `money_at_risk`: gross profit of one year as he has bought so far, minor units.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("customer_id", "int64"),
        Column("input_version", "int64"),
        Column("score", "float64"),
        Column("share", "float64"),
        Column("rank", "int64"),
        Column("tier", "int8"),
        Column("pending_tier", "int8"),
        Column("borderline", "bool"),
        Column("coverage", "float64"),
        Column("indicator_inputs", "float64"),
        Column("indicator_normalised", "float64"),
        Column("indicator_weights", "float64"),
        Column("indicator_points", "float64"),
        Column("p_alive", "float64"),
        Column("expected_purchases", "float64"),
        Column("expected_value", "float64"),
        Column("churn_inputs", "float64"),
        Column("churn_severities", "float64"),
        Column("churn_points", "float64"),
        Column("churn_score", "float64"),
        Column("flag_reading", "int8"),
        Column("flag_level", "int8"),
        Column("is_immediate", "bool"),
        Column("money_at_risk", "float64"),
    )

    customer_id: IntArray
    input_version: IntArray
    score: FloatArray
    share: FloatArray
    rank: IntArray
    tier: CodeArray
    pending_tier: CodeArray
    borderline: BoolArray
    coverage: FloatArray
    indicator_inputs: FloatArray
    indicator_normalised: FloatArray
    indicator_weights: FloatArray
    indicator_points: FloatArray
    p_alive: FloatArray
    expected_purchases: FloatArray
    expected_value: FloatArray
    churn_inputs: FloatArray
    churn_severities: FloatArray
    churn_points: FloatArray
    churn_score: FloatArray
    flag_reading: CodeArray
    flag_level: CodeArray
    is_immediate: BoolArray
    money_at_risk: FloatArray


Scores.assert_complete()
