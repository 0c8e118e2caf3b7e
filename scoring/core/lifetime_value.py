"""Expected future value: BG/NBD x Gamma-Gamma x margin, discounted (docs/scoring.md, section 5)."""

from dataclasses import dataclass

import numpy as np

from .bg_nbd import BgNbdFit, expected_purchases, fit_bg_nbd, p_alive
from .fitting import Refusal
from .gamma_gamma import GammaGammaFit, expected_mean_value, fit_gamma_gamma
from .indicators import gross_margin
from .plain import Plain
from .policy import LifetimePolicy
from .state import CustomerState
from .types import DAYS_PER_WEEK, WEEKS_PER_YEAR, FloatArray, Stage


@dataclass(frozen=True)
class LifetimeFit(Plain):
    """Both models as fitted on the book (or why not) and the book's gross margin (None: no cost known)."""

    purchases: BgNbdFit | Refusal
    values: GammaGammaFit | Refusal
    book_margin: float | None

    @property
    def refusal(self) -> Refusal | None:
        """Why there is no expected value; None when there is one."""
        for model in (self.purchases, self.values):
            if isinstance(model, Refusal):
                return model
        return None


@dataclass(frozen=True)
class LifetimeValue:
    """Per customer, length n; NaN: no purchase or model refused (P(alive) also NaN at one purchase day)."""

    p_alive: FloatArray
    expected_purchases: FloatArray
    expected_value: FloatArray


@dataclass(frozen=True)
class PurchaseHistory:
    """x, t_x and T of BG/NBD in weeks and the mean repeat value; zeros where there is no purchase."""

    x: FloatArray
    t_x: FloatArray
    age: FloatArray
    mean_value: FloatArray

    @classmethod
    def of(cls, state: CustomerState, as_of_day: float) -> "PurchaseHistory":
        """Repeat purchase days, recency, age and mean repeat value as of a day."""
        has_bought = state.purchase_days > 0
        first = np.where(has_bought, state.first_purchase_day, 0.0)
        last = np.where(has_bought, state.last_purchase_day, 0.0)
        x = np.where(has_bought, state.purchase_days - 1.0, 0.0)
        return cls(
            x=x,
            t_x=(last - first) / DAYS_PER_WEEK,
            age=np.where(has_bought, as_of_day - first, 0.0) / DAYS_PER_WEEK,
            mean_value=np.where(x > 0, state.repeat_value, 0.0) / np.maximum(x, 1.0),
        )


def fit_lifetime(state: CustomerState, policy: LifetimePolicy, as_of_day: float) -> LifetimeFit:
    """Fit both models on everybody with a purchase; the margin of the book is that of its costed sales."""
    history, has_bought = PurchaseHistory.of(state, as_of_day), state.purchase_days > 0
    purchases = fit_bg_nbd(
        history.x[has_bought],
        history.t_x[has_bought],
        history.age[has_bought],
        min_repeat_customers=policy.min_repeat_customers,
    )
    values = fit_gamma_gamma(
        history.x,
        history.mean_value,
        min_repeat_customers=policy.min_repeat_customers,
        max_correlation=policy.max_value_correlation,
    )
    costed_sales = float(state.costed_sales.sum())
    profit = costed_sales - float(state.direct_cost.sum())
    return LifetimeFit(purchases, values, _within_one(profit / costed_sales) if costed_sales > 0 else None)


def lifetime_value(
    state: CustomerState, fit: LifetimeFit, policy: LifetimePolicy, as_of_day: float
) -> LifetimeValue:
    """P(alive), expected purchases in the horizon and their discounted profit in whole minor units.

    1. Expected value = expected purchases x expected mean value x margin x (1 + rate)^(-horizon / 2 in
       years): the purchases are taken to fall in the middle of the horizon.
    2. A customer marked lost told us: nothing is expected of him, whatever the model thinks.
    3. One purchase day: BG/NBD would say P(alive) = 1 to everybody, so P(alive) is not given; expected
       purchases are (the model learns from the waiting time), with the book's mean value.
    """
    unknown = np.full(len(state), np.nan)
    if isinstance(fit.purchases, Refusal):
        return LifetimeValue(unknown, unknown, unknown)
    history = PurchaseHistory.of(state, as_of_day)
    has_bought = state.purchase_days > 0
    is_lost = state.stage == Stage.LOST
    alive = p_alive(fit.purchases, history.x, history.t_x, history.age)
    alive = np.where(is_lost, 0.0, np.where(history.x > 0, alive, np.nan))
    expected = expected_purchases(fit.purchases, history.x, history.t_x, history.age, policy.horizon_weeks)
    expected = np.where(has_bought, np.where(is_lost, 0.0, expected), np.nan)
    alive = np.where(has_bought, alive, np.nan)
    if isinstance(fit.values, Refusal):
        return LifetimeValue(alive, expected, unknown)
    discount = discount_to_today(policy)
    mean_value = expected_mean_value(fit.values, history.x, history.mean_value)
    value = expected * mean_value * margins(state, fit, policy) * discount
    return LifetimeValue(alive, expected, np.rint(value))


def discount_to_today(policy: LifetimePolicy) -> float:
    """(1 + rate)^(-horizon / 2 in years): purchases are taken to fall in the middle of the horizon."""
    return float((1.0 + policy.yearly_discount_rate) ** (-policy.horizon_weeks / 2.0 / WEEKS_PER_YEAR))


@dataclass(frozen=True)
class OnePurchase:
    """What one expected purchase of a customer is worth: value in minor units, margin and discount."""

    value: float
    margin: float
    discount: float


def expected_value_of_one(
    state: CustomerState, fit: LifetimeFit, policy: LifetimePolicy, as_of_day: float
) -> OnePurchase:
    """The factors that `lifetime_value` multiplies, for the one customer in `state`.

    Raises ValueError when the model of values was refused.
    """
    if isinstance(fit.values, Refusal):
        raise ValueError("Without a model of values there is no expected value of a purchase.")
    history = PurchaseHistory.of(state, as_of_day)
    value = expected_mean_value(fit.values, history.x, history.mean_value)
    return OnePurchase(float(value[0]), float(margins(state, fit, policy)[0]), discount_to_today(policy))


def margins(state: CustomerState, fit: LifetimeFit, policy: LifetimePolicy) -> FloatArray:
    """The customer's own gross margin, else the book's, else the policy's; within -1..1."""
    fallback = policy.default_margin if fit.book_margin is None else fit.book_margin
    own = gross_margin(state)
    margin: FloatArray = np.where(np.isnan(own), fallback, np.clip(own, -1.0, 1.0))
    return margin


def _within_one(value: float) -> float:
    return min(1.0, max(-1.0, value))
