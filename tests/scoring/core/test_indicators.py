"""Expected numbers are worked out by hand."""

import numpy as np
import pytest

from scoring.core.indicators import (
    average_price,
    customer_profit,
    gross_margin,
    gross_profit,
    order_continuity,
    total_sales,
)
from tests.scoring.core.books import book, history


def test_sales_profit_margin_and_price_are_what_their_names_say() -> None:
    state = book(
        [{"sales": 900, "costed_sales": 600, "direct_cost": 450, "quantity": 4, "quantified_sales": 800}]
    )
    assert total_sales(state) == 900
    assert gross_profit(state) == 150
    assert gross_margin(state) == 0.25
    assert average_price(state) == 200


def test_what_is_not_known_is_nan_and_not_zero() -> None:
    state = book([{"sales": 900}])
    assert np.isnan(
        [gross_profit(state), gross_margin(state), average_price(state), order_continuity(state)]
    ).all()


def test_credit_notes_beyond_the_costed_sales_leave_a_loss_and_no_margin() -> None:
    state = book([{"sales": -50, "costed_sales": -50, "direct_cost": 10}])
    assert gross_profit(state) == -60
    assert np.isnan(gross_margin(state))


def test_even_orders_of_even_size_have_continuity_one() -> None:
    assert order_continuity(book([history([0, 30, 60, 90], [5, 5, 5, 5])])) == 1


def test_continuity_is_the_geometric_mean_of_jains_index_of_gaps_and_batches() -> None:
    state = book([history([0, 10, 40], [1, 1, 4])])
    gaps, batches = 40**2 / (2 * (100 + 900)), 6**2 / (3 * 18)
    assert order_continuity(state) == pytest.approx((gaps * batches) ** 0.5)


def test_jains_index_is_one_over_one_plus_squared_variation() -> None:
    values = np.array([3.0, 9.0, 11.0, 40.0])
    state = book([history([0, 1, 2, 3], values)])
    variation = values.std() / values.mean()
    assert order_continuity(state) ** 2 == pytest.approx(1 / (1 + variation**2))


def test_continuity_needs_three_purchase_days() -> None:
    assert np.isnan(order_continuity(book([history([0, 10], [1, 1])])))
    assert not np.isnan(order_continuity(book([history([0, 10, 30], [1, 1, 1])])))


def test_customer_profit_is_gross_profit_less_the_cost_to_serve() -> None:
    costs = {"costed_sales": 200, "direct_cost": 150, "cost_to_serve": 80}
    state = book([history([1], [200], **costs), history([1], [200], cost_to_serve=80)])
    np.testing.assert_array_equal(customer_profit(state), [-30, np.nan])
