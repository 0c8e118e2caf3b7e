"""Bringing indicators of different units to 0..1 (docs/scoring.md, section 4)."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from .plain import Plain
from .policy import IndicatorCode, IndicatorPolicy, Normalisation
from .reference import Reference
from .types import FloatArray


@dataclass(frozen=True)
class IndicatorReference(Plain):
    """What the whole book says about one indicator: distribution, winsorised ends, mean and spread.

    `low` and `high` are the values with the policy's winsor share of customers beyond them; `deviation` is
    the population's (divisor n). All are 0 when nobody has data.
    """

    code: IndicatorCode
    distribution: Reference
    low: float
    high: float
    mean: float
    deviation: float


def fit_indicator(values: FloatArray, indicator: IndicatorPolicy) -> IndicatorReference:
    """The book's reference of one indicator; NaN (no data) is left out."""
    known = np.sort(values[~np.isnan(values)])
    if len(known) == 0:
        return IndicatorReference(indicator.code, Reference.of(known), 0.0, 0.0, 0.0, 0.0)
    beyond = int(indicator.winsor_share * (len(known) - 1))
    is_constant = known[0] == known[-1]
    return IndicatorReference(
        indicator.code,
        Reference.of(known),
        low=float(known[beyond]),
        high=float(known[-1 - beyond]),
        mean=float(known[0] if is_constant else known.mean()),
        deviation=0.0 if is_constant else float(known.std()),
    )


def normalise(values: FloatArray, reference: IndicatorReference, indicator: IndicatorPolicy) -> FloatArray:
    """Values to 0..1, 1 best; 0.5 where the book shows no difference; NaN stays NaN.

    - percentile: mid-rank in the book.
    - min_max: (value - low) / (high - low), clipped.
    - z_score: standard normal distribution function of (value - mean) / deviation.
    """
    if reference.distribution.count == 0:
        return np.full(len(values), np.nan)
    if indicator.normalisation is Normalisation.PERCENTILE:
        normalised = reference.distribution.percentile(values)
    elif indicator.normalisation is Normalisation.MIN_MAX:
        normalised = _ramp(values, reference.low, reference.high)
    else:
        normalised = _normal(values, reference.mean, reference.deviation)
    return normalised if indicator.higher_is_better else 1.0 - normalised


def _ramp(values: FloatArray, low: float, high: float) -> FloatArray:
    if low == high:
        return np.where(np.isnan(values), np.nan, 0.5)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _normal(values: FloatArray, mean: float, deviation: float) -> FloatArray:
    if deviation == 0:
        return np.where(np.isnan(values), np.nan, 0.5)
    normal: FloatArray = special.ndtr((values - mean) / deviation)
    return normal
