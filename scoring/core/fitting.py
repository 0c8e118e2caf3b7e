"""Maximum likelihood in a box, and what a fit gives instead of parameters when its assumptions fail."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import optimize

from .plain import Plain
from .types import FloatArray

# An optimum this close (as a factor) to the end of the allowed range counts as lying on it.
BORDER_FACTOR = 1.5
# Largest slope, per customer and per unit of a parameter's logarithm, that still counts as a maximum.
FLAT_SLOPE = 1e-4
# Slope at which the search stops; four decimals of the published parameters need no more.
GRADIENT_GOAL = 1e-8
# A search stuck on a curved ridge or at a border starts again there, with a fresh idea of the curvature.
ATTEMPTS = 5


class RefusalCode(StrEnum):
    """Why a model was not fitted; `found` and `limit` of a `Refusal` in brackets."""

    TOO_FEW_REPEAT_CUSTOMERS = (
        "too_few_repeat_customers"  # (customers with a repeat purchase, policy minimum)
    )
    NO_VARIATION = "no_variation"  # (the common value, 0)
    BORDER = "border"  # (parameter at the border, end of the range)
    NOT_CONVERGED = "not_converged"  # (slope left over, largest slope allowed)
    CORRELATED = "correlated"  # (correlation of count and mean value, policy maximum)
    NO_MEAN = "no_mean"  # (q, 1: at or below it the population has no mean value)


@dataclass(frozen=True)
class Refusal(Plain):
    """A typed 'no': the code, what was found and the limit that it broke."""

    code: RefusalCode
    found: float
    limit: float


@dataclass(frozen=True)
class Optimum:
    """Where the search ended: parameters, value there, and the largest slope that leads further down."""

    parameters: FloatArray
    value: float
    slope: float

    @property
    def is_flat(self) -> bool:
        """Whether this is a minimum, inside the box or on its border."""
        return self.slope <= FLAT_SLOPE


def minimise(
    function: Callable[[FloatArray], tuple[float, FloatArray]],
    start: tuple[float, ...],
    border: tuple[float, float],
) -> Optimum:
    """Minimise by BFGS over the logarithms of positive parameters, each kept between the two borders.

    `function` takes the logarithms and returns value and gradient with respect to them. Beyond a border it is
    continued as a parabola that leads back, so a first step too far is undone and a search that runs to the
    border ends there. (L-BFGS-B knows borders itself, but calls threaded LAPACK on tiny matrices: 20 times
    slower on a busy machine.)
    """
    low, high = np.log(border)

    def continued(logs: FloatArray) -> tuple[float, FloatArray]:
        kept = np.clip(logs, low, high)
        beyond = logs - kept
        value, gradient = function(kept)
        return value + float((beyond * beyond).sum()), np.where(beyond == 0, gradient, 2.0 * beyond)

    options = {"gtol": GRADIENT_GOAL, "maxiter": 500}
    logs = np.log(start)
    for _ in range(ATTEMPTS):
        found = optimize.minimize(continued, logs, jac=True, method="BFGS", options=options)
        logs = np.clip(found.x, low, high)
        value, gradient = function(logs)
        slope = float(np.abs(np.clip(logs - gradient, low, high) - logs).max())
        if slope <= FLAT_SLOPE:
            break
    return Optimum(np.exp(logs), value, slope)


def weighted_sum(weights: FloatArray, values: FloatArray) -> float:
    """Sum of products without BLAS, whose threads made a fit 15 times slower on busy cores."""
    return float(np.einsum("i,i->", weights, values))


def refuse_border(parameters: FloatArray, border: tuple[float, float]) -> Refusal | None:
    """A refusal when a parameter lies at the end of its range: the likelihood has no maximum inside."""
    for value in parameters.tolist():
        for end in border:
            if 1 / BORDER_FACTOR < value / end < BORDER_FACTOR:
                return Refusal(RefusalCode.BORDER, value, end)
    return None
