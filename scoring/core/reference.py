"""The book's distribution of one quantity, frozen so that one customer can be placed in it later."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from .plain import Plain
from .types import FloatArray

# Up to this many values a reference is exact; above it holds this many evenly spaced order statistics.
REFERENCE_POINTS = 1001


@dataclass(frozen=True)
class Reference(Plain):
    """Distinct values ascending, and for each how many of the `count` customers lie below it and on it.

    Exact at its points; between two points counts are interpolated linearly.
    """

    count: int
    values: tuple[float, ...]
    below: tuple[int, ...]
    equal: tuple[int, ...]

    @classmethod
    def of(cls, values: FloatArray, *, exact_from_top: int = 0) -> Self:
        """Reference of the values (NaN left out), exact in any case for the `exact_from_top` largest."""
        ordered = np.sort(values[~np.isnan(values)])
        n = len(ordered)
        chosen = ordered
        if n > REFERENCE_POINTS:
            spaced = np.rint(np.linspace(0, n - 1, REFERENCE_POINTS)).astype(np.intp)
            chosen = np.concatenate([ordered[spaced], ordered[max(0, n - exact_from_top) :]])
        points = np.unique(chosen)
        below = np.searchsorted(ordered, points, side="left")
        upto = np.searchsorted(ordered, points, side="right")
        return cls(n, tuple(points.tolist()), tuple(below.tolist()), tuple((upto - below).tolist()))

    def percentile(self, values: FloatArray) -> FloatArray:
        """Mid-rank percentile in 0..1: (customers below + half of those equal) / count; NaN stays NaN.

        All NaN for an empty reference.
        """
        if self.count == 0:
            return np.full(len(values), np.nan)
        below, equal = self.place(values)
        percentile: FloatArray = np.where(np.isnan(values), np.nan, (below + 0.5 * equal) / self.count)
        return percentile

    def place(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How many of the reference lie below each value and on it (interpolated between points).

        The reference must not be empty; the place of NaN has no meaning.
        """
        points, below, equal, slope = self._arrays
        position = np.searchsorted(points, values, side="right") - 1
        left = np.maximum(position, 0)
        distance = values - points[left]
        ties = equal[left]
        count = below[left] + np.where(distance > 0, ties + slope[left] * distance, 0.0)
        return np.where(position < 0, 0.0, count), np.where(distance == 0, ties, 0.0)

    @cached_property
    def _arrays(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        values, below, equal = (
            np.asarray(c, dtype=np.float64) for c in (self.values, self.below, self.equal)
        )
        span, step = np.diff(values), below[1:] - (below + equal)[:-1]
        # Points closer than that have nothing between them that could be interpolated.
        is_apart = span > np.finfo(np.float64).tiny * self.count
        slope = np.where(is_apart, step, 0.0) / np.where(is_apart, span, 1.0)
        return values, below, equal, np.append(slope, 0.0)
