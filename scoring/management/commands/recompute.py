"""``manage.py recompute [--as-of 1997-09-30] [--replay] [--wait | --here]``: score everybody as of a day."""

from __future__ import annotations

import argparse
import datetime as dt
import time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scoring import recompute, tasks
from scoring.models import RunKind, RunState, ScoringRun
from scoring.queries import run_progress
from scoring.services import start_run

POLL_SECONDS = 0.2


def instant(text: str) -> dt.datetime:
    """A date is its last moment; what names no zone is in the company's."""
    zone = ZoneInfo(settings.TIME_ZONE)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a date nor a date and time.") from error
    if len(text) <= len("YYYY-MM-DD"):
        moment = dt.datetime.combine(moment.date(), dt.time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


class Command(BaseCommand):
    help = "Score everybody, as of now or of a past day."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--as-of", type=instant, help="date or date and time; default: now")
        parser.add_argument("--replay", action="store_true", help="do not make the run the current one")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--wait", action="store_true", help="wait until the workers are done")
        how.add_argument("--here", action="store_true", help="do the work in this process, without workers")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or tasks.instant()
        kind = RunKind.REPLAY if options["replay"] else RunKind.MANUAL
        if options["here"]:
            run, _ = recompute.open_run(as_of, kind=kind, terms=tasks.terms())
            while recompute.work(run.pk, terms=tasks.terms()):
                pass
        else:
            run = start_run(as_of, kind=kind)
        if options["wait"] or options["here"]:
            self._wait(run)
        else:
            self.stdout.write(f"Run {run.pk} is queued.")

    def _wait(self, run: ScoringRun) -> None:
        shown = -1
        while (progress := run_progress(run.pk)).is_running:
            if progress.shards_done != shown:
                shown = progress.shards_done
                self.stdout.write(
                    f"{shown} of {progress.shards} shards, {progress.customers_counted} customers"
                )
            time.sleep(POLL_SECONDS)
        if progress.run.state != RunState.DONE:
            raise CommandError(f"Run {run.pk} {progress.run.state}. {' '.join(progress.errors)}")
        self.stdout.write(
            f"Run {run.pk}: {progress.run.customers} customers as of {progress.run.as_of.isoformat()}"
            f" in {progress.seconds:.1f} s."
        )
