"""Inputs of the churn signals (docs/scoring.md, section 7). NaN: does not apply or is not known."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from .bg_nbd import BgNbdFit
from .division import divide
from .lifetime_value import LifetimeValue, PurchaseHistory
from .policy import IndicatorCode, Policy, SignalCode
from .results import Cuts
from .state import CustomerState
from .types import ContactLevel, FlagLevel, FloatArray, Stage

# Gaps are never taken to be more even than this squared coefficient of variation (10 % around the mean).
LEAST_GAP_VARIATION = 0.01
# Squared coefficient of variation of a Poisson process, used when no customer of the book has two gaps.
POISSON_GAP_VARIATION = 1.0
MEDIAN = 0.5


class SignalKind(StrEnum):
    """Whether the customer (or a fact about him) told us, or he only went silent."""

    TOLD_US = "told_us"
    WENT_SILENT = "went_silent"


@dataclass(frozen=True)
class SignalContext:
    """All that signals read."""

    state: CustomerState
    lifetime: LifetimeValue
    cuts: Cuts
    policy: Policy
    as_of_day: float


def rhythm_broken(context: SignalContext) -> FloatArray:
    """Probability of a pause at least as long as the present one, given his own gaps; lower is worse.

    Gaps are Gamma with shape k = 1 / cv^2; then the next gap over the mean of his x gaps follows F(2k, 2kx),
    which also carries how little x gaps tell. cv^2 is his own, shrunk to the book's by `rhythm_prior_gaps`
    gaps: (S + prior v) / (x - 1 + prior) with S = sum (gap / mean - 1)^2 and v = `Cuts.gap_variation`.
    """
    state, prior = context.state, context.policy.churn.rhythm_prior_gaps
    gaps = np.where(state.purchase_days > 1, state.purchase_days - 1.0, np.nan)
    book = POISSON_GAP_VARIATION if context.cuts.gap_variation is None else context.cuts.gap_variation
    own = squared_deviations(state)
    variation = np.maximum((own + prior * book) / (gaps - 1.0 + prior), LEAST_GAP_VARIATION)
    ratio = _waiting_days(context) / mean_gap(state)
    is_known = ~np.isnan(ratio)
    shape, count = np.where(is_known, 1.0 / variation, 1.0), np.where(is_known, gaps, 1.0)
    probability = special.fdtrc(2.0 * shape, 2.0 * shape * count, np.where(is_known, ratio, 1.0))
    return np.where(is_known, probability, np.nan)


def expected_purchases_missed(context: SignalContext) -> FloatArray:
    """Purchases expected since the last one of a customer who is still active: (r + x) (T - t_x) / (alpha +
    t_x).

    Posterior mean of lambda at the last purchase times the weeks since (Gamma-Poisson; Fader, Hardie & Lee
    2005). Only with a repeat purchase; NaN when the fit was refused.
    """
    fit = context.cuts.lifetime.purchases
    if not isinstance(fit, BgNbdFit):
        return np.full(len(context.state), np.nan)
    history = PurchaseHistory.of(context.state, context.as_of_day)
    missed = (fit.r + history.x) / (fit.alpha + history.t_x) * (history.age - history.t_x)
    return np.where(history.x > 0, missed, np.nan)


def p_alive_low(context: SignalContext) -> FloatArray:
    """P(alive) of BG/NBD; lower is worse. NaN with one purchase day, when marked lost, and when refused."""
    return np.where(context.state.stage == Stage.LOST, np.nan, context.lifetime.p_alive)


def sales_decline(context: SignalContext) -> FloatArray:
    """Recent sales over those of the same days a year earlier, less 1; lower is worse.

    Only when sales were above zero then, and when his own rhythm puts `decline_min_orders` purchase days into
    the span: two orders a year fall on either side of any border.
    """
    state, policy = context.state, context.policy
    usual = policy.recent_days / mean_gap(state)
    is_frequent = np.nan_to_num(usual) >= policy.churn.decline_min_orders
    return divide(state.recent_sales, state.same_months_sales, where=is_frequent) - 1.0


def one_order(context: SignalContext) -> FloatArray:
    """Share of the repeat customers whose mean gap is shorter than the time since this customer's only
    purchase.

    The rule for one-order customers, to whom BG/NBD gives P(alive) = 1 for ever. Applies to them only; NaN
    with fewer repeat customers than a fit needs.
    """
    state = context.state
    if context.cuts.mean_gaps.count < context.policy.lifetime.min_repeat_customers:
        return np.full(len(state), np.nan)
    waiting = np.where(state.purchase_days == 1, _waiting_days(context), np.nan)
    return context.cuts.mean_gaps.percentile(waiting)


def silence(level: ContactLevel) -> Callable[[SignalContext], FloatArray]:
    """Days since the last interaction with a level; NaN without an active contact there or if there never was
    one.

    Who never spoke has not fallen silent: a level that was never reached is a gap in coverage, not a signal.
    """

    def days(context: SignalContext) -> FloatArray:
        state = context.state
        last_touch = np.ascontiguousarray(state.last_touch_day[:, level])
        return np.where(state.has_contact[:, level], context.as_of_day - last_touch, np.nan)

    return days


def supporter_left(context: SignalContext) -> FloatArray:
    """Days since a supporter who decided or influenced left; fewer is worse. NaN: none left."""
    return context.as_of_day - context.state.supporter_left_day


def negative_sentiment(context: SignalContext) -> FloatArray:
    """Interactions of negative sentiment in 90 days; NaN when nothing was logged for a year."""
    return np.where(context.state.interactions_365 > 0, context.state.negative_90, np.nan)


def marked_lost(context: SignalContext) -> FloatArray:
    """1 for stage lost, else 0."""
    return np.where(context.state.stage == Stage.LOST, 1.0, 0.0)


def index_low(context: SignalContext) -> FloatArray:
    """Satisfaction index of the latest rated week that has one; lower is worse."""
    return context.state.satisfaction_level


def index_falling(context: SignalContext) -> FloatArray:
    """Slope of the satisfaction index in points per week; lower is worse. NaN under 3 weeks with an index."""
    return context.state.satisfaction_slope


def low_grades(context: SignalContext) -> FloatArray:
    """Low grades whose corrective action is open; NaN for a customer without an index.

    What the customer confirmed as solved is no reason to watch him any more.
    """
    state = context.state
    return np.where(np.isnan(state.satisfaction_level), np.nan, state.low_grades)


def unacceptable_grade(context: SignalContext) -> FloatArray:
    """Points below zero of the lowest grade that stands; lower is worse. NaN: no grade in these weeks."""
    return np.minimum(context.state.lowest_points, 0.0)


def survey_silence(context: SignalContext) -> FloatArray:
    """Weeks invited in a row, up to now, without an answer; NaN: nobody was asked."""
    return context.state.survey_silence


def overdue_need(context: SignalContext) -> FloatArray:
    """Days since the earliest need was to be decided or delivered; below zero: days left. NaN: none waits."""
    return context.as_of_day - context.state.need_due_day


def overdue_action(context: SignalContext) -> FloatArray:
    """Days since the earliest action was due; below zero: days left. NaN: none has a day."""
    return context.as_of_day - context.state.action_due_day


def contract_ending(context: SignalContext) -> FloatArray:
    """Days to the next day of notice, or end without renewal; fewer is worse. NaN: no contract ends."""
    return context.state.contract_ending_day - context.as_of_day


def contract_ended(context: SignalContext) -> FloatArray:
    """Days since a contract ended that nothing follows; fewer is worse. NaN: none ended."""
    return context.as_of_day - context.state.contract_ended_day


def competitor_rising(context: SignalContext) -> FloatArray:
    """Percentage points of supply that a competitor won in 180 days, or we lost. NaN: not said twice."""
    return context.state.competitor_rise


def single_contact(context: SignalContext) -> FloatArray:
    """Contacts we spoke with in 180 days, of customers whose sales are above the median; fewer is worse.

    NaN for all others, when we spoke with nobody (that is silence), and under a policy without total sales.
    """
    state, spoken = context.state, context.state.spoken_contacts
    for reference in context.cuts.indicators:
        if reference.code is IndicatorCode.TOTAL_SALES:
            is_large = np.nan_to_num(reference.distribution.percentile(state.sales)) > MEDIAN
            return np.where(is_large & (spoken > 0), spoken, np.nan)
    return np.full(len(state), np.nan)


@dataclass(frozen=True)
class Signal:
    """How a signal is read. `opens_at_once`: level it opens without a second reading (NONE: it does not)."""

    kind: SignalKind
    read: Callable[[SignalContext], FloatArray]
    opens_at_once: FlagLevel = FlagLevel.NONE


SIGNALS: dict[SignalCode, Signal] = {
    SignalCode.RHYTHM_BROKEN: Signal(SignalKind.WENT_SILENT, rhythm_broken),
    SignalCode.EXPECTED_PURCHASES_MISSED: Signal(SignalKind.WENT_SILENT, expected_purchases_missed),
    SignalCode.P_ALIVE_LOW: Signal(SignalKind.WENT_SILENT, p_alive_low),
    SignalCode.SALES_DECLINE: Signal(SignalKind.WENT_SILENT, sales_decline),
    SignalCode.ONE_ORDER: Signal(SignalKind.WENT_SILENT, one_order),
    SignalCode.SILENCE_EXECUTIVE: Signal(SignalKind.WENT_SILENT, silence(ContactLevel.EXECUTIVE)),
    SignalCode.SILENCE_MANAGEMENT: Signal(SignalKind.WENT_SILENT, silence(ContactLevel.MANAGEMENT)),
    SignalCode.SILENCE_SPECIALIST: Signal(SignalKind.WENT_SILENT, silence(ContactLevel.SPECIALIST)),
    SignalCode.SILENCE_OPERATIONAL: Signal(SignalKind.WENT_SILENT, silence(ContactLevel.OPERATIONAL)),
    SignalCode.SUPPORTER_LEFT: Signal(SignalKind.TOLD_US, supporter_left),
    SignalCode.NEGATIVE_SENTIMENT: Signal(SignalKind.TOLD_US, negative_sentiment),
    SignalCode.MARKED_LOST: Signal(SignalKind.TOLD_US, marked_lost, FlagLevel.CRITICAL),
    SignalCode.INDEX_LOW: Signal(SignalKind.TOLD_US, index_low),
    SignalCode.INDEX_FALLING: Signal(SignalKind.TOLD_US, index_falling),
    SignalCode.LOW_GRADES: Signal(SignalKind.TOLD_US, low_grades, FlagLevel.WATCH),
    SignalCode.UNACCEPTABLE_GRADE: Signal(SignalKind.TOLD_US, unacceptable_grade, FlagLevel.AT_RISK),
    SignalCode.SURVEY_SILENCE: Signal(SignalKind.WENT_SILENT, survey_silence),
    SignalCode.OVERDUE_NEED: Signal(SignalKind.TOLD_US, overdue_need),
    SignalCode.OVERDUE_ACTION: Signal(SignalKind.TOLD_US, overdue_action),
    SignalCode.CONTRACT_ENDING: Signal(SignalKind.TOLD_US, contract_ending),
    SignalCode.CONTRACT_ENDED: Signal(SignalKind.TOLD_US, contract_ended, FlagLevel.AT_RISK),
    SignalCode.COMPETITOR_RISING: Signal(SignalKind.TOLD_US, competitor_rising),
    SignalCode.SINGLE_CONTACT: Signal(SignalKind.WENT_SILENT, single_contact),
}


def mean_gap(state: CustomerState) -> FloatArray:
    """Mean days between consecutive purchase days; NaN below two of them."""
    return divide(state.last_purchase_day - state.first_purchase_day, state.purchase_days - 1.0)


def squared_deviations(state: CustomerState) -> FloatArray:
    """Sum over a customer's gaps of (gap / mean - 1)^2; NaN below two purchase days."""
    mean = mean_gap(state)
    deviations: FloatArray = np.maximum(
        state.gap_square_sum / (mean * mean) - (state.purchase_days - 1.0), 0.0
    )
    return deviations


def pooled_gap_variation(state: CustomerState) -> float | None:
    """Squared coefficient of variation of gaps within customers, pooled over those with two gaps or more."""
    chosen = state.take(state.purchase_days > 2)
    if len(chosen) == 0:
        return None
    freedom = float((chosen.purchase_days - 2.0).sum())
    return float(squared_deviations(chosen).sum()) / freedom


def _waiting_days(context: SignalContext) -> FloatArray:
    return context.as_of_day - context.state.last_purchase_day
