"""The parts of the bench in their order, over servers that run and settings that are read."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.db import connection

django.setup()

from tests.bench import engine, lists, models, web  # noqa: E402 -- after the settings
from tests.bench.book import Book, generate  # noqa: E402
from tests.bench.results import HEADER, PROJECT, Line, Results, timed  # noqa: E402

GROWTH = ("full rebuild with score and write, 2 workers", "rescore everybody from the state rows")


def measure(size: int, parts: Sequence[str], folder: Path, *, is_new: bool, import_url: str) -> None:
    book = _book(size, folder, is_new=is_new)
    results = Results(size, facts={"parts": list(parts), "settings": _settings()})
    print(f"\n{HEADER}\n{'-' * len(HEADER)}")
    engine.score_once()
    if "engine" in parts:
        engine.measure(book, results, folder)
        _growth(results)
    if "models" in parts:
        models.measure(results)
    if "web" in parts:
        engine.vacuum()
        web.measure(book, results, folder)
        lists.measure(results)
    if "import" in parts:
        models.measure_import(results, folder, import_url)
    path = PROJECT / "bench-results" / f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%S}-{size}.json"
    results.write(path)
    short = [line.what for line in results.lines if line.verdict == "SHORT"]
    print(f"\n{len(results.lines)} lines, {len(short)} short of their target. Written to {path}")


def _book(size: int, folder: Path, *, is_new: bool) -> Book:
    """The book of this size; its day is kept, so that it is the same when it is measured again."""
    day = folder / "day"
    if is_new or not day.exists():
        day.unlink(missing_ok=True)
        now = dt.datetime.now(tz=dt.UTC)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"],
            cwd=PROJECT,
            env=os.environ,
            check=True,
        )
        print(f"Making {size:,} customers ...", flush=True)
        taken = timed(lambda: generate(Book.at(size, now), say=lambda text: print(f"  {text}", flush=True)))
        engine.vacuum()
        print(f"  {taken:.0f} s")
        day.write_text(now.isoformat())
    return Book.at(size, dt.datetime.fromisoformat(day.read_text()))


def _settings() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, setting from pg_settings where name in"
            " ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'server_version')"
        )
        return dict(cursor.fetchall())


def _growth(results: Results) -> None:
    """Against the newest results of a tenth of the size."""
    files = sorted((PROJECT / "bench-results").glob(f"*-{results.size // 10}.json"))
    if not files:
        return
    smaller = {line["what"]: line["value"] for line in json.loads(files[-1].read_text())["lines"]}
    values = {line.what: line.value for line in results.lines}
    for what in GROWTH:
        if what in smaller:
            name = f"growth from {results.size // 10:,}: {what.partition(' with')[0].partition(' from')[0]}"
            results.add(Line(name, values[what] / smaller[what], "x", 10.5))
