"""Everything of an installation as processes of its own, each of which can be killed and started again.

PostgreSQL and Valkey are durable, the web server runs the command of the Dockerfile, and the letters go to a
real SMTP server. Nothing here knows Django: what runs is told by its environment, as in production.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from crm.demo import processes, servers
from crm.demo.supervisor import answers_ready

PROJECT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "-A", "crm"]
READY_SECONDS = 90.0


class StageError(RuntimeError):
    """A part did not come up; the message ends with the last lines of its log."""


@dataclass
class Part:
    """One process of the application with what it has started. ``answers``: whether it works."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    answers: Callable[[], bool] = lambda: True
    _popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._popen is None else self._popen.pid

    def start(self) -> None:
        self._popen = processes.spawn(
            self.command, log=self.log, folder=PROJECT, environment=self.environment
        )

    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def wait_until_it_answers(self) -> None:
        if not processes.wait_until(self.answers, seconds=READY_SECONDS, alive=self.is_running):
            raise StageError(f"{self.name} is not up:\n{processes.tail(self.log, lines=30)}")

    def kill(self) -> None:
        """``kill -9`` of all of it at once, as when its host loses power."""
        if self._popen is not None:
            processes.kill(processes.family(self._popen.pid))
            self._popen.wait()

    def kill_leader(self) -> None:
        """``kill -9`` of the first process alone: what it has started is left to find out by itself."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()

    def kill_child(self, rolled: random.Random) -> None:
        """``kill -9`` of one process that it has started; it is its business to start another one."""
        kill_one_below(self.pid, rolled)

    def stop(self) -> None:
        if self._popen is not None:
            processes.end(self._popen.pid, ask=signal.SIGTERM, seconds=15.0)
            self._popen.wait()


@dataclass
class Stage:
    """All of it over one folder, which the caller removes. ``settings``: of the application, by variable."""

    folder: Path
    settings: dict[str, str]
    workers: int = 2
    postgres: servers.Postgres = field(init=False)
    valkey: servers.Valkey = field(init=False)
    parts: dict[str, Part] = field(default_factory=dict, init=False)
    web_port: int = field(init=False)
    letters: Path = field(init=False)

    def start_servers(self) -> None:
        """PostgreSQL, Valkey and the mail server, over an empty and migrated database."""
        self.postgres = servers.Postgres(self.folder, durable=True)
        self.valkey = servers.Valkey(self.folder, durable=True)
        self.postgres.start()
        self.valkey.start()
        self.web_port, mail_port = servers.free_port(), servers.free_port()
        self.letters = self.folder / "letters.jsonl"
        self.letters.touch()
        mail = [sys.executable, "-m", "tests.chaos.postbox", str(mail_port), str(self.letters)]
        self._add("mail", mail, answers=lambda: not servers.is_free(mail_port))
        self.settings |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail_port)}
        self.parts["mail"].start()
        self.parts["mail"].wait_until_it_answers()
        self.manage("migrate", "--no-input", "-v", "0")

    def start_application(self) -> None:
        options = ["--workers", "2", "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
        web = [sys.executable, "-m", "gunicorn", "crm.wsgi", *options]
        web += ["--bind", f"127.0.0.1:{self.web_port}", "--worker-tmp-dir", "/dev/shm"]
        self._add("web", web, answers=lambda: answers_ready(self.web_port), DATABASE_POOL="true")
        plain = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        for number in range(1, self.workers + 1):
            name = f"worker-{number}"
            self._add(name, [*CELERY, "worker", "-n", f"{name}@chaos", *plain])
        schedule = ["--schedule", str(self.folder / "timetable"), "--pidfile", ""]
        self._add("beat", [*CELERY, "beat", *schedule])
        for name in ("web", *self.worker_names, "beat"):
            self.parts[name].start()
        for name in ("web", *self.worker_names):
            self.parts[name].wait_until_it_answers()

    @property
    def worker_names(self) -> list[str]:
        return [f"worker-{number}" for number in range(1, self.workers + 1)]

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the application is told."""
        return servers.server_environment() | {
            "ENVIRONMENT": "test",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "MEDIA_ROOT": str(self.folder / "media"),
            "PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=PROJECT, env=self.environment, check=True)

    def start_again(self, name: str) -> None:
        """After a kill: PostgreSQL recovers first, and refuses as long as an orphan still uses its memory."""
        if name == "valkey":
            self.valkey.kill()
            self.valkey.start()
        elif name == "postgres":
            self._start_postgres()
        else:
            part = self.parts[name]
            part.kill()
            part.start()

    def answers(self, name: str) -> bool:
        """Whether it works; one that died while it started, because of another one, is started once more."""
        if name in ("valkey", "postgres"):
            return True
        part = self.parts[name]
        if not part.is_running():
            part.kill()
            part.start()
        return part.answers()

    def _start_postgres(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            self.postgres.kill()
            try:
                return self.postgres.start()
            except servers.ServerError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def is_running(self, name: str) -> bool:
        named = {"valkey": self.valkey, "postgres": self.postgres}
        return named[name].is_running() if name in named else self.parts[name].is_running()

    def _add(
        self,
        name: str,
        command: Sequence[str],
        *,
        answers: Callable[[], bool] = lambda: True,
        **settings: str,
    ) -> None:
        log = self.folder / "logs" / f"{name}.log"
        environment = {**os.environ} if name == "mail" else self.environment | settings
        self.parts[name] = Part(name, command, environment, log, answers)


def kill_one_below(pid: int | None, rolled: random.Random) -> None:
    """``kill -9`` of one child of a process, if it has any."""
    if pid is None or not psutil.pid_exists(pid):
        return
    try:
        children = psutil.Process(pid).children()
        if children:
            rolled.choice(children).kill()
    except psutil.NoSuchProcess:
        return
