"""A flag that somebody took note of stays away until there is news of it."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.customers.models import Customer
from accounts.customers.services import bump
from scoring import flags
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, RunKind, ScoringRun
from scoring.policy import policy_of
from scoring.services import acknowledge_flag
from tests.conftest import World
from tests.scoring.book import score

pytestmark = pytest.mark.django_db

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
NIGHT = dt.datetime(2025, 12, 1, 2, tzinfo=dt.UTC)
NOON = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)


def counted(run: ScoringRun, customer: Customer, money_minor: float = 50_000_00.0, **points: float) -> None:
    """What a run or sweep would have stored for him."""
    codes = [signal.code.value for signal in policy_of(run.policy).churn.signals]
    CustomerScore.objects.filter(run_id=run.pk, customer_id=customer.pk).update(
        flag_level=FlagLevel.WATCH,
        churn_score=sum(points.values()),
        churn_points=[points.get(code, 0.0) for code in codes],
        money_at_risk_minor=money_minor,
    )


@pytest.fixture
def noted(world: World) -> ScoringRun:
    """The run of a customer whose flag for a broken rhythm somebody took note of."""
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    counted(run, world.customer, rhythm_broken=26.0)
    flags.follow_sweep(run.pk, [world.customer.pk], NOON)
    assert acknowledge_flag(ChurnFlag.objects.get(), user=world.owner, now=NOON)
    return run


def is_noted() -> bool:
    return ChurnFlag.objects.get().acknowledged_by is not None


def test_it_keeps_what_it_was_like(noted: ScoringRun) -> None:
    flag = ChurnFlag.objects.get()
    assert (flag.acknowledged_reasons, flag.acknowledged_money_minor) == (["rhythm_broken"], 50_000_00.0)


def test_the_same_reason_however_strong_and_one_that_is_hardly_there_are_no_news(
    world: World, noted: ScoringRun
) -> None:
    counted(noted, world.customer, rhythm_broken=30.0, silence_executive=0.9)
    flags.follow_sweep(noted.pk, [world.customer.pk], NOON)
    flags.follow_run(noted.pk, NOON)
    assert is_noted()


@pytest.mark.parametrize("by_run", [False, True])
def test_a_new_reason_brings_it_back(world: World, noted: ScoringRun, by_run: bool) -> None:
    counted(noted, world.customer, rhythm_broken=26.0, overdue_need=1.0)
    if by_run:
        flags.follow_run(noted.pk, NOON)
    else:
        flags.follow_sweep(noted.pk, [world.customer.pk], NOON)
    assert not is_noted()
    assert acknowledge_flag(ChurnFlag.objects.get(), user=world.owner, now=NOON)
    flags.follow_run(noted.pk, NOON)
    assert is_noted()


@pytest.mark.parametrize(("money", "is_back"), [(59_000_00.0, False), (61_000_00.0, True)])
def test_clearly_more_money_brings_it_back(
    world: World, noted: ScoringRun, money: float, is_back: bool
) -> None:
    counted(noted, world.customer, money, rhythm_broken=26.0)
    flags.follow_run(noted.pk, NOON)
    assert is_noted() is not is_back


def test_news_of_one_customer_leave_others_alone(world: World, noted: ScoringRun) -> None:
    counted(noted, world.customer, rhythm_broken=26.0, overdue_need=5.0)
    counted(noted, world.foreign, rhythm_broken=26.0)
    flags.follow_sweep(noted.pk, [world.foreign.pk], NOON)
    assert ChurnFlag.objects.get(customer=world.customer).acknowledged_by is not None


def test_a_run_that_is_older_than_the_facts_has_no_news(world: World, noted: ScoringRun) -> None:
    counted(noted, world.customer, rhythm_broken=26.0, overdue_need=5.0)
    bump([world.customer.pk])
    flags.follow_run(noted.pk, NOON)
    assert is_noted()
