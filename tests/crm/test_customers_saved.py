"""Saved views: kept, offered, changed, deleted and taken back; and shared ones as segments."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.lists.models import SavedView
from accounts.lists.services import Shown, save_view
from crm.queries.customers_saved import customers_in_segment, segments
from tests.conftest import World, customer_of
from tests.crm.test_customers_list import names

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def test_a_filtered_list_is_kept_under_a_name_and_opens_by_its_address(owner: Client, world: World) -> None:
    customer_of(world.owner, "Bravo")
    query = "q=bravo&sort=-name&after=W10&columns=x&tier=gold"
    made = owner.post("/customers/views/new", {"query": query, "name": " Bs "})
    view = SavedView.objects.get(name="Bs")
    assert made.url == f"/customers/?view={view.pk}"
    assert (view.query, view.sort) == ({"q": "bravo"}, "-name")
    opened = owner.get(made.url, follow=True)
    assert [row.name for row in opened.context["page"].rows] == ["Bravo"]
    assert opened.context["view"] == view


def test_a_name_is_one_view_of_its_owner(owner: Client, world: World) -> None:
    save_view(world.mate, name="East", shown=Shown())
    assert owner.post("/customers/views/new", {"query": "", "name": "East"}).status_code == 302
    again = owner.post("/customers/views/new", {"query": "", "name": "East"})
    assert again.status_code == 422
    assert "another view of this name" in again.content.decode()
    assert SavedView.objects.filter(owner=world.owner).count() == 1


def test_a_shared_view_shows_everybody_only_his_own_customers(client: Client, world: World) -> None:
    view = save_view(world.owner, name="All", shown=Shown({"stage": "prospect"}), is_shared=True)
    private = save_view(world.owner, name="Mine", shown=Shown())
    client.force_login(world.stranger)
    opened = client.get(f"/customers/?view={view.pk}", follow=True)
    assert [row.name for row in opened.context["page"].rows] == [world.foreign.short_name]
    assert client.get(f"/customers/?view={private.pk}").context["view"] is None
    assert list(segments(world.stranger)) == [view]
    assert list(customers_in_segment(world.stranger, view)) == [world.foreign]
    assert list(customers_in_segment(world.mate, view)) == []


def test_the_first_view_opens_by_itself_and_all_are_one_click_away(owner: Client, world: World) -> None:
    customer_of(world.owner, "Bravo")
    save_view(world.owner, name="Bs", shown=Shown({"q": "bravo"}), is_default=True)
    opened = owner.get("/customers/", follow=True)
    assert [row.name for row in opened.context["page"].rows] == ["Bravo"]
    assert len(names(owner, "?all=1")) == 2


def test_a_deleted_view_is_gone_and_comes_back(owner: Client, world: World) -> None:
    view = save_view(world.owner, name="East", shown=Shown())
    owner.post(f"/customers/views/{view.pk}/delete")
    assert owner.get(f"/customers/views/{view.pk}").status_code == 404
    owner.post(f"/customers/views/{view.pk}/restore")
    assert owner.get(f"/customers/views/{view.pk}").status_code == 200


def test_a_segment_whose_custom_field_is_gone_holds_nobody(world: World) -> None:
    view = save_view(world.owner, name="Gone", shown=Shown({"cf_gone": "x"}), is_shared=True)
    assert list(customers_in_segment(world.owner, view)) == []
