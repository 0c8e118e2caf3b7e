"""Rooms and arrows: import-linter and ruff hold them, and catch what breaks them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.rules import PROJECT

BIN = Path(sys.executable).parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_arrow_points_the_right_way() -> None:
    checked = lint_imports(PROJECT)
    assert checked.returncode == 0, checked.stdout
    assert "Contracts: 4 kept, 0 broken." in checked.stdout


PLANTS = {
    "accounts/customers/planted.py": "from scoring import models\n",
    "scoring/core/planted.py": "from django.db import models\n",
    "crm/views/planted.py": "from rest_framework.views import APIView\n",
    "accounts/orders/planted.py": "from celery import shared_task\n",
}


def test_a_planted_arrow_of_each_kind_is_caught(tmp_path: Path) -> None:
    for package in ("accounts", "scoring", "crm"):
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for name, source in PLANTS.items():
        (tmp_path / name).write_text(source)
    checked = lint_imports(tmp_path)
    assert checked.returncode != 0
    assert "Contracts: 0 kept, 4 broken." in checked.stdout
    for name in PLANTS:
        assert name.removesuffix(".py").replace("/", ".") in checked.stdout


def ruff(name: str, source: str) -> str:
    checked = subprocess.run(
        [BIN / "ruff", "check", "--select", "TID251", "--stdin-filename", name, "-"],
        cwd=PROJECT,
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return checked.stdout


CLOCK = [
    "from django.utils import timezone\ntimezone.now()\n",
    "import datetime as dt\ndt.date.today()\n",
    "from datetime import datetime\ndatetime.now()\n",
]
WEB = "from django.http import HttpRequest\n"


@pytest.mark.parametrize("source", [*CLOCK, WEB])
@pytest.mark.parametrize(
    "name",
    [
        "accounts/customers/services.py",
        "scoring/recompute.py",
        "crm/queries/people.py",
        "crm/forms/people.py",
    ],
)
def test_the_clock_and_django_http_are_caught_outside_their_places(name: str, source: str) -> None:
    assert "TID251" in ruff(name, source)


@pytest.mark.parametrize("name", ["crm/views/people.py", "crm/api/customers.py", "scoring/tasks.py"])
def test_the_clock_may_be_read_in_views_api_and_tasks(name: str) -> None:
    assert [ruff(name, source) for source in CLOCK] == ["All checks passed!\n"] * len(CLOCK)
