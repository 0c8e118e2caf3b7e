"""The page of today: one tap, putting off, undo, and the poll that swaps only what has changed."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.interactions.models import Interaction, InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.snoozes.models import Snooze
from accounts.surveys.models import CaseState
from accounts.users.models import User
from crm.queries.today.flags import FlagQueue, Seen
from crm.views.today import offers_on
from scoring.models import ChurnFlag, FlagLevel
from tests.accounts.surveys.office import Office, office_of
from tests.conftest import MONDAY, World

HTMX = {"HX-Request": "true"}


def later(kind: str, key: object, until: str = "tomorrow") -> dict[str, str]:
    """What the button of a row's menu sends."""
    return {"later": f"{kind} {key} {until}"}


@pytest.fixture
def office(world: World) -> Office:
    office = office_of(world)
    office.invite()
    return office


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def flagged(world: World, level: FlagLevel = FlagLevel.AT_RISK) -> ChurnFlag:
    return ChurnFlag.objects.create(
        customer=world.customer, level=level, score=60, run_id=1, opened_at=MONDAY
    )


def keys(client: Client) -> list[tuple[str, str]]:
    return keys_of(client.get("/today/"))


def keys_of(answer: Any) -> list[tuple[str, str]]:
    return [(item.kind, item.key) for section in answer.context["today"].sections for item in section.items]


def promise(world: World, by: User, author: User | None = None) -> Interaction:
    return log_interaction(
        customer=world.customer,
        facts=InteractionFacts(
            kind=InteractionKind.CALL,
            started_at=MONDAY,
            follow_up_on=MONDAY.date() + dt.timedelta(days=1),
            follow_up_by_id=by.pk,
        ),
        contacts=[],
        users=[],
        author=author or by,
        now=MONDAY,
    )


@pytest.mark.parametrize("who", ["owner", "manager", "lead", "executive", "admin", "member"])
def test_everybody_starts_with_today(world: World, who: str) -> None:
    client = logged_in(world.users[who])
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/today/", 302)]
    assert "Nothing needs you" in answer.content.decode()


def test_low_grades_flags_and_follow_ups_stand_there_with_their_buttons(office: Office) -> None:
    office.say(office.chen, delivery="D", comment="Late again")
    flagged(office.world)
    promise(office.world, office.world.owner)
    page = logged_in(office.world.owner).get("/today/").content.decode()
    for part in ("Late again", "Chen", "On-time delivery", "Overdue", "Huaxing Electronics"):
        assert part in page
    case, customer = office.case().pk, office.world.customer.pk
    for action in (
        f"/cases/{case}/acknowledge",
        f"/customers/{customer}/flag/acknowledge",
        f"/interactions/{Interaction.objects.get().identity}/follow-up",
    ):
        assert re.search(rf'<button type="submit"\s+form="act"\s+formaction="{action}"', page)
    assert len(re.findall(r'<form id="act"\s+method="post"\s+action="/today/snooze"', page)) == 1
    assert page.count('hx-post="/today/snooze"') == 1
    for kind in ("case", "flag", "follow_up"):
        assert re.search(rf'form="act" class="dropdown-item" name="later" value="{kind} \S+ tomorrow"', page)
    assert f'href="/customers/{customer}/interactions/new"' in page
    assert f'href="/customers/{customer}/explain/flag/"' in page
    # Whoever walks with the keyboard finds one link to open and one first action in each row.
    assert page.count("data-open") == page.count('<li class="todo') == page.count('data-row-key="d"') == 3


def test_a_case_is_acknowledged_from_the_list_and_comes_back_to_it(office: Office) -> None:
    office.say(office.chen, delivery="D")
    client = logged_in(office.world.manager)
    answer = client.post(
        f"/cases/{office.case().pk}/acknowledge", {"next": "/today/"}, headers=HTMX, follow=True
    )
    assert answer.redirect_chain == [("/today/", 302)]
    assert answer.templates[0].name == "today/_today.html"
    assert 'hx-swap-oob="beforeend:#toasts"' in answer.content.decode()
    assert office.case().state == CaseState.ACKNOWLEDGED


def test_a_flag_is_acknowledged_once(world: World) -> None:
    flag = flagged(world)
    client = logged_in(world.owner)
    address = f"/customers/{world.customer.pk}/flag/acknowledge"
    assert client.post(address, {"next": "/today/"})["Location"] == "/today/"
    flag.refresh_from_db()
    assert flag.acknowledged_by == world.owner
    assert keys(client) == []
    assert [item.key for item in client.get("/today/").context["today"].acknowledged.items] == [str(flag.pk)]
    again = client.post(address, follow=True)
    assert again.redirect_chain == [(f"/customers/{world.customer.pk}", 302)]
    assert "no flag" in again.content.decode()


def test_an_acknowledgement_is_taken_back_through_the_message_by_whoever_gave_it(world: World) -> None:
    flag = flagged(world)
    client = logged_in(world.owner)
    address = f"/customers/{world.customer.pk}/flag/acknowledge"
    page = client.post(address, {"next": "/today/"}, follow=True).content.decode()
    (form,) = re.findall(rf'<form [^>]*class="d-inline" action="{address}">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', form))
    assert fields["next"] == "/today/"
    by_another = logged_in(world.lead).post(address, fields, follow=True)
    assert "nothing was taken back" in by_another.content.decode()
    assert keys(client) == []
    ChurnFlag.objects.update(level=FlagLevel.WATCH)
    client.post(address, fields)
    assert keys(client) == []
    ChurnFlag.objects.update(level=FlagLevel.AT_RISK)
    client.post(address, fields)
    assert keys(client) == [("flag", str(flag.pk))]
    flag.refresh_from_db()
    assert (flag.acknowledged_at, flag.acknowledged_by) == (None, None)
    assert "nothing was taken back" in client.post(address, fields, follow=True).content.decode()


def test_a_follow_up_is_done_and_undone_through_the_message(world: World) -> None:
    interaction = promise(world, world.owner)
    client = logged_in(world.owner)
    address = f"/interactions/{interaction.identity}/follow-up"
    page = client.post(address, {"next": "/today/"}, follow=True).content.decode()
    assert keys(client) == []
    (form,) = re.findall(rf'<form method="post"[^>]*action="{address}">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', form))
    assert fields["next"] == "/today/"
    client.post(address, fields)
    assert keys(client) == [("follow_up", str(interaction.identity))]


def test_whoever_promised_may_say_that_it_is_done_and_a_bystander_may_not(office: Office) -> None:
    world = office.world
    interaction = promise(world, world.manager, author=world.owner)
    address = f"/interactions/{interaction.identity}/follow-up"
    assert logged_in(world.executive).post(address).status_code == 403
    assert logged_in(world.stranger).post(address).status_code == 404
    assert Interaction.objects.get().follow_up_done_at is None
    assert logged_in(world.manager).post(address).status_code == 302
    assert Interaction.objects.get().follow_up_done_by == world.manager
    page = logged_in(world.owner).get(f"/interactions/{interaction.identity}").content.decode()
    assert 'name="undo"' in page


def test_what_is_put_off_is_gone_until_then_or_until_the_undo(world: World) -> None:
    flag = flagged(world)
    User.objects.filter(pk=world.owner.pk).update(time_zone="Asia/Shanghai")
    client = logged_in(world.owner)
    wish = {"kind": "flag", "key": str(flag.pk), "next": "/today/"}
    page = client.post("/today/snooze", later("flag", flag.pk, "monday"), follow=True).content.decode()
    assert 'action="/today/unsnooze"' in page
    until = Snooze.objects.get().until
    local = timezone.localtime(until, timezone=timezone.zoneinfo.ZoneInfo("Asia/Shanghai"))
    assert (local.weekday(), local.hour, local.minute) == (0, 0, 0)
    assert dt.timedelta(0) < until - timezone.now() <= dt.timedelta(days=7)
    assert keys(client) == []
    assert keys(logged_in(world.lead)) == [("flag", str(flag.pk))]
    client.post("/today/unsnooze", wish)
    assert keys(client) == [("flag", str(flag.pk))]
    client.post("/today/snooze", later("flag", flag.pk, "week"))
    assert dt.timedelta(days=5) < Snooze.objects.get().until - timezone.now() <= dt.timedelta(days=7)
    client.post("/today/snooze", later("flag", flag.pk))
    assert keys(client) == []
    Snooze.objects.update(until=timezone.now())
    assert keys(client) == [("flag", str(flag.pk))]


def test_what_is_put_off_can_be_looked_at_and_brought_back(world: World) -> None:
    flag = flagged(world)
    client = logged_in(world.owner)
    assert "Nothing is put off" in client.get("/today/?only=snoozed").content.decode()
    assert 'id="snoozed"' not in client.get("/today/").content.decode()
    client.post("/today/snooze", later("flag", flag.pk))
    assert "Put off: 1" in client.get("/today/").content.decode()
    answer = client.get("/today/?only=snoozed")
    assert keys_of(answer) == [("flag", str(flag.pk))]
    page = answer.content.decode()
    assert 'name="later"' not in page
    assert 'name="next" value="/today/?only=snoozed"' in page
    client.post("/today/unsnooze", {"kind": "flag", "key": flag.pk, "next": "/today/?only=snoozed"})
    assert keys_of(client.get("/today/?only=snoozed")) == []
    assert keys(client) == [("flag", str(flag.pk))]


@pytest.mark.parametrize(("day", "offers"), [("2026-03-07", 3), ("2026-03-08", 2), ("2026-03-09", 2)])
def test_each_day_is_offered_once(day: str, offers: int) -> None:
    context = {
        "item": SimpleNamespace(kind="flag", key="1"),
        "only": "",
        "offers": offers_on(dt.date.fromisoformat(day)),
    }
    assert render_to_string("today/_snooze.html", context).count('name="later"') == offers


def test_a_flag_that_rises_comes_back_at_once_and_one_that_falls_does_not(world: World) -> None:
    flag = flagged(world)
    client = logged_in(world.owner)
    client.post("/today/snooze", later("flag", flag.pk))
    ChurnFlag.objects.update(level=FlagLevel.WATCH)
    assert keys(client) == []
    ChurnFlag.objects.update(level=FlagLevel.CRITICAL)
    assert keys(client) == [("flag", str(flag.pk))]


def test_a_case_comes_back_when_another_low_grade_comes_in(office: Office) -> None:
    office.say(office.chen, delivery="D")
    client = logged_in(office.world.manager)
    key = str(office.case().pk)
    client.post("/today/snooze", later("case", key))
    assert keys(client) == []
    office.say(office.li, delivery="C")
    assert keys(client) == [("case", key)]


@pytest.mark.parametrize(
    "wish",
    [
        later("flag", 0),
        later("flag", "nothing"),
        later("flag", "9" * 40),
        later("follow_up", 1),
        later("ownerless", 1),
        later("nonsense", 1),
        {"later": "flag"},
        {"later": ""},
        {},
    ],
)
def test_nothing_else_can_be_put_off(world: World, wish: dict[str, str]) -> None:
    flagged(world)
    assert logged_in(world.owner).post("/today/snooze", wish).status_code == 404
    assert not Snooze.objects.exists()


def test_a_stranger_cannot_put_off_what_he_does_not_see(world: World) -> None:
    flag = flagged(world)
    answer = logged_in(world.stranger).post("/today/snooze", later("flag", flag.pk))
    assert answer.status_code == 404
    assert not Snooze.objects.exists()


def test_an_open_page_is_told_only_what_is_new(office: Office) -> None:
    client = logged_in(office.world.owner)
    pulse = client.get("/today/").context["pulse"]
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/today/", {"seen": pulse}, headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    assert len([query for query in captured if "scoring_scorechange" in query["sql"]]) == 1
    assert len(captured) <= 4
    office.say(office.chen, delivery="D")
    answer = client.get("/today/", {"seen": pulse}, headers=HTMX)
    assert (answer.status_code, answer.templates[0].name) == (200, "today/_today.html")
    assert "On-time delivery" in answer.content.decode()
    assert client.get("/today/", {"seen": answer.context["pulse"]}, headers=HTMX).status_code == 204


def test_what_others_do_elsewhere_leaves_the_open_page_alone(office: Office) -> None:
    client = logged_in(office.world.stranger)
    pulse = client.get("/today/").context["pulse"]
    office.say(office.chen, delivery="D")
    answer = client.get("/today/", {"seen": pulse}, headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#today-pulse"
    assert answer.templates[0].name == "today/_pulse.html"
    assert answer.context["pulse"] != pulse
    assert client.get("/today/", {"seen": answer.context["pulse"]}, headers=HTMX).status_code == 204


def test_without_javascript_the_same_address_is_the_whole_page(office: Office) -> None:
    client = logged_in(office.world.owner)
    pulse = client.get("/today/").context["pulse"]
    assert "<html" in client.get("/today/", {"seen": pulse}).content.decode()


def test_one_section_by_itself_shows_more_of_it(office: Office) -> None:
    flagged(office.world)
    promise(office.world, office.world.owner)
    client = logged_in(office.world.owner)
    answer = client.get("/today/", {"only": "follow_up"})
    assert [section.code for section in answer.context["today"].sections] == ["follow_up"]
    assert 'name="next" value="/today/?only=follow_up"' in answer.content.decode()
    assert len(client.get("/today/", {"only": "ownerless"}).context["today"].sections) == 2


def test_what_is_put_off_comes_back_for_a_new_reason_or_much_more_money() -> None:
    queue = FlagQueue()
    seen = str(Seen(FlagLevel.AT_RISK, frozenset({2, 5}), 5_000_000))
    for level, reasons, money, is_still in (
        (FlagLevel.AT_RISK, {2, 5}, 5_000_000, True),
        (FlagLevel.WATCH, {2}, 100, True),
        (FlagLevel.AT_RISK, {2, 5}, 5_999_999, True),
        (FlagLevel.AT_RISK, {2, 5}, 6_000_000, False),
        (FlagLevel.AT_RISK, {2, 5}, None, True),
        (FlagLevel.AT_RISK, {2, 3}, 5_000_000, False),
        (FlagLevel.CRITICAL, {2, 5}, 5_000_000, False),
    ):
        now = str(Seen(level, frozenset(reasons), money))
        assert queue.is_still(seen, now) is is_still, now
    little = str(Seen(FlagLevel.AT_RISK, frozenset({2}), 1_000_000))
    assert queue.is_still(little, str(Seen(FlagLevel.AT_RISK, frozenset({2}), 1_999_999)))
    assert queue.is_still("2", seen)
    assert not queue.is_still("1", seen)
