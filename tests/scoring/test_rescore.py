"""A customer who is rescored alone gets what a full run with the same cuts would give him."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.customers.models import Customer, CustomerInput, CustomerStage
from accounts.customers.services import bump
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order, correct_order, delete_order
from scoring import locks, recompute, store
from scoring import rescore as rescoring
from scoring.core.results import Scores
from scoring.core.score import apply
from scoring.inputs import Moment, Wanted, insert_states
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, RunKind, ScoreChange, ScoringRun
from scoring.policy import cuts_of, policy_of
from scoring.queries import as_scores, scores_of
from scoring.rescore import EVERYBODY_EVERY, Rescored, rescore, stale_customers, sweep
from tests.conftest import World
from tests.scoring.book import TERMS, make_book, numbers, order, score, scores, vacuum

pytestmark = pytest.mark.django_db

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
NIGHT = dt.datetime(2025, 12, 1, 2, tzinfo=dt.UTC)
NOON = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)


def sweep_all(as_of: dt.datetime = NOON) -> Rescored:
    return sweep(limit=1000, as_of=as_of, zone="UTC")


def mark(customer: Customer, stage: str, at: dt.datetime) -> None:
    CustomerStage.objects.create(customer=customer, stage=stage, valid_from=at.date(), known_at=at)
    bump([customer.pk])


def full_run_with_the_cuts_of(run: ScoringRun, as_of: dt.datetime) -> dict[int, Scores]:
    """What a run of everybody as of `as_of` would store if it used the cuts of `run`."""
    moment, policy = Moment(as_of, "UTC"), policy_of(run.policy)
    ids = list(CustomerInput.objects.order_by("customer").values_list("customer", "version"))
    everybody, versions = [pk for pk, _ in ids], [version for _, version in ids]
    with transaction.atomic():
        store.create_state_partition(10**9)
        wanted = Wanted(everybody, versions, everybody[0], everybody[-1] + 1)
        insert_states(10**9, wanted, moment, policy)
        states = store.read_states(10**9)
        transaction.set_rollback(True)
    previous = None
    if run.previous is not None:
        age = recompute.days_between(run.previous, moment)
        previous = store.read_previous(run.previous.pk, states.customer_id, age)
    result = apply(states, cuts_of(run.pk), policy, moment.day_number, previous)
    return {pk: result.take([place]) for place, pk in enumerate(result.customer_id.tolist())}


def change_orders_at_random(ids: list[int], seed: int) -> set[int]:
    """Orders added, corrected and deleted by the services; the customers touched."""
    rolled, touched = random.Random(seed), set()
    for _ in range(40):
        customer = Customer.objects.get(pk=rolled.choice(ids))
        facts = OrderFacts(
            ordered_on=dt.date(2025, 11, 30) - dt.timedelta(days=rolled.randrange(900)),
            amount_minor=rolled.randrange(1, 10**7),
            currency="CNY",
            direct_cost_minor=rolled.choice([None, 500]),
        )
        present = Order.objects.filter(customer=customer, superseded_at=None).order_by("?").first()
        action = rolled.choice(["add", "correct", "delete"])
        if action == "add" or present is None:
            add_order(customer=customer, facts=facts, now=NOON)
        elif action == "correct":
            correct_order(order=present, facts=facts, now=NOON)
        else:
            delete_order(order=present, now=NOON)
        touched.add(customer.pk)
    return touched


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rescored_customers_equal_a_full_run_with_the_same_cuts(seed: int) -> None:
    ids = make_book(150, orders_each=14, first=FIRST)
    score(NIGHT - dt.timedelta(days=1), kind=RunKind.NIGHTLY)
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    before = scores(run)
    touched = change_orders_at_random(ids, seed)
    assert set(stale_customers(1000, as_of=NOON)) == touched
    assert set(sweep_all().done) == touched
    full, after = full_run_with_the_cuts_of(run, NOON), scores(run)
    own = {"customer_id", "input_version", "flag_reading"}
    for pk in ids:
        if pk not in touched:
            assert numbers(after[pk]) == numbers(before[pk])
            continue
        assert after[pk].as_of == NOON
        stored, expected = as_scores(after[pk]).to_columns(), full[pk].to_columns()
        for name in set(expected) - own - {"flag_level"}:
            assert repr(stored[name].tolist()) == repr(expected[name].tolist()), (pk, name)
        assert after[pk].flag_reading == before[pk].flag_reading
        assert after[pk].flag_level == before[pk].flag_level
    assert any(numbers(after[pk]) != numbers(before[pk]) for pk in touched)
    assert stale_customers(1000, as_of=NOON) == []


def test_an_order_that_is_deleted_again_leaves_the_score_as_it_was(world: World) -> None:
    make_book(60, orders_each=8, first=FIRST)
    order(world.customer.pk, "2025-10-10", 5000)
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT)
    before = scores(run)[world.customer.pk]
    facts = OrderFacts(ordered_on=dt.date(2025, 11, 11), amount_minor=900_000, currency="CNY")
    added = add_order(customer=world.customer, facts=facts, now=NOON)
    assert rescore([world.customer.pk], as_of=NOON, zone="UTC").done == (world.customer.pk,)
    better = scores(run)[world.customer.pk]
    assert better.score > before.score
    delete_order(order=added, now=NOON + dt.timedelta(minutes=1))
    rescore([world.customer.pk], as_of=NOON + dt.timedelta(minutes=1), zone="UTC")
    assert numbers(scores(run)[world.customer.pk]) == numbers(before)
    changes = list(ScoreChange.objects.filter(customer=world.customer).order_by("at"))
    assert [change.score_after for change in changes] == [better.score, before.score]
    assert [change.score_before for change in changes] == [before.score, better.score]


def test_nothing_is_written_for_customers_who_are_not_stale(world: World) -> None:
    run = score(dt.datetime(2026, 3, 3, tzinfo=dt.UTC))
    before = scores(run)
    assert (
        rescore([world.customer.pk], as_of=dt.datetime(2026, 3, 4, tzinfo=dt.UTC), zone="UTC") == Rescored()
    )
    assert scores(run) == before
    assert scores(run)[world.customer.pk].as_of == run.as_of


def test_before_the_first_run_nobody_is_stale(world: World) -> None:
    assert stale_customers(10, as_of=NOON) == []
    assert sweep_all() == Rescored()


def test_a_new_customer_is_scored_by_the_sweep(world: World) -> None:
    make_book(20, orders_each=8, first=FIRST)
    run = score(NIGHT)
    later = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert world.customer.pk not in scores(run)
    assert stale_customers(10, as_of=later - dt.timedelta(seconds=1)) == []
    assert set(sweep_all(later).done) == {world.customer.pk, world.foreign.pk}
    row = scores_of(Customer.objects.filter(pk=world.customer.pk)).first()
    assert row is not None
    assert (row.as_of, row.flag_level) == (later, 0)
    assert ScoreChange.objects.filter(customer=world.customer).exists()


def test_a_sweep_opens_and_raises_a_flag_but_never_clears_one(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    mark(world.customer, "lost", NOON)
    sweep_all()
    flag = ChurnFlag.objects.get()
    assert (flag.level, flag.opened_at, flag.customer) == (FlagLevel.CRITICAL, NOON, world.customer)
    row = scores(run)[world.customer.pk]
    assert (row.flag_level, row.flag_reading, row.is_immediate) == (FlagLevel.CRITICAL, 0, True)
    mark(world.customer, "continuing", NOON + dt.timedelta(hours=1))
    sweep_all(NOON + dt.timedelta(hours=1))
    assert ChurnFlag.objects.get().cleared_at is None
    assert scores(run)[world.customer.pk].flag_level == FlagLevel.CRITICAL


def test_a_sweep_is_never_a_reading(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    for day in ("2024-01-10", "2024-02-10", "2024-03-10", "2024-04-10", "2024-05-10"):
        order(world.customer.pk, day)
    mark(world.customer, "continuing", FIRST)
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    before = scores(run)[world.customer.pk]
    assert before.flag_reading > 0
    for minutes in range(3):
        bump([world.customer.pk])
        assert sweep_all(NOON + dt.timedelta(minutes=minutes)).done == (world.customer.pk,)
    after = scores(run)[world.customer.pk]
    assert (after.flag_reading, after.flag_level) == (before.flag_reading, 0)
    assert not ChurnFlag.objects.exists()


def test_a_customer_who_was_merged_away_loses_his_row_and_his_flag(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT)
    mark(world.foreign, "lost", NOON)
    sweep_all()
    assert ChurnFlag.objects.filter(customer=world.foreign, cleared_at=None).exists()
    Customer.objects.filter(pk=world.foreign.pk).update(merged_into=world.customer)
    assert stale_customers(10, as_of=NOON) == [world.foreign.pk]
    assert sweep_all(NOON + dt.timedelta(hours=1)).done == (world.foreign.pk,)
    assert world.foreign.pk not in scores(run)
    assert ChurnFlag.objects.get().cleared_at == NOON + dt.timedelta(hours=1)
    assert stale_customers(10, as_of=NOON) == []


def test_what_changes_between_opening_and_publishing_a_run_stays_stale(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run, _ = recompute.open_run(NIGHT, kind=RunKind.NIGHTLY, terms=TERMS)
    facts = OrderFacts(ordered_on=dt.date(2025, 11, 11), amount_minor=900_000, currency="CNY")
    add_order(customer=world.customer, facts=facts, now=NIGHT + dt.timedelta(seconds=3))
    while recompute.work(run.pk, terms=TERMS):
        pass
    assert scores(run)[world.customer.pk].indicator_inputs[0] == 0
    assert stale_customers(10, as_of=NOON) == [world.customer.pk]
    sweep_all()
    assert scores(run)[world.customer.pk].indicator_inputs[0] == 900_000


def test_a_row_never_goes_back_in_time(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT)
    facts = OrderFacts(ordered_on=dt.date(2025, 11, 11), amount_minor=900_000, currency="CNY")
    add_order(customer=world.customer, facts=facts, now=NOON)
    sweep_all()
    bump([world.customer.pk])
    sweep_all(NIGHT - dt.timedelta(hours=1))
    row = scores(run)[world.customer.pk]
    assert row.as_of == NOON
    assert row.indicator_inputs[0] == 900_000


@pytest.mark.django_db(transaction=True)
def test_customers_held_by_another_worker_are_left_to_him(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT)
    bump([world.customer.pk, world.foreign.pk])
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            assert locks.take_customers([world.customer.pk]) == [world.customer.pk]
            held.set()
            release.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(20)
    both = [world.customer.pk, world.foreign.pk]
    assert rescore(both, as_of=NOON, zone="UTC") == Rescored((world.foreign.pk,), (world.customer.pk,))
    release.set()
    other.join()
    assert rescore(both, as_of=NOON, zone="UTC") == Rescored((world.customer.pk,))
    assert {row.as_of for row in scores(run).values()} == {NOON}


@pytest.mark.django_db(transaction=True)
def test_while_the_pointer_moves_a_sweep_waits_for_nothing_and_writes_nothing(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    run = score(NIGHT)
    bump([world.customer.pk])
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locks.hold_pointer()
            held.set()
            release.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(20)
    assert rescore([world.customer.pk], as_of=NOON, zone="UTC") == Rescored(busy=(world.customer.pk,))
    release.set()
    other.join()
    assert scores(run)[world.customer.pk].as_of == NIGHT


@pytest.mark.django_db(transaction=True)
def test_many_sweeps_at_once_rescore_everybody_once(world: World) -> None:
    ids = make_book(120, orders_each=6, first=FIRST)
    run = score(NIGHT)
    bump(ids)
    done: list[int] = []
    start = threading.Barrier(4)

    def sweep_in_thread() -> None:
        start.wait(20)
        while (swept := sweep(limit=13, as_of=NOON, zone="UTC")) != Rescored():
            done.extend(swept.done)
        connection.close()

    threads = [threading.Thread(target=sweep_in_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ids
    versions = dict(CustomerScore.objects.filter(run_id=run.pk).values_list("customer_id", "input_version"))
    assert versions == dict.fromkeys(ids, 2)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_was_still_open_when_a_sweep_found_nobody_is_found_by_the_next(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    score(NIGHT)
    written, release = threading.Event(), threading.Event()

    def change_slowly() -> None:
        with transaction.atomic():
            bump([world.customer.pk])
            written.set()
            release.wait(20)
        connection.close()

    other = threading.Thread(target=change_slowly)
    other.start()
    assert written.wait(20)
    bump([world.foreign.pk])
    assert sweep_all().done == (world.foreign.pk,)
    assert stale_customers(10, as_of=NOON) == []
    release.set()
    other.join()
    assert stale_customers(10, as_of=NOON) == [world.customer.pk]


def test_who_is_known_only_later_is_not_forgotten_meanwhile(world: World) -> None:
    Customer.objects.update(known_at=NOON)
    score(NIGHT)
    early, late = NOON - dt.timedelta(seconds=1), NOON + dt.timedelta(seconds=1)
    assert stale_customers(10, as_of=early) == []
    assert set(stale_customers(10, as_of=late)) == {world.customer.pk, world.foreign.pk}


@pytest.mark.django_db(transaction=True)
def test_what_left_no_trace_or_was_restored_is_found_as_well(world: World) -> None:
    Customer.objects.update(known_at=FIRST)
    score(NIGHT)
    assert stale_customers(10, as_of=NOON) == []
    without_trace(version=7)
    assert stale_customers(10, as_of=NOON + EVERYBODY_EVERY / 2) == []
    both = sorted([world.customer.pk, world.foreign.pk])
    assert sorted(stale_customers(10, as_of=NOON + EVERYBODY_EVERY)) == both
    looked = rescoring._looked
    assert looked is not None
    elsewhere = looked.server - dt.timedelta(days=1)
    rescoring._looked = replace(looked, server=elsewhere, horizon=looked.horizon + 10**9)
    assert sorted(stale_customers(10, as_of=NOON)) == both


@pytest.mark.django_db(transaction=True)
def test_a_sweep_after_one_that_found_nobody_reads_only_later_changes(world: World) -> None:
    make_book(3000, first=FIRST)
    Customer.objects.update(known_at=FIRST)
    without_trace(version=1)
    run = score(NIGHT)
    assert stale_customers(10, as_of=NOON) == []
    looked = rescoring._looked
    assert looked is not None
    bump([world.customer.pk])
    vacuum()
    values = {"run_id": run.pk, "horizon": looked.horizon, "limit": 10, "as_of": NOON}
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, format json) " + rescoring._LOOK, values)
        (((plan,),),) = cursor.fetchall()
    read = list(rows_read(plan["Plan"]))
    assert "input_latest_changes" in dict(read)
    assert max(rows for _, rows in read) < 100


def without_trace(**values: int) -> None:
    """Changes long ago, past the trigger: a transaction elsewhere on the server may keep the horizon back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        CustomerInput.objects.update(changed_in=0, **values)


def rows_read(node: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if "Scan" in node["Node Type"]:
        seen = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        yield node.get("Index Name", node["Node Type"]), seen
    for child in node.get("Plans", ()):
        yield from rows_read(child)
