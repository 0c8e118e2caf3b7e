"""The page that Prometheus reads: what the web processes counted, and what `reading` found."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from crm.metrics.counts import REQUESTS
from crm.metrics.pulse import BOUNDS, Pulses
from crm.metrics.queues import Queues
from crm.metrics.reading import Disk, Reading
from crm.metrics.records import Records
from crm.metrics.verdict import beat_is_alive
from scoring.models import RunState

CONTENT_TYPE = CONTENT_TYPE_LATEST


def page(reading: Reading) -> bytes:
    """In Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
    registry.register(_Found(reading))
    return generate_latest(registry)


class _Found(Collector):
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterable[Metric]:
        reading = self._reading
        yield from _parts(reading)
        if reading.queues:
            yield from _of_queues(reading.queues)
        if reading.pulses:
            yield from _of_pulses(reading.pulses)
        if reading.records:
            yield from _of_runs(reading.records, reading)
            yield from _of_records(reading.records)
        if reading.disk:
            yield from _of_disk(reading.disk)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"truenorth_{name}", text, value=value)


def _gauges(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"truenorth_{name}", text, labels=[label])
    for said, value in values:
        family.add_metric([said], value)
    return family


def _parts(reading: Reading) -> Iterator[Metric]:
    alive = [worker for worker in reading.pulses.workers if worker.is_alive] if reading.pulses else []
    parts = {
        "web": True,
        "database": reading.records is not None,
        "queue": reading.queues is not None,
        "workers": bool(alive),
        "beat": beat_is_alive(reading.pulses),
    }
    yield _gauges(
        "up", "1 where the part is alive.", "part", ((name, float(up)) for name, up in parts.items())
    )
    versions = reading.versions
    info = GaugeMetricFamily(
        "truenorth_info", "Versions.", labels=["version", "django", "postgresql", "valkey"]
    )
    info.add_metric([versions.truenorth, versions.django, versions.postgresql, versions.valkey], 1)
    yield info


def _of_queues(queues: Queues) -> Iterator[Metric]:
    lengths = queues.lengths
    yield _gauges("queue_messages", "Messages that wait.", "queue", ((q.name, q.waiting) for q in lengths))
    yield _gauges(
        "queue_oldest_seconds",
        "How long the message has waited that is next; 0 for an empty queue.",
        "queue",
        ((q.name, q.oldest_seconds or 0.0) for q in lengths),
    )
    yield _gauge("queue_held", "Messages that workers took and have not acknowledged.", queues.held)
    yield _gauge(
        "queue_held_oldest_seconds",
        "How long a worker has held the oldest.",
        queues.held_oldest_seconds or 0.0,
    )


def _of_pulses(pulses: Pulses) -> Iterator[Metric]:
    alive = sum(worker.is_alive for worker in pulses.workers)
    yield _gauge("workers", "Workers that are alive.", alive)
    yield _gauge("workers_silent", "Workers that were killed or hang.", len(pulses.workers) - alive)
    yield _gauge("workers_died", "Deaths of workers within a day, started again or not.", pulses.deaths)
    if pulses.beat_silent_seconds is not None:
        yield _gauge(
            "beat_age_seconds",
            "Since the timetable last put something into the queue.",
            pulses.beat_silent_seconds,
        )
    times = HistogramMetricFamily(
        "truenorth_task_seconds", "Tasks by how they ended, and their seconds.", labels=["task", "outcome"]
    )
    ends = [*map(str, BOUNDS), "+Inf"]
    for task in pulses.tasks:
        times.add_metric(
            [task.name, task.outcome.lower()], list(zip(ends, task.buckets, strict=True)), task.seconds
        )
    yield times
    yield _gauges(
        "task_done_age_seconds", "Since such a task last ended well.", "task", pulses.last_done.items()
    )


def _of_runs(records: Records, reading: Reading) -> Iterator[Metric]:
    now = reading.now
    done = [run for run in records.runs if run.seconds is not None]
    yield _gauges(
        "run_seconds", "How long the last run took.", "kind", ((run.kind, run.seconds or 0.0) for run in done)
    )
    yield _gauges(
        "run_age_seconds",
        "Since the last run that was done was opened.",
        "kind",
        ((run.kind, (now - run.opened_at).total_seconds()) for run in done),
    )
    last = {run.kind: run for run in sorted(records.runs, key=lambda run: run.pk)}
    yield _gauges(
        "run_failed",
        "1 where the last run failed.",
        "kind",
        ((kind, float(run.state == RunState.FAILED)) for kind, run in sorted(last.items())),
    )
    yield _gauges(
        "shards",
        "Pieces of the runs under way.",
        "state",
        (("waiting", records.shards_waiting), ("running", records.shards_running)),
    )


def _of_records(records: Records) -> Iterator[Metric]:
    imports, letters, cases = records.imports, records.letters, records.cases
    yield _gauges(
        "imports",
        "Files under way.",
        "state",
        (("waiting", imports.waiting.count), ("running", imports.running)),
    )
    yield _gauge(
        "imports_oldest_seconds",
        "Since the file came that waits longest.",
        imports.waiting.oldest_seconds or 0.0,
    )
    yield _gauges(
        "letters", "Letters to respondents of the weeks that are open.", "state", letters.by_state.items()
    )
    yield _gauge("letters_due", "Letters that are due and not sent, reminders as well.", letters.due.count)
    yield _gauge(
        "letters_oldest_due_seconds", "Since the first of them was due.", letters.due.oldest_seconds or 0.0
    )
    yield _gauge("customers_stale", "Customers who changed since they were scored.", records.stale)
    yield _gauges("cases", "Corrective actions.", "state", (("open", cases.open), ("overdue", cases.overdue)))
    yield _gauge("database_bytes", "Size of the database.", records.database_bytes)


def _of_disk(disk: Disk) -> Iterator[Metric]:
    yield _gauge("media_free_bytes", "Free where the uploads lie.", disk.free)
    yield _gauge("media_bytes", "Size of the disk where the uploads lie.", disk.total)
