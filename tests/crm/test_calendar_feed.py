"""The calendar at a secret address: what stands in it, for whom, and that no text breaks out of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from pytest_django import Settings

from accounts.actions.models import Action
from accounts.actions.services import add_action, change_action, finish_action
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction, InteractionKind
from accounts.interactions.services import (
    InteractionFacts,
    correct_interaction,
    facts_of,
    log_interaction,
)
from accounts.playbooks.models import Doer, Trigger
from accounts.playbooks.services import (
    PlaybookFacts,
    StepFacts,
    Words,
    follow_playbook,
    save_playbook,
    start_runs,
)
from accounts.reminding.models import CalendarFeed
from accounts.reminding.services import make_feed
from accounts.surveys.models import CorrectiveAction
from accounts.surveys.services import acknowledge_case, assign_case
from accounts.users.models import User
from crm.logs import without_secrets
from tests.accounts.surveys.office import office_of
from tests.conftest import World

DAY = dt.timedelta(days=1)
HOSTILE = "Call, now; \\ or\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:Forged\n" + "长" * 90


@pytest.fixture
def url(world: World) -> str:
    return f"/calendar/{make_feed(world.owner, now=timezone.now())}.ics"


def added(world: World, title: str, **more: object) -> Action:
    now = timezone.now()
    fields: dict[str, object] = {"owner": world.owner, "author": world.owner, "customer": world.customer}
    fields["due_on"] = timezone.localtime(now).date() + DAY
    return add_action(title=title, now=now, **(fields | more))  # type: ignore[arg-type]


def events(client: Client, url: str) -> dict[str, str]:
    answer = client.get(url)
    assert answer.status_code == 200
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    return {
        str(event["uid"]).partition("@")[0]: str(event["summary"])
        for event in Calendar.from_ical(answer.content).walk("VEVENT")
    }


def talked(world: World, customer: Customer, by: User, **facts: object) -> str:
    now = timezone.now()
    said: dict[str, object] = {"kind": InteractionKind.VISIT, "started_at": now - 9 * DAY} | facts
    found = log_interaction(
        customer=customer,
        facts=InteractionFacts(**said),  # type: ignore[arg-type]
        contacts=[],
        users=[],
        author=by,
        now=now,
    )
    return str(found.identity)


def test_what_is_to_be_done_and_visited_stands_there_until_it_is_done(
    world: World, client: Client, url: str
) -> None:
    action = added(world, "Send drawings")
    added(world, "Of somebody else", owner=world.mate)
    promised = talked(
        world,
        world.customer,
        world.owner,
        follow_up_on=timezone.localdate() + 2 * DAY,
        follow_up_by_id=world.owner.pk,
    )
    assert events(client, url) == {
        f"action-{action.pk}": "Huaxing Electronics: Send drawings",
        f"follow-up-{promised}": "Follow-up: Huaxing Electronics",
    }
    finish_action(action, by=world.owner, now=timezone.now())
    assert list(events(client, url)) == [f"follow-up-{promised}"]


def test_no_text_breaks_out_of_its_event(world: World, client: Client, url: str) -> None:
    action = added(world, "Harmless", note=HOSTILE)
    Action.objects.filter(pk=action.pk).update(title=HOSTILE[:200])
    (summary,) = events(client, url).values()
    assert summary.startswith(
        "Huaxing Electronics: Call, now; \\ or\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Forged"
    )
    (event,) = Calendar.from_ical(client.get(url).content).walk("VEVENT")
    assert str(event["description"]).endswith("长" * 90)


def test_what_is_no_longer_his_to_see_is_gone(world: World, client: Client, url: str) -> None:
    talked(
        world,
        world.customer,
        world.owner,
        follow_up_on=timezone.localdate() + DAY,
        follow_up_by_id=world.owner.pk,
    )
    assert len(events(client, url)) == 1
    Customer.objects.filter(pk=world.customer.pk).update(owner=world.stranger)
    assert events(client, url) == {}


def stamps(client: Client, url: str) -> dict[str, tuple[int, dt.datetime]]:
    """Sequence and last change by the kind of event; the stamp says the same as the change."""
    found = {}
    for event in Calendar.from_ical(client.get(url).content).walk("VEVENT"):
        changed_at = event["last-modified"].dt
        assert event["dtstamp"].dt == changed_at
        assert changed_at.tzinfo is not None
        found[str(event["uid"]).partition("@")[0]] = (int(event["sequence"]), changed_at)
    return found


def test_what_is_changed_has_a_higher_sequence_and_a_later_stamp(
    world: World, client: Client, url: str
) -> None:
    action = add_action(
        title="Send drawings",
        owner=world.owner,
        author=world.owner,
        due_on=timezone.localdate() + DAY,
        now=timezone.now() - DAY,
    )
    (first,) = stamps(client, url).values()
    for n in range(2):
        changed = change_action(
            Action.objects.get(),
            version=n + 1,
            by=world.owner,
            now=timezone.now(),
            due_on=timezone.localdate() + (3 + n) * DAY,
        )
    (after,) = stamps(client, url).values()
    assert (changed.version, after[0] - first[0]) == (3, 2)
    assert after[1] > first[1]
    assert stamps(client, url) == {f"action-{action.pk}": after}


def test_what_a_playbook_changes_is_changed_too(world: World, client: Client, url: str) -> None:
    def saying(days: int) -> PlaybookFacts:
        step = StepFacts(Words("Call"), days, Doer.OWNER)
        return PlaybookFacts(Words("Quiet"), Trigger.STAGE, "continuing", (step,))

    then, now = timezone.now() - DAY, timezone.now()
    playbook = save_playbook(saying(1), by=world.admin, now=then)
    start_runs(playbook, [world.customer.pk], now=then, by=world.owner)
    (first,) = stamps(client, url).values()
    later = save_playbook(saying(5), by=world.admin, now=now, stored=playbook, version=1)
    follow_playbook(later, [world.customer.pk], now=now)
    (after,) = stamps(client, url).values()
    assert after[0] > first[0]
    assert after[1] > first[1]


def test_a_corrected_promise_and_a_planned_case_count_on(world: World, client: Client, url: str) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    case = CorrectiveAction.objects.get()
    assign_case(case, owner=world.owner, by=world.lead, now=case.opened_at)
    before = stamps(client, url)[f"case-{case.pk}"]
    acknowledge_case(CorrectiveAction.objects.get(), by=world.owner, now=case.opened_at)
    after = stamps(client, url)[f"case-{case.pk}"]
    assert after[0] > before[0]
    promised = talked(
        world,
        world.customer,
        world.owner,
        follow_up_on=timezone.localdate() + DAY,
        follow_up_by_id=world.owner.pk,
    )
    first = stamps(client, url)[f"follow-up-{promised}"]
    talk = Interaction.objects.get(superseded_at=None)
    facts = replace(facts_of(talk), follow_up_on=timezone.localdate() + 4 * DAY)
    correct_interaction(talk, facts=facts, corrected_by=world.owner, now=timezone.now())
    second = stamps(client, url)[f"follow-up-{promised}"]
    assert (first[0], second[0]) == (0, 1)
    assert second[1] >= first[1]


def test_an_unchanged_calendar_is_not_sent_again_and_leaves_no_cookie(
    world: World, client: Client, url: str
) -> None:
    added(world, "Send drawings")
    answer = client.get(url)
    assert not answer.cookies
    again = client.get(url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    added(world, "Another")
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_a_new_address_ends_the_old_one_and_only_a_hash_is_kept(
    world: World, client: Client, url: str
) -> None:
    token = url.removeprefix("/calendar/").removesuffix(".ics")
    assert token not in str(CalendarFeed.objects.values().get())
    client.force_login(world.owner)
    text = client.post("/account/reminders/calendar").content.decode()
    assert "/calendar/" in text
    assert client.get(url).status_code == 404
    url = "/calendar/" + text.partition("/calendar/")[2].partition('"')[0]
    assert client.get(url).status_code == 200
    assert (
        "/calendar/" + url.removeprefix("/calendar/")
        not in client.get("/account/reminders/").content.decode()
    )
    client.post("/account/reminders/calendar/revoke")
    assert client.get(url).status_code == 404


def test_who_has_left_has_no_calendar(world: World, client: Client, url: str) -> None:
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    assert client.get(url).status_code == 404


def test_guessing_is_turned_away_and_a_right_address_is_not(
    world: World, client: Client, url: str, settings: Settings
) -> None:
    cache.clear()
    settings.SURVEY_TRIES = 2
    assert [client.get(f"/calendar/wrong{n}.ics").status_code for n in range(3)] == [404, 404, 429]
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "path", ["/calendar/{}.ics", "/digest/{}/stop", "//calendar//{}.ics", "/calendar%2F{}"]
)
def test_no_log_holds_the_secret(path: str) -> None:
    said = (
        f"GET {path.format('Se-cret_1:x')}?a=b, Not Found: https://truenorth.test{path.format('Se-cret_1:x')}"
    )
    text = without_secrets(None, "info", {"event": said})["event"]
    assert "cret_1" not in text
    assert "GET /" in text
