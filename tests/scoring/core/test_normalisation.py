"""Expected numbers are worked out by hand; the normal distribution function is that of tables."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scoring.core.normalisation import IndicatorReference, fit_indicator, normalise
from scoring.core.policy import IndicatorCode, IndicatorPolicy, Normalisation
from scoring.core.reference import Reference

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


def indicator(
    method: Normalisation, *, higher_is_better: bool = True, winsor: float = 0.0
) -> IndicatorPolicy:
    return IndicatorPolicy(IndicatorCode.TOTAL_SALES, 1.0, method, higher_is_better, winsor)


def normalised(values: list[float], policy: IndicatorPolicy) -> np.ndarray:
    array = np.array(values, dtype=float)
    return normalise(array, fit_indicator(array, policy), policy)


def test_percentile_is_the_mid_rank() -> None:
    result = normalised([10, 20, 20, 40], indicator(Normalisation.PERCENTILE))
    np.testing.assert_array_equal(result, [0.125, 0.5, 0.5, 0.875])


def test_percentile_of_a_newcomer_counts_those_below_him() -> None:
    reference = Reference.of(np.array([10.0, 20.0, 20.0, 40.0]))
    np.testing.assert_array_equal(
        reference.percentile(np.array([5.0, 30.0, 50.0, np.nan])), [0, 0.75, 1, np.nan]
    )


def test_min_max_runs_between_the_winsorised_ends() -> None:
    values = [0.0, *range(1, 10), 1000.0]
    result = normalised(values, indicator(Normalisation.MIN_MAX, winsor=0.1))
    assert result[0] == 0 == result[1]
    assert result[-1] == 1 == result[-2]
    assert result[5] == 0.5


def test_z_score_is_mapped_by_the_normal_distribution() -> None:
    result = normalised([-1, 1], indicator(Normalisation.Z_SCORE))
    np.testing.assert_allclose(result, [0.158655, 0.841345], atol=1e-6)


@pytest.mark.parametrize("method", list(Normalisation))
def test_equals_are_in_the_middle_one_customer_too(method: Normalisation) -> None:
    np.testing.assert_array_equal(normalised([0.1, 0.1, 0.1], indicator(method)), 0.5)
    np.testing.assert_array_equal(normalised([7], indicator(method)), 0.5)


@pytest.mark.parametrize("method", list(Normalisation))
def test_nobody_and_nothing_known_give_no_number(method: Normalisation) -> None:
    assert len(normalised([], indicator(method))) == 0
    assert np.isnan(normalised([np.nan, np.nan], indicator(method))).all()


@pytest.mark.parametrize("method", list(Normalisation))
@given(values=st.lists(NUMBERS, min_size=1, max_size=60), extra=NUMBERS)
def test_normalised_values_rise_with_the_value_within_zero_and_one(
    method: Normalisation, values: list[float], extra: float
) -> None:
    policy = indicator(method, winsor=0.05)
    reference = fit_indicator(np.array(values), policy)
    asked = np.sort(np.array([*values, extra]))
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        result = normalise(asked, reference, policy)
    assert ((result >= 0) & (result <= 1)).all()
    # The normal distribution function may lose its last bit.
    assert (np.diff(result) >= -1e-15).all()
    falling = indicator(method, higher_is_better=False, winsor=0.05)
    np.testing.assert_allclose(normalise(asked, reference, falling), 1 - result)


@given(values=st.lists(st.integers(-5, 5), min_size=1, max_size=80))
def test_the_percentile_of_a_small_book_is_that_of_scipy(values: list[int]) -> None:
    array = np.array(values, dtype=float)
    expected = [stats.percentileofscore(array, value, kind="mean") / 100 for value in array]
    np.testing.assert_allclose(Reference.of(array).percentile(array), expected, atol=1e-12)


def test_a_large_book_is_kept_in_1001_points_and_stays_within_a_thousandth() -> None:
    values = np.round(np.random.RandomState(1).lognormal(3, 2, 50_000))
    reference = Reference.of(values)
    assert len(reference.values) <= 1001
    exact = (stats.rankdata(values) - 0.5) / len(values)
    assert np.abs(reference.percentile(values) - exact).max() < 0.001


def test_the_top_of_a_large_book_can_be_kept_exactly() -> None:
    values = np.random.RandomState(1).permutation(20_000).astype(float)
    below, equal = Reference.of(values, exact_from_top=500).place(np.arange(19_500.0, 20_000.0))
    np.testing.assert_array_equal(below, np.arange(19_500.0, 20_000.0))
    np.testing.assert_array_equal(equal, 1)


def test_references_survive_json() -> None:
    reference = fit_indicator(np.array([0.1, np.nan, 3.0, 0.1]), indicator(Normalisation.Z_SCORE))
    assert IndicatorReference.from_plain(json.loads(json.dumps(reference.to_plain()))) == reference
    assert reference.distribution.count == 3
