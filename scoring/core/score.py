"""The scoring pass: `fit` on everybody, `apply` to everybody or to one, with the same result."""

from dataclasses import dataclass

import numpy as np

from .churn import churn_score, flag_levels
from .indicators import INDICATORS, keeps_costs
from .lifetime_value import LifetimeFit, LifetimeValue, fit_lifetime, lifetime_value, margins
from .normalisation import IndicatorReference, fit_indicator, normalise
from .policy import IndicatorCode, Policy
from .reference import REFERENCE_POINTS, Reference
from .results import Cuts, Previous, Scores
from .signals import SignalContext, mean_gap, pooled_gap_variation
from .state import CustomerState
from .tiers import fit_tier_cuts, is_borderline, settle_tiers, tier_of
from .types import DAYS_PER_YEAR, BoolArray, FloatArray, IntArray, Stage
from .weighting import WeightDraws, Weighted, weigh

# Scores are ranked on so many decimals: the last bits of equal customers may differ.
RANK_DECIMALS = 9
# All draws of so many customers stay in the processor's cache.
ROWS_AT_A_TIME = 2_048


def fit(state: CustomerState, policy: Policy, as_of_day: float) -> Cuts:
    """Everything that needs the whole book: models, references, tier cuts. Any order of rows gives the same.

    Only ranked customers (see `is_ranked`) make the references of indicators and scores. Raises ValueError
    when a purchase lies after `as_of_day`.
    """
    _check(state, as_of_day)
    cuts, _ = _fit(state.take(_one_order(state)), policy, as_of_day)
    return cuts


def apply(
    state: CustomerState, cuts: Cuts, policy: Policy, as_of_day: float, previous: Previous | None = None
) -> Scores:
    """Score any rows against frozen cuts; a slice of customers gives the slice of the result.

    `cuts` must come from `fit` with the same policy (ValueError otherwise). `previous` lies row by row beside
    `state`; None: no earlier run.
    """
    _check(state, as_of_day)
    _check_cuts(cuts, policy)
    measured = _measure(state, cuts.lifetime, cuts.indicators, policy, as_of_day)
    return _apply(state, measured, cuts, policy, as_of_day, _aligned(previous, state))


def fit_and_apply(
    state: CustomerState, policy: Policy, as_of_day: float, previous: Previous | None = None
) -> tuple[Cuts, Scores]:
    """`fit`, then `apply` to the same rows, with the same results in two thirds of the time."""
    _check(state, as_of_day)
    previous, order = _aligned(previous, state), _one_order(state)
    state = state.take(order)
    cuts, measured = _fit(state, policy, as_of_day)
    scores = _apply(state, measured, cuts, policy, as_of_day, previous.take(order))
    return cuts, scores.take(np.argsort(order, kind="stable"))


@dataclass(frozen=True)
class _Measured:
    """Customers against the fitted models and references, before they are compared by score."""

    ranked: BoolArray
    value: LifetimeValue
    inputs: FloatArray
    references: tuple[IndicatorReference, ...]
    normalised: FloatArray
    weighted: Weighted


def _measure(
    state: CustomerState,
    lifetime_fit: LifetimeFit,
    references: tuple[IndicatorReference, ...] | None,
    policy: Policy,
    as_of_day: float,
) -> _Measured:
    value, ranked = lifetime_value(state, lifetime_fit, policy.lifetime, as_of_day), is_ranked(state)
    inputs = indicator_inputs(state, value, policy)
    if references is None:
        if not keeps_costs(state):
            inputs[_is_customer_profit(policy)] = np.nan
        references = tuple(map(fit_indicator, inputs[:, ranked], policy.components))
    # A book that kept no costs at the run has none for one customer later.
    is_unknown = np.array([reference.distribution.count == 0 for reference in references])
    inputs[is_unknown & _is_customer_profit(policy)] = np.nan
    normalised = np.stack(list(map(normalise, inputs, references, policy.components)))
    weighted = weigh(np.where(ranked, normalised, np.nan), _weights(policy))
    return _Measured(ranked, value, inputs, references, normalised, weighted)


def _fit(state: CustomerState, policy: Policy, as_of_day: float) -> tuple[Cuts, _Measured]:
    lifetime_fit = fit_lifetime(state, policy.lifetime, as_of_day)
    measured = _measure(state, lifetime_fit, None, policy, as_of_day)
    has_score = ~np.isnan(measured.weighted.score)
    scores = np.round(measured.weighted.score[has_score], RANK_DECIMALS)
    draws = WeightDraws(measured.normalised[:, has_score], _weights(policy), policy.tiers)
    cuts = Cuts(
        as_of_day=float(as_of_day),
        customers=len(state),
        ranked=len(scores),
        indicators=measured.references,
        lifetime=lifetime_fit,
        gap_variation=pooled_gap_variation(state),
        mean_gaps=Reference.of(mean_gap(state)),
        scores=Reference.of(scores, exact_from_top=REFERENCE_POINTS),
        tier_cuts=fit_tier_cuts(scores, policy.tiers),
        draw_cuts=tuple(fit_tier_cuts(draws.score(draw), policy.tiers) for draw in range(len(draws))),
    )
    return cuts, measured


def _watched(state: CustomerState, measured: _Measured) -> BoolArray:
    """Whoever grades our work is a customer, whatever stage somebody wrote down."""
    watched: BoolArray = measured.ranked | ~np.isnan(state.satisfaction_level)
    return watched


def _apply(
    state: CustomerState,
    measured: _Measured,
    cuts: Cuts,
    policy: Policy,
    as_of_day: float,
    previous: Previous,
) -> Scores:
    value, weighted = measured.value, measured.weighted
    place = _place(weighted.score, cuts)
    tier, pending = settle_tiers(weighted.score, cuts.tier_cuts, policy.tiers, previous)
    churn = churn_score(SignalContext(state, value, cuts, policy, as_of_day), _watched(state, measured))
    reading, level = flag_levels(churn.score, churn.opens_at_once, previous, policy.churn)
    return Scores(
        customer_id=state.customer_id,
        input_version=state.input_version,
        score=weighted.score,
        share=place.share,
        rank=place.rank,
        tier=tier,
        pending_tier=pending,
        borderline=_borderline(measured.normalised, weighted, cuts, policy),
        coverage=weighted.coverage,
        indicator_inputs=measured.inputs.T,
        indicator_normalised=measured.normalised.T,
        indicator_weights=weighted.weights.T,
        indicator_points=weighted.points.T,
        p_alive=value.p_alive,
        expected_purchases=value.expected_purchases,
        expected_value=value.expected_value,
        churn_inputs=churn.inputs.T,
        churn_severities=churn.severities.T,
        churn_points=churn.points.T,
        churn_score=churn.score,
        flag_reading=reading,
        flag_level=level,
        is_immediate=churn.opens_at_once > 0,
        money_at_risk=money_at_risk(state, cuts.lifetime, policy, as_of_day),
    )


def is_ranked(state: CustomerState) -> BoolArray:
    """Whether a customer is ranked and watched: all but prospects and selected without a purchase."""
    is_candidate = (state.stage == Stage.PROSPECT) | (state.stage == Stage.SELECTED)
    ranked: BoolArray = (state.purchase_days > 0) | ~is_candidate
    return ranked


def indicator_inputs(state: CustomerState, value: LifetimeValue, policy: Policy) -> FloatArray:
    """k x n: indicators in their own units in the order of `Policy.components`; NaN: no data."""
    rows = [
        value.expected_value if part.code is IndicatorCode.EXPECTED_VALUE else INDICATORS[part.code](state)
        for part in policy.components
    ]
    return np.stack(rows)


def money_at_risk(state: CustomerState, fit: LifetimeFit, policy: Policy, as_of_day: float) -> FloatArray:
    """Gross profit of one year as he has bought so far: window sales x margin / years, not below 0; minor
    units.

    Years: since the first purchase, at least 1 and at most the window. Needs no model, and does not fall
    because a customer is about to leave.
    """
    days = np.minimum(as_of_day - state.first_purchase_day, policy.window_days)
    years = np.maximum(np.nan_to_num(days) / DAYS_PER_YEAR, 1.0)
    return np.rint(np.maximum(state.sales * margins(state, fit, policy.lifetime) / years, 0.0))


def _is_customer_profit(policy: Policy) -> BoolArray:
    return np.array([part.code is IndicatorCode.CUSTOMER_PROFIT for part in policy.components])


@dataclass(frozen=True)
class _Place:
    share: FloatArray
    rank: IntArray


def _place(score: FloatArray, cuts: Cuts) -> _Place:
    if cuts.scores.count == 0:
        return _Place(np.full(len(score), np.nan), np.zeros(len(score), dtype=np.int64))
    is_scored = ~np.isnan(score)
    rounded = np.where(is_scored, np.round(score, RANK_DECIMALS), 0.0)
    below, equal = cuts.scores.place(rounded)
    higher = cuts.scores.count - below - equal
    share = np.where(is_scored, (higher + equal / 2) / cuts.scores.count, np.nan)
    rank = np.where(is_scored, np.rint(higher) + 1, 0).astype(np.int64)
    return _Place(share, rank)


def _borderline(normalised: FloatArray, weighted: Weighted, cuts: Cuts, policy: Policy) -> BoolArray:
    draws = WeightDraws(normalised, _weights(policy), policy.tiers)
    raw = tier_of(weighted.score, cuts.tier_cuts)
    flips = np.zeros(len(raw), dtype=np.bool_)
    for start in range(0, len(raw), ROWS_AT_A_TIME):
        rows = slice(start, start + ROWS_AT_A_TIME)
        flips[rows] = is_borderline(raw[rows], draws.scores(rows), cuts.draw_cuts)
    return flips


def _weights(policy: Policy) -> FloatArray:
    return np.array([part.weight for part in policy.components])


def _one_order(state: CustomerState) -> IntArray:
    # Sums depend on their order in the last bits; shards may deliver rows in any.
    return np.argsort(state.customer_id, kind="stable").astype(np.int64)


def _aligned(previous: Previous | None, state: CustomerState) -> Previous:
    previous = Previous.nothing(len(state)) if previous is None else previous
    if len(previous) != len(state):
        raise ValueError(f"There are {len(state)} customers but {len(previous)} rows of the previous run.")
    return previous


def _check(state: CustomerState, as_of_day: float) -> None:
    if len(state) and np.any(state.last_purchase_day > as_of_day):
        late = state.customer_id[state.last_purchase_day > as_of_day][0]
        raise ValueError(f"Customer {late} has a purchase after day {as_of_day}, the day of the run.")


def _check_cuts(cuts: Cuts, policy: Policy) -> None:
    fitted = [reference.code for reference in cuts.indicators]
    wanted = [part.code for part in policy.components]
    if fitted != wanted or len(cuts.draw_cuts) != policy.tiers.draws:
        raise ValueError("The cuts were fitted under another policy.")
