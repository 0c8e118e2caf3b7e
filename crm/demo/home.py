"""Where the demo keeps its data, and who may use them at a time.

One folder for each data set. They lie in ``.demo/`` of the project; for root in /var/tmp, because the
database server then runs as a user of its own, who must be able to walk there. TRUENORTH_DEMO_HOME
names another place.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from crm.demo import processes, servers

PROJECT = Path(__file__).resolve().parents[2]


NOTHING: Mapping[str, str] = {}


class DemoError(RuntimeError):
    """The demo cannot go on; the message says what to look at."""


def data_home() -> Path:
    """The folder of all data folders, made when missing. Raises DemoError when it is somebody else's."""
    if named := os.environ.get("TRUENORTH_DEMO_HOME"):
        home = Path(named).absolute()
    elif servers.as_root():
        clone = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]
        home = servers.FOLDER_FOR_ROOT / f"truenorth-demo-{clone}"
    else:
        home = PROJECT / ".demo"
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    # In /var/tmp anybody may have made it first.
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        raise DemoError(f"The data folder {home} belongs to somebody else; it has to be removed first.")
    (home / ".gitignore").write_text("*\n")
    return home


@dataclass(frozen=True)
class _Notes:
    """What a running demo has written down about itself."""

    address: str | None = None
    running: list[processes.Identity] = field(default_factory=list)
    servers: dict[str, str] = field(default_factory=dict)


class DemoFolder:
    """The folder of one data set: servers' data, uploads, logs, and notes about what runs."""

    def __init__(self, data: str | None) -> None:
        """``data``: name of a data set such as ``cdnow``; None is the built-in demo."""
        self.data = data
        self.path = data_home() / (data or "demo")
        self.logs = self.path / "logs"
        self._lock: IO[str] | None = None

    def lock(self) -> bool:
        """Take the folder for this process; False when another one has it. The kernel lets go of it."""
        self.path.mkdir(mode=0o711, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self._lock = (self.path / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def remove(self) -> None:
        """Delete all of it; the lock must be held."""
        shutil.rmtree(self.path)

    def keep_last_logs(self) -> None:
        """Start with empty logs; those of the run before get the ending .previous."""
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".previous"))

    def note_running(
        self, pids: Sequence[int], *, address: str | None, servers: Mapping[str, str] = NOTHING
    ) -> None:
        """Write down what runs, for `end_leftovers` and for somebody who starts a second time.

        ``servers``: the variables that name the database and the queue, with their passwords.
        """
        running = [asdict(processes.Identity.of(pid)) for pid in pids]
        fresh = self.path / "running.new"
        fresh.touch(mode=0o600)
        notes = {"address": address, "processes": running, "servers": dict(servers)}
        fresh.write_text(json.dumps(notes))
        fresh.replace(self.path / "running.json")

    def running_address(self) -> str | None:
        """Where the demo that holds the lock can be reached, once it said so."""
        return self._read_notes().address

    def running_servers(self) -> dict[str, str]:
        """The variables that name the servers of the demo that holds the lock; empty until they are up."""
        return self._read_notes().servers

    def end_leftovers(self) -> int:
        """End the processes of a supervisor that was killed; the lock must be held. Returns their number.

        The newest first: the web server and the workers go before the database they write to.
        """
        ended = 0
        for noted in reversed(self._read_notes().running):
            if noted.process() is not None:
                processes.end(noted.pid, ask=signal.SIGTERM, seconds=5.0)
                ended += 1
        self.note_stopped()
        return ended

    def note_stopped(self) -> None:
        """Nothing of ours runs any more."""
        (self.path / "running.json").unlink(missing_ok=True)

    def secret_key(self) -> str:
        """A key for sessions and log-in links that only this folder knows."""
        file = self.path / "secret.key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(50))
        return file.read_text()

    @property
    def filled(self) -> bool:
        """Whether the demo data are in."""
        return (self.path / "logins.txt").exists()

    def note_filled(self, logins: str) -> None:
        """The demo data are in, and these lines say who can log in."""
        (self.path / "logins.txt").write_text(logins)

    def logins(self) -> str:
        """What was noted when the data were filled in."""
        return (self.path / "logins.txt").read_text()

    def _read_notes(self) -> _Notes:
        try:
            notes = json.loads((self.path / "running.json").read_text())
        except (FileNotFoundError, ValueError):
            return _Notes()
        running = [processes.Identity(**noted) for noted in notes["processes"]]
        return _Notes(notes["address"], running, notes.get("servers", {}))
