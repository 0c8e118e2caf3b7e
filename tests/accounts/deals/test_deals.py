"""Contracts, opportunities and supply shares: what is written, refused, and heard of."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.customers.services import ConflictError
from accounts.deals.clocks import ring_contracts
from accounts.deals.models import Competitor, Contract, Opportunity, OpportunityStage, Renewal, SupplyShare
from accounts.deals.services import (
    ContractFacts,
    OpportunityFacts,
    add_contract,
    add_opportunity,
    change_contract,
    change_opportunity,
    end_contract,
    say_shares,
)
from accounts.facts import AlreadySavedError
from accounts.notices.models import Notice
from accounts.orders.services import OrderFacts, add_order
from accounts.users.models import User
from crm.queries.deals import supply_of
from crm.queries.today import scope_of, today_of
from crm.queries.today.items import Item
from tests.accounts.needs.register import noted
from tests.conftest import World

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.django_db


def contract_facts(world: World, **changed: Any) -> ContractFacts:
    said = {
        "title": "Supply of boxes",
        "starts_on": TODAY - 300 * DAY,
        "ends_on": TODAY + 200 * DAY,
        "owner_id": world.owner.pk,
    }
    return ContractFacts(**(said | changed))


def signed(world: World, **changed: Any) -> Contract:
    facts = contract_facts(world, **changed)
    return add_contract(customer=world.customer, facts=facts, author=world.owner, now=NOW)


def seen(world: World, **changed: Any) -> Opportunity:
    facts = OpportunityFacts(**({"title": "A second line", "owner_id": world.owner.pk} | changed))
    return add_opportunity(customer=world.customer, facts=facts, author=world.owner, now=NOW)


def shares(
    world: World, on: dt.date, theirs: dict[str, int], ours: int | None = None, by: User | None = None
) -> None:
    say_shares(
        customer=world.customer,
        on=on,
        ours=None if ours is None else Decimal(ours),
        theirs={name: Decimal(share) for name, share in theirs.items()},
        author=by or world.owner,
        now=NOW,
    )


def codes(refusal: pytest.ExceptionInfo[ValidationError]) -> list[str | None]:
    return [error.code for errors in refusal.value.error_dict.values() for error in errors]


def on_today(user: User, now: dt.datetime, kind: str) -> list[Item]:
    today = today_of(scope_of(user, now=now, today=now.date()))
    return [item for section in today.sections for item in section.items if item.kind == kind]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", " ", "blank"),
        ("title", "x" * 201, "too_long"),
        ("ends_on", TODAY - 301 * DAY, "past"),
        ("notice_on", TODAY + 201 * DAY, "future"),
        ("value_minor", -1, "unknown"),
        ("currency", "XQX", "unknown"),
        ("owner_id", 0, "gone"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(world: World, field: str, value: object, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        signed(world, **{field: value})
    assert codes(refusal) == [code]
    assert not Contract.objects.exists()


def test_a_form_sent_twice_makes_one_contract(world: World) -> None:
    token = uuid.uuid4()

    def add() -> Contract:
        facts = contract_facts(world)
        return add_contract(customer=world.customer, facts=facts, author=world.owner, now=NOW, token=token)

    add()
    with pytest.raises(AlreadySavedError):
        add()
    assert Contract.objects.count() == 1


def test_nobodys_change_of_a_contract_is_lost(world: World) -> None:
    contract = signed(world)
    change_contract(contract, facts=contract_facts(world, number="C-1"), expected_version=1, now=NOW)
    with pytest.raises(ConflictError):
        change_contract(contract, facts=contract_facts(world, number="C-2"), expected_version=1, now=NOW)
    assert Contract.objects.get().number == "C-1"


def test_a_contract_is_renewed_once_and_ends_once(world: World) -> None:
    old = signed(world)
    later = contract_facts(world, starts_on=TODAY + 200 * DAY, ends_on=None)
    new = add_contract(customer=world.customer, facts=later, author=world.owner, now=NOW, renews=old)
    old.refresh_from_db()
    assert (old.state, new.renews) == ("renewed", old)
    with pytest.raises(ValidationError):
        add_contract(customer=world.customer, facts=later, author=world.owner, now=NOW, renews=old)
    with pytest.raises(ValidationError):
        end_contract(new, on=TODAY, reason=" ", now=NOW)
    other = signed(world)
    ended = end_contract(other, on=TODAY, reason="Another supplier.", now=NOW)
    assert end_contract(other, on=TODAY, reason="Another supplier.", now=NOW).version == ended.version
    with pytest.raises(ValidationError):
        end_contract(other, on=TODAY, reason="Something else.", now=NOW)


def test_a_day_that_is_near_stands_on_today_and_is_told_once(world: World) -> None:
    contract = signed(world, notice_on=TODAY + 100 * DAY)
    assert on_today(world.owner, NOW + 9 * DAY, "contract") == []
    assert len(on_today(world.owner, NOW + 10 * DAY, "contract")) == 1
    assert len(on_today(world.lead, NOW + 10 * DAY, "contract")) == 1
    assert [ring_contracts(now=NOW + days * DAY) for days in (9, 10, 11)] == [0, 1, 0]
    told = Notice.objects.filter(kind="contract_ending")
    assert sorted(told.values_list("user__name", flat=True)) == ["Lead", "Owner"]
    assert ring_contracts(now=NOW + 201 * DAY) == 1
    (item,) = on_today(world.owner, NOW + 201 * DAY, "contract")
    assert item.bar == "critical"
    assert Notice.objects.filter(kind="contract_over", facts__contract=contract.pk).count() == 2
    end_contract(contract, on=TODAY, reason="It is done.", now=NOW)
    assert on_today(world.owner, NOW + 201 * DAY, "contract") == []


def test_what_renews_itself_is_told_of_before_its_notice_and_not_after_its_end(world: World) -> None:
    signed(world, renewal=Renewal.AUTOMATIC, notice_on=TODAY + 30 * DAY)
    assert ring_contracts(now=NOW) == 1
    assert ring_contracts(now=NOW + 150 * DAY) == ring_contracts(now=NOW + 300 * DAY) == 0
    assert on_today(world.owner, NOW + 300 * DAY, "contract") == []


def test_an_opportunity_is_won_or_lost_with_its_outcome(world: World) -> None:
    add_order(
        customer=world.customer,
        facts=OrderFacts(number="O-1", ordered_on=TODAY, amount_minor=5, currency="CNY"),
        now=NOW,
    )
    chance = seen(world, need_id=noted(world).pk, probability=40)

    def become(stage: OpportunityStage, **changed: Any) -> Opportunity:
        facts = OpportunityFacts(title="A second line", owner_id=world.owner.pk, stage=stage, **changed)
        version = Opportunity.objects.get(pk=chance.pk).version
        return change_opportunity(chance, facts=facts, expected_version=version, now=NOW)

    with pytest.raises(ValidationError) as refusal:
        become(OpportunityStage.LOST)
    assert codes(refusal) == ["blank"]
    with pytest.raises(ValidationError) as refusal:
        become(OpportunityStage.WON, order_number="O-2")
    assert codes(refusal) == ["other_customer"]
    won = become(OpportunityStage.WON, order_number="O-1")
    assert (won.probability, won.closed_on, won.order_number) == (100, TODAY, "O-1")
    lost = become(OpportunityStage.LOST, lost_reason="Too dear.")
    assert (lost.probability, lost.order_number, lost.lost_reason) == (0, "", "Too dear.")
    opened = become(OpportunityStage.PROPOSAL)
    assert (opened.closed_on, opened.lost_reason) == (None, "")
    with pytest.raises(ValidationError):
        seen(world, need_id=0)


def test_an_opportunity_is_of_the_customer_who_needs_it(world: World) -> None:
    chance, need = seen(world), noted(world)
    Opportunity.objects.filter(pk=chance.pk).update(need=need, customer=world.foreign)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    Opportunity.objects.filter(pk=chance.pk).update(need=None)


def test_shares_are_never_more_than_all(world: World) -> None:
    with pytest.raises(ValidationError) as refusal:
        shares(world, TODAY, {"Rival": 70}, ours=40)
    assert codes(refusal) == ["above_all"]
    with pytest.raises(ValidationError) as refusal:
        shares(world, TODAY, {"Rival": 10, "rival ": 10})
    assert codes(refusal) == ["twice"]
    shares(world, TODAY, {"Rival": 60}, ours=40)
    SupplyShare.objects.filter(competitor__isnull=True).update(share=41)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    SupplyShare.objects.filter(competitor__isnull=True).update(share=40)


def test_what_is_said_again_of_a_day_takes_the_place_of_what_was(world: World) -> None:
    shares(world, TODAY, {"Rival": 60}, ours=40)
    shares(world, TODAY, {"RIVAL": 20, "Other": 5}, ours=75)
    assert sorted(Competitor.objects.values_list("name", flat=True)) == ["Other", "Rival"]
    now = SupplyShare.objects.filter(superseded_at=None)
    assert SupplyShare.objects.count() == 5
    assert [(line.name, line.latest) for line in supply_of(now).lines] == [
        ("", Decimal(75)),
        ("Rival", Decimal(20)),
        ("Other", Decimal(5)),
    ]


def test_a_competitor_on_the_rise_is_told_of_and_stands_on_today(client: Client, world: World) -> None:
    shares(world, TODAY - 100 * DAY, {"Rival": 20, "Other": 30}, ours=40)
    assert on_today(world.owner, NOW, "rival") == []
    shares(world, TODAY, {"Rival": 35, "Other": 25}, ours=40, by=world.admin)
    (item,) = on_today(world.owner, NOW, "rival")
    assert (item.competitor, item.before, item.share) == ("Rival", Decimal(20), Decimal(35))  # type: ignore[attr-defined]
    notice = Notice.objects.get(kind="competitor_rising")
    assert (notice.user, notice.facts) == (world.owner, {"names": ["Rival"]})
    lines = {line.name: line for line in supply_of(SupplyShare.objects.all()).lines}
    assert (lines["Rival"].change, lines["Rival"].is_rising_rival) == (Decimal(15), True)
    assert not lines["Other"].is_rising_rival
    client.force_login(world.owner)
    assert "Rival" in client.get("/notices/").content.decode()
    assert on_today(world.owner, NOW + 100 * DAY, "rival") == []


def test_the_pages_show_what_was_written(client: Client, world: World) -> None:
    client.force_login(world.owner)
    here = f"/customers/{world.customer.pk}"
    form = {
        "title": "Supply of boxes",
        "kind": "supply",
        "renewal": "by_hand",
        "starts_on": "2026-03-02",
        "value": "1200",
        "owner": world.owner.pk,
    }
    made = client.post(f"{here}/contracts/new", form)
    contract = Contract.objects.get()
    assert (made.headers["Location"], contract.value_minor) == (f"/contracts/{contract.pk}", 120_000)
    again = client.get(f"{here}/contracts/new?renews={contract.pk}")
    assert 'value="Supply of boxes"' in again.content.decode()
    client.post(f"{here}/contracts/new?renews={contract.pk}", form)
    assert "Renewed" in client.get(f"/contracts/{contract.pk}").content.decode()
    chance = {"title": "A second line", "stage": "lead", "probability": 30, "owner": world.owner.pk}
    client.post(f"{here}/opportunities/new", chance)
    opportunity = Opportunity.objects.get()
    lost = client.post(f"/opportunities/{opportunity.pk}", chance | {"version": 1, "stage": "lost"})
    assert lost.status_code == 422
    client.post(
        f"{here}/supply", {"valid_on": "2026-03-02", "ours": "40", "name_0": "Rival", "share_0": "20"}
    )
    page = client.get(f"{here}/deals").content.decode()
    for words in ("Supply of boxes", "A second line", "Rival"):
        assert words in page
    assert "Supply of boxes" in client.get("/contracts/").content.decode()
    assert "A second line" in client.get("/opportunities/").content.decode()
    assert client.get("/contracts/?show=ending").status_code == 200
    assert client.get("/opportunities/?show=all").status_code == 200


@pytest.mark.parametrize("path", ["/contracts/", "/opportunities/?show=all", "tab", "/today/"])
def test_thirty_take_as_many_queries_as_three(client: Client, world: World, path: str) -> None:
    client.force_login(world.owner)
    address = f"/customers/{world.customer.pk}/deals" if path == "tab" else path

    def queries_with(count: int) -> int:
        for number in range(count):
            signed(world, ends_on=dt.date(2020, 1, 2 + number % 20), starts_on=dt.date(2020, 1, 1))
            seen(world)
        shares(world, TODAY - count * DAY, {f"Rival {count}": 20})
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    queries_with(1)
    assert queries_with(3) == queries_with(30)


def test_programs_write_contracts_and_opportunities(client: Client, world: World) -> None:
    client.force_login(world.owner)
    said = {"customer": world.customer.pk, "title": "Supply of boxes", "starts_on": "2026-03-02"}
    made = client.post("/api/v1/contracts", said, content_type="application/json")
    assert (made.status_code, made.json()["owner"], made.json()["state"]) == (201, world.owner.pk, "active")
    address = f"/api/v1/contracts/{made.json()['id']}"
    change = {"version": 1, "ends_on": "2026-01-01"}
    assert client.patch(address, change, content_type="application/json").status_code == 422
    change = {"version": 1, "ends_on": "2027-01-01"}
    assert client.patch(address, change, content_type="application/json").json()["version"] == 2
    assert client.patch(address, change, content_type="application/json").status_code == 409
    seen_now = {"customer": world.customer.pk, "title": "A second line", "stage": "lost"}
    refused = client.post("/api/v1/opportunities", seen_now, content_type="application/json")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["lost_reason"])
    lost = seen_now | {"lost_reason": "Too dear."}
    assert client.post("/api/v1/opportunities", lost, content_type="application/json").status_code == 201
    assert len(client.get("/api/v1/opportunities?stage=lost").json()["results"]) == 1
    assert len(client.get("/api/v1/contracts?ends_until=2027-01-01").json()["results"]) == 1
