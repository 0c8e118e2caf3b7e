"""The timeline: people, owners and changed fields in the stream, and the kinds one chooses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import change_contact, create_contact, mark_left
from accounts.customers.services import change_customer, change_owner
from accounts.needs.services import promise_need
from accounts.orders.services import OrderFacts, add_order
from crm.queries.event_source import Event
from crm.queries.history_stream import Wish, history_page
from crm.queries.record_events import Changed
from crm.queries.timeline import KINDS, chosen_kinds, events_of
from tests.accounts.needs.register import NOW, judged
from tests.conftest import MONDAY, World

HTMX = {"HX-Request": "true"}
DAY = dt.timedelta(days=1)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def chen(world: World) -> Contact:
    return create_contact(
        customer=world.customer, name="Chen", level=Level.MANAGEMENT, author=world.owner, now=MONDAY + DAY
    )


def of_kind(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]


def test_who_joined_and_left_and_who_owned_stands_in_the_stream(world: World) -> None:
    person = chen(world)
    mark_left(person, left_on=(MONDAY + 2 * DAY).date(), now=MONDAY + 2 * DAY)
    change_owner(world.customer, owner=world.mate, author=world.lead, now=MONDAY + 3 * DAY)
    events = events_of(world.customer, world.lead).rows
    (joined,), (left,) = of_kind(events, "joined"), of_kind(events, "left")
    assert (joined.record.name, left.record.contact_id) == ("Chen", person.pk)
    assert [event.record.owner for event in of_kind(events, "owner")] == ["Mate", "Owner"]


def test_a_changed_field_says_who_from_what_to_what_by_name(owner: Client, world: World) -> None:
    person = chen(world)
    form = {"employees": "40", "version": world.customer.version}
    owner.post(f"/customers/{world.customer.pk}/facts/employees", form)
    change_contact(
        person, expected_version=1, changes={"counterpart": world.mate}, author=world.owner, now=MONDAY + DAY
    )
    events = of_kind(events_of(world.customer, world.owner).rows, "change")
    records = [event.record for event in events if isinstance(event.record, Changed)]
    said = {(one.name, c.label, c.before, c.after) for one in records for c in one.changes}
    assert said == {("", "employees", "", "40"), ("Chen", "our counterpart", "", "Mate")}
    assert "Owner" in {one.who for one in records}


def test_days_and_moments_that_changed_are_said_as_people_read_them(world: World) -> None:
    need = judged(world)
    promise_need(need, on=dt.date(2026, 3, 14), now=NOW)
    sees = {"sees_profit": True, "wish": Wish(field="need.promised_on")}
    (entry,) = history_page(world.customer, **sees).rows  # type: ignore[arg-type]
    said = {(change.label, change.before, change.after) for change in entry.changes}
    assert ("promised for", "", "Mar 14, 2026") in said
    with timezone.override("Asia/Shanghai"):
        rows = history_page(world.customer, sees_profit=True, wish=Wish(field="need.decided_at")).rows
    assert {c.after for row in rows for c in row.changes if c.label == "decided at"} == {"Mar 5, 2026 17:00"}


def test_costs_in_the_stream_are_for_whom_profit_is(world: World) -> None:
    change_customer(
        world.customer,
        expected_version=1,
        changes={"acquisition_cost_minor": 777_00},
        author=world.owner,
        now=MONDAY,
    )
    assert len(of_kind(events_of(world.customer, world.owner).rows, "change")) == 1
    assert of_kind(events_of(world.customer, world.member).rows, "change") == []


def test_kinds_are_chosen_in_the_address_and_older_entries_keep_the_choice(
    owner: Client, world: World
) -> None:
    for number in range(25):
        facts = OrderFacts(
            ordered_on=MONDAY.date() - number * DAY, amount_minor=100, currency="CNY", number=f"PO-{number}"
        )
        add_order(customer=world.customer, facts=facts, now=MONDAY)
    chen(world)
    address = f"/customers/{world.customer.pk}"
    page = owner.get(f"{address}?kind=orders&kind=nonsense")
    assert {event.kind for event in page.context["events"].rows} == {"order"}
    older = page.context["events"].older
    assert f"?kind=orders&amp;after={older}" in page.content.decode()
    rest = owner.get(f"{address}?kind=orders&after={older}", headers=HTMX)
    assert len(rest.context["events"].rows) == 5
    stream = owner.get(f"{address}?kind=people", headers=HTMX).content.decode()
    assert 'id="stream"' in stream
    assert "Chen" in stream
    assert "PO-1" not in stream


def test_every_kind_belongs_to_a_choice_and_nonsense_is_everything(world: World) -> None:
    chen(world)
    everything = {event.kind for event in events_of(world.customer, world.owner).rows}
    assert everything <= {kind for _label, kinds in KINDS.values() for kind in kinds}
    assert chosen_kinds(["x", "orders", "orders"]) == ["orders"]


def test_thirty_changes_take_as_many_queries_as_three(world: World) -> None:
    person = chen(world)
    version = 1

    def queries_after(count: int) -> int:
        nonlocal version
        for _number in range(count):
            whose = world.mate if version % 2 else world.lead
            change_contact(
                person, expected_version=version, changes={"counterpart": whose}, author=None, now=MONDAY
            )
            version += 1
        with CaptureQueriesContext(connection) as captured:
            assert events_of(world.customer, world.owner).rows
        return len(captured)

    assert queries_after(3) == queries_after(30)
