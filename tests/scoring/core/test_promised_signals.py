"""Needs, actions, contracts, competitors and single contacts as reasons; docs/scoring.md, section 7."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.core.policy import IndicatorCode, Policy, SignalCode, default_policy
from scoring.core.results import Previous, Scores
from scoring.core.score import apply, fit, fit_and_apply
from scoring.core.signals import SIGNALS, SignalKind
from scoring.core.state import CustomerState
from scoring.core.types import FlagLevel
from tests.scoring.core.books import AS_OF, book, history, random_book

POLICY = default_policy()
ADDED = (
    SignalCode.OVERDUE_NEED,
    SignalCode.OVERDUE_ACTION,
    SignalCode.CONTRACT_ENDING,
    SignalCode.CONTRACT_ENDED,
    SignalCode.COMPETITOR_RISING,
    SignalCode.SINGLE_CONTACT,
)
BUYER = history([AS_OF - 20, AS_OF - 10, AS_OF], [1] * 3)


def scored(state: CustomerState, policy: Policy = POLICY) -> Scores:
    return apply(state, fit(state, policy, AS_OF), policy, AS_OF)


def read(scores: Scores, code: SignalCode, policy: Policy = POLICY) -> tuple[np.ndarray, np.ndarray]:
    position = [signal.code for signal in policy.churn.signals].index(code)
    return scores.churn_inputs[:, position], scores.churn_severities[:, position]


@pytest.mark.parametrize(
    ("signal", "column", "values", "inputs", "severities"),
    [
        (
            SignalCode.OVERDUE_NEED,
            "need_due_day",
            [AS_OF + 10, AS_OF, AS_OF - 15, AS_OF - 30, AS_OF - 400],
            [-10, 0, 15, 30, 400],
            [0, 0, 0.5, 1, 1],
        ),
        (
            SignalCode.OVERDUE_ACTION,
            "action_due_day",
            [AS_OF + 10, AS_OF - 7, AS_OF - 18.5, AS_OF - 30],
            [-10, 7, 18.5, 30],
            [0, 0, 0.5, 1],
        ),
        (
            SignalCode.CONTRACT_ENDING,
            "contract_ending_day",
            [AS_OF + 400, AS_OF + 90, AS_OF + 45, AS_OF],
            [400, 90, 45, 0],
            [0, 0, 0.5, 1],
        ),
        (SignalCode.COMPETITOR_RISING, "competitor_rise", [-20, 5, 10, 20, 60], None, [0, 0, 1 / 3, 1, 1]),
    ],
)
def test_each_is_a_ramp_that_opens_nothing_alone(
    signal: SignalCode,
    column: str,
    values: list[float],
    inputs: list[float] | None,
    severities: list[float],
) -> None:
    scores = scored(book([BUYER | {column: value} for value in values]))
    found, ramp = read(scores, signal)
    assert found.tolist() == (inputs or values)
    np.testing.assert_allclose(ramp, severities)
    assert not scores.is_immediate.any()
    assert (scores.churn_score < POLICY.churn.watch.enter).all()


def test_nothing_promised_is_no_input() -> None:
    scores = scored(book([BUYER]))
    assert all(np.isnan(read(scores, code)[0]).all() for code in ADDED)
    assert scores.churn_score.tolist() == [0]


def test_a_contract_that_ended_opens_at_risk_at_once_and_fades_in_half_a_year() -> None:
    ago = (0, 60, 120, 180, 500)
    state = book([BUYER | {"contract_ended_day": AS_OF - days} for days in ago])
    scores = scored(state)
    assert read(scores, SignalCode.CONTRACT_ENDED)[1].tolist() == [1, 1, 0.5, 0, 0]
    assert scores.flag_level.tolist() == [FlagLevel.AT_RISK] * 3 + [FlagLevel.NONE] * 2
    assert scores.is_immediate.tolist() == [True] * 3 + [False] * 2
    assert scores.churn_score.tolist() == [30, 30, 15, 0, 0]
    held = Previous(
        days_since=np.ones(5),
        tier=np.zeros(5, dtype=np.int8),
        pending_tier=np.zeros(5, dtype=np.int8),
        flag_level=np.full(5, 2, dtype=np.int8),
        flag_reading=np.zeros(5, dtype=np.int8),
        kept_reading=np.full(5, -1, dtype=np.int8),
    )
    later = apply(state, fit(state, POLICY, AS_OF), POLICY, AS_OF, held)
    assert later.flag_level.tolist() == [2, 2, 2, 0, 0], "held while it counts, then two quiet nights"


def test_one_voice_alone_counts_where_sales_are_above_the_median() -> None:
    def of(sales: float, spoken: float) -> dict[str, object]:
        return BUYER | {"sales": sales, "spoken_contacts": spoken}

    rows = [of(100, 1), of(900, 1), of(900, 2), of(900, 0), of(800, 1), of(50, 3), of(40, 1)]
    inputs, severities = read(scored(book(rows)), SignalCode.SINGLE_CONTACT)
    np.testing.assert_array_equal(inputs, [np.nan, 1, 2, np.nan, np.nan, np.nan, np.nan])
    assert severities.tolist() == [0, 1, 0, 0, 0, 0, 0]
    bare = replace(
        POLICY, indicators=tuple(i for i in POLICY.indicators if i.code is not IndicatorCode.TOTAL_SALES)
    )
    assert np.isnan(read(scored(book(rows), bare), SignalCode.SINGLE_CONTACT, bare)[0]).all()


def test_an_earlier_policy_scores_as_it_did_whatever_the_new_columns_say() -> None:
    earlier = replace(
        POLICY,
        churn=replace(
            POLICY.churn, signals=tuple(one for one in POLICY.churn.signals if one.code not in ADDED)
        ),
    )
    state = random_book(300, seed=11)
    nothing = {name: np.full(300, np.nan) for name in ("need_due_day", "action_due_day", "competitor_rise")}
    nothing |= {name: np.full(300, np.nan) for name in ("contract_ending_day", "contract_ended_day")}
    cuts, scores = fit_and_apply(state, earlier, AS_OF)
    old_cuts, old_scores = fit_and_apply(
        replace(state, **nothing, spoken_contacts=np.full(300, np.nan)), earlier, AS_OF
    )
    assert cuts == old_cuts
    for name, values in scores.to_columns().items():
        np.testing.assert_array_equal(values, old_scores.to_columns()[name])
    assert scores.churn_points.shape[1] == len(POLICY.churn.signals) - len(ADDED)


def test_the_points_sum_to_the_score_with_all_of_them() -> None:
    scores = scored(random_book(400, seed=3))
    np.testing.assert_allclose(scores.churn_points.sum(axis=1), scores.churn_score, atol=1e-9)
    assert scores.churn_score.max() <= 100 + 1e-9
    assert all((read(scores, code)[1] > 0).any() for code in ADDED)


def test_what_was_said_and_who_fell_silent_are_kept_apart() -> None:
    silent = {code for code in ADDED if SIGNALS[code].kind is SignalKind.WENT_SILENT}
    assert silent == {SignalCode.SINGLE_CONTACT}
