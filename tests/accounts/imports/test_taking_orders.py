"""What becomes of good rows: new, corrected and unchanged orders, customers, credit notes, encodings."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from accounts.customers.models import Customer, CustomerOwner, CustomerStage, FormerName
from accounts.imports import services
from accounts.imports.layouts import Layout
from accounts.imports.models import Import
from accounts.imports.queries import preview
from accounts.orders.models import Order, OrderKind
from accounts.orders.services import OrderFacts, correct_order, delete_order
from tests.accounts.imports.conftest import NOW, book, counts, receive, refusals, table, take, versions

pytestmark = pytest.mark.django_db
TWO = table("A-1,Huaxing,2026-01-05,100.00", "A-2,Nordlicht,2026-01-06,250.50")
LATER = NOW + dt.timedelta(days=1)


def test_new_rows_become_orders_known_on_their_own_day() -> None:
    done = take(TWO)
    assert (done.state, counts(done), done.customers_added) == ("done", (2, 0, 0, 0), 2)
    order = Order.objects.get(number="A-2")
    assert (order.base_amount_minor, order.currency, order.import_id) == (25_050, "CNY", done.pk)
    # Midnight in Shanghai, where the company is.
    assert order.known_at == dt.datetime(2026, 1, 5, 16, 0, tzinfo=dt.UTC)


def test_a_created_customer_continues_since_his_first_order() -> None:
    take(table("A-2,上海 华星,2026-01-06,1", "A-1,上海 华星,2025-12-01,1"))
    customer = Customer.objects.get()
    assert (customer.stage, customer.acquired_on) == ("continuing", dt.date(2025, 12, 1))
    assert customer.known_at == dt.datetime(2025, 11, 30, 16, 0, tzinfo=dt.UTC)
    assert "shanghai" in customer.search_text
    assert "华星" in customer.search_tokens
    assert customer.sort_key.startswith("shang hai")
    assert (
        CustomerStage.objects.get().valid_from
        == CustomerOwner.objects.get().valid_from
        == customer.acquired_on
    )
    assert versions() == {"上海 华星": 1}


def test_the_same_file_again_changes_nothing() -> None:
    take(TWO)
    before, inputs = book(), versions()
    done = take(TWO, now=LATER)
    assert (counts(done), done.customers_added) == ((0, 0, 2, 0), 0)
    assert (book(), versions(), Order.objects.count()) == (before, inputs, 2)


def test_the_same_file_again_does_not_undo_what_was_corrected_or_deleted_since() -> None:
    take(TWO)
    first, second = Order.objects.order_by("number")
    facts = OrderFacts(ordered_on=first.ordered_on, amount_minor=7, currency="CNY", number="A-1")
    correct_order(order=first, facts=facts, now=LATER)
    delete_order(order=second, now=LATER)
    done = take(TWO, now=LATER + dt.timedelta(days=1))
    assert counts(done) == (0, 0, 2, 0)
    assert book() == [("A-1", "Huaxing", dt.date(2026, 1, 5), 7)]


def test_another_amount_is_a_correction_known_now() -> None:
    take(TWO)
    done = take(table("A-1,Huaxing,2026-01-05,90.00"), now=LATER)
    assert counts(done) == (0, 1, 0, 0)
    old, new = Order.objects.filter(number="A-1").order_by("id")
    assert (old.superseded_at, new.known_at, new.amount_minor) == (LATER, LATER, 9_000)
    assert versions() == {"Huaxing": 2, "Nordlicht": 1}


def test_a_column_that_the_second_file_lacks_keeps_its_value() -> None:
    take(table("A-1,Huaxing,2026-01-05,100,40", header="order number,customer,date,amount,cost"))
    assert counts(take(table("A-1,Huaxing,2026-01-05,100"))) == (0, 0, 1, 0)
    take(table("A-1,Huaxing,2026-01-05,110"))
    assert Order.objects.get(superseded_at=None).base_direct_cost_minor == 4_000


def test_rows_of_one_number_are_one_order() -> None:
    header = "order number,customer,date,amount,quantity,cost"
    rows = ("A-1,Huaxing,2026-01-05,100,2,30", "A-1,Huaxing,2026-01-05,50.5,1,20")
    done = take(table(*rows, header=header))
    assert (done.rows_read, counts(done)) == (2, (1, 0, 0, 0))
    order = Order.objects.get()
    assert (order.amount_minor, order.quantity, order.direct_cost_minor) == (15_050, Decimal(3), 5_000)


def test_equal_rows_without_a_number_are_purchases_of_their_own() -> None:
    text = table("Huaxing,2026-01-05,100", "Huaxing,2026-01-05,100", header="customer,date,amount")
    assert counts(take(text)) == (2, 0, 0, 0)
    assert counts(take(text)) == (0, 0, 2, 0)


def test_a_negative_amount_is_a_credit_note() -> None:
    take(
        table("A-1,Huaxing,2026-01-05,-20.00", "A-2,Huaxing,2026-01-05,(30.00)", "A-3,Huaxing,2026-01-05,5-")
    )
    kinds = Order.objects.order_by("number").values_list("kind", "base_amount_minor")
    assert list(kinds) == [
        (OrderKind.CREDIT_NOTE, -2_000),
        (OrderKind.CREDIT_NOTE, -3_000),
        ("credit_note", -500),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_chinese_file_is_read_in_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    names = ["台中精密機械股份有限公司", "華東電子有限公司", "新竹光電科技"]
    rows = [["訂單編號", "客戶", "日期", "金額"]]
    rows += [[f"PO{i}", names[i % 3], f"2026年1月{i + 1}日", f"{i + 1}.50"] for i in range(9)]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    done = take(text, encoding=encoding)
    assert (counts(done), refusals(done)) == ((9, 0, 0, 0), [])
    assert sorted(Customer.objects.values_list("short_name", flat=True)) == sorted(names)


def test_simplified_chinese_in_gb18030_is_not_taken_for_big5() -> None:
    text = table(
        "S1,上海华星电子有限公司,2026-01-05,100",
        "S2,北京北方精密仪器厂,2026-01-06,200",
        header="订单号,客户,日期,金额",
    )
    done = take(text, encoding="gb18030")
    assert done.layout["encoding"] == "gb18030"
    assert [row[1] for row in book()] == ["上海华星电子有限公司", "北京北方精密仪器厂"]


@pytest.mark.parametrize(
    ("dates", "amount", "minor"),
    [
        (("31.01.2026", "05.02.2026"), '"1.234,56"', 123_456),
        (("01/31/2026", "02/05/2026"), '"1,234.56"', 123_456),
        (("20260131", "20260205"), "￥１２３．４０", 12_340),
        (("2026-01-31 10:11:12", "2026-02-05"), "CNY 1 234.5", 123_450),
    ],
)
def test_styles_of_dates_and_numbers_are_recognised(dates: tuple[str, str], amount: str, minor: int) -> None:
    done = take(table(f"A-1,Huaxing,{dates[0]},{amount}", f"A-2,Huaxing,{dates[1]},{amount}"))
    assert refusals(done) == []
    assert [row[2:] for row in book()] == [(dt.date(2026, 1, 31), minor), (dt.date(2026, 2, 5), minor)]


def test_a_foreign_currency_is_converted_at_the_given_rate() -> None:
    received = receive(
        table(
            "A-1,Huaxing,2026-01-05,100,EUR",
            "A-2,Huaxing,2026-01-05,1000,JPY",
            header="order number,customer,date,amount,currency",
        )
    )
    layout = Layout.from_plain({**received.layout, "rates": {"EUR": "7.85"}})
    services.choose(received, layout=layout, mapping=received.mapping)
    services.start_import(received)
    services.run_import(received.pk, now=NOW)
    assert [row[3] for row in book()] == [78_500]
    assert refusals(received) == [(3, "rate", "rate_missing", "")]


def test_customers_are_recognised_by_number_name_former_name_and_through_a_merge() -> None:
    take(
        table(
            "A-1,7,Huaxing,2026-01-05,1",
            "A-2,8,Nordlicht,2026-01-05,1",
            header="order number,customer number,customer,date,amount",
        )
    )
    winner, loser = Customer.objects.order_by("number")
    FormerName.objects.create(customer=winner, name="Old Star", known_at=NOW)
    Customer.objects.filter(pk=loser.pk).update(merged_into=winner)
    done = take(
        table("B-1,ＨＵＡＸＩＮＧ,2026-01-07,1", "B-2,old  star,2026-01-07,1", "B-3,nordlicht,2026-01-07,1")
    )
    assert done.customers_added == 0
    assert set(Order.objects.filter(import_id=done.pk).values_list("customer", flat=True)) == {winner.pk}


def test_a_number_and_a_name_of_two_customers_are_refused_with_all_of_their_order() -> None:
    header = "order number,customer number,customer,date,amount"
    take(table("A-1,7,Huaxing,2026-01-05,1", "A-2,8,Nordlicht,2026-01-05,1", header=header))
    done = take(
        table(
            "B-1,7,nordlicht,2026-01-07,1",
            "B-1,7,Huaxing,2026-01-07,1",
            "B-2,7,Hua Xing,2026-01-07,1",
            "B-3,9,New,2026-01-07,1",
            header=header,
        )
    )
    assert refusals(done) == [
        (2, "customer", "customer_disagrees", "nordlicht"),
        (3, "number", "order_incomplete", "B-1"),
    ]
    assert [row[:2] for row in book()][2:] == [("B-2", "Huaxing"), ("B-3", "New")]


def test_the_preview_tells_what_corrects_and_what_is_known() -> None:
    take(TWO)
    rows = ("A-1,Huaxing,2026-01-05,100", "A-2,Nordlicht,2026-01-06,1", "A-3,Huaxing,2026-01-06,1")
    found = preview(receive(table(*rows, "A-4,New,2026-01-06,1")), now=LATER)
    assert [row.action for row in found.first] == ["same", "correct", "add", ""]
    assert (found.corrected, found.unchanged, found.new_customers) == (1, 1, 1)


def test_columns_can_be_chosen_and_are_remembered_for_the_next_file_with_this_header() -> None:
    header = "ref,who,when,net,gross"
    received = receive(table("A-1,Huaxing,2026-01-05,100,113", header=header))
    assert "amount" not in received.mapping
    mapping = {"number": 0, "customer": 1, "ordered_on": 2, "amount": 3}
    services.choose(received, layout=Layout.from_plain(received.layout), mapping=mapping)
    services.start_import(received)
    services.run_import(received.pk, now=NOW)
    assert book() == [("A-1", "Huaxing", dt.date(2026, 1, 5), 10_000)]
    assert receive(table("A-9,Huaxing,2026-01-09,1,2", header=header)).mapping == mapping


def rows_of_a_book(generator: random.Random) -> list[str]:
    return [
        f"N{n},Customer {generator.randrange(5)},2025-{month:02}-11,{generator.randrange(-50, 500)}"
        for n, month in enumerate(generator.choices(range(1, 13), k=60))
    ]


@pytest.mark.parametrize("seed", range(5))
def test_split_repeated_or_shuffled_files_give_the_same_book(seed: int) -> None:
    generator = random.Random(seed)
    rows = rows_of_a_book(generator)
    take(table(*rows))
    expected = book()
    Order.objects.all().delete()
    generator.shuffle(rows)
    cut = generator.randrange(1, len(rows))
    for part in (rows[:cut], rows[cut:], rows[:cut], rows):
        take(table(*part))
    assert book() == expected
    assert Order.objects.count() == len(rows)
    assert Import.objects.filter(state="done").count() == 5
