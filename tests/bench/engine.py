"""Rebuild, rescore, stale customers, and a respondent's D on its way to the flag, by real workers."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.customers.services import bump
from accounts.interactions.models import Interaction
from accounts.orders.models import Order
from accounts.surveys.models import Invitation
from accounts.surveys.queries import form_of
from accounts.surveys.services import AnswerFacts, answer_invitation
from crm.demo import processes
from scoring import recompute
from scoring.inputs import STREAMED
from scoring.models import ChurnFlag, CustomerScore, RunKind, RunState, ScoringRun
from scoring.rescore import current_run, rescore, stale_customers
from scoring.services import rescore_soon, start_run
from scoring.tasks import instant, terms
from tests.bench.book import Book
from tests.bench.results import PROJECT, Line, Results, median, percentile, timed

WORKERS = 2
TIMES = 3
FLOOR = (
    "select customer_id, count(*), sum(base_amount_minor) from orders_order",
    "select customer_id, count(*), sum(minutes) from interactions_interaction",
    "select customer_id, count(*), sum(grade_id) from surveys_answergrade",
    "select customer_id, count(*), sum(base_cost_minor) from costs_activityusage",
)


def floor(book: Book) -> float:
    """Seconds to group the four fact tables by customer from their covering indexes, in two processes."""
    half = book.customers // 2 + 1

    def read(low: int, high: int) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"]) as own:
            own.execute(STREAMED)
            for statement in FLOOR:
                text = f"{statement} where customer_id >= %s and customer_id < %s group by customer_id"
                own.execute(text, [low, high]).fetchall()

    def both() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(read, (1, half), (half, book.customers + 1)))

    both()
    return median(timed(both) for _ in range(TIMES))


@contextmanager
def workers(folder: Path, count: int = WORKERS, *options: str) -> Iterator[list[int]]:
    """Celery workers of one process each; their process ids."""
    started: list[subprocess.Popen[bytes]] = []
    for number in range(count):
        command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "-n", f"b{number}@bench"]
        command += ["--concurrency", "1", "--without-gossip", "--without-mingle", *options]
        started.append(
            processes.spawn(
                command, log=folder / f"worker-{number}.log", folder=PROJECT, environment=os.environ
            )
        )
    try:
        wait_for_workers(count)
        yield [process.pid for process in started]
    finally:
        for process in started:
            processes.end(process.pid, ask=signal.SIGTERM, seconds=20)
            process.wait()


def wait_for_workers(count: int) -> None:
    from crm.celery import app

    if not processes.wait_until(lambda: len(app.control.ping(timeout=0.5)) >= count, seconds=60):
        raise RuntimeError("The workers did not start; see their logs.")


class Memory:
    """The largest resident size of any of these processes and their children, in MB, while it is open."""

    def __init__(self, pids: list[int]) -> None:
        self.pids, self.peak, self._is_open = pids, 0.0, True
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_open = False
        self._thread.join()

    def _watch(self) -> None:
        while self._is_open:
            for pid in self.pids:
                for member in processes.family(pid):
                    try:
                        self.peak = max(self.peak, member.memory_info().rss / 2**20)
                    except psutil.Error:
                        continue
            time.sleep(0.1)


def score_once() -> None:
    """A book that nobody scored yet has no current run."""
    if current_run() is None:
        run, _is_new = recompute.open_run(instant(), kind=RunKind.MANUAL, terms=terms())
        while recompute.work(run.pk, terms=terms()):
            pass


def measure(book: Book, results: Results, folder: Path) -> None:
    results.floor = floor(book)
    results.seconds("floor F: group four fact tables by customer", results.floor)
    with workers(folder) as pids, Memory(pids) as memory:
        rebuild = median(_run() for _ in range(TIMES))
    results.seconds("full rebuild with score and write, 2 workers", rebuild, floors=3)
    results.add(Line("memory of a worker", memory.peak, "MB", 400))
    results.seconds(
        "rescore everybody from the state rows", median(_rescore() for _ in range(TIMES)), floors=0.5
    )
    _stale(book, results)
    _sweep(results)
    _loop(book, results, rebuild)
    with workers(folder, 1):
        _answers(book, results)


def _run() -> float:
    """Seconds from the opening of a run until everybody reads it."""
    run = start_run(instant(), kind=RunKind.MANUAL)
    done = ScoringRun.objects.filter(pk=run.pk, state=RunState.DONE)
    if not processes.wait_until(done.exists, seconds=3600):
        raise RuntimeError("The run did not end; see the workers' logs.")
    run.refresh_from_db()
    assert run.scored_at is not None
    return (run.scored_at - run.opened_at).total_seconds()


def _rescore() -> float:
    """Seconds of the last step of a run: fit, apply, write, publish."""
    run, _is_new = recompute.open_run(instant(), kind=RunKind.MANUAL, terms=terms())
    while (shard := recompute.claim_shard(run.pk, lease=terms().lease)) is not None:
        recompute.do_shard(shard, zone=terms().zone)
    attempt = recompute.claim_scoring(run.pk, lease=dt.timedelta(hours=1))
    assert attempt is not None
    return timed(lambda: recompute.score_run(run.pk, attempt, terms=terms()))


def _stale(book: Book, results: Results) -> None:
    for count, times, target in ((1, 40, 0.002), (100, 10, 0.020)):
        taken = []
        for number in range(times):
            ids = [1 + (number * 7919 + each * 104729) % book.customers for each in range(count)]
            bump(ids)
            taken.append(timed(lambda ids=ids: rescore(ids, as_of=instant(), zone=settings.TIME_ZONE)))
        results.milliseconds(f"{count} stale, rescored and written (median)", median(taken), target * 1000)


def _sweep(results: Results) -> None:
    """What every sweep asks: first of everybody, then of those who changed since it found nobody."""
    everybody = timed(lambda: stale_customers(1, as_of=instant()))
    later = median(timed(lambda: stale_customers(1, as_of=instant())) for _ in range(TIMES * 10))
    results.milliseconds("sweep: whether anybody is stale, of everybody", everybody)
    results.milliseconds("sweep: whether anybody is stale, since the last time (median)", later, 5)


def _loop(book: Book, results: Results, rebuild: float) -> None:
    """What a loop over customers with the ORM needs for orders and talks alone, without any score."""
    some = range(1, 101)

    def loop() -> None:
        for pk in some:
            orders = list(Order.objects.filter(customer=pk, superseded_at=None).order_by("ordered_on"))
            days = sorted({order.ordered_on for order in orders})
            sum(order.base_amount_minor for order in orders)
            [(later - day).days for day, later in pairwise(days)]
            talks = Interaction.objects.filter(customer=pk, superseded_at=None).prefetch_related(
                "participants"
            )
            [each.contact_id for talk in talks for each in talk.participants.all()]

    one = timed(loop) / len(some)
    times = one * book.customers / rebuild
    results.add(Line("rebuild against a loop with the ORM", times, "x", 100, at_least=True))


def _answers(book: Book, results: Results) -> None:
    """From a respondent's D until the flag that the account manager sees, through a real worker."""
    run = current_run()
    assert run is not None
    quiet = CustomerScore.objects.filter(run_id=run.pk, flag_level=0).values_list("customer_id", flat=True)
    asked = Invitation.objects.filter(week=book.monday, customer__in=quiet[:2000]).order_by("pk")[:20]
    taken = []
    for invitation in asked:
        now = timezone.now()
        began = time.perf_counter()
        answer_invitation(
            invitation,
            form_of(invitation.programme_version_id),
            facts=AnswerFacts(grades={"delivery": "D"}),
            idempotency_key=f"bench-{invitation.pk}-{now.timestamp()}",
            now=now,
        )
        rescore_soon([invitation.customer_id])
        flag = ChurnFlag.objects.filter(customer=invitation.customer_id, cleared_at=None)
        if not processes.wait_until(flag.exists, seconds=30):
            raise RuntimeError("No flag came of a D.")
        taken.append(time.perf_counter() - began)
    results.milliseconds("a D until its flag, with Celery (median)", median(taken), 2000)
    results.milliseconds("a D until its flag, with Celery (p95)", percentile(taken, 0.95), 2000)


def vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
