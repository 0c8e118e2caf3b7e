"""The tab History: fields and orders, from what to what, by whom; by field, by person, page by page."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import change_contact, create_contact
from accounts.customers.models import Customer
from accounts.fields.models import CustomField, FieldKind
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order, correct_order
from crm.queries.changes import OWN, Change, fields_of, in_words, names_in
from tests.conftest import MONDAY, World


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def save(client: Client, world: World, field: str, value: str) -> None:
    version = Customer.objects.get(pk=world.customer.pk).version
    answer = client.post(f"/customers/{world.customer.pk}/facts/{field}", {field: value, "version": version})
    assert answer.status_code == 302


def told(client: Client, world: World, query: str = "") -> list[tuple[str, str, str, str]]:
    entries = client.get(f"/customers/{world.customer.pk}/history{query}").context["entries"]
    return [(entry.who, c.label, c.before, c.after) for entry in entries for c in entry.changes]


def test_changes_are_narrowed_by_field_and_by_person(client: Client, world: World) -> None:
    client.force_login(world.owner)
    save(client, world, "employees", "40")
    save(client, world, "legal_name", "Huaxing Holding")
    client.force_login(world.lead)
    save(client, world, "employees", "41")
    assert told(client, world, "?field=customer.employees") == [
        ("Lead", "employees", "40", "41"),
        ("Owner", "employees", "", "40"),
    ]
    assert told(client, world, f"?person={world.owner.pk}") == [
        ("Owner", "legal name", "", "Huaxing Holding"),
        ("Owner", "employees", "", "40"),
    ]
    assert told(client, world, f"?field=customer.employees&person={world.lead.pk}") == [
        ("Lead", "employees", "40", "41")
    ]
    assert len(told(client, world, "?field=nonsense&person=x")) == 3


def test_a_corrected_order_shows_what_it_was_and_cost_only_to_whom_profit_is(
    client: Client, world: World
) -> None:
    facts = OrderFacts(
        ordered_on=MONDAY.date(), amount_minor=10_000, currency="CNY", number="PO-1", direct_cost_minor=5_000
    )
    order = add_order(customer=world.customer, facts=facts, now=MONDAY)
    after = dataclasses.replace(facts, amount_minor=12_000, direct_cost_minor=6_000)
    correct_order(order=order, facts=after, now=MONDAY)
    assert Order.objects.filter(superseded_at=None).get().amount_minor == 12_000
    client.force_login(world.owner)
    assert told(client, world) == [
        ("", "amount", "CN¥100.00", "CN¥120.00"),
        ("", "direct cost", "CN¥50.00", "CN¥60.00"),
    ]
    assert told(client, world, "?field=order.amount_minor") == told(client, world)
    save(client, world, "employees", "40")
    mine = told(client, world, f"?person={world.owner.pk}")
    assert mine == [("Owner", "employees", "", "40")], "nobody is written on an order"


def test_custom_fields_are_said_one_by_one_by_their_names(owner: Client, world: World) -> None:
    CustomField.objects.create(
        subject="customer", key="erp", label="ERP", label_zh_hans="ERP 系统", kind=FieldKind.TEXT
    )
    CustomField.objects.create(subject="customer", key="portal", label="Portal", kind=FieldKind.YES_NO)
    for values in ({"erp": "SAP", "portal": True}, {"erp": "SAP", "portal": False}):
        Customer.objects.filter(pk=world.customer.pk).update(custom_fields=values)
    assert sorted(told(owner, world)) == [
        ("", "ERP", "", "SAP"),
        ("", "Portal", "", "Yes"),
        ("", "Portal", "Yes", "No"),
    ]
    with translation.override("zh-hans"):
        hidden = frozenset(field.name for field in fields_of(Customer)) - {OWN}
        change = Change(Customer, {OWN: {}}, {OWN: {"erp": "SAP"}}, None, hidden)
        assert [said.label for said in in_words(change, names_in([change]))] == ["ERP 系统"]


def test_the_history_pages_through_everything_once(owner: Client, world: World) -> None:
    person = create_contact(
        customer=world.customer, name="Chen", level=Level.MANAGEMENT, author=None, now=MONDAY
    )
    for version in range(1, 61):
        change_contact(
            person, expected_version=version, changes={"title": f"T{version}"}, author=None, now=MONDAY
        )
    first = owner.get(f"/customers/{world.customer.pk}/history?field=contact.title")
    rest = owner.get(
        f"/customers/{world.customer.pk}/history?field=contact.title&after={first.context['older']}"
    )
    seen = [entry.changes[0].after for page in (first, rest) for entry in page.context["entries"]]
    assert seen == [f"T{version}" for version in range(60, 0, -1)]
    assert rest.context["older"] is None


def test_thirty_changes_take_as_many_queries_as_three(owner: Client, world: World) -> None:
    person = create_contact(
        customer=world.customer, name="Chen", level=Level.MANAGEMENT, author=None, now=MONDAY
    )

    save(owner, world, "employees", "40")
    owner.get(f"/customers/{world.customer.pk}")

    def queries_after(count: int) -> int:
        for number in range(count):
            change_contact(
                person,
                expected_version=Contact.objects.get(pk=person.pk).version,
                changes={"counterpart": world.mate if number % 2 else world.lead},
                author=None,
                now=MONDAY,
            )
        with CaptureQueriesContext(connection) as captured:
            assert told(owner, world)
        return len(captured)

    assert queries_after(3) == queries_after(30)
