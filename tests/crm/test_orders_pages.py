"""The form of an order: its rate, what is typed twice, and what somebody else corrected meanwhile."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.orders.models import Order
from tests.conftest import World
from tests.scoring.book import order


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def address(world: World) -> str:
    return f"/customers/{world.customer.pk}/orders/new"


def typed(**values: object) -> dict[str, object]:
    return {"kind": "order", "ordered_on": "2026-02-01", "currency": "CNY", "amount": "1200.50"} | values


def test_a_new_form_proposes_no_rate_and_a_foreign_currency_asks_for_one(owner: Client, world: World) -> None:
    assert owner.get(address(world)).context["form"]["rate"].value() is None
    answer = owner.post(address(world), typed(currency="EUR"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["rate"])
    owner.post(address(world), typed(currency="EUR", rate="7.8"))
    assert Order.objects.get().base_amount_minor == 936_390


def test_the_own_currency_needs_no_rate(owner: Client, world: World) -> None:
    owner.post(address(world), typed())
    assert Order.objects.get().base_amount_minor == 120_050


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"currency": "EUR", "rate": "-1"}, "The exchange rate is above zero."),
        ({"currency": "XQZ"}, "Unknown currency. Use three letters, such as CNY or EUR."),
        ({"ordered_on": "1969-12-31"}, "An order cannot be older than 1970."),
    ],
)
def test_what_is_wrong_is_said_in_a_plain_sentence(
    owner: Client, world: World, values: dict[str, object], sentence: str
) -> None:
    answer = owner.post(address(world), typed(**values))
    assert answer.status_code == 422
    assert [sentence] in list(answer.context["form"].errors.values())


def test_a_form_saved_twice_makes_one_order(owner: Client, world: World) -> None:
    token = owner.get(address(world)).context["form"]["token"].value()
    owner.post(address(world), typed(token=token))
    again = owner.post(address(world), typed(token=token), follow=True)
    assert b"This order is already saved." in again.content
    assert Order.objects.get().identity == f"typed:{token}"


def test_a_form_saved_many_times_at_once_makes_one_order(transactional_db: None, world: World) -> None:
    body = typed(token=uuid.uuid4())

    def send(client: Client) -> int:
        try:
            return int(client.post(address(world), body).status_code)
        finally:
            connection.close()

    clients = [Client() for _ in range(6)]
    for client in clients:
        client.force_login(world.owner)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(send, clients)) == [302] * 6
    assert Order.objects.count() == 1


def test_an_order_corrected_meanwhile_keeps_what_was_typed(owner: Client, world: World) -> None:
    owner.post(address(world), typed())
    first = Order.objects.get()
    edit = f"/orders/{first.pk}/edit"
    owner.post(edit, typed(amount="1300", number="PO-1", version=first.pk))
    second = Order.objects.get(superseded_at=None)
    assert owner.get(edit).headers["Location"] == f"/orders/{second.pk}/edit"

    late = owner.post(edit, typed(amount="1400", rate="1", version=first.pk))
    form = late.context["form"]
    assert (late.status_code, form["amount"].value(), form["version"].value()) == (
        422,
        "1400",
        str(second.pk),
    )
    assert [difference.stored for difference in form.differences] == ["PO-1", "1300.00"]
    owner.post(edit, typed(amount="1400", version=form["version"].value()))
    assert Order.objects.get(superseded_at=None).amount_minor == 140_000


def test_an_old_version_of_a_foreign_order_does_not_exist(
    owner: Client, client: Client, world: World
) -> None:
    owner.post(address(world), typed())
    first = Order.objects.get()
    owner.post(f"/orders/{first.pk}/edit", typed(amount="1300", version=first.pk))
    client.force_login(world.stranger)
    assert client.get(f"/orders/{first.pk}/edit").status_code == 404


def test_the_page_says_how_the_sales_move(client: Client, world: World) -> None:
    for ago, amount in ((1, 300), (89, 300), (90, 7_000), (366, 200), (454, 200), (455, 9_000)):
        order(world.customer.pk, (timezone.localdate() - dt.timedelta(days=ago)).isoformat(), amount * 100)
    client.force_login(world.owner)
    answer = client.get(f"/customers/{world.customer.pk}/orders")
    trend = answer.context["trend"]
    assert (trend.recent_minor, trend.before_minor) == (60_000, 40_000)
    assert trend.growth == pytest.approx(0.5)
    assert (len(trend.months), sum(trend.months)) == (24, 1_700_000)
    assert "in the same days a year ago" in answer.content.decode()
