"""Supply shares over the API: read by day, said for a day at once, and refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.deals.models import SupplyShare
from accounts.projects.models import Project
from tests.conftest import MONDAY, World

pytestmark = pytest.mark.django_db


def said(world: World, **changed: Any) -> dict[str, Any]:
    theirs = [{"name": "Acme", "share": "30"}, {"name": "博众", "share": "9.50"}]
    return {
        "customer": world.customer.pk,
        "valid_on": "2026-03-02",
        "ours": "60.5",
        "theirs": theirs,
    } | changed


def test_a_day_is_said_read_and_said_again(world: World, api_of: Any) -> None:
    api = api_of(world.owner)
    made = api.post("supply-shares", said(world))
    assert made.status_code == 201
    assert {row["competitor"]: row["share"] for row in made.json()} == {
        None: "60.50",
        "Acme": "30.00",
        "博众": "9.50",
    }
    api.post("supply-shares", said(world, theirs=[], ours="70"))
    rows = api.get("supply-shares", customer=world.customer.pk).json()["results"]
    assert [(row["competitor"], row["share"]) for row in rows] == [(None, "70.00")]
    assert api.get(f"supply-shares/{rows[0]['id']}").json() == rows[0]
    assert api.get("supply-shares", valid_from="2026-03-03").json()["results"] == []
    assert SupplyShare.objects.count() == 4


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"ours": "91"}, 422, "ours"),
        ({"ours": "100.001"}, 400, "ours"),
        ({"ours": -1}, 400, "ours"),
        ({"ours": "nan"}, 400, "ours"),
        ({"ours": None, "theirs": []}, 422, "ours"),
        ({"theirs": [{"name": "A", "share": "1"}, {"name": "a", "share": "2"}]}, 422, "theirs"),
        ({"theirs": [{"name": "A", "share": "1"}, {"name": "A", "share": "1"}]}, 422, "theirs"),
        ({"theirs": [{"name": "A" * 121, "share": "1"}]}, 400, "theirs.0.name"),
        ({"theirs": [{"name": "A", "share": "1"}] * 21}, 400, "theirs"),
        ({"theirs": {"Acme": "1"}}, 400, "theirs"),
        ({"valid_on": "2199-01-01"}, 422, "valid_on"),
        ({"customer": 10**12}, 422, "customer"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    world: World, api_of: Any, changed: dict[str, Any], status: int, field: str
) -> None:
    answer = api_of(world.owner).post("supply-shares", said(world, **changed))
    assert (answer.status_code, list(answer.json()["fields"])) == (status, [field])
    assert not SupplyShare.objects.exists()


def test_only_who_keeps_the_customer_says_and_only_who_sees_it_reads(world: World, api_of: Any) -> None:
    Project.objects.create(
        customer=world.customer, name="P", manager=world.manager, started_on=MONDAY, known_at=MONDAY
    )
    assert api_of(world.owner).post("supply-shares", said(world)).status_code == 201
    assert api_of(world.manager).post("supply-shares", said(world)).status_code == 403
    assert len(api_of(world.manager).get("supply-shares").json()["results"]) == 3
    assert api_of(world.stranger).post("supply-shares", said(world)).status_code == 422
    assert api_of(world.stranger).get("supply-shares").json()["results"] == []
