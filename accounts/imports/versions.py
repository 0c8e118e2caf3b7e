"""From import_writes, which sets a file against what is believed, to new versions of facts.

Each of its rows has identity, customer_id, old_id, old_customer_id, the columns of the fact, and the action:
add, correct or same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from accounts.imports.fields import Mapped
from accounts.imports.models import Import
from accounts.imports.statements import execute

Values = Mapping[str, int | str | dt.datetime | None]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is written in whose name; ``now`` dates corrections."""

    import_id: int
    sha256: str
    mapping: Mapped
    owner_id: int | None
    author_id: int | None
    now: dt.datetime
    time_zone: str

    @property
    def values(self) -> Values:
        return {
            "import": self.import_id,
            "sha256": self.sha256,
            "owner": self.owner_id,
            "author": self.author_id,
            "now": self.now,
            "zone": self.time_zone,
        }


def job_of(running: Import, now: dt.datetime) -> Job:
    return Job(
        import_id=running.pk,
        sha256=running.sha256,
        mapping=running.mapping,
        owner_id=running.owner_id,
        author_id=running.created_by_id,
        now=now,
        time_zone=settings.TIME_ZONE,
    )


@dataclass(frozen=True)
class Written:
    """Facts, not rows: several rows may make one."""

    added: int
    corrected: int
    unchanged: int
    customers_added: int = 0


def keep_taken(cursor: CursorWrapper, table: str, said: Sequence[str], job: Job) -> None:
    """Leave what this file brought before; ``said``: the columns of ``table`` that the file fills.

    A row that an earlier import of this very file wrote stays, whatever was corrected or deleted since.
    """
    agrees = sql.SQL(" and ").join(
        sql.SQL("{} is not distinct from {}").format(sql.Identifier("v", column), sql.Identifier("w", column))
        for column in said
    )
    parts = {"table": sql.Identifier(table), "agrees": agrees}
    execute(cursor, sql.SQL(_TAKEN_BEFORE).format(**parts), job.values)
    cursor.execute("analyze import_writes")


def end_corrected(cursor: CursorWrapper, table: str, job: Job) -> None:
    """Supersede in ``table`` what the file corrects."""
    execute(cursor, sql.SQL(_SUPERSEDE).format(table=sql.Identifier(table)), job.values)


def count_written(cursor: CursorWrapper, *, customers_added: int = 0) -> Written:
    cursor.execute("select action, count(*) from import_writes group by action")
    counts = dict(cursor.fetchall())
    return Written(counts.get("add", 0), counts.get("correct", 0), counts.get("same", 0), customers_added)


_TAKEN_BEFORE = """
    update import_writes w set action = 'same' from {table} v
    where w.action <> 'same' and v.identity = w.identity and {agrees}
        and v.import_id in (
            select id from imports_import where sha256 = %(sha256)s and state = 'done' and id <> %(import)s
        )
"""

_SUPERSEDE = """
    update {table} v set superseded_at = %(now)s from import_writes w
    where w.action = 'correct' and v.id = w.old_id and v.superseded_at is null
"""
