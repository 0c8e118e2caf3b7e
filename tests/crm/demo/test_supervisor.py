"""The demo as a person starts it: a process of its own, with everything it starts, and signals."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from crm.demo import processes, servers, supervisor
from crm.demo.home import DemoFolder

PROJECT = Path(__file__).resolve().parents[3]
PARTS = {
    "web": "gunicorn",
    "worker": "celery -A crm worker",
    "timetable": "celery -A crm beat",
    "valkey": "valkey-server",
    "postgres": "postgres -D",
}
START_SECONDS = 300.0
FILL_SECONDS = 900.0  # a minute or two on a machine that has nothing else to do
FEW = ("--customers", "12")


@dataclass
class Run:
    """A started ``python -m crm.demo run`` and what it printed."""

    popen: subprocess.Popen[bytes]
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, *, seconds: float = START_SECONDS) -> None:
        def said() -> bool:
            return words in self.text

        alive = self.popen.poll
        assert processes.wait_until(said, seconds=seconds, alive=lambda: alive() is None), self.text

    def end(self, number: signal.Signals) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(timeout=START_SECONDS)


@dataclass(frozen=True)
class Home:
    """A place for demo data, and the starts over it."""

    path: Path

    def start(self, *options: str, **environment: str) -> Run:
        output = Path(tempfile.mkstemp(prefix="printed-", dir=self.path.parent)[1])
        command = [sys.executable, "-m", "crm.demo", *options]
        with output.open("wb") as file:
            popen = subprocess.Popen(
                command, cwd=PROJECT, stdout=file, stderr=file, env=self._environment() | environment
            )
        return Run(popen, output)

    def ready(self, *options: str) -> Run:
        run = self.start("run", *options)
        run.wait_for("Stop with Ctrl-C")
        return run

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        return kept | {"ENVIRONMENT": "demo", "TRUENORTH_DEMO_HOME": str(self.path), "PYTHONUNBUFFERED": "1"}

    def processes(self) -> list[psutil.Process]:
        """Whatever runs on behalf of this home: its folder is in what each was told, or where it works."""
        ours = [process for process in psutil.process_iter() if self._is_ours(process)]
        return sorted(ours, key=lambda process: process.create_time())

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            told = [*process.cmdline(), *process.environ().values(), process.cwd()]
        except psutil.Error:
            return False
        return process.pid != os.getpid() and any(str(self.path) in text for text in told)

    def named(self, part: str) -> list[psutil.Process]:
        """The processes of a part, oldest first: that is the one that the demo itself started."""
        return [process for process in self.processes() if part in command_line(process)]

    def parts(self) -> dict[str, int]:
        """The process that each part is; sessions of the database come and go."""
        return {name: self.named(part)[0].pid for name, part in PARTS.items()}


def command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@contextmanager
def empty_home() -> Iterator[Home]:
    folder = servers.scratch_folder()
    place = Home(folder / "home")
    try:
        yield place
    finally:
        processes.kill(place.processes())
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """With few customers: what starts, stops and dies does so with many in the same way.

    The first start is part of what is tested.
    """
    with empty_home() as place:
        run = place.start("run", *FEW)
        run.wait_for("Stop with Ctrl-C", seconds=FILL_SECONDS)
        assert re.search(r"Truenorth is ready:  http://localhost:\d+", run.text)
        assert re.search(r"http://localhost:\d+/outbox/letters/ \(admin\), files in /\S+/outbox\n", run.text)
        assert "[6/7] Filling the demo data" in run.text
        assert run.end(signal.SIGINT) == 0
        yield place


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        yield other_program.getsockname()[1]


@pytest.fixture(scope="module")
def running(home: Home, taken_port: int) -> Iterator[Run]:
    """On another port than it was told."""
    run = home.ready("--port", str(taken_port))
    yield run
    run.end(signal.SIGTERM)


def test_the_demo_is_filled_with_all_its_customers() -> None:
    with empty_home() as place:
        run = place.start("run")
        run.wait_for("[7/7]", seconds=FILL_SECONDS)
        assert run.end(signal.SIGINT) == 0
        filled = (place.path / "demo" / "logs" / "demo_data.log").read_text()
        assert "150 customers with contacts" in filled
        assert "\n150 customers scored as of " in filled
        assert place.processes() == []


# Ready when it was asked for the twentieth time.
SLOW = """
import http.server, sys
class Slow(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Slow.asked += 1
        self.send_response(503 if Slow.asked < 20 else 200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()
"""


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/health/ready")
    return connection.getresponse().status


def port_of(run: Run) -> int:
    found = re.search(r"http://localhost:(\d+)", run.text)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_a_signal_stops_everything_and_the_next_start_has_the_data(
    home: Home, number: signal.Signals
) -> None:
    run = home.ready()
    assert "are there from the last time" in run.text
    assert [name for name, part in PARTS.items() if not home.named(part)] == []
    assert run.end(number) == 0
    assert home.processes() == []
    assert "nothing is left running" in run.text


def test_kill_9_of_the_supervisor_leaves_no_process_behind(home: Home) -> None:
    run = home.ready()
    run.end(signal.SIGKILL)
    assert processes.wait_until(lambda: home.processes() == [], seconds=START_SECONDS), home.processes()


def test_a_signal_during_the_start_stops_it(home: Home) -> None:
    run = home.start("run")
    run.wait_for("[5/7]")
    assert run.end(signal.SIGTERM) == 0
    assert home.processes() == []


def test_a_start_that_fails_shows_the_end_of_the_right_log(home: Home) -> None:
    run = home.start("run", DATABASE_URL="postgres://nobody@127.0.0.1:9/nowhere")
    assert run.popen.wait(timeout=START_SECONDS) == 1
    assert re.search(r"`manage.py migrate.*` failed. \S+migrate.log ends with:", run.text)
    assert "port 9" in run.text
    assert home.processes() == []


def test_a_slow_web_server_is_waited_for_with_a_word_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "PROGRESS_SECONDS", 0.2)
    with empty_home() as place:
        monkeypatch.setenv("TRUENORTH_DEMO_HOME", str(place.path))
        demo = supervisor.Demo(DemoFolder(None), port=servers.free_port())
        command = [sys.executable, "-c", SLOW, str(demo.port)]
        web = supervisor.AppProcess("web", command, dict(os.environ), place.path / "web.log", 5.0)
        web.start()
        try:
            demo._wait_until_ready(web)
        finally:
            web.stop()
    assert "Still waiting for the web server" in capsys.readouterr().out


def test_a_demo_that_does_not_run_is_moved_a_week_on_and_left_stopped(home: Home) -> None:
    run = home.start("advance")
    assert run.popen.wait(timeout=START_SECONDS) == 0, run.text
    assert "Week 1 of 1" in run.text
    assert "`make demo` shows the new week" in run.text
    assert home.processes() == []


def test_without_a_demo_there_is_nothing_to_move_on(home: Home) -> None:
    run = home.start("advance", "--data", "nothing")
    assert run.popen.wait(timeout=START_SECONDS) == 1
    assert "There is no demo yet" in run.text
    assert home.processes() == []


def test_a_taken_port_is_named_and_another_one_is_used(running: Run, taken_port: int) -> None:
    assert port_of(running) != taken_port
    assert f"Port {taken_port} is taken by another program; using {port_of(running)}." in running.text
    assert status(port_of(running)) == 200


def test_a_demo_that_runs_is_moved_on_and_runs_on(home: Home, running: Run) -> None:
    before = home.parts()
    run = home.start("advance", "--weeks", "2")
    assert run.popen.wait(timeout=START_SECONDS) == 0, run.text
    assert "Week 2 of 2" in run.text
    assert "Reload the open pages" in run.text
    assert home.parts() == before
    assert status(port_of(running)) == 200


def test_a_second_start_says_where_the_demo_is_and_does_no_harm(home: Home, running: Run) -> None:
    before = home.parts()
    address = f"http://localhost:{port_of(running)}"
    second = home.start("run")
    assert second.popen.wait(timeout=START_SECONDS) == 0
    assert f"already runs ({address})" in second.text
    assert home.parts() == before
    assert status(port_of(running)) == 200


def test_reset_refuses_while_the_demo_runs(home: Home, running: Run) -> None:
    run = home.start("reset")
    assert run.popen.wait(timeout=START_SECONDS) == 1
    assert "stop it first" in run.text
    assert status(port_of(running)) == 200


@pytest.mark.parametrize("name", PARTS)
def test_what_dies_is_started_again(home: Home, running: Run, name: str) -> None:
    before = home.named(PARTS[name])
    before[0].kill()

    def works_again() -> bool:
        if not set(home.named(PARTS[name])) - set(before):
            return False
        try:
            return status(port_of(running)) == 200
        except (OSError, http.client.HTTPException):
            return False

    assert processes.wait_until(works_again, seconds=300), running.text
    assert f"{name} has died; it starts again" in running.text
    assert not any(processes.lives(process) for process in before)
