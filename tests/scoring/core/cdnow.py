"""The CDNOW sample as customer states, and as the x, t_x, T of the published summary."""

import datetime as dt
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np

from scoring.core.state import CustomerState
from tests.scoring.core.books import book, history

DATA = Path(__file__).parents[2] / "data" / "cdnow"
EPOCH = dt.date(1970, 1, 1)
END_OF_39_WEEKS = float((dt.date(1997, 9, 30) - EPOCH).days)
END_OF_78_WEEKS = float((dt.date(1998, 6, 30) - EPOCH).days)


def published_summary() -> np.ndarray:
    """x, t_x, T in weeks, one column each."""
    return np.loadtxt(DATA / "cdnow_customers_summary.csv", delimiter=",", skiprows=1)[:, 1:].T.copy()


@cache
def cents_by_day() -> dict[int, dict[int, int]]:
    """Customer -> day number -> cents; rows that are exact duplicates count."""
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for line in (DATA / "cdnow_sample.txt").read_text().splitlines():
        customer, _, day, _, dollars = line.split()
        found[int(customer)][(dt.date.fromisoformat(day) - EPOCH).days] += round(float(dollars) * 100)
    return found


def state_as_of(day: float) -> CustomerState:
    rows = []
    for customer, purchases in cents_by_day().items():
        days = [d for d in sorted(purchases) if d <= day]
        rows.append(history(days, [purchases[d] for d in days], customer_id=customer))
    return book(rows)


def purchase_days_between(after: float, until: float) -> int:
    return sum(after < day <= until for purchases in cents_by_day().values() for day in purchases)
