from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from crm.demo import processes
from tests.accounts.surveys.office import Office, office_of
from tests.conftest import World
from tests.crm.mail.postbox import BACKEND, Postbox, postbox
from tests.crm.mail.workers import StartBeat
from tests.servers import PROJECT, database_url_of_tests


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def office(world: World) -> Office:
    """Chen and Li are invited for the week; nothing is sent."""
    office = office_of(world)
    office.invite()
    return office


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def sending(box: Postbox, settings: Settings) -> Postbox:
    """The server, and this process sends to it."""
    settings.EMAIL_BACKEND = BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
    return box


@pytest.fixture
def beat(tmp_path: Path) -> Iterator[StartBeat]:
    """``beat(**environment)`` starts a beat process over the test database."""
    started = []

    def start(**environment: str) -> None:
        command = [sys.executable, "-m", "celery", "-A", "crm", "beat"]
        command += ["--schedule", str(tmp_path / f"timetable{len(started)}"), "--pidfile", ""]
        own = {**os.environ, "DATABASE_URL": database_url_of_tests(), **environment}
        started.append(processes.spawn(command, log=tmp_path / "beat.log", folder=PROJECT, environment=own))

    yield start
    for process in started:
        processes.kill(processes.family(process.pid))
        process.wait()
