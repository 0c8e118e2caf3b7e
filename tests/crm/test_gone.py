"""Old addresses of what was erased: 410 for whoever saw it, 404 for all others, and nothing personal."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from tests.conftest import MONDAY, World
from tests.crm.api.conftest import Api, api_of  # noqa: F401

OF_CUSTOMER = ("customer", "customer_people", "customer_files", "customer_edit", "interaction_new")


def contact(world: World) -> Contact:
    return create_contact(
        customer=world.customer, name="Li Na", level=Level.MANAGEMENT, author=world.owner, now=MONDAY
    )


@pytest.mark.parametrize("name", ["owner", "lead", "admin", "executive"])
def test_whoever_saw_a_contact_hears_that_it_is_gone(client: Client, world: World, name: str) -> None:
    gone = contact(world)
    url = f"/contacts/{gone.pk}"
    gone.delete()
    client.force_login(world.users[name])
    for address in (url, f"{url}/edit"):
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 410
        assert "This contact was erased" in page
        assert f"{timezone.localdate():%Y}" in page
        assert "Li Na" not in page
        assert "Huaxing" not in page
    assert client.post(f"{url}/edit", {"name": "x"}).status_code == 410


@pytest.mark.parametrize("name", ["stranger", "mate", "manager", "member"])
def test_for_everybody_else_it_never_was(client: Client, world: World, name: str) -> None:
    gone, customer = contact(world), world.customer.pk
    gone_pk = gone.pk
    gone.delete()
    world.customer.delete()
    client.force_login(world.users[name])
    for url in (f"/contacts/{gone_pk}", f"/customers/{customer}", f"/contacts/{10**9}"):
        answer = client.get(url)
        assert answer.status_code == 404, url
        assert "There is nothing here" in answer.content.decode()
        assert "erased" not in answer.content.decode()


def test_every_page_of_an_erased_customer_is_gone(client: Client, world: World) -> None:
    of_him, pk = contact(world), world.customer.pk
    contact_pk = of_him.pk
    of_him.delete()
    world.customer.delete()
    client.force_login(world.owner)
    for name in OF_CUSTOMER:
        answer = client.get(reverse(name, args=[pk]))
        assert answer.status_code == 410, name
        assert "This customer was erased" in answer.content.decode()
        assert "Huaxing" not in answer.content.decode()
    assert client.get(f"/contacts/{contact_pk}").status_code == 410
    from_there = {"Referer": f"http://testserver/customers/{pk}"}
    assert client.get("/log", headers=from_there).status_code == 200


def test_an_owner_of_before_does_not_hear_of_it(client: Client, world: World) -> None:
    """Who saw it last is what counts."""
    world.customer.owner = world.stranger
    world.customer.save()
    pk = world.customer.pk
    world.customer.delete()
    for name, status in {"owner": 404, "stranger": 410, "admin": 410}.items():
        client.force_login(world.users[name])
        assert client.get(f"/customers/{pk}").status_code == status, name


def test_malformed_and_unknown_ids_stay_unknown(client: Client, world: World) -> None:
    client.force_login(world.admin)
    for url in (f"/contacts/{10**30}", f"/customers/{10**30}", "/contacts/0", "/contacts/x"):
        assert client.get(url).status_code == 404, url


def test_the_api_does_not_tell_the_two_apart(world: World, api_of: type[Api]) -> None:  # noqa: F811
    gone = contact(world)
    pk = gone.pk
    gone.delete()
    api = api_of(world.owner)
    assert api.get(f"contacts/{pk}").content == api.get(f"contacts/{10**9}").content
