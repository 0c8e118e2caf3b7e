"""What the API writes is what the services write: once, with its version, and rescored soon."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.customers.models import Customer, CustomerInput, CustomerStage, Industry
from accounts.interactions.models import Interaction
from accounts.orders.models import Order
from tests.crm.api.conftest import Api
from tests.crm.listed import field

CALL = {"kind": "call", "started_at": "2026-03-01T10:00:00+08:00"}


def order_body(world: Any, **fields: object) -> dict[str, object]:
    return {"customer": world.customer.pk, "ordered_on": "2026-03-01", "amount_minor": 100, **fields}


def test_a_custom_field_that_is_not_defined_is_refused(world: Any, api_of: Any) -> None:
    refused = api_of(world.owner).post("customers", {"short_name": "X", "custom_fields": {"nothing": 1}})
    assert refused.status_code == 422
    assert "custom_fields" in str(refused.json())


def test_a_customer_is_created_read_and_changed(world: Any, api_of: Any) -> None:
    Industry.objects.create(name="Machines")
    field("city")
    api = api_of(world.owner)
    body = {
        "short_name": " 华星 ",
        "number": "C-7",
        "industry": "Machines",
        "stage": "initial",
        "retention_cost_minor": 12_345,
        "tags": ["a"],
        "custom_fields": {"city": "苏州"},
    }
    created = api.post("customers", body)
    assert created.status_code == 201
    assert created.json() | {"short_name": " 华星 "} == created.json() | body
    assert created.json()["short_name"] == "华星"
    assert api.get(created["Location"].removeprefix("/api/v1/")).json() == created.json()
    pk = created.json()["id"]
    changed = api.patch(f"customers/{pk}", {"version": 1, "stage": "continuing", "industry": None})
    assert changed.json() == created.json() | {"version": 2, "stage": "continuing", "industry": None}
    stages = CustomerStage.objects.filter(customer=pk).order_by("pk").values_list("stage", "author")
    assert list(stages) == [("initial", world.owner.pk), ("continuing", world.owner.pk)]


@pytest.mark.parametrize("resource", ["customers", "contacts", "projects", "interactions"])
def test_a_change_of_an_old_version_is_409_and_changes_nothing(
    world: Any, api_of: Any, resource: str
) -> None:
    api = api_of(world.owner)
    of_customer = {"customer": world.customer.pk}
    bodies: dict[str, tuple[dict[str, object], dict[str, object]]] = {
        "customers": ({"short_name": "A"}, {"legal_name": "B"}),
        "contacts": ({**of_customer, "name": "A", "level": "executive"}, {"title": "B"}),
        "projects": (
            {**of_customer, "name": "A", "manager": world.manager.pk, "started_on": "2026-01-01"},
            {"name": "B"},
        ),
        "interactions": ({**of_customer, **CALL}, {"summary": "B"}),
    }
    body, change = bodies[resource]
    created = api.post(resource, body).json()
    address = f"{resource}/{created['id']}"
    first = api.patch(address, {"version": created["version"], **change})
    assert first.status_code == 200
    late = api.patch(address, {"version": created["version"], **dict.fromkeys(change, "C")})
    assert (late.status_code, late.json()["error"]) == (409, "conflict")
    assert api.get(address).json() == first.json()
    assert api.patch(address, change).json()["fields"].keys() == {"version"}


def test_an_order_number_makes_one_order(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    created = api.post("orders", order_body(world, number="PO-1"))
    again = api.post("orders", order_body(world, number="PO-1"))
    assert (again.status_code, again.json()["existing"]) == (409, str(created.json()["id"]))
    assert Order.objects.filter(number="PO-1").count() == 1


def test_the_existing_id_of_a_foreign_order_is_not_told(world: Any, api_of: Any) -> None:
    assert api_of(world.owner).post("orders", order_body(world, number="PO-1")).status_code == 201
    body = order_body(world, number="PO-1") | {"customer": world.foreign.pk}
    answer = api_of(world.stranger).post("orders", body)
    assert answer.status_code == 409
    assert "existing" not in answer.json()


def test_a_correction_is_a_new_version_and_the_old_id_a_conflict(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    created = api.post("orders", order_body(world, number="PO-1", quantity="2.5000")).json()
    corrected = api.patch(f"orders/{created['id']}", {"amount_minor": 250})
    assert corrected.status_code == 200
    expected = {"id": corrected.json()["id"], "amount_minor": 250, "base_amount_minor": 250}
    assert corrected.json() == created | expected
    for late in (
        api.patch(f"orders/{created['id']}", {"amount_minor": 1}),
        api.delete(f"orders/{created['id']}"),
    ):
        assert (late.status_code, late.json()["error"]) == (409, "conflict")
    assert api.get(f"orders/{created['id']}").status_code == 404
    assert Order.objects.get(identity="PO-1", superseded_at=None).amount_minor == 250


def test_a_deleted_order_or_interaction_is_superseded(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    order = api.post("orders", order_body(world)).json()["id"]
    call = api.post("interactions", {"customer": world.customer.pk, **CALL}).json()["id"]
    for address in (f"orders/{order}", f"interactions/{call}"):
        assert api.delete(address).status_code == 204
        assert api.get(address).status_code == 404
    assert Order.objects.get(pk=order).superseded_at is not None
    assert Interaction.objects.get(identity=call).superseded_at is not None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ordered_on": "2199-01-01"}, "ordered_on"),
        ({"delivered_on": "2026-02-01"}, "delivered_on"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"currency": "CNY", "rate": "2"}, "rate"),
        ({"ordered_on": "1969-12-31"}, "ordered_on"),
        ({"currency": "EUR"}, "rate"),
        ({"currency": "EUR", "rate": "0"}, "rate"),
        ({"currency": "EUR", "rate": "9999999999.99999999", "amount_minor": 10**15}, "amount_minor"),
        ({"product_line": "Nothing"}, "product_line"),
    ],
)
def test_a_rule_of_orders_is_422_and_names_the_field(
    world: Any, api_of: Any, fields: dict[str, object], field: str
) -> None:
    answer = api_of(world.owner).post("orders", order_body(world, **fields))
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert not Order.objects.exists()


def test_a_corrected_currency_asks_for_its_own_rate(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    address = f"orders/{api.post('orders', order_body(world)).json()['id']}"
    assert list(api.patch(address, {"currency": "EUR"}).json()["fields"]) == ["rate"]
    corrected = api.patch(address, {"currency": "EUR", "rate": "7.8"}).json()
    assert (corrected["amount_minor"], corrected["base_amount_minor"]) == (100, 780)


def test_an_interaction_keeps_who_took_part_until_told_otherwise(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    contact = api.post(
        "contacts", {"customer": world.customer.pk, "name": "Li", "level": "executive"}
    ).json()["id"]
    body = {"customer": world.customer.pk, **CALL, "contacts": [contact], "users": [world.owner.pk]}
    made = api.post("interactions", body).json()
    assert made["started_at"] == "2026-03-01T02:00:00Z"
    address = f"interactions/{made['id']}"
    longer = api.patch(address, {"version": made["version"], "minutes": 30}).json()
    assert longer == made | {"version": longer["version"], "minutes": 30}
    alone = api.patch(address, {"version": longer["version"], "contacts": []}).json()
    assert (alone["contacts"], alone["users"]) == ([], [world.owner.pk])


def test_a_loop_of_superiors_is_refused_and_says_why(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    body = {"customer": world.customer.pk, "name": "Top", "level": "management"}
    top = api.post("contacts", body).json()
    low = api.post("contacts", body | {"name": "Low", "reports_to": top["id"]}).json()
    for above in (low["id"], top["id"]):
        refused = api.patch(f"contacts/{top['id']}", {"version": 1, "reports_to": above})
        assert refused.status_code == 422
        assert "Nobody can report to one of their own reports." in refused.content.decode()
        assert "reports_to" in refused.content.decode()
    assert api.get(f"contacts/{top['id']}").json() == top


def test_a_contact_leaves_and_comes_back(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    body = {"customer": world.customer.pk, "name": "Li", "level": "executive"}
    address = f"contacts/{api.post('contacts', body).json()['id']}"
    left = api.patch(address, {"version": 1, "title": "CEO", "left_on": "2026-02-01"}).json()
    assert (left["left_on"], left["title"]) == ("2026-02-01", "CEO")
    back = api.patch(address, {"version": left["version"], "left_on": None}).json()
    assert back["left_on"] is None


def test_a_change_refused_half_way_changes_nothing(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    body = {"customer": world.customer.pk, "name": "Li", "level": "executive"}
    made = api.post("contacts", body).json()
    address = f"contacts/{made['id']}"
    answer = api.patch(address, {"version": 1, "title": "CEO", "left_on": "2199-01-01"})
    assert (answer.status_code, answer.json()["fields"].keys()) == (422, {"left_on"})
    assert api.get(address).json() == made


def test_the_same_key_logs_one_interaction(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    body = {"customer": world.customer.pk, **CALL}
    made = api.post("interactions", body, Idempotency_Key="night-7")
    again = api.post("interactions", body, Idempotency_Key="night-7")
    assert (again.status_code, again.json()["existing"]) == (409, made.json()["id"])
    assert Interaction.objects.count() == 1
    assert api_of(world.admin).post("interactions", body, Idempotency_Key="night-7").status_code == 201


def test_a_key_whose_request_failed_may_be_used_again(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    body = {"customer": world.customer.pk, **CALL}
    future = body | {"started_at": "2199-01-01T00:00:00Z"}
    assert api.post("interactions", future, Idempotency_Key="k").status_code == 422
    assert api.post("interactions", body, Idempotency_Key="k").status_code == 201


def test_the_same_order_and_the_same_key_at_once_write_once(
    transactional_db: None, world: Any, api_of: Any
) -> None:
    api = api_of(world.owner)
    call = {"customer": world.customer.pk, **CALL}

    def send(path: str) -> int:
        try:
            if path == "orders":
                return int(api.post(path, order_body(world, number="PO-9")).status_code)
            return int(api.post(path, call, Idempotency_Key="same").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        orders = list(pool.map(send, ["orders"] * 8))
        calls = list(pool.map(send, ["interactions"] * 8))
    assert sorted(orders) == sorted(calls) == [201, *[409] * 7]
    assert (Order.objects.count(), Interaction.objects.count()) == (1, 1)


def test_a_write_bumps_the_customer_and_asks_for_rescoring(
    world: Any, api_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    api: Api = api_of(world.owner)
    before = CustomerInput.objects.get(pk=world.customer.pk).version
    with django_capture_on_commit_callbacks() as callbacks:
        api.post("orders", order_body(world))
    assert CustomerInput.objects.get(pk=world.customer.pk).version == before + 1
    assert len(callbacks) == 1


def test_a_merged_customer_leads_to_the_one_it_was_merged_into(world: Any, api_of: Any) -> None:
    loser = Customer.objects.create(
        short_name="Old",
        currency="CNY",
        known_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        merged_into=world.customer,
    )
    assert api_of(world.owner).get(f"customers/{loser.pk}").json()["id"] == world.customer.pk
