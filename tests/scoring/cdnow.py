"""The purchases of the CDNOW sample (Fader & Hardie) as customers and orders."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from accounts.customers.models import Customer, CustomerInput
from accounts.orders.models import Order

FOLDER = Path(__file__).parents[1] / "data" / "cdnow"


@dataclass(frozen=True)
class Published:
    """Repeat purchases, weeks from the first to the last, weeks from the first to 1997-09-30."""

    frequency: int
    recency: float
    age: float


def published() -> dict[str, Published]:
    """The published summary by customer number."""
    with (FOLDER / "cdnow_customers_summary.csv").open() as file:
        return {
            row["ID"].zfill(4): Published(int(row["frequency"]), float(row["recency"]), float(row["T"]))
            for row in csv.DictReader(file)
        }


def load() -> dict[str, int]:
    """Every purchase as an order that was known on its day; ids of the customers by number."""
    lines = [line.split() for line in (FOLDER / "cdnow_sample.txt").read_text().splitlines() if line.strip()]
    numbers = sorted({number for _, number, *_ in lines})
    known = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)
    customers = Customer.objects.bulk_create(
        Customer(
            number=number,
            short_name=number,
            currency="USD",
            stage="continuing",
            known_at=known,
            sort_key=number,
        )
        for number in numbers
    )
    CustomerInput.objects.bulk_create(CustomerInput(customer=customer) for customer in customers)
    ids = {customer.number or "": customer.pk for customer in customers}
    Order.objects.bulk_create(
        (_order(place, ids[number], day, amount) for place, (_, number, day, _, amount) in enumerate(lines)),
        batch_size=2000,
    )
    return ids


def _order(place: int, customer_id: int, day: str, amount: str) -> Order:
    date = dt.date.fromisoformat(day)
    minor = int(Decimal(amount) * 100)
    return Order(
        identity=f"cdnow:{place}",
        customer_id=customer_id,
        ordered_on=date,
        currency="USD",
        amount_minor=minor,
        base_amount_minor=minor,
        known_at=dt.datetime.combine(date, dt.time(), dt.UTC),
    )
