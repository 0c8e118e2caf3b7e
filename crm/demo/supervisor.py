"""Starts the demo, watches over it, and stops all of it.

1. Lock the data folder; end what a supervisor that was killed has left behind.
2. Start PostgreSQL and Valkey, unless DATABASE_URL or REDIS_URL name others.
3. Migrate; fill the demo data once.
4. Start web server, worker and timetable; wait until /health/ready says yes; print how to get in.
5. Restart what dies, with growing pauses, until somebody says stop; then stop in order.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crm.demo import processes, servers
from crm.demo.home import PROJECT, DemoError, DemoFolder
from crm.demo.stopping import Stop, StopFlag

MANAGE = [sys.executable, str(PROJECT / "manage.py")]
STEPS = 7  # the Makefile counts 1 to 3
READY_SECONDS = 300.0  # on a busy machine it takes minutes; a web server that ends is not waited for
PROGRESS_SECONDS = 15.0
LONGEST_PAUSE = 30.0
CALM_SECONDS = 60.0  # who ran this long starts again without a pause
TICK_SECONDS = 0.2
SERVERS: dict[str, type[servers.Server]] = {"DATABASE_URL": servers.Postgres, "REDIS_URL": servers.Valkey}


def say(line: str) -> None:
    """A line for the person who started the demo; that they have hung up is no reason to fail."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


class Service(Protocol):
    """Something that is to run all the time: a server, or a process of the application."""

    name: str
    log: Path
    pid: int | None

    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def stop(self) -> None: ...


@dataclass
class AppProcess:
    """Web server, worker or timetable."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    stop_seconds: float
    pid: int | None = None
    _popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._popen = processes.spawn(
            self.command, log=self.log, folder=PROJECT, environment=self.environment
        )
        self.pid = self._popen.pid

    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def stop(self) -> None:
        if self._popen is not None:
            processes.end(self._popen.pid, ask=signal.SIGTERM, seconds=self.stop_seconds)
            self._popen.wait()


@dataclass
class Watched:
    """A service with the pauses before its restarts: none after a calm time, else 1, 2, 4 ... seconds."""

    service: Service
    pause: float = 0.0
    started: float = field(default_factory=time.monotonic)
    due: float | None = None

    def look(self, now: float) -> bool:
        """Restart the service if it has died and its pause is over; True when it was restarted."""
        if self.service.is_running():
            return False
        if self.due is None:
            calm = now - self.started > CALM_SECONDS
            self.pause = 0.0 if calm else min(max(1.0, self.pause * 2), LONGEST_PAUSE)
            self.due = now + self.pause
            say(f"{self.service.name} has died; it starts again in {self.pause:.0f} s. {self.service.log}")
        if now < self.due:
            return False
        self.started, self.due = now, None
        try:
            self.service.stop()  # what it had started and left behind
            self.service.start()
        except servers.ServerError as error:
            say(str(error))
            return False
        return True


class Demo:
    """One run of the demo over one data folder."""

    def __init__(self, folder: DemoFolder, *, port: int = 8000, customers: str = "") -> None:
        """``port``: where the web server should listen; another one is taken when it is in use.

        ``customers``: how many, as `demo_data` takes it; its own number when empty.
        """
        self.folder = folder
        self.stop_flag = StopFlag()
        self.services: list[Service] = []
        self.environment: dict[str, str] = {}
        self.port = port
        self.customers = customers

    def run(self) -> int:
        """Run until somebody says stop; the exit code."""
        if not self.folder.lock():
            where = self.folder.running_address() or "it is still starting"
            say(f"The demo already runs ({where}). Nothing was started. Its data: {self.folder.path}")
            return 0
        if ended := self.folder.end_leftovers():
            say(f"Ended {ended} processes that an earlier demo had left behind.")
        self.folder.keep_last_logs()
        try:
            self._start()
            self._watch()
        except Stop:
            return 0
        except (DemoError, servers.ServerError) as error:
            say(f"\nThe demo did not start. {error}")
            return 1
        finally:
            self._stop_all()
        return 0

    def advance(self, *, weeks: int) -> int:
        """Move the demo ``weeks`` on, whether it runs or not; the exit code."""
        is_ours = self.folder.lock()
        try:
            if not self.folder.filled:
                raise DemoError("There is no demo yet; `make demo` fills it in. Nothing was changed.")
            self.environment = self._base_environment()
            if is_ours:
                self.folder.end_leftovers()
                self._start_servers()
                self._manage("migrate", "--no-input", show=False)
            elif not (running := self.folder.running_servers()):
                raise DemoError("The demo is just starting; try again when it is ready.")
            else:
                self.environment |= running
            self._manage("demo_advance", "--weeks", str(weeks), show=True)
            say("Reload the open pages." if not is_ours else "`make demo` shows the new week.")
        except Stop:
            return 130
        except (DemoError, servers.ServerError) as error:
            say(str(error))
            return 1
        finally:
            if is_ours:
                self._stop_all()
        return 0

    def _start(self) -> None:
        self._step(4, "Starting PostgreSQL and Valkey ...")
        self.environment = self._base_environment()
        self._start_servers()
        self._step(5, "Preparing the database ...")
        self._manage("migrate", "--no-input", show=False)
        if self.folder.filled:
            self._step(6, "The demo data are there from the last time.")
        else:
            self._step(6, "Filling the demo data ...")
            self._manage("demo_data", *self._dataset(), show=True)
            logins = self._manage("demo_data", *self._dataset(), "--print-logins", show=False)
            self.folder.note_filled(logins)
        self._step(7, "Starting web server, worker and timetable ...")
        self._start_application()
        self._welcome()

    def _step(self, number: int, title: str) -> None:
        self.stop_flag.check()
        say(f"[{number}/{STEPS}] {title}")

    def _dataset(self) -> list[str]:
        given = {"--data": self.folder.data, "--customers": self.customers}
        return [word for option, value in given.items() if value for word in (option, value)]

    def _base_environment(self) -> dict[str, str]:
        """What every process of ours is told; DATABASE_URL and REDIS_URL follow with the servers."""
        return servers.server_environment() | {
            "ENVIRONMENT": "demo",
            # The published purchases are in dollars.
            "BASE_CURRENCY": "USD" if self.folder.data == "cdnow" else "CNY",
            # The story's company is in China; the published purchases name no place.
            "COMPANY_TIME_ZONE": "UTC" if self.folder.data == "cdnow" else "Asia/Shanghai",
            "SECRET_KEY": self.folder.secret_key(),
            "MEDIA_ROOT": str(self.folder.path / "media"),
            "EMAIL_FILE_PATH": str(self.folder.path / "outbox"),
            # Nobody who tries it should wait a minute for the first letters.
            "INVITE_SECONDS": "10",
            "PYTHONUNBUFFERED": "1",
            # A small fit is many times slower with BLAS threads on busy cores.
            "OPENBLAS_NUM_THREADS": "1",
        }

    def _start_servers(self) -> None:
        """Start those that the environment does not name already."""
        for variable, kind in SERVERS.items():
            if variable not in os.environ:
                server = kind(self.folder.path, durable=True)
                self._start_service(server)
                self.environment[variable] = server.url

    def _start_service(self, service: Service) -> None:
        self.stop_flag.check()
        self.services.append(service)
        service.start()
        self._note_running(ready=False)

    def _note_running(self, *, ready: bool = True) -> None:
        pids = [service.pid for service in self.services if service.pid and service.is_running()]
        named = {name: self.environment[name] for name in SERVERS if name in self.environment}
        self.folder.note_running(pids, address=self.address if ready else None, servers=named)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def _manage(self, *arguments: str, show: bool) -> str:
        """Run a management command to its end; what it printed, with ``show`` also shown as it comes.

        Raises DemoError when it fails, Stop when somebody asks to stop.
        """
        log = self.folder.logs / f"{arguments[0]}.log"
        log.touch()
        seen = log.stat().st_size
        command = processes.spawn(
            [*MANAGE, *arguments], log=log, folder=PROJECT, environment=self.environment
        )
        printed = ""
        try:
            with log.open(errors="replace") as output:
                output.seek(seen)
                while True:
                    ended = command.poll() is not None
                    news = output.read()
                    printed += news
                    if show and news:
                        say("      " + news.rstrip().replace("\n", "\n      "))
                    if ended:
                        break
                    self.stop_flag.check()
                    time.sleep(TICK_SECONDS)
        finally:
            if command.poll() is None:
                processes.end(command.pid, ask=signal.SIGTERM, seconds=5.0)
        if command.returncode != 0:
            name = " ".join(arguments)
            raise DemoError(f"`manage.py {name}` failed. {log} ends with:\n{processes.tail(log)}")
        return printed

    def _start_application(self) -> None:
        wanted, self.port = self.port, servers.free_port(wanted=self.port)
        if self.port != wanted:
            say(f"      Port {wanted} is taken by another program; using {self.port}.")
        self.environment["PUBLIC_URL"] = self.address
        web = self._app_process("web", self._web_command(), stop_seconds=10.0)
        web.environment["DATABASE_POOL"] = "true"
        self._start_service(web)
        # One after the other: on two cores the page is there in half the time.
        self._wait_until_ready(web)
        self._start_service(self._worker())
        self._start_service(self._timetable())

    def _app_process(self, name: str, command: Sequence[str], *, stop_seconds: float) -> AppProcess:
        log = self.folder.logs / f"{name}.log"
        return AppProcess(name, command, dict(self.environment), log, stop_seconds)

    def _web_command(self) -> list[str]:
        options = ["--workers", "2", "--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5"]
        options += ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        return [sys.executable, "-m", "gunicorn", "crm.wsgi", *options]

    def _worker(self) -> AppProcess:
        options = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        # On SIGTERM a worker ends the tasks it has begun; who takes longer does them again next time.
        return self._app_process("worker", [*self._celery(), "worker", *options], stop_seconds=15.0)

    def _timetable(self) -> AppProcess:
        options = ["--schedule", str(self.folder.path / "timetable"), "--pidfile", ""]
        return self._app_process("timetable", [*self._celery(), "beat", *options], stop_seconds=5.0)

    def _celery(self) -> list[str]:
        return [sys.executable, "-m", "celery", "-A", "crm"]

    def _wait_until_ready(self, web: AppProcess) -> None:
        began = said = time.monotonic()

        def ready_or_told_to_stop() -> bool:
            nonlocal said
            self.stop_flag.check()
            if time.monotonic() - said >= PROGRESS_SECONDS:
                said = time.monotonic()
                say(f"      Still waiting for the web server, for {said - began:.0f} s now ...")
            return answers_ready(self.port)

        if not processes.wait_until(ready_or_told_to_stop, seconds=READY_SECONDS, alive=web.is_running):
            raise DemoError(f"The web server is not ready. {web.log} ends with:\n{processes.tail(web.log)}")

    def _welcome(self) -> None:
        self._note_running()
        say(f"\nTruenorth is ready:  {self.address}\n\n{self.folder.logins()}")
        letters = f"{self.address}/outbox/letters/ (admin), files in {self.environment['EMAIL_FILE_PATH']}"
        say(f"\nLetters are sent to nobody: {letters}")
        say(f"Logs: {self.folder.logs}\nStop with Ctrl-C; the data are kept for the next start.")

    def _watch(self) -> None:
        watched = [Watched(service) for service in self.services]
        while True:
            self.stop_flag.check()
            restarted = [each.look(time.monotonic()) for each in watched]
            if any(restarted):
                self._note_running()
            time.sleep(TICK_SECONDS)

    def _stop_all(self) -> None:
        """First those who write, then what they write to."""
        if self.services:
            say("\nStopping ...")
        order = ("web", "timetable", "worker", "valkey", "postgres")
        for service in sorted(self.services, key=lambda service: order.index(service.name)):
            service.stop()
        self.folder.note_stopped()
        if self.services:
            say("Stopped; nothing is left running.")


def answers_ready(port: int) -> bool:
    """Whether /health/ready answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return bool(connection.getresponse().status == 200)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
