"""Several actions at once: done and taken back, put off and brought back, given to somebody; by whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.models import Action
from accounts.actions.services import add_action, change_action
from accounts.notices.models import Notice
from accounts.snoozes.models import Snooze
from tests.conftest import World

DAY = dt.timedelta(days=1)


@pytest.fixture
def client(world: World, client: Client) -> Client:
    client.force_login(world.owner)
    return client


def added(world: World, title: str, **more: object) -> Action:
    now = timezone.now()
    fields: dict[str, object] = {"owner": world.owner, "author": world.owner, "customer": world.customer}
    fields["due_on"] = timezone.localtime(now).date()
    return add_action(title=title, now=now, **(fields | more))  # type: ignore[arg-type]


def shown(client: Client, url: str = "/actions/", **query: str) -> dict[str, list[str]]:
    lists = client.get(url, query).context["actions"].lists
    return {each.due: [row.action.title for row in each.rows] for each in lists}


def test_several_are_done_and_taken_back(world: World, client: Client) -> None:
    first, second = added(world, "Call"), added(world, "Write")
    sent = {"do": "done", "pick": [first.pk, second.pk], "next": "/actions/"}
    answer = client.post("/actions/change", sent, follow=True)
    assert "2 actions are done." in answer.content.decode()
    assert shown(client) == {"done": ["Write", "Call"]}
    client.post("/actions/change", {"do": "undone", "pick": f"{first.pk} {second.pk}"})
    assert shown(client) == {"today": ["Call", "Write"]}


def test_what_is_put_off_is_off_today_too_and_back_when_it_changes(world: World, client: Client) -> None:
    action, other = added(world, "Call"), added(world, "Write")
    client.post("/actions/change", {"do": f"later tomorrow {action.pk}", "pick": other.pk})
    assert shown(client) == {"today": ["Write"], "asleep": ["Call"]}
    today = client.get("/today/").content.decode()
    assert "Write" in today
    assert f'id="action-{action.pk}"' not in today
    until = Snooze.objects.get().until
    assert until.date() == timezone.localtime().date() + DAY
    change_action(action, version=1, by=world.lead, now=timezone.now(), title="Call at noon")
    assert shown(client) == {"today": ["Call at noon", "Write"]}
    client.post("/actions/change", {"do": "later week", "pick": [action.pk, other.pk]})
    assert not shown(client).get("today")
    client.post("/actions/change", {"do": f"awake now {other.pk}"})
    assert shown(client)["today"] == ["Write"]


def test_several_are_given_to_a_colleague_who_is_told(world: World, client: Client) -> None:
    picked = [added(world, "Call").pk, added(world, "Write").pk]
    client.post("/actions/change", {"do": "assign", "to": world.mate.pk, "pick": picked})
    assert set(Action.objects.values_list("owner", flat=True)) == {world.mate.pk}
    assert Notice.objects.filter(user=world.mate, kind="action_assigned").count() == 2
    client.post("/actions/change", {"do": "assign", "to": "", "pick": picked})
    assert set(Action.objects.values_list("owner", flat=True)) == {world.mate.pk}


@pytest.mark.parametrize("do", ["done", "assign", "later tomorrow", "awake"])
@pytest.mark.parametrize("pick", ["x", "-1", "99999999999999999999999", "\u0663"])
def test_a_malformed_choice_is_not_found(client: Client, do: str, pick: str) -> None:
    assert client.post("/actions/change", {"do": do, "pick": pick}).status_code == 404


def test_nobody_ends_what_he_does_not_see_or_may_not_change(world: World, client: Client) -> None:
    foreign = added(world, "Call", owner=world.stranger, author=world.stranger, customer=world.foreign)
    mine = added(world, "Write")
    sent = {"do": "done", "pick": [mine.pk, foreign.pk]}
    assert client.post("/actions/change", sent).status_code == 404
    client.force_login(world.executive)
    assert client.post("/actions/change", {"do": "done", "pick": mine.pk}).status_code == 403
    assert client.post("/actions/change", {"do": "nonsense", "pick": mine.pk}).status_code == 404
    assert not Action.objects.exclude(done_at=None).exists()


def test_words_and_order_choose_what_is_shown(world: World, client: Client) -> None:
    added(world, "Zebra print")
    added(world, "Audit", customer=None)
    assert shown(client, q="zeb") == {"today": ["Zebra print"]}
    assert shown(client, q="huaxing") == {"today": ["Zebra print"]}
    assert shown(client, sort="customer") == {"today": ["Zebra print", "Audit"]}
    assert shown(client, sort="nonsense", q="") == {"today": ["Zebra print", "Audit"]}
    assert shown(client, f"/customers/{world.customer.pk}/actions") == {"today": ["Zebra print"]}


def test_why_it_is_dropped_is_kept_and_goes_when_taken_back(world: World, client: Client) -> None:
    action = added(world, "Call")
    client.post(f"/actions/{action.pk}/drop", {"reason": " They called  us "})
    action.refresh_from_db()
    assert (action.dropped_at is not None, action.drop_reason) == (True, "They called us")
    assert "They called us" in client.get(f"/actions/{action.pk}").content.decode()
    client.post(f"/actions/{action.pk}/drop", {"undo": "1"})
    action.refresh_from_db()
    assert (action.dropped_at, action.drop_reason) == (None, "")
