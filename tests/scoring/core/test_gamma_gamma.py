"""Authorities: Fader & Hardie (2013) on the CDNOW sample; the `lifetimes` package."""

import warnings

import numpy as np
import pytest

from scoring.core.fitting import Refusal, RefusalCode
from scoring.core.gamma_gamma import GammaGammaFit, _Likelihood, expected_mean_value, fit_gamma_gamma
from scoring.core.lifetime_value import PurchaseHistory
from tests.scoring.core.books import AS_OF, random_book
from tests.scoring.core.cdnow import END_OF_39_WEEKS, state_as_of


def cdnow_values() -> tuple[np.ndarray, np.ndarray]:
    history = PurchaseHistory.of(state_as_of(END_OF_39_WEEKS), END_OF_39_WEEKS)
    return history.x, history.mean_value / 100


def cdnow_fit() -> GammaGammaFit:
    fit = fit_gamma_gamma(*cdnow_values(), min_repeat_customers=30, max_correlation=0.3)
    assert isinstance(fit, GammaGammaFit)
    return fit


def test_the_fit_of_cdnow_is_the_published_one() -> None:
    fit = cdnow_fit()
    assert (fit.p, fit.q, fit.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.005)
    assert fit.customers == 946


def test_minor_units_change_gamma_only() -> None:
    x, z = cdnow_values()
    in_cents = fit_gamma_gamma(x, z * 100, min_repeat_customers=30, max_correlation=0.3)
    assert isinstance(in_cents, GammaGammaFit)
    fit = cdnow_fit()
    assert (in_cents.p, in_cents.q, in_cents.gamma / 100) == pytest.approx(
        (fit.p, fit.q, fit.gamma), rel=1e-4
    )


def test_expected_mean_values_equal_lifetimes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from lifetimes import GammaGammaFitter
    oracle = GammaGammaFitter()
    oracle.params_ = pd.Series([6.25, 3.74, 15.44], index=["p", "q", "v"])
    x = np.array([0, 1, 2, 50, 10_000.0])
    z = np.array([0, 3.0, 35.0, 500.0, 35.0])
    ours = expected_mean_value(GammaGammaFit(6.25, 3.74, 15.44, 0.0, 0.0, 0), x, z)
    np.testing.assert_allclose(ours, oracle.conditional_expected_average_profit(x, z), rtol=1e-9)
    assert ours[0] == pytest.approx(6.25 * 15.44 / 2.74)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    x, z = cdnow_values()
    likelihood = _Likelihood(x[x > 0], z[x > 0])
    at = np.log([2.0, 2.5, 9.0])
    _, gradient = likelihood.negative_mean(at)
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-5
        numeric = (likelihood.negative_mean(at + step)[0] - likelihood.negative_mean(at - step)[0]) / 2e-5
        assert gradient[i] == pytest.approx(numeric, rel=1e-6)


def test_values_that_grow_with_the_number_of_purchases_are_refused() -> None:
    rng = np.random.RandomState(1)
    x = 1.0 + rng.poisson(5, 300)
    refusal = fit_gamma_gamma(x, x * rng.gamma(20, 1, 300), min_repeat_customers=30, max_correlation=0.3)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.CORRELATED
    assert refusal.found > refusal.limit == 0.3


def test_equal_values_and_few_customers_are_refused() -> None:
    equal = fit_gamma_gamma(np.full(50, 2.0), np.full(50, 9.0), min_repeat_customers=30, max_correlation=0.3)
    assert equal == Refusal(RefusalCode.NO_VARIATION, 9.0, 0.0)
    few = fit_gamma_gamma(np.full(5, 2.0), np.arange(5.0), min_repeat_customers=30, max_correlation=0.3)
    assert few == Refusal(RefusalCode.TOO_FEW_REPEAT_CUSTOMERS, 4.0, 30.0)


def test_a_book_without_a_population_mean_is_refused() -> None:
    rng = np.random.RandomState(2)
    nu = rng.gamma(0.7, 1.0, 4000)
    x = 1.0 + rng.poisson(20, 4000)
    refusal = fit_gamma_gamma(x, rng.gamma(3.0 * x) / nu / x, min_repeat_customers=30, max_correlation=0.3)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.NO_MEAN
    assert refusal.found == pytest.approx(0.7, abs=0.05)


def fit_of(n: int, seed: int) -> GammaGammaFit | Refusal:
    history = PurchaseHistory.of(random_book(n, seed), AS_OF)
    return fit_gamma_gamma(history.x, history.mean_value, min_repeat_customers=30, max_correlation=0.3)


@pytest.mark.parametrize("seed", [5, 10, 14, 15])
def test_books_drawn_from_the_model_give_its_mean_value_back(seed: int) -> None:
    fit = fit_of(400, seed)
    assert isinstance(fit, GammaGammaFit)
    # Drawn with p = 6, q = 4, gamma = 5e6: a population mean of 1e7.
    assert fit.p * fit.gamma / (fit.q - 1) == pytest.approx(1e7, rel=0.1)


@pytest.mark.parametrize(("n", "seed"), [(150, 57), (150, 97), (150, 110), (400, 3)])
def test_a_search_on_a_ridge_goes_on_until_the_border(n: int, seed: int) -> None:
    refusal = fit_of(n, seed)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.BORDER
