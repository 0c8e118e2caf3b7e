"""What an interaction costs follows it: written, corrected, deleted, restored; the sums stay the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounts.costs.models import Activity, ActivityUsage, CostPool, Driver, UsageSource
from accounts.costs.services import add_activity, change_activity, set_rate
from accounts.customers.models import CustomerInput
from accounts.interactions.costing import set_activities
from accounts.interactions.models import Interaction, InteractionKind
from accounts.interactions.services import (
    InteractionFacts,
    correct_interaction,
    delete_interaction,
    facts_of,
    log_interaction,
    restore_interaction,
)
from tests.conftest import MONDAY, World

DAY = dt.timedelta(days=1)
CALL = InteractionFacts(kind=InteractionKind.CALL, started_at=MONDAY, minutes=20)


def activity_of(code: str, driver: Driver, rate: int) -> Activity:
    made = add_activity(code=code, name=code, pool=CostPool.SALES, driver=driver, now=MONDAY)
    set_rate(activity=made, valid_from=MONDAY.date(), rate_minor=Decimal(rate), author=None, now=MONDAY)
    return made


@pytest.fixture
def talking(db: None) -> Activity:
    return activity_of("TALK", Driver.MINUTES, 150)


@pytest.fixture
def visiting(db: None) -> Activity:
    return activity_of("VIS", Driver.VISITS, 90_000)


@pytest.fixture(autouse=True)
def _rules(talking: Activity, visiting: Activity) -> None:
    set_activities({InteractionKind.CALL: talking, InteractionKind.VISIT: visiting})


def logged(world: World, facts: InteractionFacts = CALL) -> Interaction:
    return log_interaction(
        customer=world.customer, facts=facts, contacts=[], users=[], author=world.owner, now=MONDAY
    )


def cost() -> int:
    return ActivityUsage.objects.filter(superseded_at=None).aggregate(sum=Sum("base_cost_minor"))["sum"] or 0


def test_a_call_costs_its_minutes_and_a_visit_once(world: World) -> None:
    logged(world)
    usage = ActivityUsage.objects.get()
    assert (usage.quantity, usage.base_cost_minor, usage.source) == (20, 3_000, UsageSource.INTERACTION)
    assert (usage.customer, usage.used_on) == (world.customer, MONDAY.date())
    logged(world, replace(CALL, kind=InteractionKind.VISIT, minutes=0))
    assert cost() == 93_000


def test_what_costs_nothing_writes_nothing(world: World) -> None:
    logged(world, replace(CALL, kind=InteractionKind.EMAIL))
    logged(world, replace(CALL, minutes=0))
    logged(world, replace(CALL, started_at=MONDAY - DAY))
    assert not ActivityUsage.objects.exists()


def test_the_cost_follows_a_correction_a_deletion_and_its_undo(world: World) -> None:
    first = logged(world)
    version = CustomerInput.objects.get(customer=world.customer).version
    second = correct_interaction(
        first, facts=replace(facts_of(first), minutes=30), corrected_by=world.owner, now=MONDAY + DAY
    )
    assert cost() == 4_500
    third = correct_interaction(
        second,
        facts=replace(facts_of(second), kind=InteractionKind.VISIT),
        corrected_by=world.owner,
        now=MONDAY + DAY,
    )
    assert cost() == 90_000
    delete_interaction(third, deleted_by=world.owner, now=MONDAY + 2 * DAY)
    assert cost() == 0
    third.refresh_from_db()
    restore_interaction(third, now=MONDAY + 3 * DAY)
    assert cost() == 90_000
    assert ActivityUsage.objects.filter(superseded_at=None).count() == 1
    assert ActivityUsage.objects.count() == 4
    assert CustomerInput.objects.get(customer=world.customer).version > version


def test_a_correction_of_the_words_alone_leaves_the_usage_as_it_is(world: World) -> None:
    first = logged(world)
    correct_interaction(
        first, facts=replace(facts_of(first), summary="Else"), corrected_by=world.owner, now=MONDAY + DAY
    )
    assert ActivityUsage.objects.count() == 1


def test_a_new_rate_prices_interactions_anew(world: World, talking: Activity) -> None:
    first = logged(world)
    set_rate(
        activity=talking, valid_from=MONDAY.date(), rate_minor=Decimal(200), author=None, now=MONDAY + DAY
    )
    assert cost() == 4_000
    delete_interaction(first, deleted_by=world.owner, now=MONDAY + 2 * DAY)
    assert cost() == 0


def test_an_activity_out_of_use_takes_no_new_interaction_and_keeps_the_old(
    world: World, talking: Activity
) -> None:
    first = logged(world)
    change_activity(talking, expected_version=talking.version, changes={"is_active": False})
    logged(world)
    assert cost() == 3_000
    correct_interaction(
        first, facts=replace(facts_of(first), minutes=30), corrected_by=world.owner, now=MONDAY + DAY
    )
    assert cost() == 4_500


def test_a_kind_without_an_activity_takes_its_usage_back_when_it_is_corrected(world: World) -> None:
    first = logged(world)
    set_activities({InteractionKind.CALL: None})
    assert cost() == 3_000
    correct_interaction(first, facts=facts_of(first), corrected_by=world.owner, now=MONDAY + DAY)
    assert cost() == 0
