"""The product behind gunicorn, as an installation runs it, on the database of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from crm.demo import processes
from crm.demo.servers import free_port
from tests.servers import PROJECT, database_url_of_tests


@dataclass(frozen=True)
class WebServer:
    port: int
    log: Path

    def asked(self, path: str, body: bytes | None = None) -> int:
        """The status of its answer."""
        try:
            with urlopen(Request(f"http://127.0.0.1:{self.port}{path}", data=body), timeout=30) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def answers(self) -> bool:
        try:
            return self.asked("/health/live") == 200
        except OSError:
            return False


@contextmanager
def gunicorn(log: Path, **environment: str) -> Iterator[WebServer]:
    """A server that answers; what it writes goes into ``log``."""
    server = WebServer(free_port(), log)
    options = ["--bind", f"127.0.0.1:{server.port}", "--threads", "2", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *options, "--access-logfile", "-", "crm.wsgi"]
    env = {**os.environ, "DATABASE_URL": database_url_of_tests(), "LOG_FORMAT": "json", **environment}
    with log.open("w") as output:
        web = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=output, stderr=output)
    try:
        is_up = processes.wait_until(server.answers, seconds=300, alive=lambda: web.poll() is None)
        assert is_up, log.read_text()
        yield server
    finally:
        web.terminate()
        web.wait(timeout=120)
