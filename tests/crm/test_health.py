"""Health: alive as long as the process answers, ready while database and queue do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.servers import PROJECT

if TYPE_CHECKING:
    from crm.demo.servers import Postgres, Valkey


def ask(address: str) -> tuple[int, dict[str, bool]]:
    try:
        with urlopen(address, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def site(own_postgres: Postgres, own_valkey: Valkey, tmp_path: Path) -> Iterator[str]:
    """A web process of its own over a PostgreSQL and a Valkey that the test may stop."""
    from crm.demo import processes
    from crm.demo.servers import free_port

    port = free_port()
    environment = {**os.environ, "DATABASE_URL": own_postgres.url, "REDIS_URL": own_valkey.url}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "2", "crm.wsgi"]
    log = tmp_path / "web.log"
    with log.open("w") as output:
        web = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output)

    def answers() -> bool:
        try:
            return ask(f"http://127.0.0.1:{port}/health/live")[0] == 200
        except OSError:
            return False

    try:
        assert processes.wait_until(answers, seconds=300, alive=lambda: web.poll() is None), log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        web.terminate()
        web.wait(timeout=120)


def test_readiness_names_what_does_not_answer_and_recovers(
    site: str, own_postgres: Postgres, own_valkey: Valkey
) -> None:
    ready = {"database": True, "queue": True}
    assert ask(f"{site}/health/ready") == (200, ready)
    own_valkey.kill()
    assert ask(f"{site}/health/ready") == (503, ready | {"queue": False})
    own_postgres.kill()
    assert ask(f"{site}/health/ready") == (503, {"database": False, "queue": False})
    assert ask(f"{site}/health/live") == (200, {"live": True})
    own_valkey.start()
    assert ask(f"{site}/health/ready") == (503, {"database": False, "queue": True})
    own_postgres.start()
    assert ask(f"{site}/health/ready") == (200, ready)
