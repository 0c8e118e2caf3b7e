"""BG/NBD: how often an irregular buyer comes back, and whether he still does.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284;
equation numbers below are theirs. While active, a customer buys as a Poisson process with rate lambda ~
Gamma(r, alpha); after any purchase he leaves with probability p ~ Beta(a, b). Data per customer: x repeat
purchases, t_x the time of the last one, T the age, all since the first purchase. Units: weeks. Everything is
computed in logs.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from .fitting import FLAT_SLOPE, Refusal, RefusalCode, minimise, refuse_border, weighted_sum
from .plain import Plain
from .types import FloatArray

LARGEST_PARAMETER = 1e4
SMALLEST_PARAMETER = 1e-4
# Half the width of the interval in which the removable singularities of eq. 9 and 10 are bridged.
BRIDGE_WIDTH = 0.1
BRIDGE_FROM = 0.01
# Chebyshev nodes of an even count leave the middle, where the singularity lies, out.
BRIDGE_NODES = BRIDGE_WIDTH * np.cos((np.arange(12) + 0.5) * np.pi / 12)


@dataclass(frozen=True)
class BgNbdFit(Plain):
    """Parameters at the maximum of the likelihood, which is `log_likelihood`; alpha in weeks."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int


def fit_bg_nbd(
    x: FloatArray, t_x: FloatArray, age: FloatArray, *, min_repeat_customers: int
) -> BgNbdFit | Refusal:
    """Maximum-likelihood fit (eq. 6), or why there is none.

    1. Refuse too few repeat customers, and books in which everybody has the same x and t_x/T.
    2. Customers with equal (x, t_x, T) are one pattern with a count.
    3. BFGS on the logs of (r, alpha / mean age, a, b) with the analytic gradient, two starts if needed.
    4. Refuse when the optimum lies at the border of [1e-4, 1e4]: the likelihood then has no inner maximum.
    """
    repeat_customers = int(np.count_nonzero(x > 0))
    if repeat_customers < min_repeat_customers:
        return Refusal(
            RefusalCode.TOO_FEW_REPEAT_CUSTOMERS, float(repeat_customers), float(min_repeat_customers)
        )
    if np.ptp(x) == 0 and np.ptp(t_x) == 0 and np.ptp(age) == 0:
        return Refusal(RefusalCode.NO_VARIATION, float(x[0]), 0.0)
    scale = float(age.mean())
    likelihood = _Likelihood(x, t_x / scale, age / scale)
    border = (SMALLEST_PARAMETER, LARGEST_PARAMETER)
    tried = []
    for start in ((0.5, 0.5, 1.0, 2.0), (1.0, 0.1, 0.5, 10.0)):
        tried.append(minimise(likelihood.negative_mean, start, border))
        if tried[-1].is_flat:
            break
    best = min(tried, key=lambda optimum: optimum.value)
    if not best.is_flat:
        return Refusal(RefusalCode.NOT_CONVERGED, best.slope, FLAT_SLOPE)
    at_border = refuse_border(best.parameters, border)
    if at_border is not None:
        return at_border
    r, alpha, a, b = best.parameters
    # With time measured in `scale` weeks every repeat purchase contributes a density per scale.
    log_likelihood = -best.value * len(x) - float(x.sum()) * np.log(scale)
    return BgNbdFit(float(r), float(alpha * scale), float(a), float(b), float(log_likelihood), len(x))


class _Likelihood:
    """Eq. 6 over patterns; gamma and digamma functions only once per distinct x."""

    def __init__(self, x: FloatArray, t_x: FloatArray, age: FloatArray) -> None:
        x, t_x, age, self.counts = _patterns(x, t_x, age)
        self.total = self.counts.sum()
        self.x, self.t_x, self.age = x, t_x, age
        self.repeats, position = np.unique(x, return_inverse=True)
        self.position = position.reshape(-1)
        self.repeat_counts: FloatArray = np.bincount(self.position, self.counts).astype(np.float64)
        self.is_repeat = x > 0

    def negative_mean(self, logs: FloatArray) -> tuple[float, FloatArray]:
        """Minus the mean log-likelihood per customer, and its gradient in the logs of the parameters."""
        r, alpha, a, b = parameters = np.exp(logs)
        x, repeats, counts = self.x, self.repeats, self.repeat_counts
        log_age, log_last = np.log(alpha + self.age), np.log(alpha + self.t_x)
        alive = -(r + x) * log_age
        # b + x - 1 is used for x > 0 only; x = 0 cannot have left.
        left_base = np.log(a) - np.log(b + np.maximum(x, 1.0) - 1.0)
        left = np.where(self.is_repeat, left_base - (r + x) * log_last, -np.inf)
        either = np.logaddexp(alive, left)
        has_left = np.exp(left - either)
        by_repeats = (
            special.gammaln(r + repeats)
            - special.gammaln(r)
            + r * np.log(alpha)
            + special.betaln(a, b + repeats)
            - special.betaln(a, b)
        )
        value = weighted_sum(counts, by_repeats) + weighted_sum(self.counts, either)
        gradient = self._gradient(parameters, has_left, log_age, log_last)
        return -value / self.total, -gradient * np.exp(logs) / self.total

    def _gradient(
        self,
        parameters: FloatArray,
        has_left: FloatArray,
        log_age: FloatArray,
        log_last: FloatArray,
    ) -> FloatArray:
        r, alpha, a, b = parameters
        x, repeats, counts = self.x, self.repeats, self.repeat_counts
        weight_left = self.counts * has_left
        weight_alive = self.counts - weight_left
        digamma = special.digamma
        total = digamma(a + b) - digamma(a + b + repeats)
        by_r = weighted_sum(counts, digamma(r + repeats) - digamma(r)) + self.total * np.log(alpha)
        by_r -= weighted_sum(weight_alive, log_age) + weighted_sum(weight_left, log_last)
        rates = weight_alive / (alpha + self.age) + weight_left / (alpha + self.t_x)
        by_alpha = self.total * r / alpha - weighted_sum(r + x, rates)
        by_a = weighted_sum(counts, total) + weight_left.sum() / a
        by_b = weighted_sum(counts, total + digamma(b + repeats) - digamma(b))
        by_b -= weighted_sum(weight_left, 1.0 / (b + np.maximum(x, 1.0) - 1.0))
        return np.array([by_r, by_alpha, by_a, by_b])


def _patterns(
    x: FloatArray, t_x: FloatArray, age: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    order = np.lexsort((age, t_x, x))
    x, t_x, age = x[order], t_x[order], age[order]
    is_new = np.ones(len(x), dtype=np.bool_)
    is_new[1:] = (np.diff(x) != 0) | (np.diff(t_x) != 0) | (np.diff(age) != 0)
    starts = np.flatnonzero(is_new)
    counts = np.diff(np.append(starts, len(x))).astype(np.float64)
    return x[starts], t_x[starts], age[starts], counts


def p_alive(fit: BgNbdFit, x: FloatArray, t_x: FloatArray, age: FloatArray) -> FloatArray:
    """Probability that a customer is still active: 1 / (1 + [x>0] a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x)).

    From eq. 6 by Bayes' theorem (Fader, Hardie & Lee 2008, "Computing P(alive) Using the BG/NBD Model"). It
    is 1 for everybody without a repeat purchase: the model lets a customer leave only after a repeat
    purchase.
    """
    log_odds_left = (
        np.log(fit.a)
        - np.log(fit.b + np.maximum(x, 1.0) - 1.0)
        + (fit.r + x) * (np.log(fit.alpha + age) - np.log(fit.alpha + t_x))
    )
    alive: FloatArray = np.where(x > 0, special.expit(-log_odds_left), 1.0)
    return alive


def expected_purchases(
    fit: BgNbdFit, x: FloatArray, t_x: FloatArray, age: FloatArray, weeks: float
) -> FloatArray:
    """Expected purchases in (T, T + weeks] given x, t_x and T (eq. 10)."""
    return p_alive(fit, x, t_x, age) * _expected_while_alive(fit, x, age, np.float64(weeks))


def _expected_while_alive(
    fit: BgNbdFit, x: FloatArray, age: FloatArray, weeks: FloatArray | np.float64
) -> FloatArray:
    """Numerator of eq. 10, finite at a = 1 and a + b = 1.

    With z = t/(alpha+T+t), c = a+b+x-1 and Euler's transformation of 2F1 (DLMF 15.8.1) it is
    c/(a-1) [1 - (1-z)^(a-1) 2F1(a+b-1-r, a-1; c; z)], which does not overflow for large x. As a function of a
    it is analytic; close to its removable singularities it is interpolated from nodes around them.
    """
    log_rest = np.log(fit.alpha + age) - np.log(fit.alpha + age + weeks)
    for singular in (1.0, 1.0 - fit.b):
        if abs(fit.a - singular) < BRIDGE_FROM:
            return _bridged(fit, x, log_rest, singular)
    return _euler_form(fit.r, fit.a, fit.b, x, log_rest)


def _euler_form(r: float, a: float, b: float, x: FloatArray, log_rest: FloatArray) -> FloatArray:
    c = a + b + x - 1.0
    series = special.hyp2f1(a + b - 1.0 - r, a - 1.0, c, -np.expm1(log_rest))
    value: FloatArray = c / (a - 1.0) * (1.0 - np.exp((a - 1.0) * log_rest) * series)
    return value


def _bridged(fit: BgNbdFit, x: FloatArray, log_rest: FloatArray, singular: float) -> FloatArray:
    nodes = singular + BRIDGE_NODES
    weights = np.array([1.0 / np.prod(node - np.delete(nodes, i)) for i, node in enumerate(nodes)])
    weights /= fit.a - nodes
    weights /= weights.sum()
    total = np.zeros_like(log_rest)
    for node, weight in zip(nodes, weights, strict=True):
        total += weight * _euler_form(fit.r, float(node), fit.b, x, log_rest)
    return total
