"""The org chart: levels as rows, lines from superiors to their people."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Attitude, Contact, Level
from accounts.contacts.services import create_contact, mark_left
from crm.queries.contacts import people_by_level
from crm.queries.org_chart import MOST_PEOPLE, Node, OrgChart, org_chart_of
from tests.conftest import MONDAY, World

TOP, MIDDLE, EXPERT, WORKER = Level


def contact(world: World, name: str, level: Level, above: Contact | None = None, **fields: object) -> Contact:
    return create_contact(
        customer=world.customer,
        name=name,
        level=level,
        reports_to=above,
        author=world.owner,
        now=MONDAY,
        **fields,  # type: ignore[arg-type]
    )


def chart(world: World) -> OrgChart | None:
    return org_chart_of(people_by_level(world.customer))


def drawn(node: Node) -> tuple[object, ...]:
    return (node.person.name, node.down, *[drawn(each) for each in node.reports])


def test_everybody_stands_in_the_row_of_his_level(world: World) -> None:
    boss = contact(world, "Boss", TOP)
    buyer = contact(world, "Head of purchasing", MIDDLE, boss)
    deputy = contact(world, "Deputy", MIDDLE, buyer)
    contact(world, "Planner", WORKER, deputy)
    contact(world, "Engineer", EXPERT, boss)
    contact(world, "Nobody's", EXPERT)
    found = chart(world)
    assert found is not None
    assert [row.height for row in found.rows] == [1, 2, 1, 1]
    assert [drawn(node) for node in found.tops] == [
        ("Boss", 0, ("Head of purchasing", 0, ("Deputy", 0, ("Planner", 1))), ("Engineer", 2)),
        ("Nobody's", 3),
    ]


def test_a_superior_below_his_people_has_no_line(world: World) -> None:
    odd = contact(world, "Odd", WORKER)
    boss = contact(world, "Boss", TOP, odd)
    contact(world, "Manager", MIDDLE, boss)
    found = chart(world)
    assert found is not None
    assert [drawn(node) for node in found.tops] == [("Boss", 0, ("Manager", 0)), ("Odd", 3)]


def test_without_lines_or_with_too_many_people_there_is_the_list_alone(world: World) -> None:
    boss = contact(world, "Boss", TOP)
    assert chart(world) is None
    for number in range(MOST_PEOPLE - 1):
        contact(world, f"Manager {number}", MIDDLE, boss)
    assert chart(world) is not None
    contact(world, "One more", MIDDLE, boss)
    assert chart(world) is None


def test_the_page_shows_attitude_counterpart_and_who_left_in_words(world: World, client: Client) -> None:
    boss = contact(world, "<b>Boss</b>", TOP, counterpart=world.owner)
    gone = contact(world, "Champion", MIDDLE, boss, attitude=Attitude.SUPPORTER)
    mark_left(gone, left_on=MONDAY.date(), now=MONDAY)
    client.force_login(world.owner)
    page = client.get(f"/customers/{world.customer.pk}/people").content.decode()
    board = page[page.index("org-board") : page.index("table-cards")]
    for part in ("&lt;b&gt;Boss", "Supporter", "left", "Our counterpart", "Owner", "Nobody known"):
        assert part in board
    assert f'href="/contacts/{gone.pk}"' in board


@pytest.mark.parametrize("people", [3, 30])
def test_the_chart_needs_no_query(world: World, people: int) -> None:
    boss = contact(world, "Boss", TOP)
    for number in range(people):
        contact(world, f"Manager {number}", MIDDLE, boss)
    groups = people_by_level(world.customer)
    with CaptureQueriesContext(connection) as captured:
        found = org_chart_of(groups)
        assert found is not None
        assert len(found.tops[0].reports) == people
    assert len(captured) == 0
