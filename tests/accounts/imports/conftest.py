"""Files to import, and the book that comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from accounts.customers.models import CustomerInput
from accounts.imports import services
from accounts.imports.models import Import
from accounts.orders.models import Order

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HEADER = "order number,customer,date,amount"

Receive = Callable[..., Import]


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    settings.BASE_CURRENCY = "CNY"  # type: ignore[attr-defined]
    settings.TIME_ZONE = "Asia/Shanghai"  # type: ignore[attr-defined]


def receive(content: str | bytes, *, encoding: str = "utf-8") -> Import:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    return services.receive_import(file=ContentFile(data, "orders.csv"), owner=None, user=None)


def take(content: str | bytes, *, encoding: str = "utf-8", now: dt.datetime = NOW) -> Import:
    """Received, started and run; as it ended."""
    received = receive(content, encoding=encoding)
    services.start_import(received)
    services.run_import(received.pk, now=now)
    received.refresh_from_db()
    return received


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def counts(done: Import) -> tuple[int, int, int, int]:
    """Added, corrected, unchanged, refused."""
    return done.rows_added, done.rows_corrected, done.rows_unchanged, done.rows_refused


def refusals(done: Import) -> list[tuple[int, str, str, str]]:
    return list(done.refused.order_by("line").values_list("line", "column", "reason", "value"))


def book() -> list[tuple[str, str, dt.date, int]]:
    """What is believed now: number, customer, day, amount in the base currency."""
    orders = Order.objects.filter(superseded_at=None).order_by("number", "identity")
    return list(orders.values_list("number", "customer__short_name", "ordered_on", "base_amount_minor"))


def versions() -> dict[str, int]:
    return dict(CustomerInput.objects.values_list("customer__short_name", "version"))
