"""The Makefile says what it can do, and CI runs what a person runs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.everything import PARTS

PROJECT = Path(__file__).resolve().parents[2]
MAKEFILE = (PROJECT / "Makefile").read_text()


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_target_and_is_what_make_alone_does() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    listed = make("help").stdout
    for target in phony[1].split():
        assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE), target
    assert make().stdout == listed


def test_ci_runs_make_test() -> None:
    assert (PROJECT / ".ci" / "run").read_text().splitlines()[-1] == "exec make test"
    assert re.search(r"^test: .*\n\t.*-m tests\.everything$", MAKEFILE, re.MULTILINE)


def test_everything_means_every_kind_of_check() -> None:
    commands = [" ".join(part.command) for part in PARTS]
    for needed in (
        "ruff check",
        "ruff format --check",
        "mypy accounts scoring crm",
        "lint-imports",
        "makemigrations --check",
        "check --deploy",
        "djlint --check",
    ):
        assert any(needed in command for command in commands), needed
    (tests,) = [command for command in commands if "-m pytest" in command]
    assert " -m " not in tests.partition("-m pytest")[2], "no kind of test is left out"


def test_without_a_fitting_python_make_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"):
        (old / name).write_text("#!/bin/sh\nexit 1\n")
        (old / name).chmod(0o755)
    result = make("-C", str(tmp_path), ".uv/python", PATH=f"{old}:{os.environ['PATH']}")
    assert result.returncode != 0
    assert "Truenorth needs Python 3.11 or newer and found none." in result.stderr
