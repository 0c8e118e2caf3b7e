"""``manage.py demo_data [--data cdnow | --customers 12] [--print-logins]``: fill an empty installation, once.

Every step asks whether it was done, so a fill that was cut short goes on where it stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.imports.models import Import, ImportState
from accounts.imports.services import receive_import, run_import, start_import
from accounts.users.models import Role, User
from crm.demo.story.bargains import tell_bargains
from crm.demo.story.bells import put_notices_in_order
from crm.demo.story.book import CUSTOMERS, create_book, write_order_file
from crm.demo.story.cast import create_cast, email, log_ins
from crm.demo.story.costs import tell_costs
from crm.demo.story.house import tell_house
from crm.demo.story.moods import HISTORY_WEEKS
from crm.demo.story.nights import nights_before, score_as_of
from crm.demo.story.planned import tell_planned
from crm.demo.story.playbooks import tell_playbooks
from crm.demo.story.surveys import tell_surveys
from crm.demo.story.trade import name_projects
from crm.demo.story.wants import tell_wants
from crm.demo.story.weeks import are_weeks_told, tell_weeks
from scoring.models import RunKind, RunState, ScoringRun

CDNOW_FILE = settings.BASE_DIR / "tests" / "data" / "cdnow" / "cdnow_sample.txt"
# Two readings in a row open a flag, so each day that is shown is scored together with the day before it.
CDNOW_DAYS = ("1997-09-29", "1997-09-30", "1998-06-29", "1998-06-30")
FEWEST, MOST = 12, 300


def customers_of_story(text: str) -> int:
    """A number of customers that the stories fit into and that there are names for."""
    if not text.isdecimal() or not FEWEST <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"between {FEWEST} and {MOST} customers")
    return int(text)


class Command(BaseCommand):
    help = "Fill an empty installation with demo data; does nothing when they are there."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data", choices=["story", "cdnow"], default="story")
        parser.add_argument("--customers", type=customers_of_story, default=CUSTOMERS)
        parser.add_argument("--print-logins", action="store_true")

    def handle(self, *args: Any, data: str, customers: int, print_logins: bool, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo data are not for production.")
        if print_logins:
            for role, address, password in log_ins():
                self.stdout.write(f"{role:<18} {address:<38} {password}")
            return
        self.fill(data, customers, timezone.now())

    def fill(self, data: str, customers: int, now: dt.datetime) -> None:
        """All that is not there yet, as if it were ``now``."""
        file = self._people_and_orders(data, customers, now)
        self._import(file, data, now)
        self._costs(data, now)
        self._grades(data, now)
        self._house(data, now)
        self._wants(data, now)
        self._surveys(data, now)
        self._score(data, now)
        self._playbooks(data, now)

    def _people_and_orders(self, data: str, customers: int, now: dt.datetime) -> Path:
        if data == "cdnow":
            with transaction.atomic():
                if not User.objects.exists():
                    create_cast()
            return CDNOW_FILE
        file = settings.MEDIA_ROOT / "demo" / "orders.csv"
        if not User.objects.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            self.stdout.write(f"{customers} customers with contacts, projects and interactions ...")
            with transaction.atomic():
                relations = create_book(create_cast(), now, count=customers)
                write_order_file(relations, file, now)
        return file

    def _import(self, path: Path, data: str, now: dt.datetime) -> None:
        if Import.objects.filter(state=ImportState.DONE).exists():
            return
        admin = User.objects.get(email=email("admin"))
        owner = User.objects.get(email=email("am")) if data == "cdnow" else None
        with path.open("rb") as file:
            received = receive_import(file=File(file, name=path.name), owner=owner, user=admin)
        start_import(received)
        self.stdout.write(f"Orders from {path.name} ...")
        if not run_import(received.pk, now=now):
            raise CommandError(
                f"The import of {path.name} failed: {Import.objects.get(pk=received.pk).error}"
            )
        received.refresh_from_db()
        self.stdout.write(f"{received.rows_added} orders, {received.rows_refused} rows refused.")

    def _costs(self, data: str, now: dt.datetime) -> None:
        if data == "cdnow":
            return
        admin = User.objects.get(email=email("admin"))
        for done in tell_costs(settings.MEDIA_ROOT / "demo", admin, now):
            if done.state != ImportState.DONE:
                raise CommandError(f"The import of {done.file_name} failed: {done.error}")
            self.stdout.write(f"{done.rows_added} activity usages from {done.file_name}.")

    def _grades(self, data: str, now: dt.datetime) -> None:
        if data == "cdnow" or are_weeks_told():
            return
        name_projects()
        self.stdout.write(f"{HISTORY_WEEKS} weeks of grades ...")
        told = tell_weeks(now)
        self.stdout.write(
            f"{told.respondents} respondents, {told.invitations} invitations, {told.answers} answers with "
            f"{told.grades} grades, {told.cases} corrective actions, {told.open_cases} of them open."
        )

    def _house(self, data: str, now: dt.datetime) -> None:
        if data != "cdnow" and (voices := tell_house(now)):
            self.stdout.write(f"{voices} voices of customers, and the minutes of two meetings.")

    def _wants(self, data: str, now: dt.datetime) -> None:
        if data != "cdnow" and (needs := tell_wants(now)):
            self.stdout.write(f"{needs} needs of customers.")
        if data != "cdnow" and (deals := tell_bargains(now)):
            self.stdout.write(f"{deals} contracts, opportunities and shares of the supply.")
        if data != "cdnow" and (meetings := tell_planned(now=now)):
            self.stdout.write(f"{meetings} meetings to come.")

    def _surveys(self, data: str, now: dt.datetime) -> None:
        if data != "cdnow" and (told := tell_surveys(now)):
            self.stdout.write(f"{told} answers to surveys after deliveries and on needs.")

    def _score(self, data: str, now: dt.datetime) -> None:
        if ScoringRun.objects.filter(state=RunState.DONE, kind=RunKind.MANUAL).exists():
            return
        if data == "cdnow":
            for day in CDNOW_DAYS:
                call_command("recompute", "--here", "--as-of", day, stdout=self.stdout)
            return
        nights = [(night, RunKind.NIGHTLY) for night in nights_before(now)]
        for as_of, kind in (*nights, (now + dt.timedelta(seconds=1), RunKind.MANUAL)):
            run = score_as_of(as_of, kind=kind, now=now)
            if run.state != RunState.DONE:
                raise CommandError(f"The run as of {as_of.isoformat()} {run.state}. {run.error}")
            self.stdout.write(f"{run.customers} customers scored as of {timezone.localdate(as_of)}.")
        put_notices_in_order()

    def _playbooks(self, data: str, now: dt.datetime) -> None:
        admin = User.objects.filter(role=Role.ADMIN).order_by("pk").first()
        if data == "story" and admin is not None and (runs := tell_playbooks(admin, now=now)):
            self.stdout.write(f"{runs} playbooks at work.")
