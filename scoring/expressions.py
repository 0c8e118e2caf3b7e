"""Pieces of SQL that the statement of the states is made of. Only names of this package are put into them."""

from __future__ import annotations

VISIBLE = "{0}.known_at <= %(as_of)s and ({0}.superseded_at is null or {0}.superseded_at > %(as_of)s)"


def days(date: str) -> str:
    return f"coalesce(({date} - date '1970-01-01')::float8, 'NaN')"


def known(value: str) -> str:
    return f"coalesce(({value})::float8, 'NaN')"


def number(value: str) -> str:
    return f"coalesce({value}::float8, 0)"


def more(one: str, other: str) -> str:
    return number(f"(coalesce({one}, 0) + coalesce({other}, 0))")


def less(one: str, other: str) -> str:
    return number(f"(coalesce({one}, 0) - coalesce({other}, 0))")


def as_it_was(alias: str, events: str, *columns: str) -> str:
    """Joins ``{alias}_was``: the columns of a record that is changed in place, as they were at the instant.

    What the row says now holds since ``changed_at``; before that the old version of `events` that began last.
    All of them are null where there was none yet.
    """
    old = ", ".join(f"v.{column}" for column in columns)
    choose = "case when {0}.changed_at > %(as_of)s then {0}_old.{1} else {0}.{1} end as {1}"
    values = ", ".join(choose.format(alias, column) for column in columns)
    return f"""left join lateral (
    select {old} from {events} v
    where {alias}.changed_at > %(as_of)s and v.pgh_obj_id = {alias}.id
      and coalesce(v.changed_at, v.known_at) <= %(as_of)s
    order by v.version desc, v.pgh_id desc limit 1
  ) {alias}_old on true
  cross join lateral (select {values}) {alias}_was"""  # noqa: S608
