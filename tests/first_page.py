"""From a fresh clone to the first page: ``python -m tests.first_page [--warm]``, or ``make first-page``.

Clones what is committed into an empty folder and runs ``make demo`` there, with nothing installed and, unless
``--warm``, nothing kept from earlier downloads. Waits for the log-in page and, logged in, for Today. Prints
when each step began and how long it took, and stops everything. The exit code is 1 when it took longer than
three minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

from crm.demo.servers import free_port, scratch_folder

PROJECT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 180.0
# Longer than that nobody waits; and the measured time is shown even when it is too long.
PATIENCE_SECONDS = 1800.0
OURS = ("ENVIRONMENT", "DATABASE_URL", "REDIS_URL", "VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")


class FirstPageError(RuntimeError):
    """There was no first page; the message says what came instead."""


@dataclass
class Watch:
    """When each step began, in seconds since the start."""

    began: float = field(default_factory=time.monotonic)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def step(self, title: str) -> None:
        if not self.steps or self.steps[-1][0] != title:
            self.steps.append((title, time.monotonic() - self.began))

    def report(self) -> float:
        """Print the steps with their seconds; the whole time."""
        whole = time.monotonic() - self.began
        ends = [at for _title, at in self.steps[1:]] + [whole]
        for (title, at), end in zip(self.steps, ends, strict=True):
            print(f"{at:7.1f} s  {end - at:7.1f} s  {title}")
        return whole


@dataclass
class Started:
    """A ``make demo`` and what it prints."""

    popen: subprocess.Popen[str]
    watch: Watch
    lines: list[str] = field(default_factory=list)
    address: str = ""

    def follow(self) -> None:
        """Until it is ready. Raises FirstPageError when it ends before, or takes too long."""
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip())
            if step := re.match(r"\[\d/\d\] .*", line):
                self.watch.step(step[0])
            if ready := re.match(r"Truenorth is ready: +(\S+)", line):
                self.address = ready[1]
            if line.startswith("Stop with Ctrl-C"):
                threading.Thread(target=self.popen.stdout.read, daemon=True).start()
                return
        raise FirstPageError("\n".join(["`make demo` ended:", *self.lines[-30:]]))

    def log_in(self) -> tuple[str, str]:
        """Address and password of an account manager, as printed."""
        for line in self.lines:
            if found := re.match(r"Account manager +(\S+@\S+) +(.+)", line):
                return found[1], found[2].strip()
        raise FirstPageError("No log-in was printed.")

    def stop(self) -> None:
        """As Ctrl-C in a terminal does; whatever is left after a minute is killed."""
        for number, seconds in ((signal.SIGINT, 60.0), (signal.SIGKILL, 10.0)):
            if self.popen.poll() is None:
                os.killpg(self.popen.pid, number)
                try:
                    self.popen.wait(timeout=seconds)
                except subprocess.TimeoutExpired:
                    continue


def start(clone: Path, folder: Path, watch: Watch, *, is_warm: bool) -> Started:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"TRUENORTH_DEMO_HOME": str(folder / "home"), "PYTHONUNBUFFERED": "1"}
    if not is_warm:
        for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache"):
            environment[name] = str(folder / name.lower())
    popen = subprocess.Popen(
        ["make", "demo", f"PORT={free_port()}"],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Started(popen, watch)


def open_pages(started: Started) -> None:
    """The log-in page, and Today of an account manager. Raises FirstPageError when one is not there."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    started.watch.step("The log-in page ...")
    address = f"{started.address}/accounts/login/"
    page = browser.open(address, timeout=30).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None or 'name="password"' not in page:
        raise FirstPageError(f"{address} is not the log-in page:\n{page[:500]}")
    started.watch.step("Today, logged in ...")
    login, password = started.log_in()
    form = {"csrfmiddlewaretoken": token[1], "login": login, "password": password, "next": "/today/"}
    request = urllib.request.Request(address, urllib.parse.urlencode(form).encode(), {"Referer": address})
    answer = browser.open(request, timeout=30)
    if "/login" in answer.url or "<h1" not in answer.read().decode():
        raise FirstPageError(f"After the log-in came {answer.url}, not Today.")


def measure(*, is_warm: bool) -> float:
    """Seconds from nothing to Today. Raises FirstPageError, CalledProcessError."""
    folder = scratch_folder()
    watch, started = Watch(), None
    try:
        watch.step("[0/7] Cloning ...")
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", f"file://{PROJECT}", clone], check=True)
        started = start(clone, folder, watch, is_warm=is_warm)
        alarm = threading.Timer(PATIENCE_SECONDS, started.stop)
        alarm.start()
        try:
            started.follow()
            open_pages(started)
        finally:
            alarm.cancel()
        return watch.report()
    finally:
        if started is not None:
            started.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main(argv: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.first_page")
    parser.add_argument("--warm", action="store_true", help="use what uv, pip and npm have downloaded before")
    is_warm = parser.parse_args(argv).warm
    load = os.getloadavg()[0]
    try:
        seconds = measure(is_warm=is_warm)
    except (FirstPageError, OSError, subprocess.CalledProcessError) as error:
        print(error)
        return 1
    verdict = "ok" if seconds <= MOST_SECONDS else "TOO LONG"
    print(f"{seconds:.0f} s from nothing to Today, {MOST_SECONDS:.0f} s allowed: {verdict}")
    print(f"{os.cpu_count()} cores; load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end")
    return 0 if seconds <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
