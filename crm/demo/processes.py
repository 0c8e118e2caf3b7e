"""Child processes that do not outlive us.

A child leads a session of its own, so that the terminal's Ctrl-C reaches only the supervisor, which
then stops the children in order. On Linux the kernel also signals a child when its parent dies by
``kill -9``; whatever survives even that is found by `Identity` at the next start.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
# Loaded here, because between fork and exec a child must not import or open anything.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Identity:
    """A process id with its start time (seconds since the epoch): ids are used again, pairs are not."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Raises psutil.NoSuchProcess when there is no such process."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process while it lives, else None."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1.0
            return process if same and lives(process) else None
        except psutil.NoSuchProcess:
            return None


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    folder: Path,
    environment: Mapping[str, str],
    user: str | None = None,
    when_parent_dies: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, its output appended to ``log`` (None: to our output).

    ``user``: name of the system user it runs as (only root may give one).
    ``when_parent_dies``: the signal that the kernel sends it then (Linux only).
    """
    with nullcontext() if log is None else log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if log is None else subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
            user=user,
            group=None if user is None else _primary_group(user),
            extra_groups=None if user is None else [],
            # Runs after the change of user, which would clear it.
            preexec_fn=_die_with_parent(when_parent_dies),
        )


def _primary_group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _die_with_parent(death: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl, parent = _LIBC.prctl, os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def family(pid: int) -> list[psutil.Process]:
    """The leader of a session (as `spawn` makes them), its descendants, and who else is in its session.

    Of a leader that is gone only the session is left; its id may be somebody else's by now.
    """
    found: dict[int, psutil.Process] = {}
    try:
        if os.getsid(pid) == pid:
            leader = psutil.Process(pid)
            found = {process.pid: process for process in [leader, *leader.children(recursive=True)]}
    except (psutil.NoSuchProcess, ProcessLookupError):
        pass
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == pid:
                found.setdefault(process.pid, process)
        except (ProcessLookupError, PermissionError):
            continue
    return sorted(found.values(), key=lambda process: process.pid != pid)


def end(pid: int, *, ask: signal.Signals, seconds: float) -> bool:
    """Ask a process to stop, wait, then kill what is left of its family; True when it went by itself."""
    members = family(pid)
    leader = next((member for member in members if member.pid == pid), None)
    went = True
    if leader is not None:
        try:
            leader.send_signal(ask)
            leader.wait(timeout=seconds)
        except psutil.NoSuchProcess:
            pass
        except psutil.TimeoutExpired:
            went = False
    kill([*members, *family(pid)])
    return went


def kill(processes: Sequence[psutil.Process]) -> None:
    """``kill -9``, and wait until they are gone (or zombies, which hold nothing any more)."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    wait_until(lambda: not any(lives(process) for process in processes), seconds=10)


def lives(process: psutil.Process) -> bool:
    """False for a process that is gone, and for a zombie that nobody has asked about."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until(
    condition: Callable[[], bool], *, seconds: float, alive: Callable[[], bool] = lambda: True
) -> bool:
    """Poll until ``condition`` holds; False when time is up or ``alive`` turned false first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        if not alive():
            return False
        time.sleep(0.05)
    return False


def tail(log: Path, *, lines: int = 15) -> str:
    """The last lines of a log file, indented, for a message."""
    try:
        text = log.read_bytes()[-8192:].decode(errors="replace")
    except FileNotFoundError:
        return "  (no log)"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"
