"""Fields that name one of us: all while we are few, whoever is looked for when we are many."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.projects.models import FunctionalRole
from accounts.projects.services import Membership, create_project
from accounts.users.models import Role, User
from crm.forms.colleagues import MOST_OFFERED
from tests.conftest import MONDAY, World

FORMS = {
    "a contact's counterpart": "/customers/{customer}/contacts/new",
    "a project's manager and team": "/customers/{customer}/projects/new",
    "who took part": "/customers/{customer}/interactions/new",
    "an owner": "/customers/{customer}/edit",
    "a team's lead": "/teams/new",
    "who takes over": "/people/{owner}/hand-over",
    "the owner of what is imported": "/imports/new",
}


@pytest.fixture
def many(world: World) -> World:
    people = (
        User(
            email=f"many{number}@truenorth.test",
            name=f"Many {number:03}",
            sort_key=f"many {number:03}",
            role=Role.ACCOUNT_MANAGER,
        )
        for number in range(MOST_OFFERED + 50)
    )
    User.objects.bulk_create(people)
    return world


def page(client: Client, world: World, address: str) -> str:
    client.force_login(world.admin)
    answer = client.get(address.format(customer=world.customer.pk, owner=world.owner.pk))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", FORMS.values(), ids=FORMS)
def test_few_people_are_all_offered(client: Client, world: World, address: str) -> None:
    html = page(client, world, address)
    assert f'<option value="{world.stranger.pk}"' in html
    assert "/people/options" not in html


@pytest.mark.parametrize("address", FORMS.values(), ids=FORMS)
def test_many_people_are_looked_for(client: Client, many: World, address: str) -> None:
    html = page(client, many, address)
    assert "/people/options" in html
    assert "Many 0" not in html
    assert len(html) < 100_000


def test_whoever_is_chosen_stays_chosen_among_many(client: Client, many: World) -> None:
    hidden = User.objects.get(name="Many 207")
    project = create_project(
        customer=many.customer,
        name="Boards",
        manager=hidden,
        started_on=dt.date(2026, 1, 5),
        now=MONDAY,
        members=[Membership(user=hidden, functional_role=FunctionalRole.QUALITY)],
    )
    html = page(client, many, f"/projects/{project.pk}/edit")
    assert html.count(f'<option value="{hidden.pk}" selected>Many 207</option>') == 2


def test_a_value_that_is_no_id_is_refused_and_not_drawn(client: Client, many: World) -> None:
    client.force_login(many.admin)
    address = f"/customers/{many.customer.pk}/projects/new"
    sent = {"manager": "9" * 30, "team-TOTAL_FORMS": 0, "team-INITIAL_FORMS": 0}
    answer = client.post(address, sent)
    assert (answer.status_code, "manager" in answer.context["form"].errors) == (422, True)


@pytest.mark.parametrize(
    ("who", "query", "found"),
    [
        ("member", "q=many 00", [f"Many 00{number}" for number in range(10)]),
        ("member", "q=OWNER@", ["Owner"]),
        ("member", "q=", []),
        ("member", "q=%00", []),
        ("member", "q=owner&among=owners", []),
        ("lead", "q=truenorth.test&among=owners", ["Lead", "Mate", "Owner"]),
        ("admin", "q=man&among=owners", 20),
        ("admin", "q=executive&among=owners", []),
    ],
)
def test_a_picker_finds_colleagues(
    client: Client, many: World, who: str, query: str, found: list[str] | int
) -> None:
    client.force_login(many.users[who])
    names = [row["text"] for row in client.get(f"/people/options?{query}").json()["results"]]
    assert (len(names) if isinstance(found, int) else names) == found
