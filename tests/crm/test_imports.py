"""The import pages: upload, choose, start, progress, result; who sees them, what they ask the database."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.costs.models import Activity, ActivityUsage, CostPool, Driver
from accounts.costs.services import add_activity, set_rate
from accounts.imports import services
from accounts.imports.models import Import, RefusedRow
from accounts.notices.models import Notice
from accounts.orders.models import Order
from crm.metrics import pulse
from tests.conftest import MONDAY, World

HEADER = "订单号,客户,日期,金额"
GOOD = "S-1,华星电子,2026-01-05,100.00"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(world: World, client: Client) -> Client:
    client.force_login(world.admin)
    return client


def table(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def upload(client: Client, content: bytes) -> Any:
    return client.post("/imports/new", {"file": SimpleUploadedFile("orders.csv", content)})


def chosen(shown: Import, **changes: str) -> dict[str, str]:
    columns = {f"column_{key}": str(place) for key, place in shown.mapping.items()}
    layout = {"encoding": "utf-8", "delimiter": ",", "dates": "ymd", "decimals": "point", "currency": "CNY"}
    return {**layout, "rates": "", "owner": "", **columns, **changes}


def finished(client: Client, content: bytes) -> Import:
    upload(client, content)
    shown = Import.objects.latest("pk")
    client.post(f"/imports/{shown.pk}", chosen(shown, start="1"))
    services.run_import(shown.pk, now=MONDAY)
    shown.refresh_from_db()
    return shown


def test_an_uploaded_file_is_shown_as_understood_and_nothing_is_taken_yet(admin: Client) -> None:
    answer = upload(admin, table(GOOD, "S-2,,2026-01-05,1"))
    shown = Import.objects.get()
    assert answer["Location"] == f"/imports/{shown.pk}"
    page = admin.get(f"/imports/{shown.pk}").content.decode()
    assert "华星电子" in page
    assert "No customer is named." in page
    assert not Order.objects.exists()


def test_a_file_that_is_no_table_is_answered_on_the_upload_page(admin: Client) -> None:
    answer = upload(admin, b"PK\x03\x04rest")
    assert answer.status_code == 422
    assert "not a text file" in answer.content.decode()
    assert not Import.objects.exists()


def test_an_empty_file_is_answered_on_the_upload_page(admin: Client) -> None:
    answer = upload(admin, b"")
    assert answer.status_code == 422
    assert "The file is empty." in answer.content.decode()


def test_a_file_that_the_preview_cannot_show_can_still_be_discarded(admin: Client) -> None:
    upload(admin, table(GOOD))
    Import.objects.update(mapping={"customer": 99, "ordered_on": 2, "amount": 3})
    shown = Import.objects.get()
    page = admin.get(f"/imports/{shown.pk}")
    assert page.status_code == 200
    assert "cannot be shown" in page.content.decode()
    admin.post(f"/imports/{shown.pk}/cancel")
    shown.refresh_from_db()
    assert shown.state == "cancelled"


def test_a_file_that_is_gone_is_named_and_can_be_discarded(admin: Client) -> None:
    upload(admin, table(GOOD))
    shown = Import.objects.get()
    Path(shown.file.path).unlink()
    gone = "The uploaded file is no longer there."
    assert gone in admin.get(f"/imports/{shown.pk}").content.decode()
    for changes in ({}, {"encoding": "gb18030"}):
        page = admin.post(f"/imports/{shown.pk}", chosen(shown, look="1", **changes), follow=True)
        assert gone in page.content.decode()
    admin.post(f"/imports/{shown.pk}/cancel")
    shown.refresh_from_db()
    assert shown.state == "cancelled"


def test_a_missing_column_keeps_the_import_from_starting_and_is_named(admin: Client) -> None:
    upload(admin, table(GOOD))
    shown = Import.objects.get()
    answer = admin.post(f"/imports/{shown.pk}", chosen(shown, start="1", column_customer=""))
    assert answer.status_code == 422
    assert "No column is chosen for: a customer number or name." in answer.content.decode()
    answer = admin.post(f"/imports/{shown.pk}", chosen(shown, start="1", column_amount=""))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["column_amount"])
    shown.refresh_from_db()
    assert shown.state == "uploaded"


def test_an_import_that_waits_says_when_no_worker_is_alive(admin: Client) -> None:
    upload(admin, table(GOOD))
    shown = Import.objects.get()
    admin.post(f"/imports/{shown.pk}", chosen(shown, start="1"))
    alive = redis.Redis.from_url(configured.REDIS_URL)
    said = "No worker is alive at the moment."
    alive.delete("truenorth:metrics:workers")
    assert said in admin.get(f"/imports/{shown.pk}").content.decode()
    pulse.worker_is_alive("celery@a", now=time.time())
    try:
        assert said not in admin.get(f"/imports/{shown.pk}").content.decode()
    finally:
        pulse.worker_takes_leave("celery@a")


def test_a_started_import_waits_for_a_worker_and_then_shows_what_it_did(admin: Client, world: World) -> None:
    upload(admin, table(GOOD, "S-2,,2026-01-05,1"))
    shown = Import.objects.get()
    admin.post(f"/imports/{shown.pk}", chosen(shown, start="1"))
    shown.refresh_from_db()
    assert shown.state == "waiting"
    assert 'hx-trigger="every 1s"' in admin.get(f"/imports/{shown.pk}").content.decode()
    services.run_import(shown.pk, now=MONDAY)
    page = admin.get(f"/imports/{shown.pk}").content.decode()
    assert 'hx-trigger="every 1s"' not in page
    assert "No customer is named." in page
    assert "The import is done." in page
    notice = Notice.objects.get(user=world.admin)
    assert (notice.kind, notice.facts["rows_added"], notice.facts["rows_refused"]) == ("import_done", 1, 1)


def test_an_import_whose_every_row_was_refused_is_not_shown_as_done(admin: Client) -> None:
    shown = finished(admin, table("S-1,,2026-01-05,1"))
    for address in (f"/imports/{shown.pk}", "/imports/"):
        page = admin.get(address).content.decode()
        assert '<span class="chip grade-d">Nothing was taken</span>' in page
        assert "grade-a" not in page
        assert "The import is done" not in page


def test_a_header_alone_cannot_be_started(admin: Client) -> None:
    upload(admin, table())
    shown = Import.objects.get()
    page = admin.get(f"/imports/{shown.pk}").content.decode()
    assert "The file has a header but no rows." in page
    assert 'name="start"' not in page
    assert admin.post(f"/imports/{shown.pk}", chosen(shown, start="1")).status_code == 422
    shown.refresh_from_db()
    assert shown.state == "uploaded"


def test_one_new_customer_is_counted_as_one(admin: Client) -> None:
    upload(admin, table(GOOD))
    page = admin.get(f"/imports/{Import.objects.get().pk}").content.decode()
    assert "1 customer would be created." in page


def test_a_file_that_was_imported_before_says_when(admin: Client) -> None:
    finished(admin, table(GOOD))
    upload(admin, table(GOOD, "S-9,华星电子,2026-01-05,1"))
    assert "This very file" not in admin.get(f"/imports/{Import.objects.latest('pk').pk}").content.decode()
    upload(admin, table(GOOD))
    assert "This very file" in admin.get(f"/imports/{Import.objects.latest('pk').pk}").content.decode()


@pytest.mark.parametrize(
    ("days", "warns"),
    [
        (("03/04/2026", "05/06/2026"), True),
        (("03/04/2026", "25/06/2026"), False),
        (("04/04/2026", "05/05/2026"), False),
        (("2026-04-03", "2026-06-05"), False),
    ],
)
def test_dates_that_could_be_read_both_ways_are_warned_of(
    admin: Client, days: tuple[str, str], warns: bool
) -> None:
    upload(admin, table(*(f"S-{n},华星,{day},1" for n, day in enumerate(days))))
    page = admin.get(f"/imports/{Import.objects.get().pk}")
    assert ("could be read both as day and month" in page.content.decode()) is warns
    styles = dict(page.context["form"].fields["dates"].choices)
    assert styles["dmy"] == ("31/03/2026" if "/" in days[0] else "31.03.2026")


def test_of_two_columns_with_one_header_it_is_said_which_is_taken(admin: Client) -> None:
    upload(admin, "客户,日期,金额,金额\n华星,2026-01-05,1,2".encode())
    page = admin.get(f"/imports/{Import.objects.get().pk}")
    assert "Columns 3, 4 have this header; column 3 is taken." in page.content.decode()
    assert dict(page.context["form"].fields["column_amount"].choices)["3"] == "金额 (column 4)"
    assert not page.context["form"].fields["column_customer"].help_text


def test_another_encoding_can_be_chosen_and_the_file_is_understood_anew(admin: Client) -> None:
    upload(admin, f"{HEADER}\n{GOOD}\n".encode("gb18030"))
    shown = Import.objects.get()
    admin.post(f"/imports/{shown.pk}", chosen(shown, encoding="big5", look="1"))
    shown.refresh_from_db()
    assert shown.layout["encoding"] in {"gb18030", "big5"}
    admin.post(f"/imports/{shown.pk}", chosen(shown, encoding="gb18030", look="1"))
    assert "华星电子" in admin.get(f"/imports/{shown.pk}").content.decode()


def test_a_cancelled_import_takes_nothing(admin: Client) -> None:
    upload(admin, table(GOOD))
    shown = Import.objects.get()
    admin.post(f"/imports/{shown.pk}", chosen(shown, start="1"))
    admin.post(f"/imports/{shown.pk}/cancel")
    assert services.run_import(shown.pk, now=MONDAY) is False
    assert not Order.objects.exists()
    assert "Nothing of it was taken" in admin.get(f"/imports/{shown.pk}").content.decode()


def test_refused_rows_can_be_downloaded_with_their_original_cells(admin: Client) -> None:
    shown = finished(admin, table(GOOD, "S-2,,2026-01-05,7.77"))
    answer = admin.get(f"/imports/{shown.pk}/refused.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines()[1] == "S-2,,2026-01-05,7.77,3,customer name (客户),No customer is named.,"


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_list_of_refused_rows_can_be_mended_and_uploaded_again(
    admin: Client, world: World, language: str
) -> None:
    world.admin.language = language
    world.admin.save()
    header = "Ref,客户,日期,Summe"  # only what was chosen tells that Summe is the amount
    rows = [header, "S-1,华星,2026-01-05,100", "S-2,,2026-01-05,-7.77", "S-3,华星,x,8"]
    upload(admin, "\n".join(rows).encode())
    first = Import.objects.get()
    admin.post(f"/imports/{first.pk}", chosen(first, start="1", column_number="0", column_amount="3"))
    services.run_import(first.pk, now=MONDAY)
    answer = admin.get(f"/imports/{first.pk}/refused.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    upload(admin, text.replace("S-2,,", "S-2,华星,").replace(",x,", ",2026-01-06,").encode())
    second = Import.objects.latest("pk")
    assert second.mapping == {"number": 0, "customer": 1, "ordered_on": 2, "amount": 3}
    services.start_import(second)
    services.run_import(second.pk, now=MONDAY)
    assert dict(Order.objects.values_list("number", "amount_minor")) == {
        "S-1": 10_000,
        "S-2": -777,
        "S-3": 800,
    }


def test_refused_rows_of_the_fixed_layout_come_with_names_that_are_understood(admin: Client) -> None:
    lines = b" 00001 0001 19970101  1   11.77\n 00002 0002 19971301  2   12.00\n"
    upload(admin, lines)
    shown = Import.objects.get()
    admin.post(f"/imports/{shown.pk}", chosen(shown, start="1", currency="USD", rates="USD=7"))
    services.run_import(shown.pk, now=MONDAY)
    answer = admin.get(f"/imports/{shown.pk}/refused.csv")
    text = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    upload(admin, text)
    assert Import.objects.latest("pk").mapping == {
        "customer_number": 0,
        "ordered_on": 2,
        "quantity": 3,
        "amount": 4,
    }


def test_refused_rows_are_paged(admin: Client) -> None:
    shown = finished(admin, table(GOOD, *(f"S-{n},,2026-01-05,1" for n in range(2, 72))))
    first = admin.get(f"/imports/{shown.pk}")
    cursor = first.context["page"].older
    second = admin.get(f"/imports/{shown.pk}", {"after": cursor})
    lines = [row.line for row in (*first.context["page"].rows, *second.context["page"].rows)]
    assert lines == list(range(3, 73))


def test_the_pages_ask_the_same_few_questions_for_3_rows_and_for_30(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    shown = finished(admin, table(GOOD, "S-2,,2026-01-05,1"))
    for copies in (3, 30):
        rows = [RefusedRow(refused_in=shown, line=n, reason="nul") for n in range(10, 10 + copies)]
        RefusedRow.objects.bulk_create(rows)
        with django_assert_max_num_queries(8):
            admin.get(f"/imports/{shown.pk}")
        Import.objects.bulk_create(
            Import(kind="orders", state="done", file_name="x", sha256="x", bytes=1) for _ in range(copies)
        )
        with django_assert_max_num_queries(8):
            admin.get("/imports/")


@pytest.mark.parametrize("role", ["owner", "lead", "manager", "member", "executive"])
def test_only_admins_know_of_imports(world: World, client: Client, role: str) -> None:
    client.force_login(world.admin)
    upload(client, table(GOOD))
    shown = Import.objects.get()
    client.force_login(world.users[role])
    for address in ("", "new", f"{shown.pk}", f"{shown.pk}/refused.csv"):
        assert client.get(f"/imports/{address}").status_code == 404
    assert client.post(f"/imports/{shown.pk}/cancel").status_code == 404
    assert client.post(f"/imports/{shown.pk}", chosen(shown, start="1")).status_code == 404
    assert upload(client, table(GOOD)).status_code == 404
    shown.refresh_from_db()
    assert (shown.state, Import.objects.count()) == ("uploaded", 1)


def test_the_command_imports_and_says_what_it_did(world: World, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "erp.csv"
    path.write_bytes(b"Ref;Kunde;Tag;Summe\nS-1;Nordlicht;05.01.2026;1.234,50\nS-2;;05.01.2026;1\n")
    call_command(
        "import_orders",
        str(path),
        "--owner",
        world.owner.email,
        "--map",
        "Tag=ordered_on",
        "Summe=amount",
        "Ref=number",
        "--dates",
        "dmy",
        "--decimals",
        "comma",
    )
    out = capsys.readouterr().out
    assert "1 orders added" in out
    assert "line 3: customer No customer is named." in out
    order = Order.objects.get()
    assert (order.amount_minor, order.customer.owner) == (123_450, world.owner)


@pytest.fixture
def visits(world: World) -> Activity:
    """A visit costs 800.00 from 2026 on."""
    made = add_activity(code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=MONDAY)
    rate = Decimal(80_000)
    set_rate(activity=made, valid_from=dt.date(2026, 1, 1), rate_minor=rate, author=None, now=MONDAY)
    return made


USAGES = "客户名称,日期,作业名称,数量\nNordlicht Pumps,2026-01-05,Visit,2\nNobody,2026-01-05,Visit,1\n"


def test_a_file_of_activity_usage_is_understood_priced_taken_and_can_be_opened_again(
    admin: Client, visits: Activity
) -> None:
    content = USAGES.encode("gb18030")
    file = SimpleUploadedFile("作业.csv", content)
    address = admin.post("/imports/new", {"file": file})["Location"]
    page = admin.get(address).content.decode()
    assert 'name="column_activity"' in page
    assert 'name="currency"' not in page
    assert "CN¥1,600.00" in page
    assert "No customer has this number or name." in page
    assert "would be created" not in page
    shown = Import.objects.get()
    layout = {"encoding": "gb18030", "delimiter": ",", "dates": "ymd", "decimals": "point"}
    columns = {f"column_{key}": str(place) for key, place in shown.mapping.items()}
    admin.post(address, {**layout, **columns, "start": "1"})
    services.run_import(shown.pk, now=MONDAY)
    page = admin.get(address).content.decode()
    assert "Usages added" in page
    assert "activity (code or name)" not in page
    assert (ActivityUsage.objects.get().base_cost_minor, RefusedRow.objects.get().line) == (160_000, 3)
    answer = admin.get(f"{address}/file")
    assert b"".join(answer) == content  # type: ignore[arg-type]
    assert "Activity usage" in admin.get("/imports/").content.decode()


def test_what_a_file_holds_can_be_changed_before_it_starts(admin: Client, visits: Activity) -> None:
    upload(admin, USAGES.encode())
    shown = Import.objects.get()
    assert shown.kind == "activity_usage"
    for kind, column in (("orders", "amount"), ("activity_usage", "activity")):
        page = admin.post(f"/imports/{shown.pk}", {"kind": kind}, follow=True).content.decode()
        assert f'name="column_{column}"' in page
    Path(shown.file.path).unlink()
    page = admin.post(f"/imports/{shown.pk}", {"kind": "orders"}, follow=True).content.decode()
    assert "The uploaded file is no longer there." in page
    shown.refresh_from_db()
    assert shown.kind == "activity_usage"


def test_the_preview_says_what_is_known_what_corrects_and_what_would_be_there_twice(
    admin: Client, visits: Activity
) -> None:
    header = "reference number,customer,date,activity,quantity"
    known, bare = "R-1,Nordlicht Pumps,2026-01-05,VIS,1", ",Nordlicht Pumps,2026-01-06,VIS,1"
    upload(admin, "\n".join((header, known, "R-2,Nordlicht Pumps,2026-01-05,VIS,1", bare)).encode())
    first = Import.objects.get()
    services.start_import(first)
    services.run_import(first.pk, now=MONDAY)
    upload(admin, "\n".join((header, known, "R-2,Nordlicht Pumps,2026-01-05,VIS,7", bare, "R-3,x")).encode())
    page = admin.get(f"/imports/{Import.objects.latest('pk').pk}").content.decode()
    assert "1 would correct what is there." in page
    assert "1 is known and changes nothing." in page
    assert "1 row without a reference number equals a usage that is there; it is added once more." in page
    assert "Corrects" in page
    assert "R-3,x" in page


def test_a_file_that_is_discarded_before_it_started_is_told_of_once(admin: Client) -> None:
    upload(admin, table(GOOD))
    page = admin.post(f"/imports/{Import.objects.get().pk}/cancel", follow=True).content.decode()
    assert page.count("Nothing of it was taken.") == 1


def test_the_command_takes_activity_usage_too(
    world: World, visits: Activity, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(USAGES, encoding="utf-8")
    call_command("import_orders", str(path), "--kind", "activity_usage")
    assert "1 usages added" in capsys.readouterr().out


def test_the_command_names_what_it_cannot_read(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_orders", str(tmp_path / "none.csv"))
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(CommandError, match="empty"):
        call_command("import_orders", str(path))
