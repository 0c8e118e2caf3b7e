"""Gamma-Gamma: the mean value of a customer's purchases.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value"; equation numbers are theirs. Values of one
customer are Gamma(p, nu), nu ~ Gamma(q, gamma) over customers, independent of how often he buys. Data:
x repeat purchases and their mean value z. Units: whatever z has (minor units in the product); gamma has the
same.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from .fitting import FLAT_SLOPE, Refusal, RefusalCode, minimise, refuse_border, weighted_sum
from .plain import Plain
from .types import FloatArray

LARGEST_PARAMETER = 1e4
SMALLEST_PARAMETER = 1e-3


@dataclass(frozen=True)
class GammaGammaFit(Plain):
    """Parameters at the maximum of the likelihood; `correlation` is Pearson's of x and z."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    correlation: float
    customers: int


def fit_gamma_gamma(
    x: FloatArray, z: FloatArray, *, min_repeat_customers: int, max_correlation: float
) -> GammaGammaFit | Refusal:
    """Maximum-likelihood fit (eq. 1a) on customers with x > 0 and z > 0, or why there is none.

    Refused: too few customers, all means equal, |correlation of x and z| above the maximum (the model assumes
    independence), an optimum at the border, q <= 1 (no population mean).
    """
    usable = (x > 0) & (z > 0)
    x, z = x[usable], z[usable]
    if len(x) < min_repeat_customers:
        return Refusal(RefusalCode.TOO_FEW_REPEAT_CUSTOMERS, float(len(x)), float(min_repeat_customers))
    if np.ptp(z) <= 1e-12 * z.max():
        return Refusal(RefusalCode.NO_VARIATION, float(z[0]), 0.0)
    correlation = 0.0 if np.ptp(x) == 0 else float(np.corrcoef(x, z)[0, 1])
    if abs(correlation) > max_correlation:
        return Refusal(RefusalCode.CORRELATED, correlation, max_correlation)
    scale = float(z.mean())
    likelihood = _Likelihood(x, z / scale)
    border = (SMALLEST_PARAMETER, LARGEST_PARAMETER)
    best = minimise(likelihood.negative_mean, (2.0, 3.0, 1.0), border)
    if not best.is_flat:
        return Refusal(RefusalCode.NOT_CONVERGED, best.slope, FLAT_SLOPE)
    at_border = refuse_border(best.parameters, border)
    if at_border is not None:
        return at_border
    p, q, gamma = best.parameters
    if q <= 1.0:
        return Refusal(RefusalCode.NO_MEAN, float(q), 1.0)
    log_likelihood = -best.value * len(x) - len(x) * np.log(scale)
    return GammaGammaFit(float(p), float(q), float(gamma * scale), float(log_likelihood), correlation, len(x))


class _Likelihood:
    """Eq. 1a; gamma and digamma functions only once per distinct x."""

    def __init__(self, x: FloatArray, z: FloatArray) -> None:
        self.x, self.z, self.sum = x, z, x * z
        self.x_log_sum = weighted_sum(x, np.log(self.sum))
        self.log_z = float(np.log(z).sum())
        self.repeats, counts = np.unique(x, return_counts=True)
        self.counts = counts.astype(np.float64)

    def negative_mean(self, logs: FloatArray) -> tuple[float, FloatArray]:
        """Minus the mean log-likelihood per customer, and its gradient in the logs of the parameters."""
        p, q, gamma = np.exp(logs)
        n, px = float(len(self.x)), p * self.repeats
        log_total = np.log(gamma + self.sum)
        shape = p * self.x + q
        value = (
            weighted_sum(self.counts, special.gammaln(px + q) - special.gammaln(px))
            - n * special.gammaln(q)
            + n * q * np.log(gamma)
            + p * self.x_log_sum
            - self.log_z
            - weighted_sum(shape, log_total)
        )
        digamma_sum = special.digamma(px + q)
        by_p = weighted_sum(self.counts * self.repeats, digamma_sum - special.digamma(px))
        by_p += self.x_log_sum - weighted_sum(self.x, log_total)
        by_q = (
            weighted_sum(self.counts, digamma_sum)
            - n * special.digamma(q)
            + n * np.log(gamma)
            - log_total.sum()
        )
        by_gamma = n * q / gamma - weighted_sum(shape, 1.0 / (gamma + self.sum))
        gradient = np.array([by_p * p, by_q * q, by_gamma * gamma])
        return -value / n, -gradient / n


def expected_mean_value(fit: GammaGammaFit, x: FloatArray, z: FloatArray) -> FloatArray:
    """Expected mean purchase value of a customer (eq. 5): p (gamma + x z) / (p x + q - 1).

    For x = 0 (z is not read) it is the population mean p gamma / (q - 1).
    """
    total = np.where(x > 0, x * np.where(x > 0, z, 0.0), 0.0)
    value: FloatArray = fit.p * (fit.gamma + total) / (fit.p * x + fit.q - 1.0)
    return value
