"""Where states and scores lie: arrays to and from the partitions of a run.

A run's scores are written by one COPY into a table of its own, which becomes a partition when the run is
published: readers never wait and never see half a run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from psycopg import sql

from scoring import copy_binary, kept
from scoring.copy_binary import Field
from scoring.core.results import Previous, Scores
from scoring.core.state import CustomerState

STATE_TABLE = "scoring_customer_state"
SCORE_TABLE = "scoring_customer_score"
_POSTGRES_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

# Column of the table for the field of `Scores`, in the order of the COPY.
SCORE_COLUMNS: dict[str, str] = {
    {"expected_value": "expected_value_minor", "money_at_risk": "money_at_risk_minor"}.get(name, name): name
    for name, _ in Scores.flat_columns()
}
# What queries filter and sort by. Statistics of the arrays took 1.6 s for 100,000 customers and help nobody.
_PLANNED = sql.SQL("run_id, customer_id, input_version, as_of, score, share, tier, churn_score, flag_level")
_PREVIOUS_COLUMNS = (
    ("customer_id", "int64"),
    ("tier", "int8"),
    ("pending_tier", "int8"),
    ("flag_level", "int8"),
    ("flag_reading", "int8"),
)


def partition(table: str, run_id: int) -> str:
    """Name of a run's partition."""
    return f"{table}_r{run_id}"


def create_state_partition(run_id: int) -> None:
    """An empty partition for the states of a run, attached: shards write straight into it."""
    name = sql.Identifier(partition(STATE_TABLE, run_id))
    create = "create table {name} (like {parent} including all)"
    check = "alter table {name} add constraint of_run check (run_id = {run_id})"
    attach = "alter table {parent} attach partition {name} for values in ({run_id})"
    parent = sql.Identifier(STATE_TABLE)
    with connection.cursor() as cursor:
        for text in (create, check, attach):
            cursor.execute(sql.SQL(text).format(name=name, parent=parent, run_id=run_id))


def read_states(run_id: int, ids: Sequence[int] | None = None) -> CustomerState:
    """States of a run (of `ids`, else all) in the order of customer_id; about 0.3 kB of memory each."""
    columns = CustomerState.flat_columns()
    return CustomerState.from_columns(_copied(partition(STATE_TABLE, run_id), columns, ids))


def read_previous(
    run_id: int, customers: npt.NDArray[np.int64], days_since: float, *, few: bool = False
) -> Previous:
    """What a closed run stored of `customers`, row by row; `days_since`: its age in days.

    `few`: look them up instead of reading the whole run. Who was not in that run has nothing.
    """
    ids = customers
    found = _copied(partition(SCORE_TABLE, run_id), _PREVIOUS_COLUMNS, ids.tolist() if few else None)
    known = found["customer_id"]
    position = np.minimum(np.searchsorted(known, ids), max(len(known) - 1, 0))
    is_known = known[position] == ids if len(known) else np.zeros(len(ids), dtype=np.bool_)
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.where(is_known, found[name][position], 0) if len(known) else np.zeros(len(ids))
        for name in ("tier", "pending_tier", "flag_level", "flag_reading")
    }
    columns["days_since"] = np.where(is_known, days_since, np.nan)
    columns["kept_reading"] = np.full(len(ids), -1)
    return Previous.from_columns(columns)


def _copied(
    table: str, columns: Sequence[tuple[str, str]], ids: Sequence[int] | None
) -> dict[str, npt.NDArray[Any]]:
    # Names and numbers of our own alone: composing them safely took longer than reading one row.
    chosen = (
        "true" if ids is None else f"customer_id = any('{{{','.join(map(str, map(int, ids)))}}}'::bigint[])"
    )
    names = ", ".join(name for name, _ in columns)
    query = (
        f"copy (select {names} from {table} where {chosen} order by customer_id) to stdout (format binary)"  # noqa: S608
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return copy_binary.decode(copy, columns)


def write_scores(run_id: int, attempt: int, as_of: dt.datetime, scores: Scores) -> str:
    """Scores of a run in a table of this attempt, with keys and indexes, not yet attached; its name.

    Two attempts never share a table: one that was thought dead cannot spoil the other's.
    """
    table = f"{partition(SCORE_TABLE, run_id)}_a{attempt}"
    names = {"name": sql.Identifier(table), "parent": sql.Identifier(SCORE_TABLE), "run_id": run_id}
    columns = sql.SQL(", ").join(map(sql.Identifier, ("run_id", "as_of", *SCORE_COLUMNS)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {name}").format(**names))
        cursor.execute(
            sql.SQL("create table {name} (like {parent} including defaults including constraints)").format(
                **names
            )
        )
        cursor.execute(
            sql.SQL("alter table {name} add constraint of_run check (run_id = {run_id})").format(**names)
        )
        # Frozen: index-only scans of the sweep need no vacuum first.
        load = sql.SQL("copy {name} ({columns}) from stdin (format binary, freeze)")
        with cursor.copy(load.format(columns=columns, **names)) as copy:
            for block in copy_binary.encode(_fields(run_id, as_of, scores), len(scores)):
                copy.write(block)
        for definition in _index_definitions():
            cursor.execute(definition.format(**names))
        cursor.execute(sql.SQL("analyze {name} ({planned})").format(planned=_PLANNED, **names))
    return table


def _index_definitions() -> list[sql.SQL]:
    """The parent's indexes, so that attaching has none to build."""
    return [
        sql.SQL("alter table {name} add primary key (run_id, customer_id) include (input_version)"),
        sql.SQL("create index on {name} (run_id, score desc nulls last, customer_id)"),
        sql.SQL("create index on {name} (run_id, churn_score desc, customer_id)"),
        sql.SQL("create index on {name} (run_id, tier, score desc nulls last, customer_id)"),
        sql.SQL("create index on {name} (run_id, flag_level, churn_score desc, customer_id)"),
        sql.SQL("create index on {name} (run_id, expected_value_minor desc, customer_id)"),
        sql.SQL("create index on {name} (run_id, money_at_risk_minor desc, customer_id)"),
    ]


def _fields(run_id: int, as_of: dt.datetime, scores: Scores) -> list[Field]:
    n = len(scores)
    micros = (as_of - _POSTGRES_EPOCH) // dt.timedelta(microseconds=1)
    fields = [Field(np.full(n, run_id)), Field(np.full(n, micros))]
    for name in SCORE_COLUMNS.values():
        values = getattr(scores, name)
        fields.append(Field(values, values == 0 if name == "rank" else None))
    return fields


def replace_scores(run_id: int, ids: Sequence[int], as_of: dt.datetime, scores: Scores) -> None:
    """Write a few scores into a published run; of `ids` it then holds these alone. Needs a transaction."""
    table, columns = partition(SCORE_TABLE, run_id), ", ".join(("run_id", "as_of", *SCORE_COLUMNS))
    _delete(table, run_id, ids)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {table} ({columns}) from stdin (format binary)") as copy,
    ):
        for block in copy_binary.encode(_fields(run_id, as_of, scores), len(scores)):
            copy.write(block)


def delete_states(run_id: int, ids: Sequence[int]) -> None:
    """Take the states of a few customers out of a run. Needs a transaction."""
    _delete(partition(STATE_TABLE, run_id), run_id, ids)


def _delete(table: str, run_id: int, ids: Sequence[int]) -> None:
    text = f"delete from {table} where run_id = %(run_id)s and customer_id = any(%(ids)s::bigint[])"  # noqa: S608
    kept.run(text, {"run_id": run_id, "ids": list(ids)})


def attach_scores(run_id: int, table: str) -> None:
    """Make the table of an attempt the run's partition. Needs a transaction; waits for no reader."""
    name = partition(SCORE_TABLE, run_id)
    names = {
        "table": sql.Identifier(table),
        "name": sql.Identifier(name),
        "parent": sql.Identifier(SCORE_TABLE),
        "run_id": run_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("alter table {table} rename to {name}").format(**names))
        cursor.execute(
            sql.SQL("alter table {parent} attach partition {name} for values in ({run_id})").format(**names)
        )


def drop_attempts(run_id: int) -> None:
    """Drop what unfinished attempts of a run left behind."""
    prefix = f"{partition(SCORE_TABLE, run_id)}_a"
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c where c.relkind = 'r' and starts_with(c.relname, %s)"
            " and not c.relispartition and pg_table_is_visible(c.oid)",
            [prefix],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(name)))


def drop_run(run_id: int) -> None:
    """Detach and drop the partitions of a run without blocking readers. Must not be in a transaction.

    Can be repeated: a detach that a crash left half done is completed.
    """
    for table in (SCORE_TABLE, STATE_TABLE):
        _detach(table, partition(table, run_id))
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("drop table if exists {}").format(sql.Identifier(partition(table, run_id)))
            )


def _detach(table: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select inhdetachpending from pg_inherits where inhrelid = to_regclass(%s)", [name])
        row = cursor.fetchone()
        if row is not None:
            how = sql.SQL("finalize" if row[0] else "concurrently")
            cursor.execute(
                sql.SQL("alter table {} detach partition {} {}").format(
                    sql.Identifier(table), sql.Identifier(name), how
                )
            )
