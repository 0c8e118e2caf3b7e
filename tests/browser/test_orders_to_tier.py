"""From a file of orders to a tier that opens: an admin uploads, an account manager reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.conftest import World
from tests.servers import StartWorker

pytestmark = [pytest.mark.browser, pytest.mark.worker]

CUSTOMERS, ORDERS = 40, 24


@pytest.fixture
def order_file(tmp_path: Path, world: World) -> Path:
    """Orders of 40 customers, the first of whom is the owner's and the largest; one row without a date."""
    today = dt.datetime.now(tz=dt.UTC).date()
    path = tmp_path / "orders.csv"
    rows = ["订单号,客户,日期,金额,成本,数量"]
    for customer in range(CUSTOMERS):
        name = world.customer.short_name if customer == 0 else f"Buyer {customer:02}"
        for order in range(ORDERS):
            day = today - dt.timedelta(days=11 + order * (13 + customer % 5) + customer % 7)
            amount = (CUSTOMERS - customer) * 1000 + order * 17 + customer
            rows.append(f"SO{customer}-{order},{name},{day},{amount},{amount * 0.7:.2f},{10 + order}")
    rows.append("SO-bad,Buyer 01,someday,10,1,1")
    path.write_text("\n".join(rows), encoding="gb18030")
    return path


def test_an_admin_uploads_orders_and_the_account_manager_opens_the_new_tier(
    open_page: OpenPage,
    world: World,
    order_file: Path,
    celery_worker_process: StartWorker,
    settings,
    tmp_path: Path,
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    celery_worker_process(MEDIA_ROOT=str(settings.MEDIA_ROOT))

    admin = open_page(world.admin, "/imports/new")
    admin.set_input_files("input[type=file]", order_file)
    admin.get_by_role("button", name="Upload").click()
    expect(admin.get_by_role("heading", name="The first rows as they are understood")).to_be_visible()
    admin.get_by_role("button", name="Start the import").click()
    # Nobody reloads: the page follows the worker by itself.
    expect(admin.get_by_text("The import is done.").first).to_be_visible(timeout=60_000)
    expect(admin.locator("dl").first).to_contain_text("960")
    expect(admin.get_by_text("someday")).to_be_visible()

    admin.goto("/jobs/")
    expect(admin.get_by_text("Done", exact=True).first).to_be_visible(timeout=60_000)

    manager = open_page(world.owner, "/customers/")
    row = manager.get_by_role("row").filter(has_text=world.customer.short_name)
    expect(row.get_by_text("Strategic")).to_be_visible()
    expect(manager.get_by_text("Buyer 01")).to_have_count(0)  # nobody's customer yet

    row.get_by_role("link", name=world.customer.short_name).click()
    manager.locator("a.number").first.click()
    panel = manager.locator("#panel")
    expect(panel.get_by_text("What the score is made of")).to_be_visible()
    expect(panel.get_by_text(f"rank 1 of {CUSTOMERS} customers")).to_be_visible()
    expect(panel.get_by_text("Total sales").first).to_be_visible()
    expect(panel.get_by_text("SO0-0", exact=True)).to_be_visible()
