"""Many customers changed at once: rows and all that match, history, undo, and who may."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts import access
from accounts.customers.models import Customer, CustomerInput, CustomerOwner, CustomerStage
from accounts.lists import bulk
from accounts.lists.bulk import requeue_expired, run_change, start_change, start_undo
from accounts.lists.models import BulkChange, BulkKind, BulkState
from accounts.notices.models import Notice
from tests.conftest import MONDAY, World, customer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client, world: World) -> Client:
    client.force_login(world.lead)
    return client


def test_chosen_rows_get_another_owner_dated_and_told_to_scoring(lead: Client, world: World) -> None:
    other = customer_of(world.owner, "Other")
    version = CustomerInput.objects.get(customer=other).version
    chosen = {"chosen": [other.pk, world.foreign.pk], "kind": "owner", "owner": world.mate.pk}
    assert lead.post("/customers/change", chosen).status_code == 302
    other.refresh_from_db()
    world.foreign.refresh_from_db()
    assert (other.owner, other.version) == (world.mate, 2)
    assert world.foreign.owner == world.stranger
    dated = CustomerOwner.objects.filter(customer=other).latest("pk")
    assert (dated.owner, dated.author) == (world.mate, world.lead)
    assert CustomerInput.objects.get(customer=other).version == version + 1


def test_all_that_match_change_and_the_undo_leaves_what_was_changed_since(lead: Client, world: World) -> None:
    others = [customer_of(world.owner, f"Maker {number}") for number in range(3)]
    asked = {"all": "1", "list": "q=maker", "kind": "stage", "stage": "lost"}
    lead.post("/customers/change", asked)
    assert set(Customer.objects.filter(pk__in=[c.pk for c in others]).values_list("stage", flat=True)) == {
        "lost"
    }
    world.customer.refresh_from_db()
    assert world.customer.stage == "prospect"
    change = BulkChange.objects.get()
    assert (change.state, change.total, change.changed) == (BulkState.DONE, 3, 3)
    Customer.objects.filter(pk=others[0].pk).update(stage="dormant")
    lead.post(f"/customers/changes/{change.pk}/undo")
    stages = [Customer.objects.get(pk=customer.pk).stage for customer in others]
    assert stages == ["dormant", "prospect", "prospect"]
    assert CustomerStage.objects.filter(customer=others[1]).count() == 3
    lead.post(f"/customers/changes/{change.pk}/undo")
    assert BulkChange.objects.count() == 2


@pytest.mark.parametrize(("kind", "left"), [("add_tag", ["old", "vip"]), ("remove_tag", ["vip"])])
def test_a_tag_comes_and_goes_and_comes_back(lead: Client, world: World, kind: str, left: list[str]) -> None:
    tag = "vip" if kind == "add_tag" else "old"
    start = ["old"] if kind == "add_tag" else ["old", "vip"]
    Customer.objects.filter(pk=world.customer.pk).update(tags=start)
    lead.post("/customers/change", {"chosen": [world.customer.pk], "kind": kind, "tag": tag})
    world.customer.refresh_from_db()
    assert world.customer.tags == left
    lead.post(f"/customers/changes/{BulkChange.objects.get().pk}/undo")
    world.customer.refresh_from_db()
    assert sorted(world.customer.tags) == start


def test_who_only_reads_changes_nobody(client: Client, world: World) -> None:
    client.force_login(world.executive)
    client.post("/customers/change", {"chosen": [world.customer.pk], "kind": "stage", "stage": "lost"})
    world.customer.refresh_from_db()
    assert world.customer.stage == "prospect"
    assert (
        "No customer to change"
        in client.get("/customers/change", {"chosen": [world.customer.pk]}).content.decode()
    )


@pytest.mark.parametrize("sent", [{"kind": "stage"}, {"kind": "add_tag", "tag": "a,b"}, {"kind": "merge"}])
def test_a_change_that_says_nothing_is_refused(lead: Client, world: World, sent: dict[str, str]) -> None:
    assert lead.post("/customers/change", {"chosen": [world.customer.pk], **sent}).status_code == 422
    assert not BulkChange.objects.exists()


def test_what_was_taken_from_its_author_meanwhile_stays(world: World) -> None:
    started = start_change(
        kind=BulkKind.ADD_TAG,
        value="vip",
        customers=access.changeable_customers(world.owner),
        author=world.owner,
        now=MONDAY,
    )
    Customer.objects.filter(pk=world.customer.pk).update(owner=world.stranger)
    assert run_change(started.pk, changeable=access.changeable_customers, now=MONDAY) == []
    world.customer.refresh_from_db()
    assert world.customer.tags == []


def test_a_change_is_done_once_and_comes_back_when_its_worker_died(world: World) -> None:
    started = start_change(
        kind=BulkKind.ADD_TAG,
        value="vip",
        customers=access.changeable_customers(world.owner),
        author=world.owner,
        now=MONDAY,
    )
    later = MONDAY + dt.timedelta(hours=1)
    BulkChange.objects.filter(pk=started.pk).update(state="running", attempts=1)
    assert run_change(started.pk, changeable=access.changeable_customers, now=MONDAY) is None
    assert requeue_expired(now=later) == [started.pk]
    assert run_change(started.pk, changeable=access.changeable_customers, now=later) == [world.customer.pk]
    assert run_change(started.pk, changeable=access.changeable_customers, now=later) is None
    assert start_undo(BulkChange.objects.get(pk=started.pk), author=world.owner, now=later) is not None


def test_many_are_left_to_a_worker_who_leaves_a_notice(
    lead: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    answer = lead.post("/customers/change", {"chosen": [world.customer.pk], "kind": "stage", "stage": "lost"})
    change = BulkChange.objects.get()
    assert answer.url == f"/customers/changes/{change.pk}"
    assert "every 1s" in lead.get(answer.url).content.decode()
    run_change(change.pk, changeable=access.changeable_customers, now=MONDAY)
    assert "1 of 1 customers was changed" in lead.get(answer.url).content.decode()
    assert Notice.objects.get(user=world.lead).kind == "bulk_done"
