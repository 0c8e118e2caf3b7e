"""An installation as docker-compose.yml describes it, over servers of its own, without containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crm.demo import processes
from crm.demo.servers import Postgres, free_port, scratch_folder
from tests.deploy.files import PROJECT, SERVICES, build_command, build_tree

PASSWORD = "not-the-demos-password-0123456789"


@dataclass
class Installation:
    """``app``: the /app of the image; ``environment``: what compose gives its services."""

    folder: Path
    app: Path
    environment: dict[str, str]
    postgres: Postgres

    def run(self, line: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line],
            cwd=self.app,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def spawn(self, command: list[str], log: str, **more: str) -> subprocess.Popen[bytes]:
        """A process of a service, ended with the test's folder."""
        return processes.spawn(
            command, log=self.folder / log, folder=self.app, environment=self.environment | more
        )


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    folder = scratch_folder()
    postgres = own_postgres(folder / "database")
    valkey_port = free_port()
    valkey = start_valkey(folder, valkey_port)
    app = folder / "app"
    build_tree(app)
    environment = environment_of(folder, postgres, valkey_port)
    yield Installation(folder, app, environment, postgres)
    processes.end(valkey.pid, ask=postgres.stop_signal, seconds=10)
    valkey.wait()
    postgres.kill()
    shutil.rmtree(folder)


def own_postgres(folder: Path, **settings: str) -> Postgres:
    """Running, with a password that production does not refuse."""
    folder.mkdir(parents=True, mode=0o711)
    (folder / "postgres.password").write_text(PASSWORD)
    server = Postgres(folder, durable=True, settings=settings)
    server.start()
    return server


def start_valkey(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The service's own command, with another port and folder, and the server of the tests."""
    from crm.demo.servers import _valkey_binary

    (folder / "valkey_password").write_text(PASSWORD)
    shell, flag, script = SERVICES["valkey"]["command"]
    script = script.replace("$$", "$").replace("/run/secrets", str(folder))
    script = script.replace("dir /data", f"dir {folder}\\nport {port}")
    return processes.spawn(
        [shell, flag, script],
        log=folder / "valkey.log",
        folder=folder,
        environment={"PATH": f"{_valkey_binary().parent}:{os.environ['PATH']}"},
    )


def environment_of(folder: Path, postgres: Postgres, valkey_port: int) -> dict[str, str]:
    """That of .env.example with the secrets in files; no variable of ours but the PATH."""
    example = (PROJECT / ".env.example").read_text().splitlines()
    pairs = [line.split("=", 1) for line in example if line and not line.startswith("#")]
    environment = {name: value.strip('"') for name, value in pairs}
    secrets = {
        "secret_key": "k" * 60,
        "database_url": postgres.url,
        "redis_url": f"redis://:{PASSWORD}@127.0.0.1:{valkey_port}/0",
        "email_password": "",
        "metrics_token": "m" * 40,
    }
    for name, value in secrets.items():
        (folder / name).write_text(value)
        environment = {
            variable: value.replace(f"/run/secrets/{name}", str(folder / name))
            for variable, value in environment.items()
        }
    # The image makes this folder.
    media = folder / "media"
    media.mkdir()
    environment |= {name: str(media) for name in SERVICES["worker"]["environment"]}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return environment


@pytest.fixture(scope="module")
def built(installation: Installation) -> Installation:
    """After the image's last build step and the service ``migrate``."""
    only_path = {"PATH": installation.environment["PATH"]}
    build = subprocess.run(
        ["sh", "-c", build_command()],
        cwd=installation.app,
        env=only_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stderr
    migrate = installation.run(SERVICES["migrate"]["command"][-1])
    assert migrate.returncode == 0, migrate.stderr
    return installation
