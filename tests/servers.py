"""Real servers for the tests: a pytest plugin, loaded by the command line in pyproject.toml.

Before Django's settings are read it starts one PostgreSQL and one Valkey for the whole run, unless
DATABASE_URL or REDIS_URL name others. They live in a process of their own that ends when its standard
input does, so they go with this process however it ends. Workers of pytest-xdist share the servers;
each has a database of its own (pytest-django), copied from one that the first of them has migrated, and a
Valkey database number of its own.

Fixtures: `own_postgres` and `own_valkey` (private servers that a test may kill), and
`celery_worker_process` (real worker processes over the test database).
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

    from crm.demo.servers import Postgres, Valkey

# crm.demo is imported inside the functions: importing crm reads the settings.

PROJECT = Path(__file__).resolve().parents[1]
_VARIABLES = ("DATABASE_URL", "REDIS_URL")
# Named by the process that starts the workers, so that each run has its own.
_TEMPLATE = "TESTS_TEMPLATE"
_QUESTIONS = {"--help", "-h", "--version", "-V", "--fixtures", "--markers"}
_servers: subprocess.Popen[str] | None = None
# Tests that share what is dear to make, by the beginning of their names: one process runs them in turns.
TOGETHER = {
    "tests/browser/test_every_page.py": "every page",
    "tests/browser/": "browser",
    "tests/chaos/": "chaos",
    "tests/crm/demo/test_supervisor.py": "demo",
    "tests/crm/demo/test_advance.py": "advance",
    "tests/crm/search/test_search_plans.py": "plans",
    "tests/deploy/": "deploy",
    "tests/house/test_catalogues.py": "catalogues",
}
# What takes long is begun first, so that no process is left alone with it at the end; and who computes is
# begun beside who waits. Then come the others, in the order of their files.
FIRST = (
    "tests/crm/demo/test_supervisor.py",
    "tests/chaos/",
    "tests/browser/test_every_page.py",
    "tests/browser/",
    "tests/deploy/",
    "tests/crm/test_imports_killed.py",
    "tests/crm/demo/test_story_weeks.py",
    "tests/crm/mail/test_mail_storm.py",
    "tests/crm/demo/test_advance_command.py",
    "tests/scoring/test_workers.py",
    "tests/crm/demo/test_advance.py",
    "tests/crm/test_outage.py",
    "tests/accounts/surveys/test_versions.py",
    "tests/crm/mail/test_survey_workers.py",
    "tests/crm/search/test_search_plans.py",
    "tests/crm/mail/test_occasion_workers.py",
    "tests/crm/api/test_api_attack.py",
    "tests/year/",
    "tests/crm/demo/",
)


def share_of_work(name: str) -> str:
    """What the test of this name is handed out with: its group, or nothing but itself."""
    return next((group for beginning, group in TOGETHER.items() if name.startswith(beginning)), name)


def turn(name: str) -> int:
    """When the test of this name is handed out: before those of a larger number."""
    return next((place for place, each in enumerate(FIRST) if name.startswith(each)), len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Hands out groups and single tests, in turn.

    By names, because the marks of pytest-xdist 3.8 have no effect under pytest 9.2, without a word.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return share_of_work(nodeid)

    config.option.loadscopereorder = False  # by turns, and not by the number of tests
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn(item.nodeid))


class _Failures:
    """Names each failed test at once, and not only when all have run."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self.reporter = reporter

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            why = getattr(getattr(report.longrepr, "reprcrash", None), "message", "").partition("\n")[0]
            self.reporter.ensure_newline()
            self.reporter.write_line(f"FAILED at {report.when}: {report.nodeid} - {why[:200]}", red=True)
            self.reporter.flush()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Failures(reporter), "failures")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Iterator[None]:
    """Before pytest-django reads the settings, which is the next thing it does."""
    os.environ["ENVIRONMENT"] = "test"
    if not _QUESTIONS & set(args) and any(variable not in os.environ for variable in _VARIABLES):
        _start_servers()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        os.environ[_TEMPLATE] = f"test_template_{secrets.token_hex(4)}"
    else:
        number = 1 + int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}"))
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last thing pytest does, after Ctrl-C as well; by now the test databases are dropped."""
    if config.getoption("numprocesses", None):
        _drop_template()
    if _servers is not None and _servers.stdin is not None:
        _servers.stdin.close()
        _servers.wait(timeout=60)


def _start_servers() -> None:
    global _servers
    _servers = subprocess.Popen(
        [sys.executable, "-m", "crm.demo", "servers"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for pytest, which still needs them to drop its databases
    )
    assert _servers.stdout is not None
    line = _servers.stdout.readline()
    if not line:
        raise pytest.UsageError("PostgreSQL and Valkey for the tests did not start; see above.")
    os.environ.update(json.loads(line))


def _administration() -> psycopg.Connection:
    """A connection of the database server's, outside of any database of ours."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres")
    return psycopg.connect(urlunsplit(url), autocommit=True)


def migrated_template() -> str:
    """The name of a database with every migration in it, to be copied; whoever asks first makes it.

    Twelve seconds of work, of which a copy takes a few tenths.
    """
    from django.core.management import call_command
    from django.db import connection

    name = os.environ[_TEMPLATE]
    with _administration() as server:
        server.execute("select pg_advisory_lock(hashtext(%s))", [name])
        if not server.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            own = connection.settings_dict["NAME"]
            connection.close()
            connection.settings_dict["NAME"] = name
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            connection.settings_dict["NAME"] = own
    return name


def _drop_template() -> None:
    with _administration() as server:
        name = sql.Identifier(os.environ[_TEMPLATE])
        server.execute(sql.SQL("drop database if exists {} with (force)").format(name))


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """An empty folder for servers' data; pytest's tmp_path is closed to the user they have under root."""
    import shutil

    from crm.demo.servers import scratch_folder

    folder = scratch_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def own_postgres(server_folder: Path) -> Iterator[Postgres]:
    """A running, durable PostgreSQL of the test's own: `url`, `kill()`, `start()`, `stop()`."""
    from crm.demo.servers import Postgres

    server = Postgres(server_folder, durable=True)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_valkey(server_folder: Path) -> Iterator[Valkey]:
    """A running, durable Valkey of the test's own: `url`, `kill()`, `start()`, `stop()`."""
    from crm.demo.servers import Valkey

    server = Valkey(server_folder, durable=True)
    server.start()
    yield server
    server.kill()


@dataclass
class CeleryWorker:
    """A ``celery -A crm worker`` process with its pool processes."""

    name: str
    log: Path
    environment: dict[str, str]
    options: list[str]
    pid: int = field(default=0, init=False)
    _popen: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, *, seconds: float = 300.0) -> None:
        """Start it and wait until it answers a ping."""
        from crm.demo import processes

        command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "-n", self.name, "-l", "INFO"]
        self._popen = processes.spawn(
            [*command, *self.options], log=self.log, folder=PROJECT, environment=self.environment
        )
        self.pid = self._popen.pid
        alive = self.is_running
        if not processes.wait_until(self._answers_ping, seconds=seconds, alive=alive):
            self.kill()
            pytest.fail(f"The Celery worker did not start:\n{processes.tail(self.log, lines=40)}")

    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def stop(self, *, seconds: float = 20.0) -> None:
        """Warm shutdown: it ends the tasks it has begun; killed when that takes longer."""
        from crm.demo import processes

        if self._popen is not None:
            processes.end(self.pid, ask=signal.SIGTERM, seconds=seconds)
            self._popen.wait()

    def kill(self) -> None:
        """``kill -9`` of the worker and its pool processes, all at once."""
        from crm.demo import processes

        if self._popen is not None:
            processes.kill(processes.family(self.pid))
            self._popen.wait()

    def _answers_ping(self) -> bool:
        from celery import Celery

        with Celery(broker=self.environment["REDIS_URL"], set_as_current=False) as asker:
            asker.conf.broker_transport_options = {
                "global_keyprefix": self.environment.get("QUEUE_PREFIX", "")
            }
            return bool(asker.control.ping(destination=[self.name], timeout=0.5))


StartWorker = Callable[..., CeleryWorker]


@pytest.fixture
def celery_worker_process(transactional_db: None, tmp_path: Path) -> Iterator[StartWorker]:
    """``celery_worker_process(concurrency=1, **environment)`` starts a worker over the test database.

    It sees only what is committed, hence `transactional_db`. Keyword arguments in capitals are added to
    its environment (DATABASE_URL and REDIS_URL are set already). It begins with an empty queue. Whatever
    runs at the end is killed; pytest shows of a failed test what its workers said.
    """
    from crm.demo import processes

    started: list[CeleryWorker] = []
    _empty_queue()

    def start(*options: str, concurrency: int = 1, **environment: str) -> CeleryWorker:
        number = len(started) + 1
        name = f"w{number}-{os.getpid()}@tests"
        own: dict[str, str] = {**os.environ, "DATABASE_URL": database_url_of_tests(), **environment}
        flags = ["--concurrency", str(concurrency), "--without-gossip", "--without-mingle", *options]
        worker = CeleryWorker(name, tmp_path / f"worker-{number}.log", own, flags)
        started.append(worker)
        worker.start()
        return worker

    yield start
    waiting = _waiting()
    for worker in started:
        worker.kill()
    _empty_queue()
    for worker in started:
        print(f"{worker.name}, which left {waiting}:\n{processes.tail(worker.log, lines=60)}")


def database_url_of_tests() -> str:
    """DATABASE_URL of the database that pytest-django made for this process."""
    from django.db import connection

    name: Any = connection.settings_dict["NAME"]
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _empty_queue() -> None:
    """What a killed worker had not done, or a test had asked nobody for, must not reach the next worker."""
    import redis

    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()


def _waiting() -> str:
    import redis

    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    queues = [f"{name}: {client.llen(name)}" for name in ("celery", "letters")]
    return ", ".join([*queues, f"held: {client.hlen('unacked')}"])
