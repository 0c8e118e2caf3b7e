"""The files of the demo's cost activities: taken whole, once, and telling whom it does not pay to serve."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.utils import timezone

from accounts.costs.models import Activity, ActivityRate, ActivityUsage, CostPool
from accounts.customers.models import Customer
from accounts.imports.models import ImportKind
from accounts.imports.services import receive_import, run_import, start_import
from accounts.users.models import User
from crm.demo.story.book import create_book, write_order_file
from crm.demo.story.cast import create_cast
from crm.demo.story.costs import SOURCES, WORKS, tell_costs
from crm.queries.costs import POOLS, CostToServe, cost_to_serve_of

CUSTOMERS = 12
YEARS = 4 * 365


def costs_of(number: str, today: dt.date) -> CostToServe:
    return cost_to_serve_of(Customer.objects.get(number=number), last=today, window_days=YEARS)


@pytest.mark.django_db
def test_four_files_are_taken_whole_and_only_once(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    now = timezone.now()
    relations = create_book(create_cast(), now, count=CUSTOMERS)
    admin = User.objects.get(email__startswith="admin@")
    path = tmp_path / "orders.csv"
    write_order_file(relations, path, now)
    with path.open("rb") as file:
        orders = receive_import(file=File(file, name=path.name), owner=None, user=admin)
    start_import(orders)
    assert run_import(orders.pk, now=now)

    taken = list(tell_costs(tmp_path, admin, now))

    assert [done.file_name for done in taken] == [source.file_name for source in SOURCES.values()]
    for done in taken:
        assert (done.kind, done.state, done.rows_refused) == (ImportKind.ACTIVITY_USAGE, "done", 0)
        assert done.rows_added == done.rows_read > 50
    assert {taken[1].layout["encoding"], taken[1].layout["delimiter"]} == {"gb18030", ";"}
    assert not list(tell_costs(tmp_path, admin, now))
    assert Activity.objects.count() == len(WORKS)
    assert ActivityRate.objects.count() >= 3 * len(WORKS)

    big, growing, new = (costs_of(number, now.date()) for number in ("C1003", "C1004", "C1008"))
    used_on = ActivityUsage.objects.order_by("-used_on").values_list("used_on", flat=True)[0]
    assert now.date() - dt.timedelta(days=7) <= used_on <= now.date()
    assert big.gross_profit > 0 > big.remains
    assert big.without_value > 0.2 * big.cost
    assert growing.remains > 0.15 * growing.sales
    # Whoever bought once was quoted for: what he cost is an investment.
    presales = POOLS.index(CostPool.PRESALES)
    assert sum(month.costs[presales] for month in new.months) > 0.2 * new.cost
