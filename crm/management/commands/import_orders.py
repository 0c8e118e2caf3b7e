"""Orders from a file, by the same service as the upload page."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from accounts.imports import layouts, services
from accounts.imports.decoding import ENCODINGS
from accounts.imports.fields import ORDERS
from accounts.imports.kinds import KINDS
from accounts.imports.layouts import Layout
from accounts.imports.models import Import, ImportKind
from accounts.imports.problems import BadFileError, file_problem, row_reason
from accounts.orders import money
from accounts.users.models import User

REFUSED_SHOWN = 20
FACTS: dict[str, str] = {ImportKind.ORDERS: "orders", ImportKind.ACTIVITY_USAGE: "usages"}


class Command(BaseCommand):
    help = "Import orders, or activity usage, from a CSV file or orders in the layout of the CDNOW sample."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=ImportKind.values, default=ImportKind.ORDERS)
        parser.add_argument("--layout", choices=[layouts.CSV, layouts.CDNOW], help="default: as it looks")
        parser.add_argument("--owner", metavar="EMAIL", help="owner of customers that are created")
        parser.add_argument("--encoding", choices=ENCODINGS)
        parser.add_argument("--dates", choices=["ymd", "dmy", "mdy"])
        parser.add_argument("--decimals", choices=["point", "comma"])
        parser.add_argument("--currency", help="of amounts without one; default: the base currency")
        parser.add_argument("--rate", nargs="*", default=[], metavar="CODE=PRICE")
        parser.add_argument(
            "--map", nargs="*", default=[], metavar="HEADER=FIELD", help=", ".join(ORDERS.keys)
        )
        parser.add_argument("--all-or-nothing", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            received = self._received(options)
            self._choose(received, options)
            services.start_import(received)
        except BadFileError as error:
            raise CommandError(file_problem(error.stored)) from error
        began = time.monotonic()
        with _Watch(self, received.pk):
            services.run_import(received.pk, now=timezone.now())
        received.refresh_from_db()
        self._report(received, time.monotonic() - began)

    def _received(self, options: dict[str, Any]) -> Import:
        owner = None
        if options["owner"]:
            owner = User.objects.filter(email__iexact=options["owner"]).first()
            if owner is None:
                raise CommandError(f"There is no user with the e-mail {options['owner']}.")
        try:
            with options["file"].open("rb") as file:
                return services.receive_import(
                    file=File(file), owner=owner, user=None, kind=ImportKind(options["kind"])
                )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error

    def _choose(self, received: Import, options: dict[str, Any]) -> None:
        layout = Layout.from_plain(received.layout)
        if options["layout"] and options["layout"] != layout.name:
            raise CommandError(f"The file does not look like the layout {options['layout']}.")
        given = {key: options[key] for key in ("encoding", "dates", "decimals") if options[key]}
        given |= {"currency": _currency(options["currency"])} if options["currency"] else {}
        rates = dict(_pair(text) for text in options["rate"])
        layout = replace(
            layout, **given, rates={_currency(code): price for code, price in rates.items()} or layout.rates
        )
        layout = replace(layout, all_or_nothing=options["all_or_nothing"])
        keys = KINDS[received.kind].columns.keys
        mapping = dict(received.mapping) | _mapping(layout, keys, options["map"])
        services.choose(received, layout=layout, mapping=mapping, owner=received.owner)

    def _report(self, done: Import, seconds: float) -> None:
        for refused in done.refused.order_by("line")[:REFUSED_SHOWN]:
            self.stdout.write(
                f"line {refused.line}: {refused.column} {row_reason(refused.reason)} {refused.value}"
            )
        if done.rows_refused > REFUSED_SHOWN:
            self.stdout.write(f"... and {done.rows_refused - REFUSED_SHOWN} more")
        self.stdout.write(
            f"{done.rows_read} rows in {seconds:.1f} s: {done.rows_added} {FACTS[done.kind]} added,"
            f" {done.rows_corrected} corrected, {done.rows_unchanged} unchanged,"
            f" {done.rows_refused} rows refused, {done.customers_added} customers created"
        )
        if done.error:
            raise CommandError(file_problem(done.error))


def _mapping(layout: Layout, keys: Sequence[str], texts: list[str]) -> dict[str, int]:
    mapping = {}
    for text in texts:
        header, key = _pair(text)
        if key not in keys or header not in layout.header:
            raise CommandError(f"--map {text}: columns are {list(layout.header)}, fields are {list(keys)}.")
        mapping[key] = layout.header.index(header)
    return mapping


def _pair(text: str) -> tuple[str, str]:
    left, sign, right = text.rpartition("=")
    if not sign:
        raise CommandError(f"{text!r} is not written as NAME=VALUE.")
    return left, right


def _currency(code: str) -> str:
    if code.upper() not in money.CURRENCIES:
        raise CommandError(f"{code} is no currency code, such as CNY or EUR.")
    return code.upper()


class _Watch:
    """Prints the progress that the import itself writes, twice a second."""

    def __init__(self, command: BaseCommand, import_id: int) -> None:
        self._command, self._import_id, self._ended = command, import_id, Event()
        self._thread = Thread(target=self._print, daemon=True)

    def __enter__(self) -> None:
        if not connection.in_atomic_block:
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _print(self) -> None:
        shown = ""
        while not self._ended.wait(0.5):
            now = Import.objects.only("step", "rows_read").get(pk=self._import_id)
            text = f"{now.step}: {now.rows_read} rows"
            if text != shown:
                shown = text
                self._command.stdout.write(text)
        connection.close()
