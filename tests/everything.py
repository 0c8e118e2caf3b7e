"""Everything that CI runs, in one go: ``python -m tests.everything [--only lint|tests]``.

All parts run even when one fails, so that one run shows all that is wrong; the failed ones are listed
at the end and the exit code is 1. Parts of the lint run two at a time, then the tests in several processes.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYTHON = sys.executable
PACKAGES = ("accounts", "scoring", "crm")
LINT_PROCESSES = 2
# Two more than there are cores: many a test waits for workers, servers and the browser.
TEST_PROCESSES = str(min(os.cpu_count() or 1, 6) + 2)

# The least that a production must say. No server is asked, so the addresses lead nowhere.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "DATABASE_URL": "postgres://truenorth:secret@database.invalid/truenorth",
    "REDIS_URL": "redis://queue.invalid/0",
    "ALLOWED_HOSTS": "crm.example.com",
    "PUBLIC_URL": "https://crm.example.com",
}


@dataclass(frozen=True)
class Part:
    """One command of the run, with what it adds to the environment."""

    title: str
    command: tuple[str, ...]
    kind: str = "lint"
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *, is_alone: bool) -> bool:
        """Print a heading, run it, print how long it took; True when it succeeded.

        What it prints is shown at once when it runs ``is_alone``, else together when it has ended.
        """
        began = time.monotonic()
        if is_alone:
            print(f"\n=== {self.title}", flush=True)
        ended = subprocess.run(
            self.command,
            cwd=PROJECT,
            env={**os.environ, "ENVIRONMENT": "test", **self.environment},
            stdout=None if is_alone else subprocess.PIPE,
            stderr=None if is_alone else subprocess.STDOUT,
            text=True,
            check=False,
        )
        code, seconds = ended.returncode, time.monotonic() - began
        shown = "" if is_alone else f"\n=== {self.title}\n{ended.stdout}"
        outcome = "ok" if code == 0 else f"FAILED ({code})"
        print(f"{shown}--- {self.title}: {outcome}, {seconds:.1f} s", flush=True)
        return code == 0


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(BIN / name), *arguments)


def manage(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, "manage.py", *arguments)


def with_servers(*command: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "crm.demo", "exec", "--", *command)


def pytest(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "pytest", "-q", *arguments)


PARTS = (
    Part("mypy: types", tool("mypy", *PACKAGES)),
    Part("ruff: style", tool("ruff", "check", ".")),
    Part("ruff: format", tool("ruff", "format", "--check", "--quiet", ".")),
    Part("import-linter: rooms and arrows", tool("lint-imports")),
    Part("migrations are complete", with_servers(*manage("makemigrations", "--check", "--dry-run"))),
    Part(
        "a production passes its checks",
        manage("check", "--deploy", "--fail-level", "WARNING"),
        environment=PRODUCTION,
    ),
    Part("djlint: template format", tool("djlint", "--check", "templates")),
    Part("Chromium is there", (PYTHON, "-m", "tests.chromium"), kind="tests"),
    Part("tests", pytest("-n", TEST_PROCESSES, "--durations", "40"), kind="tests"),
)


def run_all(parts: list[Part]) -> list[str]:
    """The titles of those that failed."""
    lint = [part for part in parts if part.kind == "lint"]
    tests = [part for part in parts if part.kind == "tests"]
    with ThreadPoolExecutor(LINT_PROCESSES) as pool:
        passed = list(pool.map(lambda part: part.run(is_alone=False), lint))
    passed += [part.run(is_alone=True) for part in tests]
    return [part.title for part, has_passed in zip([*lint, *tests], passed, strict=True) if not has_passed]


def main(argv: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.everything")
    parser.add_argument("--only", choices=("lint", "tests"))
    only = parser.parse_args(argv).only
    began = time.monotonic()
    parts = [part for part in PARTS if only in (None, part.kind)]
    failed = run_all(parts)
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"\n{len(parts)} parts in {minutes} min {seconds} s")
    if failed:
        print("FAILED: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
