"""The commands and health checks of docker-compose.yml, run for real over local servers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError

import pytest
import redis

from crm.demo import processes
from crm.demo.servers import free_port
from tests.deploy.conftest import Installation
from tests.deploy.files import SERVICES, health_of, web_command


def with_port(command: list[str], port: int) -> list[str]:
    return [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in command]


def healthy(installation: Installation, line: str, *, seconds: float = 60, **more: str) -> bool:
    return processes.wait_until(lambda: installation.run(line, **more).returncode == 0, seconds=seconds)


def end(process: subprocess.Popen[bytes]) -> None:
    processes.end(process.pid, ask=signal.SIGTERM, seconds=30)
    process.wait()


def get(port: int, path: str, **more: str) -> tuple[str, Message]:
    """As the proxy asks: the text of an answer (what is no text is skipped) and its headers."""
    headers = {"Host": "crm.example.com", "X-Forwarded-Proto": "https", "Accept-Encoding": "br"} | more
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode(errors="ignore"), answer.headers


def log_of(installation: Installation, name: str) -> str:
    return processes.tail(installation.folder / name, lines=40)


def test_the_web_server_serves_the_log_in_and_its_probe_tells_when_the_database_is_gone(
    built: Installation,
) -> None:
    port = free_port()
    probe = health_of("web").replace(":8000", f":{port}")
    assert built.run(probe).returncode == 1
    web = built.spawn(with_port(web_command(), port), "web.log", DATABASE_POOL="true")
    try:
        assert healthy(built, probe), log_of(built, "web.log")
        page, _headers = get(port, "/accounts/login/")
        assert 'name="password"' in page
        (style,) = [word for word in page.split('"') if word.endswith(".css")]
        _styles, headers = get(port, style)
        assert headers["Content-Encoding"] == "br"
        assert "immutable" in headers["Cache-Control"]
        token = (built.folder / "metrics_token").read_text()
        counted, _headers = get(port, "/metrics", Authorization=f"Bearer {token}")
        assert 'view="account_login"' in counted
        with pytest.raises(HTTPError, match="401"):
            get(port, "/metrics")
        built.postgres.kill()
        assert built.run(probe).returncode == 1
        built.postgres.start()
        assert healthy(built, probe), log_of(built, "web.log")
    finally:
        end(web)


def test_two_workers_answer_their_health_checks_and_do_what_is_asked(built: Installation) -> None:
    names = ("first", "second")
    workers = [
        built.spawn([*SERVICES["worker"]["command"], "--hostname", f"celery@{name}"], f"{name}.log")
        for name in names
    ]
    try:
        for name in names:
            assert healthy(built, health_of("worker"), HOSTNAME=name), log_of(built, f"{name}.log")
        done = built.run("python manage.py recompute --wait")
        assert done.returncode == 0, done.stderr
    finally:
        for worker in workers:
            end(worker)
    assert built.run(health_of("worker"), HOSTNAME="first").returncode != 0


def test_beat_keeps_a_timetable_that_its_health_check_finds(built: Installation) -> None:
    folder = built.folder / "beat"
    folder.mkdir()
    here = {"/var/lib/truenorth/beat": str(folder)}
    command = [word.replace(*next(iter(here.items()))) for word in SERVICES["beat"]["command"]]
    check = health_of("beat").replace(*next(iter(here.items())))
    assert built.run(check).returncode == 1
    beat = built.spawn(command, "beat.log")
    try:
        assert healthy(built, check), log_of(built, "beat.log")
        assert queue_grows(built)
    finally:
        end(beat)
    old = 3600
    for file in folder.iterdir():
        age(file, old)
    assert built.run(check).returncode == 1


def queue_grows(built: Installation) -> bool:
    """Whether beat sends what the timetable says; no worker takes it."""
    url = Path(built.environment["REDIS_URL_FILE"]).read_text()
    queue = redis.Redis.from_url(url)
    return processes.wait_until(lambda: queue.llen("celery") > 0, seconds=300)


def age(file: Path, seconds: int) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


def test_valkey_asks_for_its_password(installation: Installation) -> None:
    url = Path(installation.environment["REDIS_URL_FILE"]).read_text()
    port = int(url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(64).startswith(b"-NOAUTH")
