"""From the file into a temporary table, as text: one COPY, memory flat.

Temporary tables belong to the session: after a killed worker or database nothing of them is left, and the
import begins again from its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from accounts.imports.fields import Columns, Mapped
from accounts.imports.layouts import Layout, Record, records
from accounts.imports.problems import BadFileError
from accounts.imports.statements import execute

TABLES = (
    "import_rows",
    "import_checked",
    "import_currencies",
    "import_names",
    "import_new_names",
    "import_name_keys",
    "import_orders",
    "import_activities",
    "import_found",
    "import_usages",
    "import_writes",
)
"""Every temporary table of an import of either kind."""
_BATCH = 5_000
"""Records per write: 1,000 to 20,000 took the same time."""
_UNREAD = 200
"""Characters of a row that could not be read, as many as the list of refused rows shows."""


def drop_tables() -> None:
    """Forget what an earlier import left in this session."""
    with connection.cursor() as cursor:
        for table in TABLES:
            execute(cursor, sql.SQL("drop table if exists pg_temp.{}").format(sql.Identifier(table)))


def stage(
    path: Path,
    layout: Layout,
    mapping: Mapped,
    columns: Columns,
    *,
    limit: int | None = None,
    at: Callable[[int, int], None] = lambda rows, size: None,
) -> int:
    """Fill import_rows with the mapped columns of the first ``limit`` records; returns how many there are.

    ``at`` is told rows and bytes as they are read, and may raise to stop. Raises BadFileError.
    """
    read = _Counter(at)
    rows = islice(records(path, layout, read.at_bytes), limit)
    keys = [key for key in columns.keys if key in mapping]
    # A transaction of its own: a broken file must not spoil that of a caller.
    with transaction.atomic(), connection.cursor() as cursor:
        execute(
            cursor,
            sql.SQL("create temp table import_rows (line bigint, reason text, unread text, {})").format(
                sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(key)) for key in columns.keys)
            ),
        )
        copy_in = sql.SQL("copy import_rows (line, reason, unread, {}) from stdin").format(
            sql.SQL(", ").join(sql.Identifier(key) for key in keys)
        )
        with cursor.copy(copy_in) as copy:
            for text, count in _copy_text(rows, [mapping[key] for key in keys], layout.delimiter):
                copy.write(text)
                read.add(count)
    if not read.rows:
        raise BadFileError("only_header" if layout.header else "empty")
    return read.rows


class _Counter:
    def __init__(self, at: Callable[[int, int], None]) -> None:
        self.rows, self.size, self._at = 0, 0, at

    def at_bytes(self, size: int) -> None:
        self.size = size

    def add(self, count: int) -> None:
        self.rows += count
        self._at(self.rows, self.size)


def _copy_text(rows: Iterable[Record], positions: list[int], delimiter: str) -> Iterator[tuple[str, int]]:
    """Batches in the text format of COPY, trimmed (in SQL that took four times as long).

    An unreadable record keeps its line, reason and text, without values."""
    pick = itemgetter(*positions) if len(positions) > 1 else (lambda values: (values[positions[0]],))
    nothing = "\t\\N" * len(positions)
    tabs = len(positions) - 1
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        lines = []
        for line, values, reason in batch:
            if reason:
                unread = delimiter.join(values).replace("\0", "")[:_UNREAD]
                lines.append(f"{line}\t{reason}\t{_escaped(unread)}{nothing}\n")
                continue
            picked = "\t".join(map(str.strip, pick(values)))
            if "\\" in picked or "\n" in picked or "\r" in picked or picked.count("\t") != tabs:
                picked = "\t".join(_escaped(value.strip()) for value in pick(values))
            lines.append(f"{line}\t\\N\t\\N\t{picked}\n")
        yield "".join(lines), len(batch)


def _escaped(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("\t", "\\t")
    return escaped.replace("\n", "\\n").replace("\r", "\\r")
