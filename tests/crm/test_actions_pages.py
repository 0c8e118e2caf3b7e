"""The pages of actions: the list by day, adding, changing, ticking off and taking that back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.models import Action
from accounts.actions.services import add_action, finish_action
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from tests.conftest import World

DAY = dt.timedelta(days=1)


@pytest.fixture
def client(world: World, client: Client) -> Client:
    client.force_login(world.owner)
    return client


def added(world: World, title: str, *, days: int | None = 0, **more: object) -> Action:
    now = timezone.now()
    due = None if days is None else timezone.localtime(now).date() + days * DAY
    fields: dict[str, object] = {"owner": world.owner, "author": world.owner, "customer": world.customer}
    return add_action(title=title, due_on=due, now=now, **(fields | more))  # type: ignore[arg-type]


def promised(world: World, days: int) -> None:
    now = timezone.now()
    facts = InteractionFacts(
        kind=InteractionKind.CALL,
        started_at=now - 9 * DAY,
        summary="Asks for a sample",
        follow_up_on=timezone.localtime(now).date() + days * DAY,
        follow_up_by_id=world.owner.pk,
    )
    log_interaction(customer=world.customer, facts=facts, contacts=[], users=[], author=world.owner, now=now)


def test_the_list_goes_by_day_and_holds_follow_ups_too(world: World, client: Client) -> None:
    added(world, "Long over", days=-3)
    added(world, "For today")
    added(world, "Some day", days=None)
    added(world, "In a month", days=30)
    finish_action(added(world, "Was done"), by=world.owner, now=timezone.now())
    promised(world, -1)
    text = client.get("/actions/").content.decode()
    order = ["Long over", "Follow-up: Huaxing", "For today", "In a month", "Some day", "Was done"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "Overdue" in text
    assert "Asks for a sample" in text


def test_each_list_shows_whose_it_says(world: World, client: Client) -> None:
    added(world, "My call")
    added(world, "For the mate", owner=world.mate)
    for whose, shown in {
        "mine": {"My call"},
        "given": {"For the mate"},
        "all": {"My call", "For the mate"},
    }.items():
        text = client.get("/actions/", {"whose": whose}).content.decode()
        assert {title for title in ("My call", "For the mate") if title in text} == shown, whose
    client.force_login(world.lead)
    assert "For the mate" in client.get("/actions/", {"whose": "team"}).content.decode()
    client.force_login(world.stranger)
    assert "My call" not in client.get("/actions/", {"whose": "nonsense"}).content.decode()


def test_it_is_added_once_changed_and_a_conflict_is_shown(world: World, client: Client) -> None:
    form = client.get("/actions/new", {"customer": world.customer.pk}).context["form"]
    sent = {"title": "Call back", "owner": world.mate.pk, "customer": world.customer.pk}
    sent["token"] = form["token"].value()
    for _again in range(2):
        assert client.post("/actions/new", sent).status_code == 302
    action = Action.objects.get()
    assert (action.owner, action.customer, action.author) == (world.mate, world.customer, world.owner)
    change = {"title": "Call at noon", "owner": world.owner.pk, "customer": world.customer.pk, "version": 1}
    assert client.post(f"/actions/{action.pk}", change).status_code == 302
    answer = client.post(f"/actions/{action.pk}", change | {"title": "Never mind"})
    assert answer.status_code == 422
    assert "Call at noon" in answer.content.decode()
    action.refresh_from_db()
    assert (action.title, action.version) == ("Call at noon", 2)


def test_ticking_off_offers_to_take_it_back(world: World, client: Client) -> None:
    action = added(world, "Call back")
    here = "/actions/?whose=all"
    answer = client.post(f"/actions/{action.pk}/done", {"next": here}, follow=True)
    assert answer.redirect_chain[-1][0] == here
    assert "Undo" in answer.content.decode()
    action.refresh_from_db()
    assert action.done_by == world.owner
    client.post(f"/actions/{action.pk}/done", {"undo": "1"})
    action.refresh_from_db()
    assert action.done_at is None
    client.post(f"/actions/{action.pk}/drop")
    action.refresh_from_db()
    assert action.dropped_at is not None
    assert (
        "Call back"
        not in client.get("/actions/").content.decode().partition('id="list"')[2].partition("toast")[0]
    )


def test_due_ones_stand_on_today(world: World, client: Client) -> None:
    added(world, "For today")
    added(world, "Tomorrow", days=1)
    text = client.get("/", follow=True).content.decode()
    assert "Actions due" in text
    assert "For today" in text
    assert "Tomorrow</a>" not in text


def test_a_notice_of_it_leads_there(world: World, client: Client) -> None:
    action = added(world, "Send drawings", author=world.lead)
    text = client.get("/notices/").content.decode()
    assert "Lead gave you something to do: Send drawings." in text
    notice = world.owner.notices.get()
    assert client.post(f"/notices/{notice.pk}").url == f"/actions/{action.pk}"  # type: ignore[attr-defined]


def test_the_same_queries_for_three_and_for_thirty(world: World, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/actions/").status_code == 200
        return len(found)

    for number in range(3):
        added(world, f"Call {number}", days=number)
        promised(world, number)
    few = queries()
    for number in range(27):
        added(world, f"Write {number}", days=number - 9)
        promised(world, number)
    assert queries() == few
