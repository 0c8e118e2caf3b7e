"""Quotients of columns in which some rows have nothing to divide by."""

import numpy as np

from .types import BoolArray, FloatArray


def divide(numerator: FloatArray, denominator: FloatArray, *, where: BoolArray | None = None) -> FloatArray:
    """Element-wise quotient, NaN where the denominator is not above zero (or `where` is false)."""
    is_defined = denominator > 0
    if where is not None:
        is_defined &= where
    quotient: FloatArray = np.where(is_defined, numerator, np.nan) / np.where(is_defined, denominator, 1.0)
    return quotient
