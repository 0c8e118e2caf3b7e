"""Invariants of the whole pass."""

import json
import resource
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.core.bg_nbd import BgNbdFit, expected_purchases
from scoring.core.fitting import RefusalCode
from scoring.core.policy import (
    IndicatorCode,
    IndicatorPolicy,
    LifetimePolicy,
    Normalisation,
    Policy,
    TierPolicy,
    default_policy,
)
from scoring.core.results import Cuts, Previous, Scores
from scoring.core.score import apply, fit, fit_and_apply
from scoring.core.state import CustomerState
from scoring.core.types import FlagLevel, Stage, Tier
from tests.scoring.core.books import AS_OF, book, history, random_book
from tests.scoring.core.cdnow import END_OF_39_WEEKS, END_OF_78_WEEKS, state_as_of

POLICY = default_policy()


OF_PROFIT = replace(
    POLICY, indicators=(*POLICY.indicators, IndicatorPolicy(IndicatorCode.CUSTOMER_PROFIT, 0.2))
)


def score(state: CustomerState, policy: Policy = POLICY) -> Scores:
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        return apply(state, fit(state, policy, AS_OF), policy, AS_OF)


def assert_same(left: Scores, right: Scores) -> None:
    for name, values in left.to_columns().items():
        np.testing.assert_array_equal(values, getattr(right, name), err_msg=name)


@pytest.mark.parametrize("method", list(Normalisation))
@pytest.mark.parametrize("seed", [1, 2])
def test_reasons_sum_to_the_scores(method: Normalisation, seed: int) -> None:
    parts = tuple(replace(part, normalisation=method) for part in POLICY.indicators)
    scores = score(random_book(800, seed), replace(POLICY, indicators=parts))
    ranked = scores.tier > 0
    np.testing.assert_allclose(scores.indicator_points.sum(axis=1)[ranked], scores.score[ranked], atol=1e-9)
    np.testing.assert_allclose(scores.churn_points.sum(axis=1), scores.churn_score, atol=1e-9)
    np.testing.assert_allclose(scores.indicator_weights.sum(axis=1)[ranked], 1, atol=1e-12)
    assert ((scores.score[ranked] >= 0) & (scores.score[ranked] <= 100)).all()
    assert ((scores.churn_score >= 0) & (scores.churn_score <= 100 + 1e-9)).all()
    assert 0 < scores.borderline.mean() < 0.5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), data=st.data())
def test_a_slice_scored_by_itself_is_the_slice_of_all_bit_for_bit(
    seed: int, n: int, data: st.DataObject
) -> None:
    state = random_book(n, seed)
    chosen = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=n))
    cuts = fit(state, POLICY, AS_OF)
    everybody = apply(state, cuts, POLICY, AS_OF)
    assert_same(apply(state.take(chosen), cuts, POLICY, AS_OF), everybody.take(chosen))


def test_slices_of_a_large_book_are_the_slices_of_all_and_cuts_survive_json() -> None:
    state = random_book(5000, 4)
    cuts = fit(state, POLICY, AS_OF)
    thawed = Cuts.from_plain(json.loads(json.dumps(cuts.to_plain())))
    assert thawed == cuts
    everybody = apply(state, cuts, POLICY, AS_OF)
    for chosen in ([17], list(range(100, 1133)), [4999, 0, 2500]):
        assert_same(apply(state.take(chosen), thawed, POLICY, AS_OF), everybody.take(chosen))


def test_the_order_of_customers_changes_nothing() -> None:
    state = random_book(700, 5)
    order = np.random.RandomState(0).permutation(700)
    shuffled = state.take(order)
    assert fit(shuffled, POLICY, AS_OF) == fit(state, POLICY, AS_OF)
    assert_same(score(shuffled), score(state).take(order))


@pytest.mark.parametrize("field", ["sales", "quantified_sales"])
def test_more_of_a_good_thing_never_lowers_the_score_nor_the_tier(field: str) -> None:
    state = random_book(500, 6)
    cuts = fit(state, POLICY, AS_OF)
    better = replace(state, **{field: getattr(state, field) * 1.3 + 1000})
    before, after = apply(state, cuts, POLICY, AS_OF), apply(better, cuts, POLICY, AS_OF)
    ranked = before.tier > 0
    assert (after.score[ranked] >= before.score[ranked] - 1e-9).all()
    assert (after.tier <= before.tier)[ranked].all()


def test_both_steps_in_one_give_the_same_whatever_the_order_of_rows() -> None:
    state = random_book(700, 5)
    shuffled = state.take(np.random.RandomState(0).permutation(700))
    previous = Previous.nothing(700)
    for rows in (state, shuffled):
        previous = replace(previous, days_since=np.ones(700), tier=(rows.customer_id % 5).astype(np.int8))
        cuts, scores = fit_and_apply(rows, POLICY, AS_OF, previous)
        assert cuts == fit(rows, POLICY, AS_OF)
        assert_same(scores, apply(rows, cuts, POLICY, AS_OF, previous))


def test_a_lower_is_better_indicator_turns_round() -> None:
    state = random_book(300, 7)
    only = (IndicatorPolicy(IndicatorCode.AVERAGE_PRICE, 1.0, higher_is_better=False),)
    policy = replace(POLICY, indicators=only, lifetime=LifetimePolicy(weight=0.0))
    scores = score(state, policy)
    price = scores.indicator_inputs[:, 0]
    known = ~np.isnan(price)
    order = np.argsort(price[known])
    assert (np.diff(scores.score[known][order]) <= 1e-9).all()


def test_missing_indicators_are_left_out_and_the_rest_re_scaled() -> None:
    rows = [history([AS_OF - 90, AS_OF - 50, AS_OF - 5 * i], [100.0 * (i + 1)] * 3) for i in range(4)]
    scores = score(book(rows))
    weights = dict(zip([part.code for part in POLICY.components], scores.indicator_weights[0], strict=True))
    known = {IndicatorCode.TOTAL_SALES: 0.7 * 0.25, IndicatorCode.ORDER_CONTINUITY: 0.7 * 0.15}
    assert scores.coverage == pytest.approx(np.full(4, sum(known.values())))
    for code, weight in weights.items():
        assert weight == pytest.approx(known.get(code, 0.0) / sum(known.values()))


def test_what_it_costs_to_serve_a_customer_lowers_his_score_under_a_policy_that_looks_at_it() -> None:
    state = random_book(500, 7)
    cuts = fit(state, OF_PROFIT, AS_OF)
    dearer = replace(state, cost_to_serve=state.cost_to_serve + 0.2 * state.sales)
    before, after = apply(state, cuts, OF_PROFIT, AS_OF), apply(dearer, cuts, OF_PROFIT, AS_OF)
    costed = (before.tier > 0) & (state.costed_sales > 0)
    assert (after.score[costed] <= before.score[costed]).all()
    assert (after.score[costed] < before.score[costed] - 1).any()
    assert_same(score(state), score(dearer))


def test_nobody_is_judged_by_costs_in_a_book_that_keeps_none_or_did_not_at_the_run() -> None:
    kept = random_book(300, 8)
    for nothing in (0.0, np.nan):
        bare = replace(kept, cost_to_serve=np.full(300, nothing))
        cuts = fit(bare, OF_PROFIT, AS_OF)
        scores = apply(bare, cuts, OF_PROFIT, AS_OF)
        position = [part.code for part in OF_PROFIT.components].index(IndicatorCode.CUSTOMER_PROFIT)
        assert np.isnan(scores.indicator_inputs[:, position]).all()
        np.testing.assert_allclose(scores.coverage.max(), 1 - OF_PROFIT.components[position].weight)
        assert_same(apply(kept, cuts, OF_PROFIT, AS_OF), scores)
        assert_same(fit_and_apply(bare, OF_PROFIT, AS_OF)[1], scores)


def test_share_and_rank_are_those_of_the_whole_book() -> None:
    scores = score(random_book(2500, 8))
    ranked = scores.tier > 0
    values = np.round(scores.score[ranked], 9)
    higher = (values[None, :] > values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    top = higher < 1001
    np.testing.assert_array_equal(scores.rank[ranked][top], higher[top] + 1)
    assert np.abs(scores.share[ranked] - (higher + equal / 2) / len(values)).max() < 0.001


def test_an_empty_book_has_no_scores() -> None:
    scores = score(CustomerState.empty())
    assert len(scores) == 0
    assert scores.indicator_points.shape == (0, 6)
    newcomer = book([history([AS_OF - 3], [500.0])])
    cuts = fit(CustomerState.empty(), POLICY, AS_OF)
    alone = apply(newcomer, cuts, POLICY, AS_OF)
    assert np.isnan(alone.score).all()
    assert alone.tier.tolist() == [Tier.NONE]


def test_three_customers_are_ranked_without_any_model() -> None:
    rows = [history([AS_OF - 100, AS_OF - 60, AS_OF - 20], [amount] * 3) for amount in (100, 900, 500)]
    state = book(rows)
    cuts = fit(state, POLICY, AS_OF)
    assert cuts.lifetime.refusal is not None
    assert cuts.lifetime.refusal.code is RefusalCode.TOO_FEW_REPEAT_CUSTOMERS
    scores = apply(state, cuts, POLICY, AS_OF)
    assert scores.rank.tolist() == [3, 1, 2]
    assert scores.tier.tolist() == [Tier.STANDARD, Tier.CORE, Tier.KEY]
    assert np.isnan(scores.expected_value).all()


def test_equals_are_equal_in_everything() -> None:
    scores = score(book([history([AS_OF - 100, AS_OF - 60, AS_OF - 20], [100, 100, 100])] * 60))
    assert set(scores.tier) == {Tier.KEY}
    assert set(scores.score) == {50.0}
    assert set(scores.share) == {0.5}
    assert set(scores.rank) == {1}
    assert not scores.borderline.any()


def test_prospects_without_orders_have_no_tier_but_customers_without_orders_do() -> None:
    rows = [{"stage": int(stage)} for stage in (Stage.PROSPECT, Stage.SELECTED, Stage.INITIAL)]
    scores = score(book([*rows, history([AS_OF - 9], [100.0], stage=int(Stage.PROSPECT))]))
    assert (scores.tier > 0).tolist() == [False, False, True, True]
    assert np.isnan(scores.score[:2]).all()
    assert scores.rank.tolist() == [0, 0, 2, 1]


def test_a_prospect_who_grades_our_work_as_unacceptable_is_flagged_without_a_tier() -> None:
    graded = {"satisfaction_level": 44.0, "satisfaction_weeks": 1, "low_grades": 1, "lowest_points": -100.0}
    rows = [{"stage": int(Stage.PROSPECT)} | more for more in ({}, graded)]
    scores = score(book([*rows, history([AS_OF - 9], [100.0])]))
    assert scores.flag_level[:2].tolist() == [FlagLevel.NONE, FlagLevel.AT_RISK]
    assert scores.tier[:2].tolist() == [0, 0]


def test_a_million_orders_of_one_customer_stay_finite() -> None:
    giant = history([AS_OF - 3000, AS_OF - 1], [1e9, 1e12]) | {
        "purchase_days": 3000.0,
        "gap_square_sum": 3000.0,
        "repeat_value": 9e15,
        "sales": 9e15,
        "batch_count": 1e6,
        "batch_sum": 9e15,
        "batch_square_sum": 9e25,
        "window_gap_count": 1460.0,
        "window_gap_sum": 1460.0,
        "window_gap_square_sum": 1460.0,
        "customer_id": 10**6,
    }
    state = CustomerState.concatenate([random_book(300, 9), book([giant])])
    scores = score(state)
    assert np.isfinite(scores.score[-1])
    assert np.isfinite(scores.churn_score[-1])
    assert scores.tier[-1] in (Tier.STRATEGIC, Tier.CORE)


def test_a_lost_customer_is_expected_to_buy_nothing() -> None:
    state = random_book(400, 10)
    scores = score(state)
    lost = (state.stage == Stage.LOST) & (state.purchase_days > 0)
    assert lost.any()
    assert set(scores.expected_purchases[lost]) == {0.0}
    assert set(scores.expected_value[lost]) == {0.0}
    assert set(scores.flag_level[lost]) == {FlagLevel.CRITICAL}


def test_expected_value_is_purchases_times_value_times_margin_discounted_half_a_year() -> None:
    state = random_book(400, 11)
    cuts = fit(state, POLICY, AS_OF)
    scores = apply(state, cuts, POLICY, AS_OF)
    own_margin = (state.costed_sales > 0) & (state.purchase_days > 4)
    row = int(np.nanargmax(np.where(own_margin, scores.expected_value, np.nan)))
    values = cuts.lifetime.values
    x = state.purchase_days[row] - 1
    mean = values.p * (values.gamma + state.repeat_value[row]) / (values.p * x + values.q - 1)
    margin = 1 - state.direct_cost[row] / state.costed_sales[row]
    expected = scores.expected_purchases[row] * mean * margin / 1.1**0.5
    assert scores.expected_value[row] == pytest.approx(expected, abs=0.51)


def test_money_at_risk_is_a_year_of_gross_profit() -> None:
    year = 365.25
    costs = {"costed_sales": 800.0, "direct_cost": 600.0}
    young = history([AS_OF - 100, AS_OF], [400, 400]) | costs
    old = history([AS_OF - 2 * year, AS_OF], [400, 400]) | costs
    loss = history([AS_OF - 100, AS_OF], [400, 400]) | {"costed_sales": 800.0, "direct_cost": 900.0}
    unknown = history([AS_OF - 100, AS_OF], [400, 400])
    scores = score(book([young, old, loss, unknown]))
    book_margin = (2400 - 2100) / 2400
    assert scores.money_at_risk.tolist() == [200, 100, 0, round(800 * book_margin)]


def test_expected_purchases_of_cdnow_come_through_the_whole_pass() -> None:
    state = state_as_of(END_OF_39_WEEKS)
    policy = replace(POLICY, lifetime=LifetimePolicy(horizon_weeks=39.0))
    cuts = fit(state, policy, END_OF_39_WEEKS)
    scores = apply(state, cuts, policy, END_OF_39_WEEKS)
    assert scores.expected_purchases.sum() == pytest.approx(1653, rel=0.005)
    assert np.nanmean(scores.p_alive[state.purchase_days > 1]) < 1
    assert np.isnan(scores.p_alive[state.purchase_days == 1]).all()
    later = score_at(state_as_of(END_OF_78_WEEKS), END_OF_78_WEEKS)
    assert np.bincount(later.tier).sum() == 2357


def score_at(state: CustomerState, day: float) -> Scores:
    return apply(state, fit(state, POLICY, day), POLICY, day)


def test_borderline_customers_lie_nearer_to_a_cut_than_others() -> None:
    state = random_book(1500, 12)
    cuts = fit(state, POLICY, AS_OF)
    scores = apply(state, cuts, POLICY, AS_OF)
    distance = np.min([np.abs(scores.score - cut) for cut in cuts.tier_cuts], axis=0)
    ranked = scores.tier > 0
    assert np.median(distance[scores.borderline]) < np.median(distance[ranked & ~scores.borderline]) / 3
    calm = replace(POLICY, tiers=TierPolicy(weight_spread=0.0))
    assert not score(state, calm).borderline.any()


def test_a_purchase_after_the_day_of_the_run_is_an_error() -> None:
    state = book([history([AS_OF - 5, AS_OF + 1], [1, 1])])
    with pytest.raises(ValueError, match="Customer 1 has a purchase after day"):
        fit(state, POLICY, AS_OF)


def test_cuts_of_another_policy_and_misaligned_rows_are_errors() -> None:
    state = random_book(50, 1)
    cuts = fit(state, POLICY, AS_OF)
    other = replace(POLICY, indicators=POLICY.indicators[:2])
    with pytest.raises(ValueError, match="another policy"):
        apply(state, cuts, other, AS_OF)
    with pytest.raises(ValueError, match="50 customers but 3 rows"):
        apply(state, cuts, POLICY, AS_OF, Previous.nothing(3))


def test_states_come_from_and_go_to_flat_columns() -> None:
    state = random_book(20, 2)
    columns = {name: values.tolist() for name, values in state.to_columns().items()}
    again = CustomerState.from_columns(columns)
    for name, values in state.to_columns().items():
        np.testing.assert_array_equal(again.to_columns()[name], values)
    del columns["sales"]
    with pytest.raises(ValueError, match="CustomerState lacks the columns sales"):
        CustomerState.from_columns(columns)


def test_scores_survive_their_columns() -> None:
    scores = score(random_book(30, 3))
    assert_same(Scores.from_columns(scores.to_columns()), scores)


def test_a_hundred_thousand_customers_take_a_second_of_one_core() -> None:
    state = random_book(100_000, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    cuts, scores = fit_and_apply(state, POLICY, AS_OF)
    seconds = time.process_time() - start
    assert isinstance(cuts.lifetime.purchases, BgNbdFit)
    assert len(scores) == 100_000
    # The goal is 0.5 s on a quiet core; twice that and more is a mistake in the code, not a busy machine.
    assert seconds < 2.5
    # What this call added to the peak: the process may have run a thousand other tests.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 400 * 1024


def test_expectations_of_the_pass_are_those_of_the_model() -> None:
    state = random_book(300, 13)
    cuts = fit(state, POLICY, AS_OF)
    scores = apply(state, cuts, POLICY, AS_OF)
    row = int(np.flatnonzero((state.purchase_days > 2) & (state.stage != Stage.LOST))[0])
    weeks = np.array([state.last_purchase_day[row], AS_OF]) - state.first_purchase_day[row]
    alone = expected_purchases(
        cuts.lifetime.purchases, np.array([state.purchase_days[row] - 1]), weeks[:1] / 7, weeks[1:] / 7, 52.0
    )
    assert scores.expected_purchases[row] == pytest.approx(alone[0], rel=1e-12)
