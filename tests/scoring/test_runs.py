"""Runs: opened once, counted by shards, scored in one pass, published at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from django.db import connection, connections, transaction

from accounts.customers.models import Customer, CustomerStage
from accounts.customers.services import bump
from scoring import recompute, store
from scoring.core.policy import default_policy
from scoring.core.results import Scores
from scoring.core.score import apply, fit
from scoring.inputs import Moment
from scoring.models import (
    ChurnFlag,
    CurrentRun,
    CustomerScore,
    FlagLevel,
    PolicyVersion,
    RunKind,
    RunShard,
    RunState,
    ScoreChange,
    ScoringRun,
    ShardState,
)
from scoring.policy import cuts_of, policy_of
from scoring.queries import as_scores, explanation_of, latest_runs, run_progress, scores_of
from scoring.services import acknowledge_flag, activate_policy, draft_policy
from tests.conftest import World
from tests.scoring.book import TERMS, make_book, numbers, order, score, scores

pytestmark = pytest.mark.django_db

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
SMALL = recompute.Terms(zone="UTC", lease=dt.timedelta(seconds=30), shard_customers=7)


def morning(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T02:00:00+00:00")


def mark(customer: Customer, stage: str, day: str) -> None:
    CustomerStage.objects.create(
        customer=customer, stage=stage, valid_from=dt.date.fromisoformat(day), known_at=morning(day)
    )
    bump([customer.pk])


def expire_leases() -> None:
    with connection.cursor() as cursor:
        for table in ("scoring_runshard", "scoring_scoringrun"):
            cursor.execute(
                f"update {table} set lease_until = clock_timestamp() - interval '1 s'"
                " where lease_until is not null"
            )


def test_a_run_of_an_instant_and_policy_is_opened_once(world: World) -> None:
    first, is_new = recompute.open_run(morning("2026-03-03"), kind=RunKind.NIGHTLY, terms=TERMS)
    again, is_new_again = recompute.open_run(morning("2026-03-03"), kind=RunKind.NIGHTLY, terms=TERMS)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    assert RunShard.objects.count() == 1


def test_shards_cover_every_customer_once() -> None:
    ids = make_book(30, orders_each=2, first=FIRST)
    run = score(morning("2026-03-03"), terms=SMALL)
    shards = list(RunShard.objects.filter(run=run).order_by("low").values_list("low", "high", "customers"))
    assert [count for *_, count in shards] == [7, 7, 7, 7, 2]
    assert all(one[1] <= other[0] for one, other in pairwise(shards))
    assert sorted(scores(run)) == ids
    assert run.customers == 30
    progress = run_progress(run.pk)
    assert (progress.shards, progress.shards_done, progress.customers_counted) == (5, 5, 30)
    assert (progress.share_done, progress.is_running, progress.errors) == (1.0, False, ())
    assert latest_runs(5)[0].run.pk == run.pk


def test_what_is_stored_is_what_the_core_says() -> None:
    make_book(300, orders_each=12, first=FIRST)
    run = score(morning("2026-01-01"))
    rows = scores(run)
    moment, policy = Moment(run.as_of, "UTC"), default_policy()
    states = store.read_states(run.pk)
    expected = apply(states, fit(states, policy, moment.day_number), policy, moment.day_number)
    stored = Scores.concatenate([as_scores(rows[pk]) for pk in states.customer_id.tolist()])
    for name, values in expected.to_columns().items():
        np.testing.assert_array_equal(stored.to_columns()[name], values, err_msg=name)
    assert cuts_of(run.pk) == fit(states, policy, moment.day_number)
    assert len({row.tier for row in rows.values()}) == 4


@pytest.mark.parametrize("customers", [0, 1, 3])
def test_a_tiny_book_is_scored(customers: int) -> None:
    make_book(customers, orders_each=3, first=FIRST)
    run = score(morning("2026-01-01"))
    assert run.state == RunState.DONE, run.error
    assert CurrentRun.objects.get().run_id == run.pk
    assert len(scores(run)) == customers


def test_equal_customers_get_equal_scores(world: World) -> None:
    for customer in (world.customer, world.foreign):
        for day in ("2025-01-10", "2025-03-10", "2025-05-10"):
            order(customer.pk, day)
    run = score(morning("2026-03-03"))
    one, other = (numbers(row) for row in scores(run).values())
    assert one.pop("customer") != other.pop("customer")
    assert one == other


def test_a_customer_without_orders_has_a_row(world: World) -> None:
    run = score(morning("2026-03-03"))
    row = scores(run)[world.customer.pk]
    assert (row.score, row.rank, row.tier, row.churn_score) == (None, None, 0, 0)
    assert scores_of(Customer.objects.filter(pk=world.customer.pk)).first() == row
    assert scores_of(Customer.objects.filter(pk=world.foreign.pk)).get().customer_id == world.foreign.pk


def test_every_number_of_a_score_opens(world: World) -> None:
    make_book(40, orders_each=9, first=FIRST)
    order(world.customer.pk, "2026-01-10", 77_000)
    score(morning("2026-03-03"))
    opened = explanation_of(world.customer)
    assert opened is not None
    assert opened.value.score == opened.score.score
    assert sum(line.points for line in opened.value.lines) == pytest.approx(opened.score.score)
    assert sum(line.points for line in opened.churn.lines) == pytest.approx(opened.score.churn_score)
    assert opened.facts.sales.tolist() == [77_000]
    assert opened.run.policy.number == 1


def test_the_pointer_moves_to_newer_runs_only_and_never_to_a_replay(world: World) -> None:
    assert scores_of(Customer.objects.all()).count() == 0
    today = score(morning("2026-03-05"))
    yesterday = score(morning("2026-03-04"))
    replay = score(morning("2026-03-06"), kind=RunKind.REPLAY)
    assert CurrentRun.objects.get().run_id == today.pk
    assert today.closed_at is None
    assert yesterday.closed_at
    assert replay.closed_at
    tomorrow = score(morning("2026-03-07"))
    assert CurrentRun.objects.get().run_id == tomorrow.pk
    today.refresh_from_db()
    assert today.closed_at
    assert tomorrow.previous_id == today.pk


def test_a_replay_today_gives_what_was_computed_then() -> None:
    ids = make_book(80, orders_each=10, first=FIRST)
    nights = [score(morning(day), kind=RunKind.NIGHTLY) for day in ("2025-12-01", "2025-12-02")]
    then = {pk: numbers(row) for pk, row in scores(nights[1]).items()}
    for pk in ids[::3]:
        order(pk, "2025-11-20", 99_000, known=morning("2025-12-03"))
    bump(ids[::3])
    policy = PolicyVersion.objects.create(number=2, values=default_policy().to_plain())
    again, _ = recompute.open_run(nights[1].as_of, kind=RunKind.REPLAY, terms=TERMS, policy=policy)
    while recompute.work(again.pk, terms=TERMS):
        pass
    assert {pk: numbers(row) for pk, row in scores(again).items()} == then
    assert {pk: numbers(row) for pk, row in scores(score(morning("2025-12-04"))).items()} != then


def test_a_flag_needs_two_nights_unless_the_customer_told_us(world: World) -> None:
    for day in ("2025-01-10", "2025-02-10", "2025-03-10", "2025-04-10", "2025-05-10"):
        order(world.customer.pk, day)
        order(world.foreign.pk, day)
    mark(world.customer, "continuing", "2026-03-02")
    mark(world.foreign, "lost", "2026-03-02")
    first = scores(score(morning("2026-03-03"), kind=RunKind.NIGHTLY))
    silent, lost = first[world.customer.pk], first[world.foreign.pk]
    assert silent.flag_reading > 0
    assert silent.flag_level == 0
    assert lost.is_immediate
    assert ChurnFlag.objects.get().customer == world.foreign
    score(morning("2026-03-04"), kind=RunKind.NIGHTLY)
    flag = ChurnFlag.objects.get(customer=world.customer)
    assert (flag.level, flag.opened_at) == (silent.flag_reading, morning("2026-03-04"))
    change = ScoreChange.objects.get(customer=world.customer)
    assert (change.flag_before, change.flag_after) == (0, flag.level)
    assert acknowledge_flag(flag, user=world.owner, now=morning("2026-03-04"))
    assert not acknowledge_flag(flag, user=world.mate, now=morning("2026-03-05"))
    flag.refresh_from_db()
    assert flag.acknowledged_by == world.owner


def test_a_flag_is_cleared_by_two_calm_nights(world: World) -> None:
    mark(world.customer, "lost", "2026-03-02")
    score(morning("2026-03-03"), kind=RunKind.NIGHTLY)
    flag = ChurnFlag.objects.get()
    assert flag.level == FlagLevel.CRITICAL
    mark(world.customer, "continuing", "2026-03-03")
    score(morning("2026-03-04"), kind=RunKind.NIGHTLY)
    flag.refresh_from_db()
    assert flag.cleared_at is None
    score(morning("2026-03-05"), kind=RunKind.NIGHTLY)
    flag.refresh_from_db()
    assert flag.cleared_at == morning("2026-03-05")


def test_a_run_does_not_lower_the_flag_of_a_customer_who_changed_while_it_ran(world: World) -> None:
    mark(world.customer, "lost", "2026-03-02")
    score(morning("2026-03-03"), kind=RunKind.NIGHTLY)
    mark(world.customer, "continuing", "2026-03-03")
    score(morning("2026-03-04"), kind=RunKind.NIGHTLY)
    run, _ = recompute.open_run(morning("2026-03-05"), kind=RunKind.NIGHTLY, terms=TERMS)
    bump([world.customer.pk])
    while recompute.work(run.pk, terms=TERMS):
        pass
    assert ChurnFlag.objects.get().cleared_at is None


def test_a_cancelled_run_stops_and_a_retry_ends_it() -> None:
    make_book(30, orders_each=2, first=FIRST)
    run, _ = recompute.open_run(morning("2026-01-01"), kind=RunKind.MANUAL, terms=SMALL)
    assert recompute.work(run.pk, terms=SMALL)
    shard = recompute.claim_shard(run.pk, lease=SMALL.lease)
    assert shard is not None
    assert recompute.cancel_run(run)
    with pytest.raises(recompute.LostClaimError):
        recompute.do_shard(shard, zone="UTC")
    assert not recompute.work(run.pk, terms=SMALL)
    assert recompute.expired_work() == []
    assert not CurrentRun.objects.exists()
    assert recompute.retry_run(run)
    while recompute.work(run.pk, terms=SMALL):
        pass
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert len(scores(run)) == 30
    assert not recompute.retry_run(run)
    assert not recompute.cancel_run(run)


def test_a_shard_whose_worker_died_is_taken_over_and_the_dead_one_cannot_write() -> None:
    make_book(10, orders_each=2, first=FIRST)
    run, _ = recompute.open_run(morning("2026-01-01"), kind=RunKind.MANUAL, terms=TERMS)
    dead = recompute.claim_shard(run.pk, lease=TERMS.lease)
    assert dead is not None
    assert recompute.claim_shard(run.pk, lease=TERMS.lease) is None
    assert recompute.expired_work() == []
    expire_leases()
    assert recompute.expired_work() == [recompute.Unfinished(run.pk, 1)]
    heir = recompute.claim_shard(run.pk, lease=TERMS.lease)
    assert heir is not None
    assert (heir.pk, heir.attempts) == (dead.pk, 2)
    with pytest.raises(recompute.LostClaimError):
        recompute.do_shard(dead, zone="UTC")
    recompute.do_shard(heir, zone="UTC")
    assert recompute.expired_work() == [recompute.Unfinished(run.pk, 1)]


def test_a_scorer_who_was_thought_dead_publishes_nothing() -> None:
    make_book(10, orders_each=2, first=FIRST)
    run, _ = recompute.open_run(morning("2026-01-01"), kind=RunKind.MANUAL, terms=TERMS)
    shard = recompute.claim_shard(run.pk, lease=TERMS.lease)
    assert shard is not None
    assert recompute.claim_scoring(run.pk, lease=TERMS.lease) is None
    recompute.do_shard(shard, zone="UTC")
    slow = recompute.claim_scoring(run.pk, lease=TERMS.lease)
    assert slow == 1
    assert recompute.claim_scoring(run.pk, lease=TERMS.lease) is None
    run = ScoringRun.objects.get(pk=run.pk)
    states = store.read_states(run.pk)
    cuts = fit(states, default_policy(), Moment(run.as_of, "UTC").day_number)
    run.cuts = cuts.to_plain()
    table = store.write_scores(
        run.pk, slow, run.as_of, apply(states, cuts, default_policy(), Moment(run.as_of, "UTC").day_number)
    )
    expire_leases()
    heir = recompute.claim_scoring(run.pk, lease=TERMS.lease)
    assert heir == 2
    with pytest.raises(recompute.LostClaimError), transaction.atomic():
        recompute.publish(run, slow, table)
    recompute.score_run(run.pk, heir, terms=TERMS)
    assert len(scores(run)) == 10
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [table])
        assert cursor.fetchone() == (None,)


def test_a_piece_that_always_fails_fails_the_run_with_its_error(world: World) -> None:
    run, _ = recompute.open_run(morning("2026-03-03"), kind=RunKind.MANUAL, terms=TERMS)
    broken = recompute.Terms(zone="Nowhere/Land", lease=TERMS.lease)
    attempts = 0
    while recompute.work(run.pk, terms=broken):
        attempts += 1
    assert attempts == recompute.MOST_ATTEMPTS
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "Nowhere/Land" in run.error
    assert "Nowhere/Land" in run_progress(run.pk).errors[0]
    assert recompute.retry_run(run)
    while recompute.work(run.pk, terms=TERMS):
        pass
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.DONE, "")


def test_a_piece_whose_worker_always_dies_fails_the_run(world: World) -> None:
    run, _ = recompute.open_run(morning("2026-03-03"), kind=RunKind.MANUAL, terms=TERMS)
    for _ in range(recompute.MOST_ATTEMPTS):
        assert recompute.claim_shard(run.pk, lease=TERMS.lease)
        expire_leases()
    assert recompute.expired_work() == []
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "died" in run.error
    assert RunShard.objects.get().state == ShardState.FAILED


def test_the_attached_partition_has_the_parents_indexes_and_no_others(world: World) -> None:
    run = score(morning("2026-03-03"))
    count = "select count(*) from pg_index where indrelid = to_regclass(%s)"
    with connection.cursor() as cursor:
        numbers_of = []
        for table in (store.SCORE_TABLE, store.partition(store.SCORE_TABLE, run.pk)):
            cursor.execute(count, [table])
            numbers_of.append(cursor.fetchone()[0])
    assert numbers_of == [7, 7]


def test_the_model_has_the_columns_of_the_table(world: World) -> None:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, store.SCORE_TABLE)
    assert [column.name for column in described] == [
        field.column for field in CustomerScore._meta.concrete_fields if field.column
    ]
    assert {column.name for column in described} == {"run_id", "as_of", *store.SCORE_COLUMNS}


def test_a_policy_is_drafted_checked_and_activated_with_a_run(world: World) -> None:
    score(morning("2026-03-03"))
    values = default_policy().to_plain()
    with pytest.raises(ValueError, match="lacks"):
        draft_policy({}, author=world.admin)
    values["window_days"] = 365
    draft = draft_policy(values, author=world.admin, note="one year")
    assert draft.number == 2
    run = activate_policy(draft, user=world.admin, now=morning("2026-03-04"))
    assert (run.policy, run.state) == (draft, RunState.COUNTING)
    assert policy_of(PolicyVersion.objects.get(state="active")).window_days == 365
    assert PolicyVersion.objects.get(number=1).state == "retired"
    with pytest.raises(ValueError, match="no draft"):
        activate_policy(draft, user=world.admin, now=morning("2026-03-05"))
    with pytest.raises(ValueError, match="no draft"):
        draft_policy(values, author=world.admin, draft=draft)


@pytest.fixture
def others(transactional_db: None) -> Iterator[None]:
    """Threads with connections of their own, which see what is committed."""
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_sees_half_a_run(others: None) -> None:
    make_book(3000, orders_each=4, first=FIRST)
    score(morning("2025-01-01"))
    seen: set[tuple[int, int, int]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            rows = list(scores_of(Customer.objects.all()).values_list("run_id", "as_of"))
            seen.add((rows[0][0] if rows else 0, len(rows), len({as_of for _, as_of in rows})))
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    runs = [score(morning(f"2025-01-0{day}")).pk for day in (2, 3, 4)]
    stop.set()
    reader.join()
    assert {count for _, count, _ in seen} == {3000}
    assert {instants for *_, instants in seen} == {1}
    assert len({run_id for run_id, *_ in seen} & set(runs)) > 1
