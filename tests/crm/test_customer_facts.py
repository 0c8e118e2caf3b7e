"""Facts edited where they stand: merged with other fields that changed, in conflict over the same one."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.customers.models import Customer, CustomerOwner
from accounts.customers.services import change_customer
from accounts.history import changed_since
from tests.conftest import MONDAY, World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def other_changes(world: World, **changes: object) -> None:
    stored = Customer.objects.get(pk=world.customer.pk)
    change_customer(
        stored,
        expected_version=stored.version,
        changes=changes,  # type: ignore[arg-type]
        author=world.lead,
        now=MONDAY,
    )


def test_one_fact_is_saved_and_nothing_else_changes(owner: Client, world: World) -> None:
    answer = owner.post(f"/customers/{world.customer.pk}/facts/employees", {"employees": "40", "version": 1})
    stored = Customer.objects.get(pk=world.customer.pk)
    assert answer.headers["Location"] == f"/customers/{world.customer.pk}"
    assert (stored.employees, stored.short_name, stored.version) == (40, "Huaxing Electronics", 2)


def test_two_people_who_edit_different_facts_both_win(owner: Client, world: World) -> None:
    other_changes(world, legal_name="Huaxing Holding")
    answer = owner.post(f"/customers/{world.customer.pk}/facts/employees", {"employees": "40", "version": 1})
    stored = Customer.objects.get(pk=world.customer.pk)
    assert answer.status_code == 302
    assert (stored.employees, stored.legal_name) == (40, "Huaxing Holding")


def test_two_people_who_edit_the_same_fact_choose(owner: Client, world: World) -> None:
    other_changes(world, employees=41)
    address = f"/customers/{world.customer.pk}/facts/employees"
    refused = owner.post(address, {"employees": "40", "version": 1}, headers=HTMX)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert Customer.objects.get(pk=world.customer.pk).employees == 41
    assert [row.stored for row in refused.context["form"].differences] == ["41"]
    assert 'value="40"' in page
    version = refused.context["form"]["version"].value()
    again = owner.post(address, {"employees": "40", "version": version}, headers=HTMX)
    assert again.headers["HX-Redirect"] == f"/customers/{world.customer.pk}"
    assert Customer.objects.get(pk=world.customer.pk).employees == 40


def test_what_was_saved_is_undone_by_the_form_in_the_message(owner: Client, world: World) -> None:
    other_changes(world, tags=["old", "export"])
    address = f"/customers/{world.customer.pk}/facts/tags"
    saved = owner.post(address, {"tags": "new", "version": 2})
    said = str(next(iter(get_messages(saved.wsgi_request))))
    assert f'action="{address}"' in said
    assert 'name="tags" value="old, export"' in said
    owner.post(address, {"tags": "old, export", "version": 3})
    assert Customer.objects.get(pk=world.customer.pk).tags == ["old", "export"]


def test_a_version_that_never_was_is_a_conflict(owner: Client, world: World) -> None:
    for version in ("", "9"):
        answer = owner.post(
            f"/customers/{world.customer.pk}/facts/employees", {"employees": "1", "version": version}
        )
        assert answer.status_code == 422
    assert Customer.objects.get(pk=world.customer.pk).employees is None


def test_there_and_back_again_is_no_change(world: World) -> None:
    other_changes(world, employees=41)
    other_changes(world, employees=None)
    stored = Customer.objects.get(pk=world.customer.pk)
    assert not changed_since(stored, 1, ["employees"])
    assert changed_since(stored, 2, ["employees"])
    assert not changed_since(stored, 2, ["legal_name"])


def test_who_may_not_say_a_fact_has_no_form_for_it(client: Client, world: World) -> None:
    address = f"/customers/{world.customer.pk}/facts"
    client.force_login(world.owner)
    assert client.get(f"{address}/owner").status_code == 404
    assert client.get(f"{address}/version").status_code == 404
    assert client.get(f"{address}/merged_into").status_code == 404
    assert client.get(f"{address}/acquisition_cost").status_code == 200
    client.force_login(world.executive)
    assert client.get(f"{address}/kind").status_code == 403
    client.force_login(world.stranger)
    assert client.post(f"{address}/kind", {"kind": "company", "version": 1}).status_code == 404


def test_the_lead_gives_a_customer_to_somebody_else_from_today(client: Client, world: World) -> None:
    client.force_login(world.lead)
    client.post(f"/customers/{world.customer.pk}/facts/owner", {"owner": world.mate.pk, "version": 1})
    assert Customer.objects.get(pk=world.customer.pk).owner == world.mate
    assert CustomerOwner.objects.filter(customer=world.customer).count() == 2


@pytest.mark.parametrize(
    "field", ["legal_name", "stage", "industry", "parent", "acquired_on", "currency", "tags"]
)
def test_every_fact_has_a_form_in_its_place_and_a_page(owner: Client, world: World, field: str) -> None:
    address = f"/customers/{world.customer.pk}/facts/{field}"
    fragment = owner.get(address, headers=HTMX).content.decode()
    assert f'name="{field}"' in fragment
    assert "<html" not in fragment
    assert "<html" in owner.get(address).content.decode()


def test_a_cost_is_read_in_the_customers_own_currency(owner: Client, world: World) -> None:
    other_changes(world, currency="JPY")
    address = f"/customers/{world.customer.pk}/facts/acquisition_cost"
    assert owner.post(address, {"acquisition_cost": "1.5", "version": 2}).status_code == 422
    assert owner.post(address, {"acquisition_cost": "1500", "version": 2}).status_code == 302
    assert Customer.objects.get(pk=world.customer.pk).acquisition_cost_minor == 1500
