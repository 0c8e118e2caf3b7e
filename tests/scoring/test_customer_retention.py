"""Who stays, by the index of a year before. Authority: the definition in `scoring.satisfaction.retention`."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.customers.models import Customer, Stage
from accounts.customers.services import change_stage
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import Project
from scoring.satisfaction.retention import HORIZON, Band, Retention, band_of, retention_of
from tests.accounts.surveys.office import CLOSED, DAY
from tests.conftest import MONDAY, World, customer_of
from tests.scoring.grading import invite, project_of, say

BASE = CLOSED + 7 * DAY
NOW = BASE + HORIZON


def customers(world: World, *grades: str) -> list[Customer]:
    """A customer for each set of grades; "" was asked and is silent, None was not asked."""
    found = []
    for number, given in enumerate(grades):
        customer = customer_of(world.owner, f"Customer {number}")
        change_stage(customer, stage=Stage.CONTINUING, author=None, now=MONDAY)
        project_of(world, "Line", customer, *([] if given == "unasked" else [f"P{number}"]))
        found.append(customer)
    invite()
    for number, (customer, given) in enumerate(zip(found, grades, strict=True)):
        if given not in ("", "unasked"):
            say(Project.objects.get(customer=customer), f"P{number}", given)
    return found


def found(as_of: dt.datetime = NOW) -> Retention:
    return retention_of(dict(Project.objects.values_list("pk", "customer_id")), as_of=as_of)


def by_band(retention: Retention) -> dict[object, tuple[int, int]]:
    return {each.key: (each.rate.hits, each.rate.n) for each in retention.bands}


def test_every_customer_is_in_the_band_of_his_quarter(world: World) -> None:
    customers(world, "A A A A A", "B+ B+ B+ B+ B+", "B B B B B", "C C C C C", "D D D D D", "", "unasked")
    assert by_band(found()) == dict.fromkeys(Band, (1, 1))


@pytest.mark.parametrize(
    ("index", "band"),
    [
        (80.0, Band.TOP),
        (79.99, Band.HIGH),
        (60.0, Band.HIGH),
        (40.0, Band.MIDDLE),
        (39.9, Band.LOW),
        (0.0, Band.LOW),
        (-0.1, Band.NEGATIVE),
        (float("nan"), Band.SILENT),
    ],
)
def test_the_lower_end_belongs_to_the_band(index: float, band: Band) -> None:
    assert band_of(index, was_asked=True) == band


def test_kept_is_who_is_not_lost_and_bought_or_is_not_dormant(world: World) -> None:
    stays, lost, sleeps, buys, late = customers(world, *["A A A A A"] * 5)
    change_stage(lost, stage=Stage.LOST, author=None, now=BASE + 30 * DAY)
    for customer in (sleeps, buys, late):
        change_stage(customer, stage=Stage.DORMANT, author=None, now=BASE + 30 * DAY)
    facts = OrderFacts(ordered_on=(BASE + 20 * DAY).date(), amount_minor=100, currency="CNY")
    for customer in (lost, buys):
        add_order(customer=customer, facts=facts, now=BASE + 20 * DAY)
    early = OrderFacts(ordered_on=(BASE - DAY).date(), amount_minor=100, currency="CNY")
    add_order(customer=late, facts=early, now=BASE)
    assert stays.pk
    assert by_band(found()) == {Band.TOP: (2, 5)}


def test_who_was_no_customer_then_is_not_counted(world: World) -> None:
    first, second, third = customers(world, *["A A A A A"] * 3)
    change_stage(first, stage=Stage.LOST, author=None, now=BASE - DAY)
    change_stage(second, stage=Stage.PROSPECT, author=None, now=BASE - DAY)
    change_stage(second, stage=Stage.CONTINUING, author=None, now=BASE + DAY)
    assert third.pk
    assert by_band(found()) == {Band.TOP: (1, 1)}


def test_what_was_graded_or_changed_later_is_not_known(world: World) -> None:
    (customer,) = customers(world, "A A A A A")
    change_stage(customer, stage=Stage.LOST, author=None, now=NOW + DAY)
    assert by_band(found()) == {Band.TOP: (1, 1)}
    assert by_band(found(NOW + 2 * DAY)) == {Band.TOP: (0, 1)}


def test_cohorts_are_years_of_acquisition_and_too_few_are_marked(world: World) -> None:
    many = customers(world, *["A A A A A"] * 11)
    Customer.objects.filter(pk__in=[each.pk for each in many[:10]]).update(acquired_on=dt.date(2024, 5, 1))
    result = found()
    assert [(each.key, each.rate.n, each.is_enough) for each in result.cohorts] == [
        (2024, 10, True),
        (None, 1, False),
    ]
    assert not result.is_enough
    assert result.tiers == ()


def test_without_projects_there_is_nothing_to_say(db: None) -> None:
    result = found()
    assert (result.total.rate.n, result.bands, result.is_enough) == (0, (), False)
