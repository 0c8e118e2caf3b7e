"""What Prometheus reads: every part, every queue, requests by view, and never a path or a person."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.imports.models import Import, ImportKind, ImportState
from accounts.surveys.services import mark_failed
from crm.metrics import reading, records, valkey
from crm.metrics.records import Waiting
from scoring.models import RunKind, RunShard, RunState, ScoringRun
from scoring.policy import active_policy
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, office_of
from tests.conftest import MONDAY, World
from tests.crm.web_server import gunicorn

if TYPE_CHECKING:
    from crm.demo.servers import Valkey

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
STATEMENTS = 12
TOKEN = "t" * 40


@pytest.fixture(autouse=True)
def looked_at_anew() -> Iterator[None]:
    reading.forget()
    valkey.client.cache_clear()
    yield
    reading.forget()
    valkey.client.cache_clear()


def samples_of(text: str) -> Samples:
    """By name and labels, without the name of this machine."""
    return {
        (sample.name, tuple(sorted((key, value) for key, value in sample.labels.items() if key != "web"))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(client: Client) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return samples_of(answer.content.decode())


def up(found: Samples) -> dict[str, float]:
    return {dict(labels)["part"]: value for (name, labels), value in found.items() if name == "truenorth_up"}


def requests_of(found: Samples, **labels: str) -> float:
    return found.get(("truenorth_request_seconds_count", tuple(sorted(labels.items()))), 0.0)


def test_prometheus_reads_every_family_of_the_page(
    db: None, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    names = {name for name, _ in scraped(client)}
    assert names >= {
        "truenorth_up",
        "truenorth_info",
        "truenorth_queue_messages",
        "truenorth_queue_oldest_seconds",
        "truenorth_queue_held",
        "truenorth_workers",
        "truenorth_shards",
        "truenorth_imports",
        "truenorth_letters",
        "truenorth_letters_due",
        "truenorth_letters_oldest_due_seconds",
        "truenorth_customers_stale",
        "truenorth_cases",
        "truenorth_media_free_bytes",
        "truenorth_media_bytes",
        "truenorth_database_bytes",
        "truenorth_workers_died",
    }


def test_requests_are_counted_by_view_and_status_and_never_by_path(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.owner)
    gone = {"view": "customer", "method": "GET", "status": "404"}
    nowhere = {"view": "none", "method": "other", "status": "404"}
    before = scraped(client)
    client.get("/customers/987654")
    client.get("/customers/987655")
    client.generic("BREW", "/no-such-page/secret-of-somebody")
    text = client.get("/metrics").content.decode()
    after = samples_of(text)
    assert requests_of(after, **gone) - requests_of(before, **gone) == 2
    assert requests_of(after, **nowhere) - requests_of(before, **nowhere) == 1
    for private in ("987654", "no-such-page", "BREW", world.owner.email):
        assert private not in text


def test_production_shows_it_to_nobody_without_a_token(db: None, client: Client, settings: Settings) -> None:
    assert client.get("/metrics").status_code == 200
    settings.PRODUCTION = True
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    "shown", ["", TOKEN, "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer  {TOKEN}", "Bearer 真北"]
)
def test_the_wrong_token_is_told_what_is_asked_for(
    db: None, client: Client, settings: Settings, shown: str
) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": shown} if shown else {})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.content == b""


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_schemes_case_says_nothing(db: None, client: Client, settings: Settings, scheme: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200


def test_it_is_only_read(db: None, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    client = Client(enforce_csrf_checks=True)
    for shown in ({}, {"Authorization": f"Bearer {TOKEN}"}):
        assert client.post("/metrics", headers=shown).status_code == 405


def test_a_session_is_no_token(world: World, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    client.force_login(world.admin)
    assert client.get("/metrics").status_code == 401


@pytest.fixture
def office(world: World) -> Office:
    cache.clear()
    office = office_of(world)
    office.invite()
    return office


def test_letters_are_late_since_their_hour_until_they_are_sent_or_fail(office: Office) -> None:
    assert records.read(DUE - HOUR).letters.due == Waiting(0, None)
    late = records.read(DUE + HOUR).letters
    assert late.due == Waiting(2, 3600.0)
    mark_failed(office.invitation(office.li).pk, reason="550 no such user", now=DUE)
    now = records.read(DUE + HOUR).letters
    assert (now.due.count, now.failed) == (1, 1)
    assert now.by_state == {
        "waiting": 1,
        "sent": 0,
        "reminded": 0,
        "answered": 0,
        "failed": 1,
        "came_back": 0,
    }
    long_ago = records.read(DUE + 30 * DAY).letters
    assert (long_ago.due.count, sum(long_ago.by_state.values())) == (0, 0), "their week is closed"


def test_a_case_is_overdue_once_its_clock_has_run_out(office: Office) -> None:
    office.say(office.li, delivery="D", quality="C")
    clock = office.case().acknowledge_by
    assert records.read(clock - HOUR).cases == records.Cases(open=2, overdue=0)
    assert records.read(clock).cases.overdue >= 1


def run_of(
    state: RunState, *, kind: RunKind = RunKind.NIGHTLY, day: int, seconds: int | None = None
) -> ScoringRun:
    opened = MONDAY + day * DAY
    return ScoringRun.objects.create(
        kind=kind,
        as_of=opened,
        policy=active_policy(),
        state=state,
        opened_at=opened,
        scored_at=None if seconds is None else opened + dt.timedelta(seconds=seconds),
    )


def file_of(number: int, state: ImportState = ImportState.WAITING) -> Import:
    return Import.objects.create(
        kind=ImportKind.ORDERS,
        state=state,
        file_name=f"orders-{number}.csv",
        sha256=f"{number:064d}",
        bytes=1,
        created_at=MONDAY + number * HOUR,
    )


def test_runs_shards_and_imports_are_those_under_way_and_the_last_of_each_kind(db: None) -> None:
    run_of(RunState.DONE, day=0, seconds=9)
    last = run_of(RunState.DONE, day=1, seconds=12)
    run_of(RunState.DONE, kind=RunKind.MANUAL, day=2, seconds=3)
    failed = run_of(RunState.FAILED, day=3)
    going = run_of(RunState.COUNTING, day=4)
    for run, low in ((going, 0), (going, 10), (failed, 0)):
        RunShard.objects.create(run=run, low=low, high=low + 10, customer_ids=[], versions=[])
    for number, state in enumerate(
        (ImportState.RUNNING, ImportState.WAITING, ImportState.WAITING, ImportState.DONE)
    ):
        file_of(number, state)
    found = records.read(MONDAY + 5 * DAY)
    done = {run.kind: (run.pk, run.seconds) for run in found.runs if run.state == RunState.DONE}
    assert done["nightly"] == (last.pk, 12.0)
    assert done["manual"][1] == 3.0
    assert found.last_run(RunState.FAILED, RunState.DONE) == found.last_run(RunState.FAILED)
    assert found.shards_waiting == 2, "those of the run that failed wait for nobody"
    assert found.imports == records.Imports(Waiting(2, (5 * DAY - HOUR).total_seconds()), running=1)


def test_the_page_says_of_which_kind_the_last_run_failed(db: None, client: Client) -> None:
    run_of(RunState.FAILED, day=0)
    run_of(RunState.DONE, day=1, seconds=12)
    run_of(RunState.DONE, kind=RunKind.MANUAL, day=2, seconds=3)
    run_of(RunState.FAILED, kind=RunKind.MANUAL, day=3)
    found = scraped(client)
    failed = {dict(labels)["kind"]: value for (name, labels), value in found.items() if "run_failed" in name}
    assert failed == {"nightly": 0.0, "manual": 1.0}


def test_a_look_takes_the_same_statements_for_3_rows_and_30(office: Office) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            records.read(DUE + DAY)
        return len(caught)

    records.read(DUE)
    for number in range(3):
        run_of(RunState.DONE, day=number, seconds=1)
        file_of(number)
    few = statements()
    for number in range(3, 30):
        run_of(RunState.DONE, day=number, seconds=1)
        file_of(number)
    assert statements() == few <= STATEMENTS


def test_a_second_look_within_some_seconds_asks_nobody(db: None, client: Client) -> None:
    first = scraped(client)
    with CaptureQueriesContext(connection) as caught:
        second = scraped(client)
    assert len(caught) == 0
    assert up(second) == up(first)


def test_the_page_says_that_valkey_is_away_and_shows_the_rest(
    office: Office, client: Client, settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = scraped(client)
    assert up(found) == {"web": 1, "database": 1, "queue": 0, "workers": 0, "beat": 0}
    assert ("truenorth_cases", (("state", "open"),)) in found
    assert not any(name.startswith("truenorth_queue") for name, _ in found)


def test_all_processes_of_a_web_server_count_together_and_answer_without_the_database(
    db: None, own_valkey: Valkey, tmp_path: Path
) -> None:
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": own_valkey.url}
    folders = {"TMPDIR": str(tmp_path), "WEB_CONCURRENCY": "2"}
    live = {"view": "health_live", "method": "GET", "status": "200"}
    with gunicorn(tmp_path / "web.log", **away, **folders) as web:

        def found() -> Samples:
            with urlopen(f"http://127.0.0.1:{web.port}/metrics", timeout=30) as answer:
                return samples_of(answer.read().decode())

        before = requests_of(found(), **live)
        for _ in range(20):
            assert web.asked("/health/live") == 200
        assert [requests_of(found(), **live) - before for _ in range(4)] == [20.0] * 4
        assert len(list(tmp_path.glob("truenorth-requests-*/histogram_*.db"))) == 2
        parts = up(found())
        assert (parts["database"], parts["queue"]) == (0, 1)
        own_valkey.kill()
        time.sleep(reading.KEPT_SECONDS)
        began = time.monotonic()
        parts = up(found())
        assert time.monotonic() - began < 10, "Prometheus gives up after ten seconds"
        assert (parts["web"], parts["database"], parts["queue"]) == (1, 0, 0)
    assert not list(tmp_path.glob("truenorth-requests-*")), "it took its folder with it"
    assert os.environ.get("PROMETHEUS_MULTIPROC_DIR") is None
