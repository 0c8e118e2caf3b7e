"""``make year WEEKS=52 PROJECTS=500 RESPONDENTS=1500 SEED=1``: a year of weekly surveys, in minutes.

Starts an installation of its own and lets a year pass by a simulated clock, with outages of beat, tasks and
answers that are delivered twice, and workers that are killed. Then it compares what is there with what a
plain computation from the calendar says must be there. The exit code is 1 when anything is missing, doubled,
too much or silent. The figures go to year-results/.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crm.demo import servers

if TYPE_CHECKING:
    from tests.year.run import Year

PROJECT = Path(__file__).resolve().parents[2]
RESULTS = PROJECT / "year-results"
START = dt.datetime(2026, 3, 2, 0, 5, tzinfo=dt.UTC)
"""Before every change of clocks of a year and a day: six weeks meet three of them."""
BEGAN = time.monotonic()


def main(argv: list[str]) -> int:
    options = _options(argv)
    seed = random.randrange(10_000) if options.seed is None else options.seed
    say(f"seed {seed}, {options.weeks} weeks, {options.projects} projects, {options.respondents} respondents")
    os.environ |= {
        "ENVIRONMENT": "test",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "COMPANY_TIME_ZONE": "Asia/Shanghai",
        "LOG_LEVEL": "ERROR",
    }
    with ExitStack() as stack:
        if not options.here:
            stack.enter_context(_servers())
        import django

        django.setup()
        return 0 if _live(options, seed) else 1


@contextmanager
def _servers() -> Iterator[None]:
    """PostgreSQL and Valkey of its own, migrated; not durable, because workers are killed and not they."""
    folder = servers.scratch_folder()
    postgres, valkey = servers.Postgres(folder, durable=False), servers.Valkey(folder, durable=False)
    try:
        postgres.start()
        valkey.start()
        os.environ |= servers.server_environment() | {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        command = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
        subprocess.run(command, cwd=PROJECT, env=os.environ, check=True)
        yield
    finally:
        valkey.kill()
        postgres.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--projects", type=int, default=500)
    parser.add_argument("--respondents", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--beat-minutes", type=int, default=60, help="how often beat comes")
    parser.add_argument("--kills", type=int, default=None, help="workers to kill; three a week")
    parser.add_argument("--here", action="store_true", help="in the empty DATABASE_URL of the environment")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the figures")
    return parser.parse_args(argv)


def _live(options: argparse.Namespace, seed: int) -> bool:
    """Whether every figure is what it must be."""
    from tests.year.book import make_book
    from tests.year.run import Year

    rolled = random.Random(seed)
    book = make_book(
        projects=options.projects,
        respondents=options.respondents,
        start=START,
        weeks=options.weeks,
        rolled=rolled,
    )
    say(f"{len(book.ledger.asked)} respondents are named; the year begins.")
    year = Year(
        book=book,
        start=START,
        weeks=options.weeks,
        step=dt.timedelta(minutes=options.beat_minutes),
        outages=outages(options.weeks, rolled),
        kills=3 * options.weeks if options.kills is None else options.kills,
        rolled=rolled,
        say=say,
    )
    year.run()
    say("The year is over; comparing.")
    return _judge(options, seed, year)


def _judge(options: argparse.Namespace, seed: int, year: Year) -> bool:
    from tests.chaos.checks import Figures
    from tests.year import checks

    figures = Figures()
    for what, count in sorted(year.told.items()):
        figures.tell(what, count)
    figures.tell("hours without beat", round(sum((b - a).total_seconds() for a, b in year.outages) / 3600))
    figures.none("mistakes on the way", year.mistaken)
    last = (year.end + dt.timedelta(days=1)).date()
    first = START.date() - dt.timedelta(weeks=2)
    checks.check_everything(
        figures,
        year.book.ledger,
        year.owners,
        first=first,
        last=last - dt.timedelta(days=last.weekday()),
        end=year.end,
    )
    print()
    for line in figures.lines:
        print(f"{line.what:<42} {line.value:>8,}  {'' if line.is_good else 'WRONG':<6} {line.note}".rstrip())
    is_good = all(line.is_good for line in figures.lines)
    path = _write(options, seed, year, [asdict(line) | {"is_good": line.is_good} for line in figures.lines])
    verdict = "Nothing is missing, doubled or silent." if is_good else "SOMETHING IS WRONG."
    say(f"{verdict} Written to {path}")
    return is_good


def outages(weeks: int, rolled: random.Random) -> list[tuple[dt.datetime, dt.datetime]]:
    """About one in six weeks, from some hours to some days; the first lies over the hours of letters."""
    found = []
    for number, hours in zip(range(1, weeks, 6), (30, 6, 72, 20, 100, 48, 12, 90, 30), strict=False):
        begin = START + dt.timedelta(weeks=number, days=4, hours=rolled.uniform(-20, 6))
        found.append((begin, begin + dt.timedelta(hours=hours)))
    return found


def _write(options: argparse.Namespace, seed: int, year: Year, lines: list[dict[str, object]]) -> Path:
    at = f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%S}"
    facts = {"at": at, "seed": seed, "weeks": options.weeks, "projects": options.projects}
    facts |= {"respondents": len(year.book.ledger.asked), "beat_minutes": options.beat_minutes}
    facts |= {"seconds": round(time.monotonic() - BEGAN), "machine": platform.platform()}
    facts |= {"cores": os.cpu_count(), "is_good": all(line["is_good"] for line in lines), "lines": lines}
    options.results.mkdir(parents=True, exist_ok=True)
    path: Path = options.results / f"{at}-{seed}.json"
    path.write_text(json.dumps(facts, indent=1))
    return path


def say(line: str) -> None:
    print(f"{time.monotonic() - BEGAN:7.1f} s  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
