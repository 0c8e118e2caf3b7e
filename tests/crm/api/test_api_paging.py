"""Lists: every row once, whatever the limit; as many queries for 30 rows as for 3; and small."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Industry, Region, SalesChannel
from accounts.customers.services import create_customer
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import FunctionalRole
from accounts.projects.services import Membership, create_project
from scoring.rescore import current_run
from tests.crm.api.api_book import run_scoring, use_activity

NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
RESOURCES = [
    "customers",
    "contacts",
    "projects",
    "interactions",
    "orders",
    "activity-usages",
    "scores",
    "users",
]
MOST_QUERIES = 5


def add_rows(world: Any, numbers: range) -> None:
    """A customer with one record of every kind per number."""
    looked_up = {
        "industry": Industry.objects.get_or_create(name="Automotive electronics")[0],
        "region": Region.objects.get_or_create(name="Yangtze delta")[0],
        "channel": SalesChannel.objects.get_or_create(name="Direct")[0],
    }
    team = [Membership(user=world.member, functional_role=FunctionalRole.QUALITY)]
    for number in numbers:
        customer = create_customer(
            short_name=f"苏州华星电子 {number}",
            legal_name=f"苏州华星电子科技有限公司 {number}",
            currency="CNY",
            now=NOW,
            author=world.owner,
            owner=world.owner,
            tags=["automotive", "export"],
            **looked_up,
        )
        contact = create_contact(
            customer=customer, name="Li", level=Level.EXECUTIVE, author=world.owner, now=NOW
        )
        create_project(
            customer=customer,
            name="P",
            manager=world.manager,
            started_on=NOW.date(),
            now=NOW,
            members=team,
        )
        log_interaction(
            customer=customer,
            facts=InteractionFacts(kind=InteractionKind.CALL, started_at=NOW),
            contacts=[contact.pk],
            users=[world.owner.pk],
            author=world.owner,
            now=NOW,
        )
        facts = OrderFacts(ordered_on=NOW.date(), amount_minor=100, currency="CNY", number=f"A-{number}")
        add_order(customer=customer, facts=facts, now=NOW)
        use_activity(customer)


def rows_and_queries(api: Any, resource: str, **query: object) -> tuple[int, list[str]]:
    current_run()  # a process reads a run once
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = api.get(resource, **query)
    assert answer.status_code == 200
    return len(answer.json()["results"]), [entry["sql"] for entry in captured]


@pytest.mark.parametrize("resource", [name for name in RESOURCES if name != "users"])
def test_a_list_asks_as_much_for_30_rows_as_for_3(world: Any, api_of: Any, resource: str) -> None:
    api = api_of(world.owner)
    add_rows(world, range(3))
    run_scoring(NOW + dt.timedelta(hours=1))
    few, few_queries = rows_and_queries(api, resource)
    add_rows(world, range(3, 30))
    run_scoring(NOW + dt.timedelta(hours=2))
    many, many_queries = rows_and_queries(api, resource)
    assert many - few == 27
    assert len(few_queries) == len(many_queries) <= MOST_QUERIES, "\n".join(many_queries)


def test_a_list_of_50_customers_is_small(world: Any, api_of: Any) -> None:
    add_rows(world, range(55))
    answer = api_of(world.owner).get("customers")
    assert len(answer.json()["results"]) == 50
    assert len(answer.content) <= 40_000


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("limit", [1, 2, 7])
def test_following_next_gives_every_row_once(world: Any, api_of: Any, resource: str, limit: int) -> None:
    api = api_of(world.owner)
    add_rows(world, range(8))
    run_scoring(NOW + dt.timedelta(hours=1))
    name = "customer" if resource == "scores" else "id"
    whole = [row[name] for row in api.get(resource, limit=200).json()["results"]]
    followed: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(resource, limit=limit, **({"cursor": cursor} if cursor else {})).json()
        followed += [row[name] for row in page["results"]]
        cursor = page["next"]
        assert len(followed) <= len(whole)
    assert followed == whole
    assert len(set(whole)) == len(whole) >= 8


def test_filters_narrow_the_list(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    add_rows(world, range(4))
    order = api.get("orders", number="A-2").json()["results"]
    assert [row["number"] for row in order] == ["A-2"]
    customer = order[0]["customer"]
    for resource in ("contacts", "projects", "interactions", "orders"):
        rows = api.get(resource, customer=customer).json()["results"]
        assert [row["customer"] for row in rows] == [customer]
    assert api.get("orders", ordered_from="2026-03-03").json()["results"] == []
    assert len(api.get("orders", ordered_until="2026-03-02").json()["results"]) == 4
    assert api.get("contacts", present="false").json()["results"] == []
    assert len(api.get("contacts", present="true").json()["results"]) == 4
    assert [row["id"] for row in api.get("customers", q="华星 2").json()["results"]] == [customer]
