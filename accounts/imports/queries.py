"""What the import pages read from the file itself: a preview of its rows, and the rows that were refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from accounts.customers.services import company_day
from accounts.imports import fields, layouts, matching, staging
from accounts.imports.kinds import KINDS, Kind
from accounts.imports.layouts import Layout, ShortDate
from accounts.imports.models import Import, ImportState, RefusedRow
from accounts.imports.previews import OrderRow, UsageRow
from accounts.imports.problems import BadFileError
from accounts.imports.statements import execute
from accounts.imports.styles import Rules
from accounts.imports.versions import count_written, job_of

PREVIEW_ROWS = 20
SAMPLE_ROWS = 2_000
"""Rows that the preview checks: 0.2 s."""
_BATCH = 1_000


@dataclass(frozen=True)
class Preview:
    """``problems``: (reason, rows) of the ``rows`` that were checked, the most frequent first.

    ``corrected`` and ``unchanged`` count facts, as the import itself does. ``repeated``: rows without a
    number that equal a usage which is there, and would be added beside it.
    """

    rows: int
    refused: int
    new_customers: int
    corrected: int
    unchanged: int
    repeated: int
    problems: tuple[tuple[str, int], ...]
    first: tuple[OrderRow, ...] | tuple[UsageRow, ...]


def preview(shown: Import, *, now: dt.datetime) -> Preview:
    """What the first SAMPLE_ROWS rows would become, by the same code that takes them; nothing is kept.

    Raises BadFileError.
    """
    kind, layout = KINDS[shown.kind], Layout.from_plain(shown.layout)
    fields.require_columns(shown.mapping, kind.columns)
    rules = Rules(settings.BASE_CURRENCY, company_day(now))
    if not Path(shown.file.path).exists():
        raise BadFileError("file_gone")
    with transaction.atomic():
        staging.drop_tables()
        path = Path(shown.file.path)
        rows = staging.stage(path, layout, shown.mapping, kind.columns, limit=SAMPLE_ROWS)
        kind.check(layout, shown.mapping, rules)
        matching.match_customers()
        kind.gather(shown.sha256)
        kind.compare(job_of(shown, now))
        found = _preview(kind, rows, shown.sha256)
        transaction.set_rollback(True)
    return found


def _preview(kind: Kind, rows: int, sha256: str) -> Preview:
    new_customers = repeated = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select reason, count(*) from import_checked where reason is not null"
            " group by 1 order by 2 desc, 1"
        )
        problems = tuple(cursor.fetchall())
        if kind.makes_customers:
            cursor.execute("select count(distinct key) from import_names where customer_id is null")
            (new_customers,) = cursor.fetchone()
        else:
            cursor.execute(_REPEATED)
            (repeated,) = cursor.fetchone()
        written = count_written(cursor)
    refused = sum(count for _, count in problems)
    return Preview(
        rows,
        refused,
        new_customers,
        written.corrected,
        written.unchanged,
        repeated,
        problems,
        kind.first_rows(PREVIEW_ROWS, sha256),
    )


_REPEATED = """
    select count(*) from import_writes w where action = 'add' and number = '' and exists (
        select from costs_activityusage v
        where v.superseded_at is null and v.customer_id = w.customer_id and v.used_on = w.used_on
            and v.activity_id = w.activity_id and v.quantity = w.quantity
    )
"""


def imported_before(shown: Import) -> Import | None:
    """The last import that took this very file."""
    same = Import.objects.filter(kind=shown.kind, sha256=shown.sha256, state=ImportState.DONE)
    same = same.exclude(pk=shown.pk)
    return same.order_by("-pk").first()


def short_date(shown: Import) -> ShortDate | None:
    """What `layouts.short_date` finds; None also where the file cannot be read, which the preview tells."""
    try:
        layout, columns = Layout.from_plain(shown.layout), KINDS[shown.kind].columns
        return layouts.short_date(Path(shown.file.path), layout, shown.mapping, columns)
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
    """Ids of the customers whose facts this import wrote."""
    table = sql.Identifier(KINDS[done.kind].table)
    statement = sql.SQL("select distinct customer_id from {} where import_id = %(id)s").format(table)
    with connection.cursor() as cursor:
        execute(cursor, statement, {"id": done.pk})
        return [row[0] for row in cursor.fetchall()]


def column_name(shown: Import, key: str) -> str:
    """The header of the column that holds a field."""
    place: Any = shown.mapping.get(key)
    header = shown.layout.get("header") or ()
    return str(header[place]) if place is not None and place < len(header) else ""
