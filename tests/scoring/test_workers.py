"""Real Celery workers and a real PostgreSQL, killed in mid-run."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.customers.models import Customer
from accounts.customers.services import bump
from accounts.orders.services import OrderFacts, add_order, correct_order, delete_order
from scoring import tasks
from scoring.models import CurrentRun, CustomerScore, RunKind, RunShard, RunState, ScoringRun
from scoring.queries import run_progress, scores_of
from scoring.services import rescore_soon, start_run
from tests.conftest import World
from tests.scoring.book import make_book, scores
from tests.servers import PROJECT, StartWorker

if TYPE_CHECKING:
    from crm.demo.servers import Postgres

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PATIENCE = 300.0


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    """How fast things are is measured by the benchmarks, on a machine that does nothing else."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "It did not happen in time."
        time.sleep(0.02)


def is_done(run: ScoringRun) -> bool:
    return ScoringRun.objects.filter(pk=run.pk, state=RunState.DONE).exists()


def timetable(folder: Path) -> tuple[str, ...]:
    """Options that make a worker keep the timetable as well."""
    return ("-B", "--schedule", str(folder / "beat"))


def test_a_run_is_done_by_two_workers_and_doubled_messages_change_nothing(
    celery_worker_process: StartWorker, settings: Settings
) -> None:
    settings.SHARD_CUSTOMERS = 50
    ids = make_book(1000, orders_each=10, first=FIRST)
    run = start_run(AS_OF, kind=RunKind.MANUAL)
    assert start_run(AS_OF, kind=RunKind.MANUAL) == run
    for _ in range(40):
        tasks.run_shard.apply_async((run.pk,))
    celery_worker_process()
    celery_worker_process()
    wait_for(lambda: is_done(run), seconds=PATIENCE)
    assert sorted(scores(run)) == ids
    assert set(RunShard.objects.filter(run=run).values_list("attempts", flat=True)) == {1}
    run.refresh_from_db()
    assert (run.attempts, run.customers) == (1, 1000)


def test_everybody_is_scored_once_after_kill_9_of_the_worker_in_mid_run(
    celery_worker_process: StartWorker, settings: Settings, tmp_path: Path
) -> None:
    settings.SHARD_CUSTOMERS = 25
    ids = make_book(2500, orders_each=20, first=FIRST)
    worker = celery_worker_process(SHARD_LEASE_SECONDS="5")
    run = start_run(AS_OF, kind=RunKind.MANUAL)
    wait_for(lambda: run_progress(run.pk).shards_done >= 3, seconds=PATIENCE)
    worker.kill()
    assert 3 <= run_progress(run.pk).shards_done < 100
    assert not CurrentRun.objects.exists()
    celery_worker_process(*timetable(tmp_path), SHARD_LEASE_SECONDS="5")
    wait_for(lambda: is_done(run), seconds=PATIENCE)
    assert sorted(scores(run)) == ids
    assert CurrentRun.objects.get().run_id == run.pk


def test_everybody_is_scored_once_when_all_messages_are_lost_with_the_worker(
    celery_worker_process: StartWorker, settings: Settings, tmp_path: Path
) -> None:
    settings.SHARD_CUSTOMERS = 100
    ids = make_book(1000, orders_each=5, first=FIRST)
    with transaction.atomic():
        run = start_run(AS_OF, kind=RunKind.MANUAL)
        transaction.get_connection().run_on_commit = []
    celery_worker_process(*timetable(tmp_path))
    wait_for(lambda: is_done(run), seconds=PATIENCE)
    assert sorted(scores(run)) == ids


def test_an_order_added_corrected_or_deleted_rescores_its_customer_without_a_timetable(
    world: World, celery_worker_process: StartWorker
) -> None:
    make_book(50, orders_each=10, first=FIRST)
    celery_worker_process()
    run = start_run(tasks.instant(), kind=RunKind.MANUAL)
    wait_for(lambda: is_done(run), seconds=PATIENCE)
    facts = OrderFacts(ordered_on=timezone.now().date(), amount_minor=123_456, currency="CNY")
    dearer = OrderFacts(ordered_on=timezone.now().date(), amount_minor=234_567, currency="CNY")

    def has_sales(minor: int) -> bool:
        row = scores_of(Customer.objects.filter(pk=world.customer.pk)).first()
        return row is not None and row.indicator_inputs[0] == minor

    with transaction.atomic():
        order = add_order(customer=world.customer, facts=facts, now=timezone.now())
        rescore_soon([world.customer.pk])
    wait_for(lambda: has_sales(123_456), seconds=PATIENCE)
    with transaction.atomic():
        order = correct_order(order=order, facts=dearer, now=timezone.now())
        rescore_soon([world.customer.pk])
    wait_for(lambda: has_sales(234_567), seconds=PATIENCE)
    with transaction.atomic():
        delete_order(order=order, now=timezone.now())
        rescore_soon([world.customer.pk])
    wait_for(lambda: has_sales(0), seconds=PATIENCE)


def test_the_sweep_finds_what_nobody_asked_for(celery_worker_process: StartWorker, tmp_path: Path) -> None:
    ids = make_book(700, orders_each=5, first=FIRST)
    celery_worker_process(*timetable(tmp_path), SWEEP_SECONDS="1")
    run = start_run(tasks.instant(), kind=RunKind.MANUAL)
    wait_for(lambda: is_done(run), seconds=PATIENCE)
    bump(ids[:1])
    one = CustomerScore.objects.filter(run_id=run.pk, input_version=2)
    wait_for(lambda: one.count() == 1, seconds=PATIENCE)
    bump(ids)
    wait_for(lambda: one.filter(input_version=2).count() == 699, seconds=PATIENCE)


def test_the_nightly_task_opens_a_nightly_run(world: World, celery_worker_process: StartWorker) -> None:
    celery_worker_process()
    tasks.open_nightly_run.apply_async()
    wait_for(lambda: ScoringRun.objects.filter(state=RunState.DONE).exists(), seconds=PATIENCE)
    run = ScoringRun.objects.get()
    assert run.kind == RunKind.NIGHTLY
    assert abs(run.as_of - timezone.now()) < dt.timedelta(minutes=2)
    assert CurrentRun.objects.get().run == run


MAKE_BOOK = """
import datetime as dt, django
django.setup()
from tests.scoring.book import make_book
make_book({customers}, orders_each={orders}, first=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
"""


def test_everybody_is_scored_once_after_kill_9_of_postgresql_in_mid_run(
    own_postgres: Postgres, celery_worker_process: StartWorker, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": own_postgres.url,
        "SHARD_CUSTOMERS": "25",
        "SHARD_LEASE_SECONDS": "5",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }

    def manage(*words: str) -> None:
        subprocess.run([sys.executable, *words], cwd=PROJECT, env=environment, check=True)

    def asked(question: str) -> int:
        with psycopg.connect(own_postgres.url) as answering:
            row = answering.execute(question).fetchone()
            assert row is not None
            return int(row[0])

    manage("manage.py", "migrate", "--verbosity", "0")
    manage("-c", MAKE_BOOK.format(customers=2000, orders=20))
    celery_worker_process(
        *timetable(tmp_path),
        **{name: environment[name] for name in ("DATABASE_URL", "SHARD_CUSTOMERS", "SHARD_LEASE_SECONDS")},
    )
    manage("manage.py", "recompute", "--as-of", "2026-01-01")
    done = "select count(*) from scoring_runshard where state = 'done'"
    wait_for(lambda: asked(done) >= 3, seconds=PATIENCE)
    own_postgres.kill()
    time.sleep(1)
    own_postgres.start()
    assert 3 <= asked(done) < 80
    finished = "select count(*) from scoring_currentrun"
    wait_for(lambda: asked(finished) == 1, seconds=PATIENCE)
    assert asked("select count(*) from scoring_customer_score") == 2000
    assert asked("select count(distinct customer_id) from scoring_customer_score") == 2000
    assert asked("select count(*) from scoring_customer_state") == 2000
