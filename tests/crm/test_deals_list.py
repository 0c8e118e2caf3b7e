"""The lists of contracts and opportunities: narrowed, ordered, counted, and as files."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.customers.services import company_day
from accounts.deals.models import ContractKind, OpportunityStage
from accounts.deals.services import (
    ContractFacts,
    OpportunityFacts,
    add_contract,
    add_opportunity,
    end_contract,
)
from crm.queries import deals_list as queries
from crm.queries import keyset
from tests.accounts.needs.register import noted
from tests.conftest import World, customer_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def today() -> dt.date:
    return company_day(timezone.now())


def sign(
    world: World, title: str, *, ends_in: int | None = 200, value: int | None = 100, **facts: object
) -> None:
    add_contract(
        customer=world.customer,
        facts=ContractFacts(
            **{
                "title": title,
                "starts_on": today() - 300 * DAY,
                "ends_on": None if ends_in is None else today() + ends_in * DAY,
                "value_minor": value,
                "owner_id": world.owner.pk,
            }
            | facts
        ),
        author=world.owner,
        now=timezone.now(),
    )


def see(world: World, title: str, **facts: object) -> None:
    add_opportunity(
        customer=world.customer,
        facts=OpportunityFacts(**{"title": title, "owner_id": world.owner.pk} | facts),
        author=world.owner,
        now=timezone.now(),
    )


def titles(client: Client, path: str, query: str = "") -> list[str]:
    return [row.title for row in client.get(f"/{path}/{query}").context["page"].rows]


def csv_of(client: Client, path: str, query: str = "") -> list[list[str]]:
    text = b"".join(client.get(f"/{path}/export.csv{query}").streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_contracts_are_narrowed_by_what_somebody_asks_for(owner: Client, world: World) -> None:
    sign(world, "Frame", ends_in=20, kind=ContractKind.FRAMEWORK, number="C-7")
    sign(world, "Service", ends_in=400, kind=ContractKind.SERVICE, owner_id=world.mate.pk)
    sign(world, "Endless", ends_in=None)
    assert titles(owner, "contracts", "?kind=service") == ["Service"]
    assert titles(owner, "contracts", f"?owner={world.mate.pk}") == ["Service"]
    assert titles(owner, "contracts", f"?ends_before={today() + 20 * DAY}") == []
    assert titles(owner, "contracts", f"?ends_before={today() + 21 * DAY}") == ["Frame"]
    assert titles(owner, "contracts", "?show=ending") == ["Frame"]
    assert titles(owner, "contracts", "?q=c-7") == ["Frame"]
    assert len(titles(owner, "contracts", "?q=huaxing")) == 3
    assert titles(owner, "contracts", "?state=draft") == []
    assert len(titles(owner, "contracts", f"?customer={world.customer.pk}")) == 3
    assert titles(owner, "contracts", f"?customer={world.foreign.pk}") == []


@pytest.mark.parametrize("query", ["?kind=x", "?owner=abc", "?ends_before=soon", "?q=" + "x" * 201])
def test_a_wish_that_cannot_be_is_said_and_finds_nothing(owner: Client, world: World, query: str) -> None:
    sign(world, "Frame")
    page = owner.get(f"/contracts/{query}")
    assert (page.context["page"].rows, len(page.context["faults"])) == ([], 1)
    assert len(csv_of(owner, "contracts", query)) == 1


def test_contracts_are_ordered_by_their_columns(owner: Client, world: World) -> None:
    sign(world, "Late", ends_in=300, value=5)
    sign(world, "Soon", ends_in=100, value=9)
    sign(world, "Euro", ends_in=200, value=7, currency="EUR")
    sign(world, "Never", ends_in=None, value=None)
    assert titles(owner, "contracts") == ["Soon", "Euro", "Late", "Never"]
    assert titles(owner, "contracts", "?sort=-ends") == ["Late", "Euro", "Soon", "Never"]
    assert titles(owner, "contracts", "?sort=-value") == ["Soon", "Late", "Euro", "Never"]
    assert titles(owner, "contracts", "?sort=value") == ["Late", "Soon", "Euro", "Never"]
    assert titles(owner, "contracts", "?sort=password") == ["Soon", "Euro", "Late", "Never"]


def test_opportunities_are_open_ones_unless_others_are_asked_for(owner: Client, world: World) -> None:
    see(world, "Near", expected_on=today() + 9 * DAY, probability=20)
    see(world, "Far", expected_on=today() + 99 * DAY, probability=80)
    see(world, "Won", stage=OpportunityStage.WON)
    assert titles(owner, "opportunities") == ["Near", "Far"]
    assert titles(owner, "opportunities", "?sort=-expected&show=all") == ["Far", "Near", "Won"]
    assert titles(owner, "opportunities", "?stage=won") == ["Won"]
    assert titles(owner, "opportunities", f"?expected_before={today() + 10 * DAY}") == ["Near"]
    assert titles(owner, "opportunities", "?sort=-probability") == ["Far", "Near"]


@pytest.mark.parametrize(
    ("path", "sorts"),
    [("contracts", queries.CONTRACT_SORTS), ("opportunities", queries.OPPORTUNITY_SORTS)],
)
def test_pages_show_every_deal_once(
    owner: Client, world: World, monkeypatch: pytest.MonkeyPatch, path: str, sorts: tuple[str, ...]
) -> None:
    monkeypatch.setattr(keyset.page_or_first, "__kwdefaults__", {"after": "", "before": "", "limit": 3})
    for number in range(8):
        day = number % 3 * 50 or None
        if path == "contracts":
            sign(world, f"No. {number}", ends_in=day, value=number % 2 or None)
        else:
            see(
                world,
                f"No. {number}",
                expected_on=day and today() + day * DAY,
                value_minor=number % 2 or None,
            )
    for sort in sorts:
        seen: list[str] = []
        cursor = ""
        while True:
            page = owner.get(f"/{path}/", {"sort": sort, "after": cursor}).context["page"]
            seen += [row.title for row in page.rows]
            if page.older is None:
                break
            cursor = page.older
        assert (len(seen), len(set(seen))) == (8, 8), sort
        assert [row[0] for row in csv_of(owner, path, f"?sort={sort}")[1:]] == seen, sort


def test_files_say_what_the_list_says_in_numbers_and_days(owner: Client, world: World) -> None:
    sign(world, "=1+1", number="C-7", value=123_450)
    see(world, "Line", value_minor=200, expected_on=today(), need_id=noted(world).pk)
    end_contract(
        world.customer.contracts.get(), on=today(), reason="They build it themselves.", now=timezone.now()
    )
    (head, row) = workbook(owner, "contracts")
    assert row[head.index("Ends on")].date() == today() + 200 * DAY
    assert (row[head.index("Value of a year")], row[head.index("Contract")]) == (1234.5, "=1+1")
    assert row[head.index("Why it ended")] == "They build it themselves."
    assert csv_of(owner, "contracts")[1][0] == "'=1+1"
    (head, row) = workbook(owner, "opportunities")
    assert (row[head.index("Expected value")], row[head.index("Probability, percent")]) == (2, 20)
    assert row[head.index("Expected on")].date() == today()
    (head, row) = workbook(owner, "needs")
    assert row[head.index("Customer")] == world.customer.short_name
    assert csv_of(owner, "needs")[0] == head


def workbook(client: Client, path: str) -> list[tuple[object, ...]]:
    book = load_workbook(io.BytesIO(client.get(f"/{path}/export.xlsx").content))
    head, *rows = book.active.iter_rows(values_only=True)
    return [list(head), *rows]  # type: ignore[list-item]


@pytest.mark.parametrize("path", ["/contracts/", "/opportunities/"])
def test_an_empty_list_leads_to_where_the_first_is_added(owner: Client, path: str) -> None:
    way = '<a class="btn btn-primary" href="/customers/">'
    assert way in owner.get(path).content.decode()
    assert way not in owner.get(path, {"q": "nothing"}).content.decode()


def test_nobody_sees_or_exports_the_deals_of_others(client: Client, world: World) -> None:
    sign(world, "Frame")
    see(world, "Line")
    client.force_login(world.stranger)
    for path in ("contracts", "opportunities"):
        assert titles(client, path) == []
        assert len(csv_of(client, path)) == 1
        assert b"Any owner" not in client.get(f"/{path}/").content


def test_thirty_deals_cost_as_many_queries_as_three(owner: Client, world: World) -> None:
    def asked() -> list[int]:
        counts = []
        for path in ("contracts", "opportunities"):
            for address in (f"/{path}/", f"/{path}/?q=x&sort=-value", f"/{path}/export.xlsx"):
                with CaptureQueriesContext(
                    connection,
                ) as caught:
                    owner.get(address)
                counts.append(len(caught))
        return counts

    def more(count: int) -> None:
        for number in range(count):
            customer_of(world.owner, f"Maker x {count} {number}")
            sign(world, f"x {number}")
            see(world, f"x {number}", need_id=noted(world).pk)

    more(3)
    owner.get("/contracts/")
    before = asked()
    more(27)
    assert asked() == before
