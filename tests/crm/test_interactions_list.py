"""The list of interactions over all customers somebody sees, and its files."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.costs.models import ActivityUsage, CostPool, Driver
from accounts.costs.services import add_activity, set_rate
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction, InteractionKind, KindActivity, Sentiment
from accounts.interactions.services import InteractionFacts, complete_follow_up, log_interaction
from tests.conftest import MONDAY, World

DAY = dt.timedelta(days=1)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def talk(
    world: World, summary: str, *, customer: Customer | None = None, contacts=(), **facts
) -> Interaction:
    start = {"kind": InteractionKind.CALL, "started_at": MONDAY} | facts
    return log_interaction(
        customer=customer or world.customer,
        facts=InteractionFacts(summary=summary, **start),
        contacts=contacts,
        users=[],
        author=world.owner,
        now=MONDAY + 30 * DAY,
    )


def shown(client: Client, query: str = "") -> set[str]:
    return {row.summary for row in client.get(f"/interactions/{query}").context["page"].rows}


def test_only_what_one_sees_is_listed(client: Client, world: World) -> None:
    talk(world, "ours")
    talk(world, "theirs", customer=world.foreign)
    expected = {
        "owner": {"ours"},
        "lead": {"ours"},
        "stranger": {"theirs"},
        "mate": set(),
        "admin": {"ours", "theirs"},
    }
    for name, summaries in expected.items():
        client.force_login(world.users[name])
        assert shown(client) == summaries, name
        text = b"".join(client.get("/interactions/export.csv").streaming_content).decode()
        assert ("theirs" in text) is ("theirs" in summaries)


def test_each_filter_narrows_and_a_wrong_one_finds_nothing(owner: Client, world: World) -> None:
    li = create_contact(
        customer=world.customer, name="Li", level=Level.MANAGEMENT, author=world.owner, now=MONDAY
    )
    done = talk(world, "done", follow_up_on=(MONDAY + DAY).date())
    complete_follow_up(done, by=world.owner, now=MONDAY + DAY)
    talk(world, "open", follow_up_on=(MONDAY + DAY).date(), sentiment=Sentiment.NEUTRAL)
    talk(world, "visit", kind=InteractionKind.VISIT, contacts=[li.pk], sentiment=Sentiment.NEGATIVE)
    talk(world, "late", started_at=MONDAY + 5 * DAY)
    for query, expected in {
        "?kind=visit": {"visit"},
        "?sentiment=-1": {"visit"},
        "?sentiment=0": {"open"},
        "?people=somebody": {"visit"},
        "?people=nobody": {"done", "open", "late"},
        f"?contact={li.pk}": {"visit"},
        f"?customer={world.customer.pk}": {"done", "open", "visit", "late"},
        f"?customer={world.foreign.pk}": set(),
        f"?author={world.lead.pk}": set(),
        "?follow_up=open": {"open"},
        "?follow_up=any": {"done", "open"},
        "?follow_up=none": {"visit", "late"},
        "?since=2026-03-07": {"late"},
        "?until=2026-03-02": {"done", "open", "visit"},
        "?kind=dance": set(),
        "?customer=x": set(),
        "?customer=99999999999999999999": set(),
        "?since=yesterday": set(),
    }.items():
        assert shown(owner, query) == expected, query


def test_a_talk_without_a_person_says_so(owner: Client, world: World) -> None:
    talk(world, "nobody")
    assert "without a person" in owner.get("/interactions/").content.decode()


def test_the_files_hold_what_the_list_shows(owner: Client, world: World) -> None:
    talk(world, "=1+1", kind=InteractionKind.VISIT, minutes=45)
    talk(world, "a call")
    text = b"".join(owner.get("/interactions/export.csv?kind=visit").streaming_content).decode()
    assert "'=1+1" in text
    assert "a call" not in text
    book = load_workbook(io.BytesIO(owner.get("/interactions/export.xlsx?kind=visit").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 2
    assert (rows[1][1], rows[1][4], rows[1][7]) == ("Huaxing Electronics", 45, "=1+1")


def test_thirty_interactions_take_as_many_queries_as_three(owner: Client, world: World) -> None:
    people = [
        create_contact(
            customer=world.customer, name=n, level=Level.MANAGEMENT, author=world.owner, now=MONDAY
        )
        for n in ("A", "B")
    ]
    counts = []
    for more in (3, 27):
        for at in range(more):
            talk(world, f"{at}", contacts=[person.pk for person in people])
        owner.get("/interactions/")
        with CaptureQueriesContext(connection) as captured:
            assert owner.get("/interactions/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_customers_header_says_when_the_last_contact_was_with_nobody(owner: Client, world: World) -> None:
    li = create_contact(
        customer=world.customer, name="Li", level=Level.MANAGEMENT, author=world.owner, now=MONDAY
    )
    talk(world, "with Li", contacts=[li.pk])
    page = f"/customers/{world.customer.pk}/standing"
    assert "without a person" not in owner.get(page).content.decode()
    talk(world, "with nobody", started_at=MONDAY + DAY)
    assert "without a person" in owner.get(page).content.decode()


def test_what_interactions_cost_is_an_admins_to_say(client: Client, world: World) -> None:
    visits = add_activity(code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=MONDAY)
    set_rate(activity=visits, valid_from=MONDAY.date(), rate_minor=Decimal(9), author=None, now=MONDAY)
    client.force_login(world.admin)
    client.post("/interactions/costs", {"visit": visits.pk})
    assert KindActivity.objects.get().kind == "visit"
    talk(world, "a visit", kind=InteractionKind.VISIT)
    assert ActivityUsage.objects.get().base_cost_minor == 9
    assert client.post("/interactions/costs", {"visit": 999_999}).status_code == 422
    client.post("/interactions/costs", {"visit": ""})
    assert not KindActivity.objects.exists()
    client.force_login(world.owner)
    assert client.post("/interactions/costs", {"visit": visits.pk}).status_code == 404
    assert not KindActivity.objects.exists()
