"""``kill -9`` of everything, at moments that a seed decides, and starting it again after a pause."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.chaos.stage import READY_SECONDS, Stage, StageError, kill_one_below

PAUSE = (0.3, 4.0)
"""Seconds until a killed part is started again."""
AT_ONCE = 2
"""So many parts are away at a time at most, so that something is left that can lose something."""
SETTLING = 4.0
"""Seconds after a start in which what hung on the part may still fail."""


@dataclass(frozen=True)
class Outage:
    """``part`` was away between two instants of the monotonic clock, as far as others could notice."""

    part: str
    began: float
    ended: float


@dataclass
class Killer:
    """``every``: mean seconds between two kills.

    It runs in the main thread: the kernel ends what a thread has started when that thread ends.
    """

    stage: Stage
    rolled: random.Random
    every: float
    say: Callable[[str], None]
    kills: Counter[str] = field(default_factory=Counter)
    ended_by_themselves: Counter[str] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    _due: dict[str, tuple[float, float]] = field(default_factory=dict)
    _coming: dict[str, float] = field(default_factory=dict)

    def rage(self, seconds: float) -> None:
        """Kill and start again for so long; everything is up at the end."""
        following = self._following()
        end, next_kill = time.monotonic() + seconds, time.monotonic() + 1.0
        while time.monotonic() < end:
            if time.monotonic() >= next_kill and len(self._due) + len(self._coming) < AT_ONCE:
                self._kill(next(following))
                next_kill = time.monotonic() + max(0.3, self.rolled.expovariate(1 / self.every))
            self._start_dead()
            self._start_due()
            time.sleep(0.05)
        self._start_everything()

    def _following(self) -> Iterator[str]:
        """Every kind once before any kind comes again, in an order that the seed decides."""
        kinds = list(self._kinds())
        while True:
            self.rolled.shuffle(kinds)
            yield from kinds

    def _kinds(self) -> dict[str, Callable[[], None]]:
        stage, rolled = self.stage, self.rolled
        web, beat = stage.parts["web"], stage.parts["beat"]
        kinds: dict[str, Callable[[], None]] = {
            "web": web.kill,
            "web master alone": web.kill_leader,
            "web child": lambda: web.kill_child(rolled),
            "beat": beat.kill,
            "valkey": stage.valkey.kill,
            "postgres": stage.postgres.kill,
            "postgres master alone": lambda: _kill_pid(stage.postgres.pid),
            "postgres backend": lambda: kill_one_below(stage.postgres.pid, rolled),
        }
        for name in stage.worker_names:
            worker = stage.parts[name]
            kinds[name] = worker.kill
            kinds[f"{name} child"] = _child(worker.kill_child, rolled)
        first = stage.worker_names[0]
        kinds[f"{first} master alone"] = stage.parts[first].kill_leader
        return kinds

    def _kill(self, kind: str) -> None:
        part = kind.split(" ")[0]
        if part in self._due or part in self._coming or not self.stage.is_running(part):
            return
        now = time.monotonic()
        self._kinds()[kind]()
        self.kills[kind] += 1
        if kind.endswith((" child", " backend")):
            self.outages.append(Outage(part, now, now + SETTLING))
            self.say(f"kill -9: {kind}")
            return
        pause = self.rolled.uniform(*PAUSE)
        self._due[part] = (now + pause, now)
        self.say(f"kill -9: {kind}, for {pause:.1f} s")

    def _start_dead(self) -> None:
        """What a service manager is for: a part that ended by itself is started again."""
        for part in ("web", *self.stage.worker_names, "beat"):
            if part not in self._due and part not in self._coming and not self.stage.is_running(part):
                self.say(f"{part} has ended by itself")
                self.ended_by_themselves[part] += 1
                self._due[part] = (time.monotonic(), time.monotonic())

    def _start_due(self) -> None:
        """PostgreSQL and Valkey are waited for, the others take their time while the killing goes on."""
        for part, (due, began) in list(self._due.items()):
            if time.monotonic() >= due:
                self.stage.start_again(part)
                del self._due[part]
                self._coming[part] = began
        for part, began in list(self._coming.items()):
            if self.stage.answers(part):
                del self._coming[part]
                self.outages.append(Outage(part, began, time.monotonic() + SETTLING))

    def _start_everything(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        self._due = {part: (0.0, began) for part, (_, began) in self._due.items()}
        while self._due or self._coming:
            if time.monotonic() > deadline:
                raise StageError(f"Not up again: {sorted(self._due | self._coming)}")
            self._start_dead()
            self._start_due()
            time.sleep(0.2)


def _child(kill: Callable[[random.Random], None], rolled: random.Random) -> Callable[[], None]:
    return lambda: kill(rolled)


def _kill_pid(pid: int | None) -> None:
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
