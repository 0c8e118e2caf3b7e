"""``manage.py demo_advance [--weeks N]``: the demo, a week later.

The clock of the machine cannot be moved. So everything that has happened is made a week older, and the week
that is new thereby is told: what was open is answered, people work on the corrective actions, customers order
and talk, and every night is scored. A week is one transaction: all of it is there, or nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from crm.demo.shift import move_dates
from crm.demo.story.bells import put_notices_in_order
from crm.demo.story.nights import score_as_of
from crm.demo.story.onward import go_on
from crm.demo.story.reread import NoStoryError, standing
from crm.demo.story.talks import Span
from crm.queries.satisfaction_index_company import forget_company_weeks
from crm.queries.today.company import refresh_company_week
from scoring import locks, tasks
from scoring.models import RunKind, RunState

WEEK = dt.timedelta(weeks=1)
MOST_WEEKS = 52


def weeks(text: str) -> int:
    """A number of weeks that can be waited for."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WEEKS:
        raise argparse.ArgumentTypeError(f"between 1 and {MOST_WEEKS} weeks")
    return int(text)


class Command(BaseCommand):
    help = "Make the demo a week older, and tell the week that is new thereby."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--weeks", type=weeks, default=1)

    def handle(self, *args: Any, weeks: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The dates of a production database are never moved.")
        try:
            standing(timezone.now())
        except NoStoryError:
            raise CommandError("The story of the demo is not here; `make demo` fills it in.") from None
        for week in range(1, weeks + 1):
            began = time.monotonic()
            self.advance(timezone.now())
            self.stdout.write(f"Week {week} of {weeks} in {time.monotonic() - began:.1f} s.")
        forget_company_weeks()
        refresh_company_week(timezone.now())
        self._tidy()

    @transaction.atomic
    def advance(self, now: dt.datetime) -> None:
        """One week, all of it or nothing."""
        # Before the tables are locked: who rescores has the pointer first, and then wants the tables.
        locks.hold_pointer()
        try:
            moved = move_dates(days=WEEK.days)
        except ProgrammingError as error:
            raise CommandError(f"The dates could not be moved: {error}") from error
        self.stdout.write(f"{moved.columns} columns of {moved.tables} tables are a week older.")
        told = go_on(Span(now - WEEK, now))
        self.stdout.write(
            f"{told.traded.orders} orders, {told.traded.delivered} deliveries, {told.traded.talks} "
            f"interactions, {told.traded.follow_ups_done} follow-ups done, {told.usages} activity usages; "
            f"{told.invitations} invitations, "
            f"{told.answers} answers; {told.opened} corrective actions opened, {told.closed} confirmed."
        )
        self._score(now)

    def _score(self, now: dt.datetime) -> None:
        """The nights of the week, each with what was known then, and now."""
        nights = nights_between(now - WEEK, now)
        instants = [
            *((night, RunKind.NIGHTLY) for night in nights),
            (now + tasks.CLOCK_TOLERANCE, RunKind.MANUAL),
        ]
        for as_of, kind in instants:
            run = score_as_of(as_of, kind=kind, now=now)
            if run.state != RunState.DONE:
                raise CommandError(f"The run as of {as_of.isoformat()} {run.state}. {run.error}")
        put_notices_in_order()
        self.stdout.write(f"{len(instants)} runs of {run.customers} customers.")

    def _tidy(self) -> None:
        """Every row was written anew: without this, index-only scans are slow until the server does it."""
        if not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("vacuum (analyze)")


def nights_between(since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """The hours of the nightly run after ``since`` up to ``until``, where the company is."""
    zone = ZoneInfo(settings.TIME_ZONE)
    days = (until - since).days + 2
    first = since.astimezone(zone).date()
    hours = [
        dt.datetime.combine(first + dt.timedelta(days=day), dt.time(settings.NIGHTLY_HOUR), tzinfo=zone)
        for day in range(days)
    ]
    return [hour.astimezone(dt.UTC) for hour in hours if since < hour <= until]
