"""Needs on the pages: from noting to confirmed, found again, added up, seen by whom it concerns."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import access
from accounts.customers.services import company_day
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.needs.models import Capability, Need, NeedAbout
from accounts.needs.services import add_need, triage_need
from accounts.orders.services import OrderFacts, add_order
from crm.queries.demand import GroupedBy, demand_of
from tests.accounts.needs.register import DAY, NOW, TODAY, facts, judged, noted, promised, triage
from tests.conftest import World

pytestmark = pytest.mark.django_db


def form(world: World, **changed: object) -> dict[str, object]:
    typed = {
        "title": "Boxes that close",
        "about": "delivery",
        "level": "beyond",
        "origin": "person",
        "expression": "latent",
        "importance": 4,
        "raised_on": f"{company_day(timezone.now()):%Y-%m-%d}",
        "tags": "boxes， packing",
        "budget": "1200.50",
        "owner": world.owner.pk,
        "token": str(uuid.uuid4()),
    }
    return typed | changed


def test_from_noting_to_confirmed_on_the_pages(client: Client, world: World) -> None:
    client.force_login(world.owner)
    here, typed = f"/customers/{world.customer.pk}/needs", form(world)
    made = client.post(f"{here}/new", typed)
    need = Need.objects.get()
    assert made.headers["Location"] == f"/needs/{need.pk}"
    assert (need.tags, need.budget_minor, need.currency) == (["boxes", "packing"], 120_050, "CNY")
    assert client.post(f"{here}/new", typed).headers["Location"] == here
    assert "Boxes that close" in client.get(here).content.decode()
    page = f"/needs/{need.pk}"
    refused = client.post(f"{page}/triage", {"version": 1, "decision": "accept", "fit": "good"})
    assert refused.status_code == 422
    decided = {"decision": "accept", "fit": "good", "capability": "stretch", "reason": "We can."}
    client.post(f"{page}/triage", decided | {"version": 1})
    today = company_day(timezone.now())
    client.post(f"{page}/promise", {"promised_on": f"{today + DAY:%Y-%m-%d}"})
    assert "Promised for" in client.get(page).content.decode()
    client.post(f"{page}/deliver", {"delivered_on": f"{today:%Y-%m-%d}"})
    client.post(f"{page}/confirm", {"confirmed_on": f"{today:%Y-%m-%d}"})
    need.refresh_from_db()
    assert need.state == "confirmed"
    shown = client.get(page).content.decode()
    assert "We can." in shown
    assert "Raised → Accepted" in shown
    client.post(f"{page}/back")
    need.refresh_from_db()
    assert need.state == "delivered"
    assert "Boxes that close" in client.get(f"/customers/{world.customer.pk}/history").content.decode()


def test_a_decision_on_an_old_page_is_a_conflict(client: Client, world: World) -> None:
    need = judged(world)
    client.force_login(world.owner)
    decided = {"version": 1, "decision": "park", "fit": "good", "capability": "within", "reason": "No."}
    answer = client.post(f"/needs/{need.pk}/triage", decided)
    assert answer.status_code == 422
    assert "Somebody else changed this record" in answer.content.decode()
    need.refresh_from_db()
    assert need.decision == "accept"


def test_a_need_is_made_of_a_talk(client: Client, world: World) -> None:
    said = "They want smaller boxes.\nBefore the summer."
    call = InteractionFacts(kind=InteractionKind.CALL, started_at=NOW, summary=said)
    talk = log_interaction(
        customer=world.customer, facts=call, contacts=[], users=[], author=world.owner, now=NOW
    )
    client.force_login(world.owner)
    link = f"/customers/{world.customer.pk}/needs/new?interaction={talk.identity}"
    assert link in client.get(f"/interactions/{talk.identity}").content.decode()
    assert 'value="They want smaller boxes."' in client.get(link).content.decode()
    client.post(link, form(world))
    need = Need.objects.get()
    assert need.interaction == talk.identity
    assert f"/interactions/{talk.identity}" in client.get(f"/needs/{need.pk}").content.decode()
    assert client.get(f"{link}0").status_code == 404


def test_a_talk_of_another_customer_is_not_found(client: Client, world: World) -> None:
    call = InteractionFacts(kind=InteractionKind.CALL, started_at=NOW, summary="Boxes.")
    talk = log_interaction(
        customer=world.foreign, facts=call, contacts=[], users=[], author=world.stranger, now=NOW
    )
    client.force_login(world.admin)
    link = f"/customers/{world.customer.pk}/needs/new?interaction={talk.identity}"
    assert client.get(link).status_code == 404


def test_whoever_sees_the_customer_sees_what_is_needed(world: World) -> None:
    noted(world)
    for name, user in world.users.items():
        sees = access.visible_needs(user).exists()
        assert sees == access.visible_customers(user).filter(pk=world.customer.pk).exists(), name


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?q=stock", 3),
        ("?q=huaxing", 3),
        ("?q=nothing", 0),
        ("?state=live", 2),
        ("?state=overdue", 1),
        ("?state=parked", 1),
        ("?about=delivery&whose=mine", 3),
        ("?tag=stock", 1),
        ("?customer=9999999999999999999999", 0),
        ("?state=lost", 0),
        ("?sort=importance", 3),
        ("?sort=-customer", 3),
        ("?sort=due", 3),
        ("?after=nonsense", 3),
    ],
)
def test_the_list_finds_what_it_is_asked_for(client: Client, world: World, query: str, count: int) -> None:
    long_ago = company_day(timezone.now()) - 30 * DAY
    now = dt.datetime.combine(long_ago, dt.time(9), dt.UTC)
    customer, by = world.customer, world.owner
    for place, title in enumerate(("Stock one", "Stock two", "Stock three")):
        said = facts(world, title=title, raised_on=long_ago, tags=("stock",) if place == 0 else ())
        need = add_need(customer=customer, facts=said, author=by, now=now)
        if place:
            step = triage("accept" if place == 1 else "park")
            triage_need(need, triage=step, expected_version=1, by=by, now=now)
    client.force_login(world.owner)
    shown = client.get(f"/needs/{query}")
    assert len(shown.context["page"].rows) == count
    exported = b"".join(client.get(f"/needs/export.csv{query}").streaming_content).decode()
    assert exported.count("Stock ") == (count if "after" not in query else 3)


def test_the_board_shows_each_state_in_its_column(client: Client, world: World) -> None:
    noted(world)
    judged(world)
    promised(world)
    client.force_login(world.owner)
    columns = client.get("/needs/board").context["columns"]
    assert {column.code: column.count for column in columns if column.count} == {
        "raised": 1,
        "accepted": 1,
        "promised": 1,
    }


def test_demand_counts_each_customer_and_its_sales_once(world: World) -> None:
    for customer, amount in ((world.customer, 700), (world.foreign, 400)):
        bought = OrderFacts(ordered_on=TODAY, amount_minor=amount, currency="CNY")
        add_order(customer=customer, facts=bought, now=NOW)
        for importance in (2, 4):
            said = facts(world, importance=importance, tags=("stock", "boxes"))
            add_need(customer=customer, facts=said, author=world.owner, now=NOW)
    price = facts(world, about=NeedAbout.PRICE)
    beyond = add_need(customer=world.customer, facts=price, author=world.owner, now=NOW)
    judgement = triage(capability=Capability.BEYOND)
    triage_need(beyond, triage=judgement, expected_version=1, by=world.owner, now=NOW)
    delivery, other = demand_of(Need.objects.all(), GroupedBy.ABOUT, today=TODAY)
    assert (delivery.customers, delivery.needs, delivery.importance) == (2, 4, 3.0)
    assert (delivery.sales_minor, delivery.gaps) == (1_100, 0)
    assert (other.key, other.customers, other.beyond, other.judged) == ("price", 1, 1, 1)
    tags = demand_of(Need.objects.all(), GroupedBy.TAG, today=TODAY)
    assert [(group.key, group.customers, group.needs) for group in tags] == [("boxes", 2, 4), ("stock", 2, 4)]
    seen = demand_of(access.visible_needs(world.owner), GroupedBy.ABOUT, today=TODAY)
    assert [group.sales_minor for group in seen] == [700, 700]
    assert [group.key for group in demand_of(Need.objects.all(), GroupedBy.PRODUCT_LINE, today=TODAY)] == [""]


@pytest.mark.parametrize("by", ["about", "product_line", "tag", "level", "weather"])
def test_demand_is_a_page_and_a_file(client: Client, world: World, by: str) -> None:
    noted(world, tags=("stock",))
    client.force_login(world.owner)
    page = client.get(f"/needs/demand?by={by}")
    assert len(page.context["groups"]) == 1
    assert b"".join(client.get(f"/needs/demand.csv?by={by}").streaming_content).count(b"\n") == 2


@pytest.mark.parametrize("path", ["/needs/", "/needs/board", "/needs/demand", "/needs/export.csv", "tab"])
def test_thirty_needs_take_as_many_queries_as_three(client: Client, world: World, path: str) -> None:
    client.force_login(world.owner)
    address = f"/customers/{world.customer.pk}/needs" if path == "tab" else path

    def queries_with(count: int) -> int:
        for _number in range(count):
            noted(world)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
            b"".join(page)
        return len(queries)

    queries_with(1)
    assert queries_with(3) == queries_with(30)


def test_programs_note_a_need_and_take_it_all_the_way(client: Client, world: World) -> None:
    client.force_login(world.owner)
    body = {"customer": world.customer.pk, "title": "Boxes", "about": "delivery", "tags": ["a", "a"]}
    made = client.post("/api/v1/needs", body, content_type="application/json")
    assert made.status_code == 201
    record = made.json()
    assert (record["owner"], record["state"], record["tags"]) == (world.owner.pk, "raised", ["a"])
    address = f"/api/v1/needs/{record['id']}"
    today = f"{company_day(timezone.now()):%Y-%m-%d}"

    def change(**values: object) -> tuple[int, dict[str, object]]:
        answer = client.patch(address, values, content_type="application/json")
        return answer.status_code, answer.json()

    status, refused = change(version=1, decision="accept")
    assert (status, sorted(refused["fields"])) == (422, ["capability", "fit", "reason"])  # type: ignore[arg-type]
    status, given = change(
        version=1,
        decision="accept",
        fit="good",
        capability="within",
        reason="We can.",
        promised_on=today,
        delivered_on=today,
        confirmed_on=today,
        importance=5,
    )
    assert (status, given["state"], given["importance"]) == (200, "confirmed", 5)
    assert change(version=1, importance=4)[0] == 409
    found = client.get("/api/v1/needs?state=confirmed").json()["results"]
    assert [row["id"] for row in found] == [record["id"]]
    assert client.get("/api/v1/needs?state=lost").status_code == 400
