"""The CSV of the customer list: what the list shows, to its end, and safe to open."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from accounts.customers.models import Stage
from accounts.customers.services import change_stage
from accounts.orders.services import OrderFacts, add_order
from scoring.models import Tier
from tests.conftest import World, customer_of
from tests.crm.views.test_explanations import NOW, score_everybody

pytestmark = pytest.mark.django_db


def exported(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/customers/export.csv{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_export_has_every_row_of_the_list_and_no_other(client: Client, world: World) -> None:
    for number in range(1203):
        customer_of(world.owner, f"Plant {number:04}")
    client.force_login(world.owner)
    names = [row[1] for row in exported(client, "?sort=name")[1:]]
    assert names == [world.customer.short_name, *(f"Plant {number:04}" for number in range(1203))]


def test_the_export_follows_filter_search_and_sort(client: Client, world: World) -> None:
    customer_of(world.owner, "华星电子")
    client.force_login(world.owner)
    assert [row[1] for row in exported(client, "?q=华星")[1:]] == ["华星电子"]
    ascending = [row[1] for row in exported(client, "?sort=name")[1:]]
    assert [row[1] for row in exported(client, "?sort=-name")[1:]] == ascending[::-1]


def test_a_name_that_is_a_formula_stays_a_name(client: Client, world: World) -> None:
    customer_of(world.owner, '=HYPERLINK("http://x")')
    client.force_login(world.owner)
    assert '\'=HYPERLINK("http://x")' in [row[1] for row in exported(client)]


def test_tier_flag_and_stage_are_in_words(client: Client, world: World) -> None:
    facts = OrderFacts(ordered_on=NOW.date(), amount_minor=99_900, currency="CNY", number="1")
    add_order(customer=world.customer, facts=facts, now=NOW)
    change_stage(world.customer, stage=Stage.LOST, author=world.owner, now=NOW)
    score_everybody()
    client.force_login(world.owner)
    (row,) = [row for row in exported(client) if row[1] == world.customer.short_name]
    assert row[3] in {str(tier.label) for tier in Tier if tier}
    assert (row[5], row[10]) == ("Critical", "Lost")


def test_the_list_links_the_export_of_what_is_seen(client: Client, world: World) -> None:
    client.force_login(world.owner)
    html = client.get("/customers/?q=hua&sort=name").content.decode()
    assert 'href="/customers/export.csv?q=hua&amp;sort=name"' in html


def test_nobody_exports_what_he_does_not_see(client: Client, world: World) -> None:
    client.force_login(world.stranger)
    assert [row[1] for row in exported(client)[1:]] == [world.foreign.short_name]
