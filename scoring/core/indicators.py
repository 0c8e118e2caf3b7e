"""The financial indicators of past value, from a state row (docs/scoring.md, section 3)."""

from collections.abc import Callable

import numpy as np

from .division import divide
from .policy import IndicatorCode
from .state import CustomerState
from .types import FloatArray

# Evenness needs two gaps, that is, three purchase days.
LEAST_GAPS = 2


def total_sales(state: CustomerState) -> FloatArray:
    """Sales in the window, credit notes subtracted; minor units. Known for everybody."""
    return state.sales


def gross_profit(state: CustomerState) -> FloatArray:
    """Sales less direct cost over the orders whose cost is known; minor units. NaN when no cost is known."""
    is_known = (state.costed_sales != 0) | (state.direct_cost != 0)
    return np.where(is_known, state.costed_sales - state.direct_cost, np.nan)


def customer_profit(state: CustomerState) -> FloatArray:
    """Gross profit less what it costs to serve him; minor units. NaN when no direct cost is known.

    Only where the book keeps cost activities (`keeps_costs`): without any, everybody would look cheap.
    """
    profit: FloatArray = gross_profit(state) - state.cost_to_serve
    return profit


def keeps_costs(state: CustomerState) -> bool:
    """Whether any customer of the book has a cost to serve."""
    return bool(np.any(state.cost_to_serve > 0))


def gross_margin(state: CustomerState) -> FloatArray:
    """Gross profit over the sales it was made on; NaN when those are not above zero."""
    return divide(state.costed_sales - state.direct_cost, state.costed_sales)


def average_price(state: CustomerState) -> FloatArray:
    """Sales per unit over the orders whose quantity is known; minor units per unit."""
    return divide(state.quantified_sales, state.quantity)


def order_continuity(state: CustomerState) -> FloatArray:
    """Evenness of the gaps between orders and of batch sizes: sqrt(J(gaps) J(batches)), in (0, 1].

    J(y) = (sum y)^2 / (n sum y^2) = 1 / (1 + cv^2) is Jain's index (Jain, Chiu & Hawe 1984, DEC-TR-301): 1
    when all are equal, 1/n when one holds everything. The geometric mean lets neither side make up for the
    other. NaN below three purchase days in the window.
    """
    gaps = evenness(state.window_gap_count, state.window_gap_sum, state.window_gap_square_sum)
    batches = evenness(state.batch_count, state.batch_sum, state.batch_square_sum)
    continuity: FloatArray = np.where(state.window_gap_count >= LEAST_GAPS, np.sqrt(gaps * batches), np.nan)
    return continuity


def evenness(count: FloatArray, total: FloatArray, square_sum: FloatArray) -> FloatArray:
    """Jain's index of non-negative values given their count, sum and sum of squares; at most 1."""
    index: FloatArray = np.minimum(divide(total * total, count * square_sum), 1.0)
    return index


INDICATORS: dict[IndicatorCode, Callable[[CustomerState], FloatArray]] = {
    IndicatorCode.TOTAL_SALES: total_sales,
    IndicatorCode.GROSS_PROFIT: gross_profit,
    IndicatorCode.CUSTOMER_PROFIT: customer_profit,
    IndicatorCode.GROSS_MARGIN: gross_margin,
    IndicatorCode.AVERAGE_PRICE: average_price,
    IndicatorCode.ORDER_CONTINUITY: order_continuity,
}
