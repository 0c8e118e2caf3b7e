"""Books of customers for the tests of the core: built from order dates and values, or random but lawful."""

from collections.abc import Mapping, Sequence

import numpy as np

from scoring.core.state import CustomerState
from scoring.core.types import FloatArray, Stage

AS_OF = 20_000.0
UNSAID = {
    "satisfaction_level",
    "satisfaction_age",
    "satisfaction_slope",
    "lowest_points",
    "survey_silence",
    "competitor_rise",
}
"""Columns that are NaN for a customer whom nobody asks, and of whom nothing is said."""


def history(days: Sequence[float], values: Sequence[float], **others: object) -> dict[str, object]:
    """Columns of one customer who bought on the given days (ascending), everything inside the window."""
    gaps = np.diff(days)
    amounts = np.asarray(values, dtype=float)
    row: dict[str, object] = {
        "stage": int(Stage.CONTINUING),
        "purchase_days": len(days),
        "first_purchase_day": days[0] if len(days) else None,
        "last_purchase_day": days[-1] if len(days) else None,
        "repeat_value": amounts[1:].sum(),
        "gap_square_sum": (gaps**2).sum(),
        "sales": amounts.sum(),
        "batch_count": len(days),
        "batch_sum": amounts.sum(),
        "batch_square_sum": (amounts**2).sum(),
        "window_gap_count": len(gaps),
        "window_gap_sum": gaps.sum(),
        "window_gap_square_sum": (gaps**2).sum(),
    }
    return row | others


def book(rows: Sequence[Mapping[str, object]]) -> CustomerState:
    """State of the rows; what a row does not say is zero, never, or nobody. Customer ids count from 1."""
    columns: dict[str, list[object]] = {}
    for name, _ in CustomerState.flat_columns():
        is_nan = name.endswith("_day") or name.startswith("last_touch") or name in UNSAID
        absent = None if is_nan else 0
        columns[name] = [row.get(name, absent) for row in rows]
    columns["customer_id"] = [row.get("customer_id", i + 1) for i, row in enumerate(rows)]
    return CustomerState.from_columns(columns)


def random_book(n: int, seed: int) -> CustomerState:
    """n lawful states drawn from BG/NBD with Gamma-Gamma values, some without orders, costs or contacts."""
    rng = np.random.RandomState(seed)
    age = rng.randint(1, 1400, n).astype(float)
    rate = rng.gamma(1.2, 1 / 60.0, n)
    active = np.minimum(age, rng.exponential(900.0, n))
    purchases = np.where(rng.random_sample(n) < 0.05, 0, 1 + rng.poisson(rate * active))
    purchases = np.minimum(purchases, active.astype(int) + 1)
    x = np.maximum(purchases - 1.0, 0)
    has_bought, repeats = purchases > 0, purchases > 1
    span = np.where(repeats, np.clip(np.ceil(active * rng.beta(np.maximum(x, 1), 1)), x, age), 0.0)
    square = np.where(repeats, span**2 / np.maximum(x, 1) * (1 + rng.gamma(2.0, 0.25, n)), 0.0)
    square = np.where(x == 1, span**2, np.minimum(square, span**2))
    count = np.maximum(x, 1.0)
    mean_value = np.rint(rng.gamma(6.0 * count, 1.0 / count, n) * 5e6 / rng.gamma(4.0, 1.0, n)) + 1
    sales, is_costed = mean_value * purchases, has_bought & (rng.random_sample(n) < 0.8)
    first = np.where(has_bought, AS_OF - age, np.nan)
    stage = np.where(
        has_bought, rng.choice([2, 3, 4, 5, 6], n, p=[0.2, 0.5, 0.2, 0.05, 0.05]), rng.randint(0, 3, n)
    )
    columns: dict[str, object] = {name: np.zeros(n) for name, _ in CustomerState.flat_columns()}
    columns |= {
        "customer_id": np.arange(n) + 1,
        "stage": stage,
        "stage_day": AS_OF - age,
        "acquired_day": first,
        "purchase_days": purchases,
        "first_purchase_day": first,
        "last_purchase_day": first + span,
        "repeat_value": mean_value * x,
        "gap_square_sum": square,
        "sales": sales,
        "costed_sales": np.where(is_costed, sales, 0),
        "direct_cost": np.where(is_costed, np.rint(sales * rng.uniform(0.4, 1.05, n)), 0),
        "quantity": np.where(has_bought, purchases * 3.0, 0),
        "quantified_sales": sales,
        "batch_count": purchases,
        "batch_sum": purchases * 3.0,
        "batch_square_sum": purchases * 9.0 * (1 + rng.random_sample(n)),
        "window_gap_count": x,
        "window_gap_sum": span,
        "window_gap_square_sum": square,
        "recent_sales": sales * rng.random_sample(n) * 0.2,
        "same_months_sales": sales * rng.random_sample(n) * 0.2,
        "active_contacts": rng.randint(0, 5, n),
        "interactions_365": rng.randint(0, 20, n),
        "negative_90": rng.randint(0, 3, n),
        "supporter_left_day": np.where(rng.random_sample(n) < 0.1, AS_OF - rng.randint(0, 500, n), np.nan),
    }
    for level in ("executive", "management", "specialist", "operational"):
        reached = rng.random_sample(n) < 0.6
        columns[f"last_touch_day_{level}"] = np.where(reached, AS_OF - rng.randint(0, 400, n), np.nan)
        columns[f"has_contact_{level}"] = rng.random_sample(n) < 0.7
    columns |= _surveyed(n, rng) | {"cost_to_serve": _served(sales, rng)}
    return CustomerState.from_columns(columns | _promised(n, rng))


def _served(sales: FloatArray, rng: np.random.RandomState) -> FloatArray:
    """Nothing was used for one customer in three."""
    is_served = rng.random_sample(len(sales)) < 0.67
    return np.where(is_served, np.rint(sales * rng.uniform(0.0, 0.5, len(sales))), 0.0)


def _surveyed(n: int, rng: np.random.RandomState) -> dict[str, object]:
    """Seven of ten are asked every week; of them two in ten give no grade."""
    is_asked = rng.random_sample(n) < 0.7
    weeks = np.where(is_asked & (rng.random_sample(n) < 0.8), rng.randint(1, 14, n), 0)
    low = np.where(weeks > 0, rng.choice([0, 1, 2, 5], n, p=[0.8, 0.1, 0.05, 0.05]), 0)
    has_low, has_slope = low > 0, weeks > 2
    return {
        "satisfaction_level": np.where(weeks > 0, rng.uniform(-100, 100, n), np.nan),
        "satisfaction_age": np.where(weeks > 0, rng.randint(0, 13, n), np.nan),
        "satisfaction_slope": np.where(has_slope, rng.normal(0, 3, n), np.nan),
        "satisfaction_weeks": weeks,
        "low_grades": low,
        "lowest_points": np.where(has_low, rng.choice([0.0, -100.0], n), np.where(weeks > 5, 40.0, np.nan)),
        "survey_silence": np.where(is_asked, rng.randint(0, 14, n), np.nan),
    }


def _promised(n: int, rng: np.random.RandomState) -> dict[str, object]:
    """Half of all have something that is due, soon or long since; some have contracts and competitors."""

    def some(share: float, values: FloatArray) -> FloatArray:
        return np.where(rng.random_sample(n) < share, values, np.nan)

    return {
        "need_due_day": some(0.5, AS_OF - rng.randint(-60, 60, n)),
        "action_due_day": some(0.5, AS_OF - rng.randint(-60, 60, n)),
        "contract_ending_day": some(0.3, AS_OF + rng.randint(0, 400, n)),
        "contract_ended_day": some(0.1, AS_OF - rng.randint(0, 400, n)),
        "competitor_rise": some(0.2, rng.randint(-30, 40, n).astype(float)),
        "spoken_contacts": rng.randint(0, 4, n).astype(float),
    }
