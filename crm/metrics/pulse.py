"""Signs of life of workers and timetable, and how long each kind of task took: kept in Valkey.

Why there: processes of a worker come and go on hosts that Prometheus cannot reach, and a round trip of a
tenth of a millisecond per task is cheaper than an exporter beside each of them. A counter that is lost with
Valkey begins at 0 again, which Prometheus knows. Nobody's work fails because it could not be counted.
"""

from __future__ import annotations

import datetime as dt
import logging
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from crm.metrics.valkey import DOWN, client, key
from crm.task_words import WORDS

logger = logging.getLogger(__name__)

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper ends of the buckets of a task's seconds; a last one has no end."""
BEAT_SECONDS = 2.0
"""How often a worker shows that it is alive."""
ALIVE_SECONDS = 15.0
"""A worker that was silent for longer is taken for dead."""
SILENT_SECONDS = 1800.0
"""So long a worker that was killed is reported as silent; one that was stopped takes its leave."""
REMEMBERED_SECONDS = 86_400.0
"""So long it is known that a worker died, whether it was started again or not."""


@dataclass(frozen=True)
class WorkerPulse:
    """``silent_seconds``: since its last sign of life.

    ``deaths``: how often, within REMEMBERED_SECONDS, it fell silent without taking its leave and was started
    again under its name; ``died_at``: its last sign of life before the last of these.
    """

    name: str
    silent_seconds: float
    deaths: int = 0
    died_at: dt.datetime | None = None

    @property
    def is_alive(self) -> bool:
        return self.silent_seconds < ALIVE_SECONDS


@dataclass(frozen=True)
class LostWorker:
    """One that died, and that nobody started again under its name."""

    name: str
    died_at: dt.datetime


@dataclass(frozen=True)
class TaskTimes:
    """How tasks of a name ended in one way; ``buckets``: how many took at most each of BOUNDS, and all."""

    name: str
    outcome: str
    buckets: tuple[int, ...]
    seconds: float

    @property
    def count(self) -> int:
        return self.buckets[-1]


@dataclass(frozen=True)
class TaskCounts:
    """How often tasks of a name ended well, failed and were put off; ``mean_seconds``: of all of these."""

    name: str
    done: int
    failed: int
    put_off: int
    mean_seconds: float

    @property
    def words(self) -> str:
        """For people, in the active language; of a task nobody knows its name without the module."""
        return str(WORDS.get(self.name, self.name.rpartition(".")[2]))


@dataclass(frozen=True)
class Pulses:
    """``beat_silent_seconds``: since the timetable last put something into the queue; None: never.

    ``last_done``: seconds since a task of each name last ended well. ``lost``: silent for so long that they
    are among the workers no more.
    """

    workers: tuple[WorkerPulse, ...]
    beat_silent_seconds: float | None
    tasks: tuple[TaskTimes, ...]
    last_done: Mapping[str, float]
    lost: tuple[LostWorker, ...] = ()

    @property
    def deaths(self) -> int:
        """Of all workers, within REMEMBERED_SECONDS."""
        silent = sum(not worker.is_alive for worker in self.workers)
        return silent + len(self.lost) + sum(worker.deaths for worker in self.workers)

    @property
    def counts(self) -> list[TaskCounts]:
        """By name; a kind of task that has never ended is not among them."""
        by_name: dict[str, list[TaskTimes]] = {}
        for times in self.tasks:
            by_name.setdefault(times.name, []).append(times)
        return [_counts(name, by_name[name]) for name in sorted(by_name)]


def _counts(name: str, found: list[TaskTimes]) -> TaskCounts:
    ended = {times.outcome: times.count for times in found}
    return TaskCounts(
        name=name,
        done=ended.get("SUCCESS", 0),
        failed=ended.get("FAILURE", 0),
        put_off=ended.get("RETRY", 0),
        mean_seconds=sum(times.seconds for times in found) / sum(ended.values()),
    )


def worker_begins(name: str, *, now: float) -> None:
    """It is alive; where one of its name took no leave, that one died at its last sign of life.

    ``now`` here and below: seconds since 1970.
    """
    try:
        seen = client().zscore(key("workers"), name)
    except DOWN:
        return
    if seen is not None:
        _write(lambda pipe: pipe.zadd(key("deaths"), {f"{seen} {name}": seen}))
    worker_is_alive(name, now=now)


def worker_is_alive(name: str, *, now: float) -> None:
    def note(pipe: Any) -> None:
        pipe.zadd(key("workers"), {name: now})
        for known in ("workers", "deaths"):
            pipe.zremrangebyscore(key(known), "-inf", now - REMEMBERED_SECONDS)

    _write(note)


def worker_takes_leave(name: str) -> None:
    _write(lambda pipe: pipe.zrem(key("workers"), name))


def beat_is_alive(*, now: float) -> None:
    _write(lambda pipe: pipe.set(key("beat"), now))


def task_ended(name: str, outcome: str, *, seconds: float, now: float) -> None:
    """``outcome``: Celery's word for it, SUCCESS, FAILURE or RETRY."""

    def note(pipe: Any) -> None:
        pipe.hincrby(key("tasks"), f"{name} {outcome} {bisect_left(BOUNDS, seconds)}", 1)
        pipe.hincrbyfloat(key("tasks"), f"{name} {outcome} seconds", seconds)
        if outcome == "SUCCESS":
            pipe.hset(key("done"), name, now)

    _write(note)


def ask(pipe: Any, *, now: float) -> None:
    """Put the questions into a pipeline; `read` takes the answers in the same order."""
    for known in ("workers", "deaths"):
        pipe.zrangebyscore(key(known), now - REMEMBERED_SECONDS, "+inf", withscores=True)
    pipe.get(key("beat"))
    pipe.hgetall(key("tasks"))
    pipe.hgetall(key("done"))


def read(answers: list[Any], *, now: float) -> Pulses:
    workers, died, beat, tasks, done = answers
    deaths: dict[str, list[float]] = {}
    for member, at in died:
        deaths.setdefault(member.decode().partition(" ")[2], []).append(at)
    seen = {name.decode(): at for name, at in sorted(workers)}
    lost = {name: at for name, at in seen.items() if now - at >= SILENT_SECONDS}
    return Pulses(
        workers=tuple(
            _worker(name, at, deaths.get(name, []), now) for name, at in seen.items() if name not in lost
        ),
        beat_silent_seconds=None if beat is None else max(now - float(beat), 0.0),
        tasks=_times(tasks),
        last_done={name.decode(): max(now - float(at), 0.0) for name, at in sorted(done.items())},
        lost=tuple(LostWorker(name, _moment(at)) for name, at in lost.items()),
    )


def _worker(name: str, seen: float, deaths: list[float], now: float) -> WorkerPulse:
    died_at = _moment(max(deaths)) if deaths else None
    return WorkerPulse(name, max(now - seen, 0.0), len(deaths), died_at)


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def is_any_worker_alive(*, now: float) -> bool | None:
    """None where Valkey does not answer."""
    try:
        return bool(client().zcount(key("workers"), now - ALIVE_SECONDS, "+inf"))
    except DOWN:
        return None


def _times(fields: Mapping[bytes, bytes]) -> tuple[TaskTimes, ...]:
    counts: dict[tuple[str, str], list[int]] = {}
    sums: dict[tuple[str, str], float] = {}
    for field, value in fields.items():
        name, outcome, what = field.decode().split()
        if what == "seconds":
            sums[name, outcome] = float(value)
        else:
            counts.setdefault((name, outcome), [0] * (len(BOUNDS) + 1))[int(what)] = int(value)
    return tuple(
        TaskTimes(name, outcome, tuple(accumulate(buckets)), sums.get((name, outcome), 0.0))
        for (name, outcome), buckets in sorted(counts.items())
    )


def _write(note: Callable[[Any], object]) -> None:
    try:
        with client().pipeline(transaction=False) as pipe:
            note(pipe)
            pipe.execute()
    except DOWN as error:
        logger.debug("Valkey took no sign of life: %s", type(error).__name__)
