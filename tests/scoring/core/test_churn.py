"""Expected numbers are worked out by hand; the F distribution is checked by simulating gamma gaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.core.churn import flag_levels, read_level, settle_level, severity
from scoring.core.policy import SignalCode, SignalPolicy, default_policy
from scoring.core.results import Cuts, Previous, Scores
from scoring.core.score import apply, fit
from scoring.core.state import CustomerState
from scoring.core.types import FlagLevel, Stage
from tests.scoring.core.books import AS_OF, book, history, random_book

POLICY = default_policy()
CHURN = POLICY.churn
LEVELS = st.integers(0, 3)


def scored(state: CustomerState, cuts: Cuts | None = None) -> Scores:
    return apply(state, cuts or fit(state, POLICY, AS_OF), POLICY, AS_OF)


def read(scores: Scores, code: SignalCode) -> tuple[np.ndarray, np.ndarray]:
    position = [signal.code for signal in CHURN.signals].index(code)
    return scores.churn_inputs[:, position], scores.churn_severities[:, position]


def code(*levels: int) -> np.ndarray:
    return np.array(levels, dtype=np.int8)


def night(level: int, reading: int, days: float = 1.0, kept: int = -1) -> Previous:
    return Previous(np.array([days]), code(0), code(0), code(level), code(reading), code(kept))


def test_severity_is_a_ramp_in_either_direction_and_zero_without_input() -> None:
    up = SignalPolicy(SignalCode.NEGATIVE_SENTIMENT, 10, start=1, full=3)
    down = SignalPolicy(SignalCode.P_ALIVE_LOW, 10, start=0.5, full=0.1)
    np.testing.assert_array_equal(severity(np.array([0, 2, 9, np.nan]), up), [0, 0.5, 1, 0])
    np.testing.assert_allclose(severity(np.array([0.9, 0.3, 0.0]), down), [0, 0.5, 1])


def test_a_broken_rhythm_is_worse_the_more_regular_the_customer_was() -> None:
    regular = history([AS_OF - 260 + 20 * i for i in range(11)], [1] * 11)
    uneven = history([AS_OF - 260 + d for d in (0, 3, 40, 45, 100, 104, 150, 154, 190, 197, 200)], [1] * 11)
    inputs, severities = read(scored(book([regular, uneven])), SignalCode.RHYTHM_BROKEN)
    assert inputs[0] < 0.01 < inputs[1]
    assert severities[0] == 1 > severities[1]


def test_the_rhythm_is_the_share_of_simulated_gaps_that_are_longer() -> None:
    rng = np.random.RandomState(5)
    gaps, shape, ratio = 6, 2.0, 1.8
    draws = rng.gamma(shape, 1.0, (200_000, gaps + 1))
    simulated = (draws[:, 0] / draws[:, 1:].mean(axis=1) > ratio).mean()
    days = np.cumsum([0, *[10.0] * gaps])
    state = book([history(AS_OF - 18 - days[-1] + days, [1] * (gaps + 1))])
    cuts = replace(fit(state, POLICY, AS_OF), gap_variation=1 / shape)
    heavy = replace(POLICY, churn=replace(CHURN, rhythm_prior_gaps=1e9))
    probability = apply(state, cuts, heavy, AS_OF).churn_inputs[0, 0]
    assert probability == pytest.approx(simulated, abs=0.004)


def test_a_longer_pause_is_never_less_broken() -> None:
    rows = [
        history([AS_OF - 100 - wait, AS_OF - 60 - wait, AS_OF - wait], [1] * 3) for wait in range(0, 400, 7)
    ]
    inputs, _ = read(scored(book(rows)), SignalCode.RHYTHM_BROKEN)
    assert (np.diff(inputs) < 0).all()


def test_one_order_has_a_rule_of_its_own_and_no_p_alive() -> None:
    state = random_book(400, 3)
    once = history([AS_OF - 300], [1000.0])
    scores = scored(CustomerState.concatenate([state, book([once | {"customer_id": 999}])]))
    waiting, _ = read(scores, SignalCode.ONE_ORDER)
    mean_gaps = (state.last_purchase_day - state.first_purchase_day)[state.purchase_days > 1]
    mean_gaps = mean_gaps / (state.purchase_days[state.purchase_days > 1] - 1)
    assert waiting[-1] == pytest.approx((mean_gaps < 300).mean(), abs=0.005)
    assert np.isnan(scores.p_alive[-1])
    assert scores.expected_purchases[-1] > 0
    others = np.append(state.purchase_days != 1, False)
    assert np.isnan(waiting[others]).all()
    rhythm, _ = read(scores, SignalCode.RHYTHM_BROKEN)
    assert np.isnan(rhythm[-1])


def test_missed_purchases_are_the_posterior_rate_times_the_silence() -> None:
    state = random_book(400, 3)
    cuts = fit(state, POLICY, AS_OF)
    missed, _ = read(scored(state, cuts), SignalCode.EXPECTED_PURCHASES_MISSED)
    row = int(np.flatnonzero(state.purchase_days > 3)[0])
    model = cuts.lifetime.purchases
    weeks = (state.last_purchase_day[row] - state.first_purchase_day[row]) / 7
    rate = (model.r + state.purchase_days[row] - 1) / (model.alpha + weeks)
    assert missed[row] == pytest.approx(rate * (AS_OF - state.last_purchase_day[row]) / 7)


def test_falling_sales_count_for_frequent_buyers_only() -> None:
    frequent = history([AS_OF - 400 + 10 * i for i in range(41)], [1] * 41)
    rare = history([AS_OF - 400, AS_OF - 200, AS_OF], [1] * 3)
    sales = {"recent_sales": 45.0, "same_months_sales": 100.0}
    state = book([frequent | sales, rare | sales, frequent | {"recent_sales": 45.0}])
    change, severities = read(scored(state), SignalCode.SALES_DECLINE)
    assert change[0] == pytest.approx(-0.55)
    assert severities[0] == pytest.approx(0.5)
    assert np.isnan(change[1:]).all()


def test_silence_needs_a_contact_and_somebody_who_once_spoke() -> None:
    base = history([AS_OF - 20, AS_OF - 10, AS_OF], [1] * 3)
    touched = {"last_touch_day_executive": AS_OF - 365}
    state = book(
        [
            base | touched | {"has_contact_executive": True},
            base | touched,
            base | {"has_contact_executive": True},
        ]
    )
    days, severities = read(scored(state), SignalCode.SILENCE_EXECUTIVE)
    assert days[0] == 365
    assert severities.tolist() == [1, 0, 0]


def test_a_supporter_who_left_weighs_less_as_time_passes() -> None:
    base = history([AS_OF - 20, AS_OF - 10, AS_OF], [1] * 3)
    state = book([base | {"supporter_left_day": AS_OF - days} for days in (1, 90, 200, 365, 900)] + [base])
    _, severities = read(scored(state), SignalCode.SUPPORTER_LEFT)
    assert severities[:2].tolist() == [1, 1]
    assert 0 < severities[2] < 1
    assert severities[3:].tolist() == [0, 0, 0]


def test_a_customer_marked_lost_is_critical_at_once() -> None:
    base = history([AS_OF - 20, AS_OF - 10, AS_OF], [1] * 3)
    scores = scored(book([base | {"stage": int(Stage.LOST)}, base]))
    assert scores.flag_level.tolist() == [FlagLevel.CRITICAL, FlagLevel.NONE]
    assert scores.is_immediate.tolist() == [True, False]
    assert scores.churn_score[0] == 100


def test_prospects_have_no_flag() -> None:
    prospect = {
        "stage": int(Stage.PROSPECT),
        "has_contact_executive": True,
        "last_touch_day_executive": AS_OF - 900,
    }
    scores = scored(book([prospect]))
    assert scores.churn_score.tolist() == [0]
    assert np.isnan(scores.churn_inputs).all()


def test_points_above_a_hundred_are_scaled_to_a_hundred() -> None:
    lost = history([AS_OF - 960 + 20 * i for i in range(11)], [1] * 11) | {
        "stage": int(Stage.LOST),
        "supporter_left_day": AS_OF,
    }
    scores = scored(book([lost]))
    assert scores.churn_score[0] == pytest.approx(100, abs=1e-9)
    assert (scores.churn_points[0] > 0).sum() >= 3


BUYER = history([AS_OF - 20, AS_OF - 10, AS_OF], [1] * 3)
ASKED = {"satisfaction_level": 70.0, "satisfaction_age": 0, "satisfaction_weeks": 1, "survey_silence": 0}


def test_a_customer_whom_nobody_asks_has_no_reason_from_the_survey() -> None:
    scores = scored(book([BUYER]))
    codes = ("index_low", "index_falling", "low_grades", "survey_silence")
    assert all(np.isnan(read(scores, SignalCode(code))[0]).all() for code in codes)
    assert scores.churn_score.tolist() == [0]


@pytest.mark.parametrize(
    ("signal", "column", "values", "severities"),
    [
        (SignalCode.INDEX_LOW, "satisfaction_level", [100, 50, 35, 20, -100], [0, 0, 0.5, 1, 1]),
        (SignalCode.INDEX_FALLING, "satisfaction_slope", [3, 0, -2, -4, -6], [0, 0, 0, 0.5, 1]),
        (SignalCode.SURVEY_SILENCE, "survey_silence", [0, 2, 4, 6, 13], [0, 0, 0.5, 1, 1]),
    ],
)
def test_index_slope_and_silence_are_ramps_that_open_nothing_at_once(
    signal: SignalCode, column: str, values: list[float], severities: list[float]
) -> None:
    """Numbers of docs/scoring.md, section 7."""
    scores = scored(book([BUYER | ASKED | {column: value} for value in values]))
    inputs, found = read(scores, signal)
    assert inputs.tolist() == values
    np.testing.assert_allclose(found, severities)
    assert not scores.is_immediate.any()
    assert not scores.flag_level.any()


def test_a_low_grade_opens_watch_at_once_and_an_unacceptable_one_at_risk() -> None:
    low = ASKED | {"low_grades": 1, "lowest_points": 0.0}
    unacceptable = ASKED | {"low_grades": 1, "lowest_points": -100.0}
    scores = scored(book([BUYER | low, BUYER | unacceptable, BUYER | ASKED | {"lowest_points": 40.0}]))
    assert scores.flag_level.tolist() == [FlagLevel.WATCH, FlagLevel.AT_RISK, FlagLevel.NONE]
    assert scores.is_immediate.tolist() == [True, True, False]
    assert scores.churn_score.tolist() == [CHURN.watch.enter, 50, 0]
    assert scores.churn_score[1] >= CHURN.at_risk.enter


def test_how_good_the_grades_are_is_no_input_of_the_unacceptable_one() -> None:
    """The input is read by people who may not see the grades of every project."""
    rows = [BUYER | ASKED | {"lowest_points": points} for points in (100.0, 20.0, 0.0, -100.0)]
    inputs, severities = read(scored(book(rows)), SignalCode.UNACCEPTABLE_GRADE)
    assert inputs.tolist() == [0, 0, 0, -100]
    assert severities.tolist() == [0, 0, 0, 1]


def test_a_flag_of_a_low_grade_clears_after_two_nights_without_it() -> None:
    standing = book([BUYER | ASKED | {"low_grades": 1, "lowest_points": 0.0}])
    solved, cuts = book([BUYER | ASKED]), fit(standing, POLICY, AS_OF)
    first = apply(solved, cuts, POLICY, AS_OF, night(level=1, reading=1))
    assert (first.flag_reading.tolist(), first.flag_level.tolist()) == ([0], [1])
    second = apply(solved, cuts, POLICY, AS_OF, night(level=1, reading=0))
    assert second.flag_level.tolist() == [FlagLevel.NONE]
    repeated = apply(standing, cuts, POLICY, AS_OF, night(level=1, reading=0))
    assert repeated.flag_level.tolist() == [FlagLevel.WATCH]


@given(LEVELS, LEVELS, LEVELS)
def test_an_official_level_moves_only_as_far_as_two_readings_agree(
    official: int, earlier: int, now: int
) -> None:
    level = int(settle_level(code(official), code(earlier), code(now))[0])
    if min(earlier, now) > official:
        assert level == min(earlier, now)
    elif max(earlier, now) < official:
        assert level == max(earlier, now)
    else:
        assert level == official


def test_levels_are_entered_high_and_cleared_low() -> None:
    scores = np.array([24.9, 25.0, 18.0, 17.9, 45.0, 36.0, 65.0])
    official = code(0, 0, 1, 1, 0, 2, 0)
    assert read_level(scores, official, CHURN).tolist() == [0, 1, 1, 0, 2, 2, 3]


def test_one_reading_opens_nothing_the_second_does() -> None:
    alarming, none = np.array([50.0]), code(0)
    assert flag_levels(alarming, none, Previous.nothing(1), CHURN) == (code(2), code(0))
    assert flag_levels(alarming, none, night(0, 2), CHURN) == (code(2), code(2))
    assert flag_levels(alarming, none, night(0, 1), CHURN) == (code(2), code(1))


def test_readings_of_the_same_night_or_of_long_ago_do_not_count() -> None:
    alarming, none = np.array([50.0]), code(0)
    assert flag_levels(alarming, none, night(0, 2, days=0.1), CHURN) == (code(2), code(0))
    assert flag_levels(alarming, none, night(0, 2, days=30.0), CHURN) == (code(2), code(0))


def test_a_flag_clears_after_two_quiet_readings() -> None:
    quiet, none = np.array([5.0]), code(0)
    assert flag_levels(quiet, none, night(2, 2), CHURN) == (code(0), code(2))
    assert flag_levels(quiet, none, night(2, 0), CHURN) == (code(0), code(0))


def test_a_sweep_is_never_a_reading_but_opens_at_once_what_must_be() -> None:
    sweep = night(0, 2, kept=0)
    assert flag_levels(np.array([99.0]), code(0), sweep, CHURN) == (code(0), code(0))
    assert flag_levels(np.array([99.0]), code(3), sweep, CHURN) == (code(0), code(3))
