"""A churn flag that opens or rises tells the customer's owner: once, and nobody else."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.customers.models import Customer, CustomerStage
from accounts.customers.services import bump
from accounts.notices.models import Notice
from scoring import flags
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, RunKind, ScoringRun
from scoring.rescore import sweep
from tests.conftest import World
from tests.scoring.book import score

pytestmark = pytest.mark.django_db

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
NIGHT = dt.datetime(2025, 12, 1, 2, tzinfo=dt.UTC)
NOON = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def lose(customer: Customer) -> None:
    CustomerStage.objects.create(customer=customer, stage="lost", valid_from=NOON.date(), known_at=NOON)
    bump([customer.pk])


def told() -> list[tuple[str, int, int]]:
    notices = Notice.objects.filter(kind=flags.NOTICE).order_by("pk").select_related("user")
    return [(each.user.name, each.facts["before"], each.facts["level"]) for each in notices]


def reading(run: ScoringRun, customer: Customer, level: FlagLevel) -> None:
    """What a sweep would have stored for him."""
    row = CustomerScore.objects.filter(run_id=run.pk, customer_id=customer.pk)
    row.update(flag_level=level, churn_score=10.0 * level)


def test_the_owner_is_told_at_once_and_not_again(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    score(NIGHT, kind=RunKind.NIGHTLY)
    lose(world.customer)
    sweep(limit=100, as_of=NOON, zone="UTC")
    assert told() == [("Owner", 0, FlagLevel.CRITICAL)]
    notice = Notice.objects.get()
    flag = ChurnFlag.objects.get()
    assert (notice.customer, notice.facts["flag"], notice.read_at) == (world.customer, flag.pk, None)
    assert notice.facts["score"] == flag.score
    bump([world.customer.pk])
    sweep(limit=100, as_of=NOON + DAY, zone="UTC")
    score(NIGHT + 2 * DAY, kind=RunKind.NIGHTLY)
    score(NIGHT + 3 * DAY, kind=RunKind.NIGHTLY)
    assert len(told()) == 1


def test_a_run_tells_every_owner_in_the_same_number_of_statements(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    lose(world.customer)
    lose(world.foreign)
    score(NIGHT + DAY, kind=RunKind.NIGHTLY)
    assert told() == [("Owner", 0, FlagLevel.CRITICAL), ("Stranger", 0, FlagLevel.CRITICAL)]


def test_a_flag_that_rises_tells_and_one_that_stays_does_not(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    for level in (FlagLevel.WATCH, FlagLevel.AT_RISK, FlagLevel.AT_RISK):
        reading(run, world.customer, level)
        flags.follow_sweep(run.pk, [world.customer.pk], NOON)
    assert told() == [("Owner", 0, FlagLevel.WATCH), ("Owner", FlagLevel.WATCH, FlagLevel.AT_RISK)]


def test_nobody_is_told_where_the_owner_has_left_or_there_is_none(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    world.owner.is_active = False
    world.owner.save()
    Customer.objects.filter(pk=world.foreign.pk).update(owner=None)
    for customer in (world.customer, world.foreign):
        reading(run, customer, FlagLevel.CRITICAL)
    flags.follow_sweep(run.pk, [world.customer.pk, world.foreign.pk], NOON)
    assert ChurnFlag.objects.count() == 2
    assert told() == []
