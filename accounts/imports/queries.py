"""What the import pages read from the file itself: a preview of its rows, and the rows that were refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.customers.services import company_day
from accounts.imports import applying, checking, fields, layouts, matching, staging
from accounts.imports.layouts import Layout, ShortDate
from accounts.imports.models import Import, ImportState, RefusedRow
from accounts.imports.problems import BadFileError
from accounts.orders.services import MAX_MINOR

PREVIEW_ROWS = 20
SAMPLE_ROWS = 2_000
"""Rows that the preview checks: 0.2 s."""
_BATCH = 1_000


@dataclass(frozen=True)
class PreviewRow:
    """A row as it would be taken; money in minor units of ``currency``. A good row has no ``reason``."""

    line: int
    customer: str
    number: str
    ordered_on: dt.date | None
    amount_minor: int | None
    currency: str
    quantity: Decimal | None
    direct_cost_minor: int | None
    is_new_customer: bool
    fault: str
    reason: str
    value: str


@dataclass(frozen=True)
class Preview:
    """``problems``: (reason, rows) of the ``rows`` that were checked, the most frequent first."""

    rows: int
    refused: int
    new_customers: int
    problems: tuple[tuple[str, int], ...]
    first: tuple[PreviewRow, ...]


def preview(shown: Import, *, now: dt.datetime) -> Preview:
    """What the first SAMPLE_ROWS rows would become, by the same code that takes them; nothing is kept.

    Raises BadFileError.
    """
    fields.require_columns(shown.mapping)
    layout = Layout.from_plain(shown.layout)
    rules = checking.Rules(settings.BASE_CURRENCY, company_day(now))
    if not Path(shown.file.path).exists():
        raise BadFileError("file_gone")
    with transaction.atomic():
        staging.drop_tables()
        rows = staging.stage(Path(shown.file.path), layout, shown.mapping, limit=SAMPLE_ROWS)
        checking.check(layout, shown.mapping, rules)
        matching.match_customers()
        applying.gather_orders(shown.sha256)
        found = _preview(rows)
        transaction.set_rollback(True)
    return found


def _preview(rows: int) -> Preview:
    with connection.cursor() as cursor:
        cursor.execute(
            "select reason, count(*) from import_checked where reason is not null"
            " group by 1 order by 2 desc, 1"
        )
        problems = tuple(cursor.fetchall())
        cursor.execute("select count(distinct key) from import_names where customer_id is null")
        (new_customers,) = cursor.fetchone()
        cursor.execute(
            """
            select line, coalesce(nullif(customer, ''), customer_number), number, ordered_on,
                case when abs(amount_minor) <= %(max)s then amount_minor::bigint end, coalesce(currency, ''),
                case when abs(quantity) < 1e14 then quantity end,
                case when abs(direct_cost_minor) <= %(max)s then direct_cost_minor::bigint end,
                reason is null and customer_id is null, fault, coalesce(reason, ''), coalesce(value, '')
            from import_checked left join import_names using (customer_number, customer)
            order by line limit %(rows)s
            """,  # a refused row may hold numbers that no column could
            {"max": MAX_MINOR, "rows": PREVIEW_ROWS},
        )
        first = tuple(PreviewRow(*row) for row in cursor.fetchall())
    return Preview(rows, sum(count for _, count in problems), new_customers, problems, first)


def imported_before(shown: Import) -> Import | None:
    """The last import that took this very file."""
    same = Import.objects.filter(sha256=shown.sha256, state=ImportState.DONE).exclude(pk=shown.pk)
    return same.order_by("-pk").first()


def short_date(shown: Import) -> ShortDate | None:
    """What `layouts.short_date` finds; None also where the file cannot be read, which the preview tells."""
    try:
        return layouts.short_date(Path(shown.file.path), Layout.from_plain(shown.layout), shown.mapping)
    except (BadFileError, OSError, LookupError, ValueError):
        return None


def refused_with_originals(shown: Import) -> Iterator[tuple[RefusedRow, Sequence[str]]]:
    """Every refused row with its cells as they stand in the file, read side by side: memory stays flat."""
    layout = Layout.from_plain(shown.layout)
    records = layouts.records(Path(shown.file.path), layout)
    record = next(records, None)
    for refused in _refused_in_order(shown):
        while record is not None and record.line < refused.line:
            record = next(records, None)
        yield refused, record.values if record is not None and record.line == refused.line else ()


def _refused_in_order(shown: Import) -> Iterator[RefusedRow]:
    last = 0
    while True:
        batch = list(shown.refused.filter(line__gt=last).order_by("line")[:_BATCH])
        yield from batch
        if len(batch) < _BATCH:
            return
        last = batch[-1].line


def affected_customers(done: Import) -> list[int]:
    """Ids of the customers whose orders this import wrote."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct customer_id from orders_order where import_id = %s", [done.pk])
        return [row[0] for row in cursor.fetchall()]


def column_name(shown: Import, key: str) -> str:
    """The header of the column that holds a field."""
    place: Any = shown.mapping.get(key)
    header = shown.layout.get("header") or ()
    return str(header[place]) if place is not None and place < len(header) else ""
