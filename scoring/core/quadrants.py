"""Quadrants of profit and cost to serve (docs/scoring.md, section 13)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from .division import divide
from .indicators import customer_profit, gross_margin
from .state import CustomerState
from .types import FloatArray

INVESTMENT_DAYS = 730
"""How long after the first purchase a loss is an investment."""


class Quadrant(StrEnum):
    """Where a customer stands, and so what is to be done."""

    PROTECT = "protect"
    STREAMLINE = "streamline"
    GROW = "grow"
    REDUCE = "reduce"
    INVEST = "invest"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Means:
    """Of the whole book: ``margin`` is gross profit over the sales it was made on, ``service`` cost to serve
    over sales; who has no sales in the window counts in neither. NaN where there are no such sales."""

    margin: float
    service: float


def service_share(state: CustomerState) -> FloatArray:
    """Cost to serve over sales; NaN when those are not above zero."""
    return divide(state.cost_to_serve, state.sales)


def quadrants_of(state: CustomerState, means: Means, *, as_of_day: float) -> npt.NDArray[np.str_]:
    """A `Quadrant` each, or "" where margin or cost to serve is not known, or the book keeps no costs.

    1. Whoever earns nothing after being served is an investment in the first `INVESTMENT_DAYS` after the
       first purchase, and later gets a last plan.
    2. All others by two questions: is the margin at least the book's, and does serving take a larger share
       of the sales than it does of the book's?

    After Kaplan & Narayanan (2001), Measuring and Managing Customer Profitability, Journal of Cost
    Management 15(5); they draw net margin against cost to serve. ``as_of_day``: of the state, in days since
    1970.
    """
    margin, service = gross_margin(state), service_share(state)
    is_known = ~np.isnan(margin) & ~np.isnan(service) & (means.service > 0)
    is_new = as_of_day - state.first_purchase_day <= INVESTMENT_DAYS
    earns_nothing = customer_profit(state) <= 0
    is_rich, is_costly = margin >= means.margin, service > means.service
    return np.select(
        [
            ~is_known,
            earns_nothing & is_new,
            earns_nothing,
            is_rich & is_costly,
            is_rich,
            is_costly,
        ],
        ["", Quadrant.INVEST, Quadrant.WITHDRAW, Quadrant.STREAMLINE, Quadrant.PROTECT, Quadrant.REDUCE],
        default=Quadrant.GROW,
    )
