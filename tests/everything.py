"""Everything that CI runs, in one go: ``python -m tests.everything [--only lint|tests]``.

All parts run even when one fails, so that one run shows all that is wrong; the failed ones are listed
at the end and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYTHON = sys.executable
PACKAGES = ("accounts", "scoring", "crm")
TEST_PROCESSES = "2"

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

    def run(self) -> bool:
        """Print a heading, run it, print how long it took; True when it succeeded."""
        print(f"\n=== {self.title}", flush=True)
        began = time.monotonic()
        environment = {**os.environ, "ENVIRONMENT": "test", **self.environment}
        code = subprocess.run(self.command, cwd=PROJECT, env=environment, check=False).returncode
        seconds = time.monotonic() - began
        print(f"--- {self.title}: {'ok' if code == 0 else f'FAILED ({code})'}, {seconds:.1f} s", flush=True)
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
    Part("ruff: style", tool("ruff", "check", ".")),
    Part("ruff: format", tool("ruff", "format", "--check", "--quiet", ".")),
    Part("mypy: types", tool("mypy", *PACKAGES)),
    Part("import-linter: rooms and arrows", tool("lint-imports")),
    Part("migrations are complete", with_servers(*manage("makemigrations", "--check", "--dry-run"))),
    Part(
        "a production passes its checks",
        manage("check", "--deploy", "--fail-level", "WARNING"),
        environment=PRODUCTION,
    ),
    Part("djlint: template format", tool("djlint", "--check", "templates")),
    Part("tests", pytest("-n", TEST_PROCESSES, "--dist", "loadgroup", "-m", "not browser"), kind="tests"),
    Part("Chromium is there", (PYTHON, "-m", "tests.chromium"), kind="tests"),
    Part("browser tests", pytest("-m", "browser"), kind="tests"),
)


def main(argv: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.everything")
    parser.add_argument("--only", choices=("lint", "tests"))
    only = parser.parse_args(argv).only
    began = time.monotonic()
    parts = [part for part in PARTS if only in (None, part.kind)]
    failed = [part.title for part in parts if not part.run()]
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"\n{len(parts)} parts in {minutes} min {seconds} s")
    if failed:
        print("FAILED: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
