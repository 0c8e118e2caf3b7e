"""The quadrant of a customer: the same for the page and for the playbook that starts by it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.costs.models import Activity, ActivityUsage
from accounts.customers.models import Customer
from accounts.playbooks.models import Doer, Playbook, PlaybookRun, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook, switch_playbook
from crm.queries.playbooks import follow_playbooks, would_start
from scoring.core.quadrants import Quadrant
from scoring.models import RunKind
from scoring.quadrants import customers_in, place_of
from tests.conftest import MONDAY, World
from tests.scoring.book import order, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def cheap(world: World) -> Customer:
    """Of two customers who buy the same the one who costs less to serve, and earns less."""
    Customer.objects.update(known_at=MONDAY)
    activity = Activity.objects.create(
        code="V", name="Visit", pool="sales", driver="minutes", is_value_adding=True, known_at=MONDAY
    )
    for customer, cost, served in ((world.customer, 70_000, 1_000), (world.foreign, 50_000, 9_000)):
        order(
            customer.pk,
            "2026-01-05",
            100_000,
            known=MONDAY,
            direct_cost_minor=cost,
            base_direct_cost_minor=cost,
        )
        ActivityUsage.objects.create(
            identity=f"V{customer.pk}",
            customer=customer,
            activity=activity,
            used_on=MONDAY.date(),
            quantity=1,
            base_cost_minor=served,
            known_at=MONDAY,
        )
    score(MONDAY, kind=RunKind.NIGHTLY)
    return world.customer


def lighten(world: World) -> None:
    step = StepFacts(Words("Sell more"), 1, Doer.OWNER)
    facts = PlaybookFacts(Words("Grow it"), Trigger.QUADRANT, Quadrant.GROW, (step,))
    switch_playbook(save_playbook(facts, by=world.admin, now=MONDAY), is_active=True, now=MONDAY)


def test_a_place_says_what_it_is_held_against(world: World, cheap: Customer) -> None:
    place = place_of(cheap)
    assert place is not None
    assert place.quadrant == Quadrant.GROW
    assert (place.margin, place.service) == (0.3, 0.01)
    assert (place.means.margin, place.means.service) == (0.4, 0.05)
    other = place_of(world.foreign)
    assert other is not None
    assert other.quadrant == Quadrant.STREAMLINE


def test_a_playbook_starts_for_whom_its_quadrant_holds_and_ends_when_they_moved(
    world: World, cheap: Customer
) -> None:
    lighten(world)
    assert would_start(Trigger.QUADRANT, Quadrant.GROW) == 1
    assert [follow_playbooks(now=MONDAY) for _beat in range(2)] == [1, 0]
    assert PlaybookRun.objects.get(closed_at=None).customer == cheap
    order(cheap.pk, "2026-01-04", 100_000, known=MONDAY, direct_cost_minor=1, base_direct_cost_minor=1)
    run = score(MONDAY + dt.timedelta(days=1), kind=RunKind.NIGHTLY)
    assert cheap.pk in customers_in(Quadrant.PROTECT, run)
    follow_playbooks(now=MONDAY)
    assert PlaybookRun.objects.get().ending == "reason_gone"


def test_the_page_of_costs_names_the_quadrant_and_offers_its_playbook(
    world: World, cheap: Customer, client: Client
) -> None:
    lighten(world)
    client.force_login(world.owner)
    page = client.get(f"/customers/{cheap.pk}/costs").content.decode()
    assert "Quadrant: Grow" in page
    assert "Gross margin 30.0%, of the whole book 40.0%." in page
    assert "Grow it" in page
    client.post(f"/customers/{cheap.pk}/playbooks/start", {"playbook": Playbook.objects.get().pk})
    assert PlaybookRun.objects.get().customer == cheap
    client.get(f"/customers/{cheap.pk}/costs")
    assert "Grow it" not in client.get(f"/customers/{cheap.pk}/costs").content.decode()


def test_without_costs_there_is_no_quadrant(world: World) -> None:
    Customer.objects.update(known_at=MONDAY)
    order(world.customer.pk, "2026-01-05", 100_000, known=MONDAY)
    score(MONDAY, kind=RunKind.NIGHTLY)
    assert place_of(world.customer) is None
