"""Moves everything that the product keeps by date into the past, set-wise: the clock itself cannot be moved.

What is a date is read from the database's catalogue, so that a table or partition that comes later is moved
as well. Not moved is what belongs to the machine's own time:

- Tables of other packages: sessions, tokens of the API and second factors would end before their time, and
  the list of migrations tells when this database was made.
- ``last_login``: it is part of the hash in every link for a new password, and tells when somebody came.
- ``lease_until``: how long a worker may go on; in the past its work would be taken from it.

Of the cache only the company's index is kept by date, and computed anew by the command. The rest has to stay:
sessions, which letters were sent (by id: they would be sent again), and answers to repeated calls of the API.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

OURS = frozenset({"accounts", "scoring", "crm", "pghistory"})
KEPT = ("last_login", "lease_until")
CALENDARS = "surveys_calendarday"
"""Holidays stay where they are."""
FAR = dt.timedelta(weeks=20_000)
"""Longer than any history, and from a Monday to a Monday."""
ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"

# Days since 1970 stand in columns of scoring that are called so (scoring/core/state.py).
COLUMNS = r"""
select c.relname, a.attname, t.typname = 'float8'
from pg_class c
join pg_attribute a on a.attrelid = c.oid
join pg_type t on t.oid = a.atttypid
where c.relnamespace = current_schema()::text::regnamespace
  and c.relkind in ('r', 'p') and not c.relispartition
  and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  and (t.typname in ('date', 'timestamptz', 'timestamp') or t.typname = 'float8' and a.attname ~ '_day(_|$)')
  and c.relname <> all(%(others)s) and a.attname <> all(%(kept)s)
order by c.relname, a.attnum
"""
UNIQUE = """
select c.relname, i.indisprimary, array_agg(a.attname::text)
from pg_index i
join pg_class c on c.oid = i.indrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey::int2[])
where i.indisunique and c.relnamespace = current_schema()::text::regnamespace
group by i.indexrelid, c.relname, i.indisprimary
"""
FOREIGN_KEYS = """
select f.conname, child.relname, parent.relname,
  (select array_agg(a.attname::text order by k.place)
   from unnest(f.conkey) with ordinality as k (number, place)
   join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number),
  (select array_agg(a.attname::text order by k.place)
   from unnest(f.confkey) with ordinality as k (number, place)
   join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number)
from pg_constraint f
join pg_class child on child.oid = f.conrelid
join pg_class parent on parent.oid = f.confrelid
where f.contype = 'f' and f.conparentid = 0 and f.connamespace = current_schema()::text::regnamespace
order by f.conname
"""
# Dates as text: in the facts of notices, in the numbers of a run, and in what a snooze was put on.
IN_TEXT = (
    """
    update notices_notice set facts = (
      select jsonb_object_agg(key, case
        when jsonb_typeof(value) = 'string' and value #>> '{}' ~ %(iso)s
        then to_jsonb(((value #>> '{}')::date - %(days)s)::text) else value end)
      from jsonb_each(facts)
    )
    where exists (
      select from jsonb_each(facts) where jsonb_typeof(value) = 'string' and value #>> '{}' ~ %(iso)s
    )
    """,
    """
    update scoring_scoringrun
    set cuts = jsonb_set(cuts, '{as_of_day}', to_jsonb((cuts ->> 'as_of_day')::float8 - %(days)s))
    where cuts ? 'as_of_day'
    """,
    "update snoozes_snooze set was = (was::date - %(days)s)::text where was ~ %(iso)s",
)


class BrokenKeyError(Exception):
    """Rows point at rows that are not there; the message names the foreign key."""


@dataclass(frozen=True)
class Moved:
    """How much was moved."""

    tables: int
    columns: int
    rows: int


@dataclass(frozen=True)
class Column:
    """``is_number``: days since 1970, else a date or an instant."""

    name: str
    is_number: bool

    def set_earlier(self, days: int) -> sql.Composable:
        name = sql.Identifier(self.name)
        if self.is_number:
            return sql.SQL("{name} = {name} - {days}").format(name=name, days=sql.Literal(days))
        # 24 hours a day, also over a change of clocks. A date becomes a timestamp, and a date again when set.
        by = sql.Literal(24 * days)
        return sql.SQL("{name} = {name} - make_interval(hours => {by})").format(name=name, by=by)


Columns = dict[str, list[Column]]


@transaction.atomic
def move_dates(*, days: int) -> Moved:
    """Make everything ``days`` older. Nobody writes meanwhile; readers see all of it or nothing.

    Needs the rights of a superuser, because no trigger may fire. Raises BrokenKeyError.
    """
    columns = moved_columns()
    twice = _colliding(columns)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("lock table {} in share row exclusive mode").format(
                sql.SQL(", ").join(map(sql.Identifier, columns))
            )
        )
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
        cursor.execute("set local session_replication_role = replica")
        for table, dated in columns.items():
            steps = (days + FAR.days, -FAR.days) if table in twice else (days,)
            for step in steps:
                changes = sql.SQL(", ").join(column.set_earlier(step) for column in dated)
                cursor.execute(sql.SQL("update {} set {}").format(sql.Identifier(table), changes))
            rows += cursor.rowcount
        for statement in IN_TEXT:
            cursor.execute(statement, {"iso": ISO_DATE, "days": days})
        cursor.execute("set local session_replication_role = origin")
    check_foreign_keys()
    return Moved(len(columns), sum(map(len, columns.values())), rows)


def moved_columns() -> Columns:
    """By table; of a partitioned one the parent stands for all."""
    found: Columns = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, {"others": _tables_of_others(), "kept": list(KEPT)})
        for table, name, is_number in cursor.fetchall():
            found[table].append(Column(name, is_number))
    return dict(found)


def check_foreign_keys() -> None:
    """Look at every row of every foreign key. Raises BrokenKeyError."""
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS)
        for name, child, parent, columns, keys in cursor.fetchall():
            pairs = list(zip(columns, keys, strict=True))
            cursor.execute(
                sql.SQL(
                    "select exists (select from {child} c where {given}"
                    " and not exists (select from {parent} p where {same}))"
                ).format(
                    child=sql.Identifier(child),
                    parent=sql.Identifier(parent),
                    given=_each("c.{} is not null", [(column,) for column in columns]),
                    same=_each("c.{} = p.{}", pairs),
                )
            )
            if cursor.fetchone()[0]:
                raise BrokenKeyError(f"{child}: {name}")


def _each(text: str, names: Iterable[tuple[str, ...]]) -> sql.Composable:
    parts = [sql.SQL(text).format(*map(sql.Identifier, each)) for each in names]
    return sql.SQL(" and ").join(parts)


def _tables_of_others() -> list[str]:
    tables = {"django_migrations"}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_config.name.partition(".")[0] not in OURS:
            tables.add(model._meta.db_table)
    return sorted({*tables, CALENDARS})


def _colliding(columns: Columns) -> set[str]:
    """Tables in which a row on its way could meet another: a unique index holds what is moved.

    They go a long way and come back. An index that also holds an unmoved primary key can have no such pair.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNIQUE)
        rows = [(table, is_primary, set(names)) for table, is_primary, names in cursor.fetchall()]
    moved = {table: {column.name for column in dated} for table, dated in columns.items()}
    primary = {table: names for table, is_primary, names in rows if is_primary}
    return {
        table
        for table, _is_primary, names in rows
        if names & moved.get(table, set()) and (primary[table] & moved[table] or not primary[table] <= names)
    }
