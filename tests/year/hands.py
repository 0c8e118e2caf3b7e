"""The workers of the simulated year: processes that do what a line says, and are killed at any moment."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
LONGEST = 0.09
"""Seconds after which a worker is killed at the latest; what it does takes about that long."""


class Hand:
    """One process of `tests.year.worker`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.year.worker"],
            cwd=PROJECT,
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, job: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A worker of the year died; its words are above.")
        return json.loads(line)

    def kill_one(self, do: str, now: dt.datetime, rolled: random.Random) -> bool:
        """Start it and ``kill -9`` it; whether it was still at it."""
        self.send({"do": do, "now": now.isoformat()})
        pid = self.read()
        time.sleep(rolled.uniform(0.0, LONGEST))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.read() == -signal.SIGKILL

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
