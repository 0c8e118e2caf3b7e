"""Expected quadrants are worked out by hand."""

import numpy as np
import pytest

from scoring.core.quadrants import INVESTMENT_DAYS, Means, Quadrant, quadrants_of
from tests.scoring.core.books import book

AS_OF = 20_000.0
OLD = {"first_purchase_day": AS_OF - INVESTMENT_DAYS - 1}


def customer(margin: float, service: float, **more: float) -> dict[str, float]:
    """Of 1,000 sold."""
    sums = {"sales": 1000, "costed_sales": 1000, "direct_cost": 1000 - margin, "cost_to_serve": service}
    return OLD | sums | more


def quadrant(mean: Means, **state: float) -> str:
    return str(quadrants_of(book([state]), mean, as_of_day=AS_OF)[0])


MEANS = Means(margin=0.3, service=0.1)


@pytest.mark.parametrize(
    ("margin", "service", "expected"),
    [
        (300, 100, Quadrant.PROTECT),
        (301, 101, Quadrant.STREAMLINE),
        (299, 100, Quadrant.GROW),
        (299, 101, Quadrant.REDUCE),
        (100, 100, Quadrant.WITHDRAW),
        (400, 500, Quadrant.WITHDRAW),
        (101, 100, Quadrant.GROW),
    ],
)
def test_margin_and_cost_to_serve_are_held_against_the_books(
    margin: float, service: float, expected: str
) -> None:
    assert quadrant(MEANS, **customer(margin, service)) == expected


def test_a_loss_is_an_investment_for_two_years() -> None:
    assert quadrant(MEANS, **customer(10, 20, first_purchase_day=AS_OF - INVESTMENT_DAYS)) == "invest"
    assert quadrant(MEANS, **customer(10, 20, first_purchase_day=AS_OF - INVESTMENT_DAYS - 1)) == "withdraw"
    assert quadrant(MEANS, **customer(310, 20, first_purchase_day=AS_OF)) == "protect"


def test_without_known_costs_nothing_is_said() -> None:
    assert quadrant(MEANS, sales=1000, cost_to_serve=5) == ""
    assert quadrant(MEANS, **customer(300, 100, cost_to_serve=np.nan)) == ""
    assert quadrant(Means(0.3, 0.0), **customer(300, 0)) == ""
    assert quadrant(Means(0.3, float("nan")), **customer(300, 0)) == ""
