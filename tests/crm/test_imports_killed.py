"""``kill -9`` of the worker and of PostgreSQL in the middle of an import: every row once or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.servers import PROJECT, database_url_of_tests

pytestmark = pytest.mark.worker
ROWS = 120_000
RECEIVE = """
import sys, django
django.setup()
from django.core.files import File
from accounts.imports import services
from crm.tasks import queue_import
received = services.receive_import(file=File(open(sys.argv[1], "rb")), owner=None, user=None)
services.start_import(received)
queue_import(received.pk)
"""


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("order number,customer number,date,amount\n")
        file.writelines(f"N{n},C{n % 997},2025-0{n % 9 + 1}-11,{n % 1000}.50\n" for n in range(ROWS))
    return path


def surroundings(environment: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings", "PYTHONPATH": str(PROJECT)} | environment


def python(*arguments: str, **environment: str) -> str:
    command = [sys.executable, *arguments]
    own = surroundings(environment)
    return subprocess.run(command, cwd=PROJECT, env=own, check=True, capture_output=True, text=True).stdout


def asked(url: str, question: str) -> Any:
    with psycopg.connect(url, autocommit=True) as session:
        row = session.execute(question).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return row


@pytest.fixture
def receive(big_file: Path) -> Iterator[Callable[..., None]]:
    """Does not wait for the process that asks: on a busy machine all may be done before that has gone."""
    asking = []

    def begin(**environment: str) -> None:
        command = [sys.executable, "-c", RECEIVE, str(big_file)]
        asking.append(subprocess.Popen(command, cwd=PROJECT, env=surroundings(environment)))

    yield begin
    for process in asking:
        assert process.wait(300) == 0


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "It took too long."
        time.sleep(0.05)


def is_at(url: str, step: str) -> bool:
    """Whether an import is there and has come to the step."""
    return bool(asked(url, f"select exists (select from imports_import where step = '{step}')")[0])


def state(url: str) -> tuple[str, str, int]:
    found: tuple[str, str, int] = asked(url, "select state, step, attempts from imports_import")
    return found


def every_row_is_there_once(url: str) -> bool:
    found = asked(
        url,
        "select count(*), count(distinct identity), count(distinct customer_id), sum(base_amount_minor),"
        " count(*) filter (where superseded_at is not null) from orders_order",
    )
    amounts = sum(n % 1000 * 100 + 50 for n in range(ROWS))
    assert found == (ROWS, ROWS, 997, amounts, 0)
    assert asked(url, "select count(*), sum(version) from customers_customerinput") == (997, 997)
    assert asked(url, "select state, rows_added, rows_refused from imports_import") == ("done", ROWS, 0)
    return True


@pytest.mark.parametrize("step", ["checking", "writing"])
def test_a_killed_worker_leaves_nothing_and_the_next_one_takes_every_row_once(
    celery_worker_process: Any, tmp_path: Path, receive: Callable[..., None], step: str
) -> None:
    url = database_url_of_tests()
    environment = {"DATABASE_URL": url, "MEDIA_ROOT": str(tmp_path / "media")}
    beat = ("--beat", "--schedule", str(tmp_path / "beat"))
    worker = celery_worker_process(*beat, **environment)
    receive(**environment)
    wait_for(lambda: is_at(url, step), seconds=300)
    worker.kill()
    assert asked(url, "select count(*) from orders_order") == (0,)
    assert asked(url, "select count(*) from customers_customer") == (0,)
    celery_worker_process(*beat, **environment)
    wait_for(lambda: state(url)[0] == "done", seconds=300)
    assert state(url)[2] == 2
    assert every_row_is_there_once(url)


def test_a_killed_database_comes_back_without_half_an_import_and_it_begins_again(
    celery_worker_process: Any, own_postgres: Any, tmp_path: Path, receive: Callable[..., None]
) -> None:
    url = own_postgres.url
    environment = {"DATABASE_URL": url, "MEDIA_ROOT": str(tmp_path / "media")}
    python("manage.py", "migrate", "-v0", **environment)
    celery_worker_process("--beat", "--schedule", str(tmp_path / "beat"), **environment)
    receive(**environment)
    wait_for(lambda: is_at(url, "writing"), seconds=300)
    own_postgres.kill()
    own_postgres.start()
    assert asked(url, "select count(*) from orders_order") == (0,)
    wait_for(lambda: state(url)[0] == "done", seconds=300)
    assert every_row_is_there_once(url)


def test_a_running_import_is_stopped_in_the_middle_of_its_statement(
    celery_worker_process: Any, tmp_path: Path, receive: Callable[..., None]
) -> None:
    url = database_url_of_tests()
    environment = {"DATABASE_URL": url, "MEDIA_ROOT": str(tmp_path / "media")}
    celery_worker_process(**environment)
    receive(**environment)
    wait_for(lambda: is_at(url, "writing"), seconds=300)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("update imports_import set state = 'cancelled', lease_until = null")
    time.sleep(8)
    assert asked(url, "select count(*) from orders_order") == (0,)
    assert state(url)[0] == "cancelled"
