"""Bad input: a clear answer, and nothing half-written."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from accounts.customers.models import Customer, CustomerInput
from accounts.imports import layouts, services
from accounts.imports.layouts import Layout
from accounts.imports.models import Import
from accounts.imports.problems import FILE_PROBLEMS, ROW_REASONS, BadFileError, file_problem
from accounts.imports.queries import preview, refused_with_originals
from accounts.orders.models import Order
from tests.accounts.imports.conftest import NOW, book, counts, receive, refusals, table, take

pytestmark = pytest.mark.django_db
GOOD = "A-1,Huaxing,2026-01-05,100"


def xlsx() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (xlsx(), "not_text"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "not_text"),
        (bytes(range(256)) * 4 + bytes(2000), "not_text"),
        ((",".join(f"c{i}" for i in range(300)) + "\n" + "1," * 299 + "1\n").encode(), "too_many_columns"),
        (b'order number,"customer\n', "quotes"),
    ],
)
def test_what_is_no_table_is_refused_on_upload(content: bytes, code: str) -> None:
    with pytest.raises(BadFileError) as caught:
        receive(content)
    assert caught.value.code == code
    assert "{" not in file_problem(caught.value.stored)
    assert not Import.objects.exists()


def failed(done: Import) -> str:
    assert (done.state, Order.objects.count(), Customer.objects.count()) == ("failed", 0, 0)
    return done.error


def test_a_file_with_only_a_header_does_not_start_and_says_so() -> None:
    received = receive(table())
    for read in (lambda: preview(received, now=NOW), lambda: services.start_import(received)):
        with pytest.raises(BadFileError) as caught:
            read()
        assert caught.value.code == "only_header"
    received.refresh_from_db()
    assert received.state == "uploaded"


def test_a_quote_that_is_never_closed_names_its_line_and_takes_nothing() -> None:
    rows = [GOOD.replace("A-1", f"B-{n}") for n in range(3_000)]
    assert failed(take(table(*rows, 'A-2,"Nordlicht,2026-01-05,1', GOOD))) == "quotes|3002|"


def test_one_misplaced_quote_refuses_its_row_only() -> None:
    done = take(table(GOOD, 'A-2,"Nord"licht,2026-01-05,1', "A-3,Huaxing,2026-01-06,1"))
    assert (counts(done), refusals(done)) == ((2, 0, 0, 1), [(3, "", "quotes", "")])


def test_a_wrong_byte_late_in_the_file_names_its_line_and_takes_nothing() -> None:
    rows = [f"A-{n},华星电子,2026-01-05,{n}" for n in range(90_000)]
    data = bytearray(table(*rows).encode())
    place = data.index(b"A-80000,") + len("A-80000,")
    data[place] = 0xFF
    assert failed(take(bytes(data))) == "encoding|80002|UTF-8"


def test_a_line_of_a_gigabyte_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(table(GOOD).encode())
        file.truncate(1 << 30)  # a sparse gigabyte of NUL bytes after the first rows
    with pytest.raises(BadFileError) as caught:
        list(layouts.records(path, Layout(header=("order number", "customer", "date", "amount"))))
    assert (caught.value.code, caught.value.line) == ("line_too_long", 3)


def test_a_file_beyond_the_limit_is_refused(settings: object) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10  # type: ignore[attr-defined]
    with pytest.raises(BadFileError) as caught:
        receive(table(GOOD))
    assert caught.value.code == "too_big"


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        ("A-2,,2026-01-05,1", ("customer", "customer_missing", "")),
        ("A-2,Huaxing,,1", ("ordered_on", "date_missing", "")),
        ("A-2,Huaxing,2026-02-30,1", ("ordered_on", "bad_date", "2026-02-30")),
        ("A-2,Huaxing,0001-01-01,1", ("ordered_on", "before_1970", "0001-01-01")),
        ("A-2,Huaxing,1969-12-31,1", ("ordered_on", "before_1970", "1969-12-31")),
        ("A-2,Huaxing,2026-03-03,1", ("ordered_on", "future", "2026-03-03")),
        ("A-2,Huaxing,2026-01-05,", ("amount", "amount_missing", "")),
        ("A-2,Huaxing,2026-01-05,12abc", ("amount", "bad_number", "12abc")),
        ("A-2,Huaxing,2026-01-05,1e30", ("amount", "bad_number", "1e30")),
        (f"A-2,Huaxing,2026-01-05,1{'0' * 30}", ("amount", "too_large", f"1{'0' * 30}")),
        (f"A-2,Huaxing,2026-01-05,{'9' * 90}", ("amount", "too_large", "9" * 90)),
        ("A-2,Huaxing,2026-01-05,NaN", ("amount", "bad_number", "NaN")),
        (f"{'N' * 65},Huaxing,2026-01-05,1", ("number", "too_long", "N" * 65)),
        (f"A-2,{'H' * 241},2026-01-05,1", ("customer", "too_long", "H" * 200)),
        ("A-2,Hua\0xing,2026-01-05,1", ("", "nul", "A-2,Huaxing,2026-01-05,1")),
        ("A-2,Huaxing,2026-01-05,1,5", ("", "columns", "A-2,Huaxing,2026-01-05,1,5")),
        ("A-2,Huaxing,2026-01-05", ("", "columns", "A-2,Huaxing,2026-01-05")),
    ],
)
def test_a_bad_row_is_listed_and_stops_nobody(row: str, refusal: tuple[str, str, str]) -> None:
    done = take(table(GOOD, row, "A-3,Huaxing,2026-01-06,1"))
    assert refusals(done) == [(3, *refusal)]
    assert counts(done) == (2, 0, 0, 1)
    assert refusal[1] in ROW_REASONS


@pytest.mark.parametrize("rate", [f"1{'0' * 30}", f"1{'0' * 60}"])
def test_an_exchange_rate_beyond_reason_is_called_too_large(rate: str) -> None:
    header = "order number,customer,date,amount,currency,rate"
    done = take(table(f"A-1,Huaxing,2026-01-05,1,EUR,{rate}", header=header))
    assert refusals(done) == [(2, "rate", "rate_too_large", rate)]


def test_the_first_day_that_is_counted_is_taken() -> None:
    assert counts(take(table("A-2,Huaxing,1970-01-01,1"))) == (1, 0, 0, 0)


def test_rows_of_one_number_that_disagree_are_all_refused() -> None:
    done = take(table("A-1,Huaxing,2026-01-05,1", "A-1,Nordlicht,2026-01-05,1", GOOD.replace("A-1", "A-2")))
    assert [row[:3] for row in refusals(done)] == [(n, "number", "number_disagrees") for n in (2, 3)]
    assert [row[0] for row in book()] == ["A-2"]


def test_an_order_with_one_bad_row_is_not_taken_in_part() -> None:
    done = take(table("A-1,Huaxing,2026-01-05,1", "A-1,Huaxing,2026-01-05,x"))
    assert [row[2] for row in refusals(done)] == ["order_incomplete", "bad_number"]
    assert not Order.objects.exists()


def test_a_name_that_two_customers_have_is_ambiguous() -> None:
    take(
        table(
            "A-1,1,Huaxing,2026-01-05,1",
            "A-2,2,Huaxing,2026-01-05,1",
            header="order number,customer number,customer,date,amount",
        )
    )
    done = take(table("B-1,Huaxing,2026-01-05,1"))
    assert refusals(done) == [(2, "customer", "customer_ambiguous", "Huaxing")]


def test_all_or_nothing_takes_nothing_when_a_row_is_refused() -> None:
    received = receive(table(GOOD, "A-2,,2026-01-05,1"))
    layout = Layout.from_plain({**received.layout, "all_or_nothing": True})
    services.choose(received, layout=layout, mapping=received.mapping)
    services.start_import(received)
    services.run_import(received.pk, now=NOW)
    received.refresh_from_db()
    assert failed(received).startswith("rows_refused")
    assert refusals(received) == [(3, "customer", "customer_missing", "")]


def test_a_preview_keeps_nothing() -> None:
    received = receive(table(GOOD, "A-2,,2026-01-05,1"))
    shown = preview(received, now=NOW)
    assert (shown.rows, shown.refused, shown.new_customers) == (2, 1, 1)
    assert shown.problems == (("customer_missing", 1),)
    assert [row.amount_minor for row in shown.first] == [10_000, 100]
    assert not Customer.objects.exists()
    assert not CustomerInput.objects.exists()


@pytest.mark.parametrize("zeros", [18, 30, 38, 90])
@pytest.mark.parametrize("column", ["amount", "direct_cost", "quantity"])
def test_numbers_beyond_every_column_are_refused_in_the_preview_and_in_the_import(
    column: str, zeros: int
) -> None:
    cells = {"amount": "1", "direct_cost": "1", "quantity": "1"} | {column: f"1{'0' * zeros}"}
    row = ",".join(["A-1,Huaxing,2026-01-05", *cells.values()])
    received = receive(table(row, header="order number,customer,date,amount,cost,quantity"))
    shown = preview(received, now=NOW)
    assert (shown.problems, shown.first[0].fault) == ((("too_large", 1),), column)
    services.start_import(received)
    services.run_import(received.pk, now=NOW)
    assert refusals(received) == [(2, column, "too_large", cells[column])]
    assert not Order.objects.exists()


def test_refused_rows_come_back_with_their_original_cells() -> None:
    done = take(table(GOOD, 'A-2,,2026-01-05,"1,000.00"', GOOD.replace("A-1", "A-3"), "A-4,Huaxing,x,1"))
    found = [(refused.line, list(cells)) for refused, cells in refused_with_originals(done)]
    assert found == [(3, ["A-2", "", "2026-01-05", "1,000.00"]), (5, ["A-4", "Huaxing", "x", "1"])]


def test_a_file_that_vanished_is_a_clear_failure() -> None:
    received = receive(table(GOOD))
    services.start_import(received)
    Path(received.file.path).unlink()
    services.run_import(received.pk, now=NOW)
    received.refresh_from_db()
    assert failed(received).startswith("file_gone")


def test_every_problem_has_words_in_which_nothing_is_left_open() -> None:
    assert len(FILE_PROBLEMS) > 10
    for code in FILE_PROBLEMS:
        assert "{" not in file_problem(f"{code}|7|seven")
