"""The status page: what is alive, what waits, and in one sentence what is wrong; with real workers killed."""

from __future__ import annotations

import datetime as dt
import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import crm
from crm.celery import app
from crm.demo import processes
from crm.metrics import pulse, reading, verdict
from crm.metrics.pulse import Pulses, TaskCounts, TaskTimes, WorkerPulse
from crm.metrics.queues import QueueLength, Queues
from crm.metrics.reading import Disk, Reading
from crm.metrics.records import Cases, Imports, LastRun, Letters, Records, Waiting
from crm.task_words import WORDS
from scoring import tasks
from tests.accounts.surveys.office import DAY
from tests.conftest import MONDAY, World
from tests.servers import PROJECT, StartWorker

NOW = MONDAY
NOTHING = Waiting(0, None)


@pytest.fixture(autouse=True)
def looked_at_anew() -> Iterator[None]:
    reading.forget()
    yield
    reading.forget()


def run_of(state: str, *, age: dt.timedelta) -> LastRun:
    return LastRun(1, "nightly", state, NOW - age, 12.0 if state == "done" else None)


def good() -> Reading:
    letters = Letters(
        {"waiting": 0, "sent": 5, "reminded": 0, "answered": 3, "failed": 0, "came_back": 0}, NOTHING
    )
    return Reading(
        now=NOW,
        records=Records(
            runs=(run_of("done", age=dt.timedelta(hours=7)),),
            shards_waiting=0,
            shards_running=0,
            imports=Imports(NOTHING, 0),
            letters=letters,
            cases=Cases(open=3, overdue=1),
            stale=4,
            server="18.6",
            database_bytes=20_000_000,
        ),
        queues=Queues((QueueLength("celery", 3, 0.4), QueueLength("letters", 900, 100.0)), 2, 0.3, "9.1.2"),
        pulses=Pulses(
            workers=(WorkerPulse("celery@a", 1.0), WorkerPulse("celery@b", 0.2)),
            beat_silent_seconds=1.5,
            tasks=(),
            last_done={verdict.SWEEP: 1.9},
        ),
        disk=Disk(free=60, total=100),
    )


def of_records(**changes: Any) -> dict[str, Any]:
    records = good().records
    assert records is not None
    return {"records": replace(records, **changes)}


def of_pulses(**changes: Any) -> dict[str, Any]:
    pulses = good().pulses
    assert pulses is not None
    return {"pulses": replace(pulses, **changes)}


def of_letters(**changes: Any) -> dict[str, Any]:
    records = good().records
    assert records is not None
    return of_records(letters=replace(records.letters, **changes))


def waiting(queue: str, seconds: float) -> dict[str, Any]:
    return {"queues": Queues((QueueLength(queue, 12, seconds),), 0, None, "9")}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"records": None}, "critical", "The database does not answer."),
    ({"queues": None, "pulses": None}, "critical", "The queue does not answer."),
    (of_pulses(workers=()), "critical", "No worker is alive."),
    (of_pulses(workers=(WorkerPulse("celery@a", 80.0),)), "critical", "No worker is alive."),
    (
        of_pulses(workers=(WorkerPulse("celery@a", 1.0), WorkerPulse("celery@b", 180.0))),
        "watch",
        "The worker celery@b has been silent for 3 minutes.",
    ),
    (of_pulses(beat_silent_seconds=None), "critical", "The timetable has never run."),
    (of_pulses(beat_silent_seconds=240.0), "critical", "The timetable has been silent for 4 minutes."),
    (
        waiting("celery", 61.0),
        "at_risk",
        "Queue of everything else: waiting for 61 seconds, 12 messages.",
    ),
    (
        waiting("letters", 600.0),
        "at_risk",
        "Queue of letters: waiting for 10 minutes, 12 messages.",
    ),
    (of_records(runs=(run_of("failed", age=DAY),)), "critical", "The last run, 1, failed."),
    (
        of_records(runs=(run_of("counting", age=dt.timedelta(hours=2)),)),
        "at_risk",
        "Run 1 has been under way for 2 hours.",
    ),
    (
        of_records(runs=(run_of("done", age=dt.timedelta(hours=50)),)),
        "at_risk",
        "Nobody has been scored anew for 2 days.",
    ),
    (of_records(imports=Imports(Waiting(1, 300.0), 0)), "at_risk", "An import has waited for 5 minutes."),
    (
        of_letters(due=Waiting(1200, 3600.0)),
        "at_risk",
        "Letters are late: 1,200 are due, the first for 60 minutes.",
    ),
    (of_letters(by_state={"failed": 1, "came_back": 0}), "watch", "1 letter failed."),
    (of_pulses(last_done={}), "at_risk", "4 customers changed and are not scored anew."),
    ({"disk": None}, "at_risk", "The folder of the uploads is not there."),
    ({"disk": Disk(free=15, total=100)}, "watch", "15% of the disk with the uploads are free."),
    ({"disk": Disk(free=3, total=100)}, "critical", "3% of the disk with the uploads are free."),
]


def test_nothing_is_said_when_all_is_well() -> None:
    assert verdict.findings(good()) == []


@pytest.mark.parametrize(("change", "level", "title"), WRONG, ids=[title for _, _, title in WRONG])
def test_what_is_wrong_is_one_sentence_with_what_to_do(
    db: None, change: dict[str, Any], level: str, title: str
) -> None:
    (found,) = verdict.findings(replace(good(), **change))
    assert (found.level.code, found.title) == (level, title)
    assert found.advice
    assert bool(found.url) == bool(found.link)


def test_the_worst_stands_first() -> None:
    several = replace(
        good(),
        **of_pulses(workers=()),
        disk=Disk(free=15, total=100),
        **of_letters(by_state={"failed": 1, "came_back": 1}),
    )
    levels = [found.level for found in verdict.findings(several)]
    assert levels == sorted(levels, reverse=True)
    assert len(levels) == 3


def test_more_workers_are_advised_only_where_some_are_alive() -> None:
    def advice(**changes: Any) -> str:
        found = verdict.findings(replace(good(), **waiting("celery", 61.0), **changes))
        return next(each.advice for each in found if each.title.startswith("Queue of everything else"))

    assert "--scale worker=4" in advice()
    assert "--scale" not in advice(**of_pulses(workers=()))


def test_tasks_are_counted_by_how_they_ended() -> None:
    times = (
        TaskTimes("crm.tasks.send_mail", "FAILURE", (1, 1), 2.0),
        TaskTimes("crm.tasks.send_mail", "RETRY", (0, 2), 2.0),
        TaskTimes("crm.tasks.send_mail", "SUCCESS", (1, 1), 4.0),
    )
    (counts,) = replace(good().pulses, tasks=times).counts  # type: ignore[type-var, attr-defined]
    assert (counts.words, counts.done, counts.failed, counts.put_off) == ("Send a letter to a user", 1, 1, 2)
    assert counts.mean_seconds == 2.0


def test_every_task_of_ours_is_said_in_words() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith(("crm.", "scoring."))}
    assert "scoring.tasks.sweep_stale" in ours
    assert ours <= set(WORDS)
    unknown = TaskCounts("crm.tasks.of_tomorrow", done=1, failed=0, put_off=0, mean_seconds=1.0)
    assert unknown.words == "of_tomorrow"


def page_of(world: World, **headers: str) -> str:
    client = Client()
    client.force_login(world.admin)
    answer = client.get("/status/", headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_page_says_what_is_wrong_and_shows_every_part(
    world: World, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    text = page_of(world)
    assert "No worker is alive." in text
    for part in ("Web server", "PostgreSQL", "Valkey", "Workers", "Timetable", "Disk of the uploads"):
        assert part in text, part
    for link in ("/outbox/", "/imports/", "/jobs/"):
        assert f'href="{link}"' in text, link


def test_the_version_it_names_is_that_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == crm.VERSION


def test_htmx_gets_the_part_that_it_replaces(world: World) -> None:
    part = page_of(world, **{"HX-Request": "true"}).strip()
    assert part.startswith('<div id="status"')
    assert "<html" not in part


def test_the_page_takes_few_statements_and_after_a_look_fewer(world: World) -> None:
    client = Client()
    client.force_login(world.admin)
    client.get("/status/", headers={"HX-Request": "true"})
    with CaptureQueriesContext(connection) as caught:
        client.get("/status/", headers={"HX-Request": "true"})
    assert len(caught) <= 3, [query["sql"] for query in caught]  # session, person, runs


def queue_is_empty() -> bool:
    found = reading.read(timezone.now()).queues
    return found is not None and found.lengths[0].waiting == 0


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_makes_the_queue_grow_old_and_the_page_says_so(
    celery_worker_process: StartWorker, tmp_path: Path, world: World
) -> None:
    timetable = ("-B", "--schedule", str(tmp_path / "beat"))
    worker = celery_worker_process(*timetable, SWEEP_SECONDS="1")

    def is_well() -> bool:
        pulses = reading.read(timezone.now()).pulses
        return bool(
            pulses
            and [each.name for each in pulses.workers if each.is_alive] == [worker.name]
            and verdict.beat_is_alive(pulses)
            and verdict.SWEEP in pulses.last_done
        )

    assert processes.wait_until(is_well, seconds=300), worker.log.read_text()
    pulses = reading.read(timezone.now()).pulses
    assert pulses is not None
    assert [each.deaths for each in pulses.workers if each.name == worker.name] == [0]
    swept = next(times for times in pulses.tasks if times.name == verdict.SWEEP)
    assert (swept.outcome, swept.count > 0, swept.seconds > 0) == ("SUCCESS", True, True)
    assert "No worker is alive." not in page_of(world)
    reading.forget()

    worker.kill()
    tasks.sweep_stale.delay()
    first = reading.read(timezone.now())
    time.sleep(1.2)
    later = reading.read(timezone.now())
    assert first.queues is not None and later.queues is not None  # noqa: PT018
    young, old = first.queues.lengths[0].oldest_seconds, later.queues.lengths[0].oldest_seconds
    assert young is not None and old is not None and old - young >= 1.2  # noqa: PT018

    in_a_while = reading.read(timezone.now() + dt.timedelta(minutes=3))
    titles = [found.title for found in verdict.findings(in_a_while)]
    assert titles[0] == "No worker is alive."
    assert any(title.startswith("The timetable has been silent for 3 minutes") for title in titles)
    assert any(title.startswith("Queue of everything else: waiting for 3 minutes") for title in titles)

    server = redis.Redis.from_url(configured.REDIS_URL)
    for name in server.zrange("truenorth:metrics:workers", 0, -1):
        pulse.worker_is_alive(name.decode(), now=time.time() - 60)
    text = page_of(world)
    assert "No worker is alive." in text
    assert "silent for" in text


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_stopped_takes_its_leave(celery_worker_process: StartWorker) -> None:
    worker = celery_worker_process()

    def names() -> list[str]:
        pulses = reading.read(timezone.now()).pulses
        return [each.name for each in pulses.workers] if pulses else []

    assert processes.wait_until(lambda: worker.name in names(), seconds=300)
    worker.stop()
    assert worker.name not in names()


@pytest.fixture
def no_workers() -> Iterator[None]:
    client = redis.Redis.from_url(configured.REDIS_URL)
    keys = ("truenorth:metrics:workers", "truenorth:metrics:deaths")
    client.delete(*keys)
    yield
    client.delete(*keys)


def test_a_death_is_known_for_a_day_however_soon_the_worker_is_back(no_workers: None, world: World) -> None:
    now = timezone.now().timestamp()
    for name, hours_ago in (("celery@a", 30.0), ("celery@a", 3.0), ("celery@a", 2.0), ("celery@gone", 5.0)):
        pulse.worker_is_alive(name, now=now - hours_ago * 3600)
        if name == "celery@a":
            pulse.worker_begins(name, now=now - hours_ago * 3600 + 1)
    pulse.worker_begins("celery@b", now=now - 7200)
    pulse.worker_takes_leave("celery@b")
    pulse.worker_begins("celery@b", now=now)
    pulse.worker_begins("celery@a", now=now)
    pulses = reading.read(timezone.now()).pulses
    assert pulses is not None
    assert [(worker.name, worker.deaths) for worker in pulses.workers] == [("celery@a", 3), ("celery@b", 0)]
    died_at = pulses.workers[0].died_at
    assert died_at is not None
    assert died_at.timestamp() == pytest.approx(now - 7199)
    assert [lost.name for lost in pulses.lost] == ["celery@gone"]
    assert pulses.deaths == 4
    text = page_of(world)
    assert "died 3 times within a day and was started again, last at" in text
    assert re.search("celery@gone · died at .* and did not come back", text)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_and_started_again_at_once_leaves_a_trace(
    no_workers: None, celery_worker_process: StartWorker
) -> None:
    worker = celery_worker_process()

    def deaths() -> list[int]:
        pulses = reading.read(timezone.now()).pulses
        return [each.deaths for each in pulses.workers if each.name == worker.name] if pulses else []

    assert processes.wait_until(lambda: deaths() == [0], seconds=300)
    worker.kill()
    pulse.worker_begins(worker.name, now=time.time())
    assert deaths() == [1]
