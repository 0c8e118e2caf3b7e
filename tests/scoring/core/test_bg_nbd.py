"""Authorities: Fader, Hardie & Lee (2005), table 2; the `lifetimes` package; the integrals behind eq. 10."""

import time
import warnings

import numpy as np
import pytest
from scipy import integrate, special

from scoring.core.bg_nbd import (
    BgNbdFit,
    _Likelihood,
    expected_purchases,
    fit_bg_nbd,
    p_alive,
)
from scoring.core.fitting import Refusal, RefusalCode
from scoring.core.lifetime_value import PurchaseHistory
from tests.scoring.core.cdnow import (
    END_OF_39_WEEKS,
    END_OF_78_WEEKS,
    published_summary,
    purchase_days_between,
    state_as_of,
)

PARAMETERS = [
    (0.243, 4.414, 0.793, 2.426),
    (1.5, 8.0, 0.9, 12.0),
    (3.0, 10.0, 2.2, 40.0),
    (1.5, 8.0, 1.01, 12.0),
    (0.9, 20.0, 0.05, 7.0),
]


def model(parameters: tuple[float, ...]) -> BgNbdFit:
    return BgNbdFit(*parameters, log_likelihood=0.0, customers=0)


def grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, part, age = np.meshgrid(
        [0, 1, 2, 7, 50, 400, 10_000.0], [0.2, 0.7, 1.0], [0.5, 20.0, 300.0], indexing="ij"
    )
    x, part, age = x.ravel(), part.ravel(), age.ravel()
    return x, np.where(x > 0, part * age, 0.0), age


def lifetimes_model(parameters: tuple[float, ...]):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from lifetimes import BetaGeoFitter
    fitter = BetaGeoFitter()
    fitter.params_ = pd.Series(parameters, index=["r", "alpha", "a", "b"])
    return fitter


def published_fit() -> BgNbdFit:
    fit = fit_bg_nbd(*published_summary(), min_repeat_customers=30)
    assert isinstance(fit, BgNbdFit)
    return fit


def test_the_fit_of_cdnow_is_the_published_one() -> None:
    fit = published_fit()
    assert (fit.r, fit.alpha, fit.a, fit.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert fit.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert fit.customers == 2357


def test_our_history_of_the_log_is_the_published_summary() -> None:
    history = PurchaseHistory.of(state_as_of(END_OF_39_WEEKS), END_OF_39_WEEKS)
    x, t_x, age = published_summary()
    np.testing.assert_array_equal(history.x, x)
    np.testing.assert_allclose(history.t_x, t_x, atol=0.0051)
    np.testing.assert_allclose(history.age, age, atol=0.0051)


def test_expected_purchases_of_the_hold_out_weeks_are_the_published_1653() -> None:
    expected = expected_purchases(published_fit(), *published_summary(), 39.0).sum()
    assert expected == pytest.approx(1653, rel=0.005)
    happened = purchase_days_between(END_OF_39_WEEKS, END_OF_78_WEEKS)
    assert happened == 1882


def test_the_fit_of_cdnow_takes_milliseconds() -> None:
    x, t_x, age = published_summary()
    seconds = []
    for _ in range(5):
        start = time.process_time()
        fit_bg_nbd(x, t_x, age, min_repeat_customers=30)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.1


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_p_alive_and_expectations_equal_lifetimes_on_a_grid_with_extremes(
    parameters: tuple[float, ...],
) -> None:
    x, t_x, age = grid()
    oracle = lifetimes_model(parameters)
    alive = p_alive(model(parameters), x, t_x, age)
    np.testing.assert_allclose(
        alive, oracle.conditional_probability_alive(x, t_x, age), rtol=1e-9, atol=1e-300
    )
    for weeks in (1.0, 39.0, 260.0):
        ours = expected_purchases(model(parameters), x, t_x, age, weeks)
        with np.errstate(all="ignore"):
            theirs = oracle.conditional_expected_number_of_purchases_up_to_time(weeks, x, t_x, age)
        assert np.isfinite(ours).all()
        is_comparable = np.isfinite(theirs)
        assert is_comparable.mean() > 0.6
        # 1 - (1 - a small number) costs the oracle, too, digits where next to nothing is expected.
        np.testing.assert_allclose(ours[is_comparable], theirs[is_comparable], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_the_unconditional_expectation_equals_lifetimes(parameters: tuple[float, ...]) -> None:
    weeks = np.array([0.5, 4.0, 39.0, 78.0])
    nothing = np.zeros(1)
    ours = np.concatenate(
        [expected_purchases(model(parameters), nothing, nothing, nothing, each) for each in weeks]
    )
    theirs = lifetimes_model(parameters).expected_number_of_purchases_up_to_time(weeks)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


# Eq. 10 with 60 digits (mpmath): parameters, (x, t_x, T, t), P(alive), expected purchases.
SIXTY_DIGITS = [
    ((1.5, 8, 1, 12), (10000, 199, 200, 52), 1.168000204130561e-17, 2.606991633234577e-14),
    ((1.5, 8, 1.0001, 12), (10000, 199, 200, 52), 1.167883415788982e-17, 2.606701906630854e-14),
    ((1.5, 8, 1.000000000001, 12), (3, 40, 200, 520), 0.018716434633508, 0.1533847985183189),
    ((0.243, 4.414, 0.9999, 2.426), (0, 0, 0.5, 78), 1.0, 1.528539471351546),
    ((0.243, 4.414, 0.793, 2.426), (10000, 299.9, 300, 39), 0.9978854478940908, 1218.106914920574),
    ((900, 2000, 0.9, 3000), (150, 150, 200, 52), 1.149471345178895e-7, 2.842708026588191e-6),
    ((0.5, 10, 0.3, 0.7), (0, 0, 20, 52), 1.0, 0.6808841889197623),
    ((0.01, 100, 0.0103, 0.9897), (1, 5, 20, 520), 0.9882303457078974, 4.278067888360499),
]


@pytest.mark.parametrize(("parameters", "data", "alive", "expected"), SIXTY_DIGITS)
def test_extremes_equal_the_closed_form_in_sixty_digits(
    parameters: tuple[float, ...], data: tuple[float, ...], alive: float, expected: float
) -> None:
    x, t_x, age, weeks = (np.array([float(value)]) for value in data)
    fit = model(parameters)
    assert p_alive(fit, x, t_x, age) == pytest.approx(alive, rel=1e-9)
    assert expected_purchases(fit, x, t_x, age, float(weeks[0])) == pytest.approx(expected, rel=1e-9)


def integral_while_alive(fit: BgNbdFit, x: float, age: float, weeks: float) -> float:
    """E[(1 - (1 + p t/(alpha+T))^-(r+x)) / p] over p ~ Beta(a, b+x): eq. 10 before its integral is solved."""
    step = weeks / (fit.alpha + age)

    def integrand(p: float) -> float:
        return -np.expm1(-(fit.r + x) * np.log1p(p * step)) / p if p else (fit.r + x) * step

    norm = special.beta(fit.a, fit.b + x)
    value, _ = integrate.quad(
        integrand, 0, 1, weight="alg", wvar=(fit.a - 1, fit.b + x - 1), epsabs=0, epsrel=1e-11, limit=400
    )
    return value / norm


@pytest.mark.parametrize("a", [1.0, 1.0 + 1e-13, 1.0 - 1e-7, 1.001, 0.5, 0.505])
@pytest.mark.parametrize("x", [0.0, 1.0, 12.0])
def test_expectations_stay_exact_where_the_formula_divides_zero_by_zero(a: float, x: float) -> None:
    fit = model((1.4, 6.0, a, 0.5))
    age, t_x = np.array([30.0]), np.array([20.0 if x else 0.0])
    ours = expected_purchases(fit, np.array([x]), t_x, age, 52.0)
    alive = p_alive(fit, np.array([x]), t_x, age)
    assert ours / alive == pytest.approx(integral_while_alive(fit, x, 30.0, 52.0), rel=1e-9)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    x, t_x, age = published_summary()
    likelihood = _Likelihood(x, t_x, age)
    at = np.log([0.4, 3.0, 0.7, 1.9])
    _, gradient = likelihood.negative_mean(at)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5
        numeric = (likelihood.negative_mean(at + step)[0] - likelihood.negative_mean(at - step)[0]) / 2e-5
        assert gradient[i] == pytest.approx(numeric, rel=1e-6, abs=1e-9)


def test_the_likelihood_does_not_depend_on_the_order_of_customers_nor_on_the_unit_of_time() -> None:
    x, t_x, age = published_summary()
    fit = published_fit()
    in_days = fit_bg_nbd(x, t_x * 7, age * 7, min_repeat_customers=30)
    assert isinstance(in_days, BgNbdFit)
    assert (in_days.r, in_days.alpha / 7, in_days.a, in_days.b) == pytest.approx(
        (fit.r, fit.alpha, fit.a, fit.b), rel=1e-4
    )
    assert fit_bg_nbd(x[::-1], t_x[::-1], age[::-1], min_repeat_customers=30) == fit


def test_everybody_without_a_repeat_purchase_is_alive() -> None:
    alive = p_alive(published_fit(), np.zeros(3), np.zeros(3), np.array([0.0, 10.0, 1000.0]))
    np.testing.assert_array_equal(alive, 1.0)


def test_a_longer_silence_never_raises_p_alive() -> None:
    age = np.linspace(30, 400, 60)
    alive = p_alive(published_fit(), np.full(60, 5.0), np.full(60, 30.0), age)
    assert (np.diff(alive) < 0).all()


def test_too_few_repeat_customers_are_refused() -> None:
    x, t_x, age = (column[:40] for column in published_summary())
    refusal = fit_bg_nbd(x, t_x, age, min_repeat_customers=30)
    assert refusal == Refusal(RefusalCode.TOO_FEW_REPEAT_CUSTOMERS, float((x > 0).sum()), 30.0)


def test_an_empty_book_is_refused() -> None:
    nothing = np.zeros(0)
    refusal = fit_bg_nbd(nothing, nothing, nothing, min_repeat_customers=2)
    assert refusal == Refusal(RefusalCode.TOO_FEW_REPEAT_CUSTOMERS, 0.0, 2.0)


def test_a_book_of_equals_is_refused() -> None:
    refusal = fit_bg_nbd(np.full(50, 4.0), np.full(50, 30.0), np.full(50, 35.0), min_repeat_customers=30)
    assert refusal == Refusal(RefusalCode.NO_VARIATION, 4.0, 0.0)


def test_a_book_that_nobody_leaves_runs_to_the_border_and_is_refused() -> None:
    rng = np.random.RandomState(3)
    age = rng.uniform(100, 200, 400)
    x = np.rint(age * rng.gamma(4.0, 0.1, 400))
    refusal = fit_bg_nbd(x, np.where(x > 0, age, 0.0), age, min_repeat_customers=30)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.BORDER
    assert refusal.found == pytest.approx(refusal.limit, rel=0.5)
