"""What is missing among a customer's people: coverage, a single thread, executive silence."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact, mark_left
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from crm.queries.contacts import people_by_level
from crm.queries.people_marks import Marks, marks_of
from tests.conftest import MONDAY, World

DAY = dt.timedelta(days=1)


def person(world: World, name: str, level: Level, **fields: object) -> Contact:
    return create_contact(
        customer=world.customer,
        name=name,
        level=level,
        author=world.owner,
        now=MONDAY,
        **fields,  # type: ignore[arg-type]
    )


def talk(world: World, contact: Contact, days_ago: int) -> None:
    log_interaction(
        customer=world.customer,
        facts=InteractionFacts(kind=InteractionKind.CALL, started_at=MONDAY - days_ago * DAY),
        contacts=[contact.pk],
        users=[],
        author=world.owner,
        now=MONDAY,
    )


def marks(world: World) -> Marks:
    return marks_of(world.customer, people_by_level(world.customer), now=MONDAY)


def test_a_level_without_a_counterpart_is_a_gap_with_somebody_to_give_one(world: World) -> None:
    person(world, "Boss", Level.EXECUTIVE, counterpart=world.owner)
    chen = person(world, "Chen", Level.SPECIALIST)
    found = marks(world)
    assert [(gap.level, gap.person) for gap in found.gaps] == [
        (Level.MANAGEMENT, None),
        (Level.SPECIALIST, chen),
        (Level.OPERATIONAL, None),
    ]


def test_one_contact_who_carries_everything_is_a_single_thread(world: World) -> None:
    chen, li = person(world, "Chen", Level.SPECIALIST), person(world, "Li", Level.MANAGEMENT)
    talk(world, chen, 3)
    talk(world, chen, 30)
    talk(world, li, 91)
    carrier = marks(world).carrier
    assert carrier is not None
    assert (carrier.person, carrier.talks, carrier.others) == (chen, 2, 1)
    talk(world, li, 1)
    assert marks(world).carrier is None


def test_executive_silence_counts_days_since_one_took_part(world: World) -> None:
    boss = person(world, "Boss", Level.EXECUTIVE)
    assert (marks(world).executive_days, marks(world).is_silent, marks(world).executive) == (None, True, boss)
    talk(world, boss, 91)
    assert (marks(world).executive_days, marks(world).is_silent) == (91, True)
    talk(world, boss, 90)
    assert (marks(world).executive_days, marks(world).is_silent) == (90, False)
    mark_left(boss, left_on=MONDAY.date(), now=MONDAY)
    assert marks(world).executive is None, "whoever left is nobody to see"


def test_each_mark_has_its_tap_and_thirty_people_take_as_many_queries_as_three(
    client: Client, world: World
) -> None:
    client.force_login(world.owner)
    boss = person(world, "Boss", Level.EXECUTIVE)
    address = f"/customers/{world.customer.pk}/people"
    page = client.get(address).content.decode()
    assert f"/customers/{world.customer.pk}/interactions/new?contact={boss.pk}" in page
    assert f"/contacts/{boss.pk}/edit#id_counterpart" in page
    assert f"/customers/{world.customer.pk}/contacts/new?level=operational" in page
    client.force_login(world.executive)
    assert "#id_counterpart" not in client.get(address).content.decode()

    def queries_after(count: int) -> int:
        for number in range(count):
            talk(world, person(world, f"P{count}-{number}", Level.SPECIALIST), number)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    assert queries_after(3) == queries_after(30)


def test_where_nobody_is_known_the_page_says_what_to_do_and_raises_no_alarm(
    client: Client, world: World
) -> None:
    address = f"/customers/{world.customer.pk}/people"
    client.force_login(world.owner)
    page = client.get(address).content.decode()
    assert "Nobody is known yet" in page
    assert page.count(f'href="/customers/{world.customer.pk}/contacts/new"') == 1
    assert "Executive silence" not in page
    client.force_login(world.executive)
    assert "/contacts/new" not in client.get(address).content.decode()
    person(world, "Boss", Level.EXECUTIVE)
    assert "Executive silence" in client.get(address).content.decode()
