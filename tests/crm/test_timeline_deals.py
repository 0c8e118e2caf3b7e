"""The timeline: what becomes of needs, contracts and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.deals.clocks import ring_contracts
from accounts.deals.services import add_contract, end_contract
from accounts.files.services import add_file, delete_file
from accounts.needs.models import Decision
from accounts.needs.services import confirm_need, deliver_need, promise_need, step_back
from crm.queries.deal_events import ContractTurn, FileAdded, NeedTurn
from crm.queries.timeline import events_of
from tests.accounts.deals.test_deals import contract_facts, signed
from tests.accounts.needs.register import DAY, NOW, TODAY, judged, noted, promised
from tests.conftest import World

PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj<</Type/Catalog>>endobj\n%%EOF"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def turns(world: World) -> list[NeedTurn]:
    found = events_of(world.customer, world.owner, chosen=["needs"]).rows
    return [event.record for event in found]


def contracts(world: World) -> list[ContractTurn]:
    found = events_of(world.customer, world.owner, chosen=["contracts"]).rows
    return [event.record for event in found]


def test_each_step_of_a_need_stands_at_its_time(world: World) -> None:
    need = promised(world)
    promise_need(need, on=TODAY + 12 * DAY, now=NOW)
    deliver_need(need, on=TODAY + DAY, now=NOW + DAY)
    confirm_need(need, on=TODAY + 2 * DAY, now=NOW + 2 * DAY)
    found = turns(world)
    assert sorted(turn.state for turn in found) == [
        "accepted", "confirmed", "delivered", "promised", "promised", "raised"
    ]  # fmt: skip
    assert [turn.until for turn in found if turn.state == "promised"] == [TODAY + 12 * DAY, TODAY + 9 * DAY]
    (decided,) = [turn for turn in found if turn.state == "accepted"]
    assert (decided.on, decided.by, decided.text) == (NOW, "Owner", "The warehouse has room.")


def test_what_was_taken_back_is_no_step_and_a_promise_that_was_given_stays(world: World) -> None:
    need = promised(world)
    step_back(need, now=NOW)
    assert sorted(turn.state for turn in turns(world)) == ["accepted", "promised", "raised"]
    step_back(need, now=NOW)
    assert sorted(turn.state for turn in turns(world)) == ["promised", "raised"]


def test_each_decision_says_which_it_is(world: World) -> None:
    for decision in Decision:
        judged(world, decision)
    states = {turn.state for turn in turns(world)} - {"raised"}
    assert states == {"accepted", "negotiating", "declined", "parked"}


def test_a_contract_begins_ends_or_runs_out(world: World) -> None:
    running = signed(world, title="Runs out")
    assert [(turn.turn, turn.on) for turn in contracts(world)] == [("signed", running.starts_on)]
    ended = signed(world, title="Ended")
    end_contract(ended, on=TODAY, reason="Another supplier.", now=NOW)
    ring_contracts(now=NOW + 201 * DAY)
    found = {(turn.title, turn.turn): turn for turn in contracts(world)}
    assert set(found) == {
        ("Runs out", "signed"),
        ("Runs out", "ran_out"),
        ("Ended", "signed"),
        ("Ended", "ended"),
    }
    assert found["Ended", "ended"].text == "Another supplier."
    later = contract_facts(world, title="Next", starts_on=TODAY + 400 * DAY, ends_on=None)
    add_contract(
        customer=world.customer, facts=later, author=world.owner, now=NOW + 210 * DAY, renews=running
    )
    newest = contracts(world)[0]
    assert (newest.title, newest.on) == ("Next", TODAY + 400 * DAY), "stands on the day it was noted"
    assert ("Runs out", "ran_out") not in {(turn.title, turn.turn) for turn in contracts(world)}


def test_a_file_stands_there_until_it_is_deleted(client: Client, world: World) -> None:
    kept = add_file(
        customer=world.customer,
        name="offer.pdf",
        content=ContentFile(PDF),
        uploaded_by=world.owner,
        most_bytes=2**20,
        now=NOW,
    )
    (event,) = events_of(world.customer, world.owner, chosen=["files"]).rows
    assert event.record == FileAdded(kept.pk, "offer.pdf", NOW, "Owner")
    client.force_login(world.owner)
    page = client.get(f"/customers/{world.customer.pk}?kind=files").content.decode()
    assert f'href="/files/{kept.pk}"' in page
    delete_file(kept, deleted_by=world.owner, now=NOW)
    assert events_of(world.customer, world.owner, chosen=["files"]).rows == []


def test_the_page_shows_them_among_the_rest_and_page_by_page(client: Client, world: World) -> None:
    promised(world)
    signed(world)
    client.force_login(world.owner)
    page = client.get(f"/customers/{world.customer.pk}").content.decode()
    for words in ("A safety stock of two weeks", "Promised", "Supply of boxes", "Begins"):
        assert words in page, words
    seen, cursor = [], ""
    while True:
        part = events_of(world.customer, world.owner, after=cursor, limit=2)
        seen += part.rows
        if part.older is None:
            break
        cursor = part.older
    everything = events_of(world.customer, world.owner, limit=100).rows
    assert [(event.at, event.kind) for event in seen] == [(event.at, event.kind) for event in everything]


def test_thirty_needs_and_contracts_take_as_many_queries_as_three(client: Client, world: World) -> None:
    client.force_login(world.owner)

    def queries_after(count: int) -> int:
        for number in range(count):
            noted(world, title=f"N{count}-{number}")
            signed(world, title=f"C{count}-{number}")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/customers/{world.customer.pk}").status_code == 200
        return len(captured)

    assert queries_after(3) == queries_after(30)
