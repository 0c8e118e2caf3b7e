"""Pages by keyset: a page starts beside the last row of the one before, so any depth costs the same.

An order is a sequence of parts, for instance the scored customers by score and then those without a score.
Inside a part no column is null (a comparison with nulls could not start in an index), and the last column is
the id of the row. A page holds ids; what it shows of them is a second query by id.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

PAGE_ROWS = 50
COUNTED_EXACTLY = 10_000
"""Counting further would read the whole book for a number that nobody needs to the last digit."""

R = TypeVar("R")
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """Rows ``found`` by ``columns`` ("-score": descending), whose values have these ``types``.

    ``nulls_at_low_end``: the first column's index keeps nulls below every value. There are none among these
    rows, but an index serves an ORDER BY only when the two agree on nulls.
    """

    found: QuerySet[Any]
    columns: tuple[str, ...]
    types: tuple[type, ...]
    nulls_at_low_end: bool = False


@dataclass(frozen=True)
class Page(Generic[R]):
    """``newer`` and ``older`` are the cursors for the pages beside this one, or None."""

    rows: list[R]
    newer: str | None
    older: str | None
    count: int | None = None
    count_is_exact: bool = True


@dataclass(frozen=True)
class Place:
    """A row's place in an order: the number of its part and its values there."""

    part: int
    key: Key

    def __str__(self) -> str:
        values = [value.isoformat() if isinstance(value, dt.date) else value for value in self.key]
        text = json.dumps([self.part, *values], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str, order: Sequence[Part]) -> Place | None:
    """The place a cursor says; None for what this order did not hand out, which then is the first page."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        part, *key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if type(part) is not int or part < 0:
            return None
        return Place(part, tuple(_typed(*pair) for pair in zip(key, order[part].types, strict=True)))
    except (ValueError, TypeError, IndexError, RecursionError, binascii.Error):
        return None


def page_of_ids(
    order: Sequence[Part], *, after: str = "", before: str = "", limit: int = PAGE_ROWS
) -> Page[int]:
    """The ids behind the cursor ``after``, or in front of ``before``; without either the first ones."""
    back = bool(before)
    start = place_of(before or after, order)
    places: list[Place] = []
    for number in range(len(order) - 1, -1, -1) if back else range(len(order)):
        if start is not None and (number > start.part if back else number < start.part):
            continue
        border = start.key if start is not None and number == start.part else None
        keys = _keys(order[number], border, back=back, limit=limit + 1 - len(places))
        places += [Place(number, key) for key in keys]
        if len(places) > limit:
            break
    has_more, places = len(places) > limit, places[:limit]
    if back:
        places.reverse()
    has_newer, has_older = (has_more, start is not None) if back else (start is not None, has_more)
    return Page(
        rows=[place.key[-1] for place in places],
        newer=str(places[0]) if places and has_newer else None,
        older=str(places[-1]) if places and has_older else None,
    )


def page_or_first(
    order: Sequence[Part], *, after: str = "", before: str = "", limit: int = PAGE_ROWS
) -> Page[int]:
    """Like `page_of_ids`; the first page where the cursor, say of another list, leaves none to show."""
    page = page_of_ids(order, after=after, before=before, limit=limit)
    return page if page.rows or not (after or before) else page_of_ids(order, limit=limit)


def count_of(found: QuerySet[Any]) -> tuple[int, bool]:
    """How many there are, and whether that is exact."""
    counted = found.order_by().values("pk")[: COUNTED_EXACTLY + 1].count()
    return min(counted, COUNTED_EXACTLY), counted <= COUNTED_EXACTLY


def _keys(part: Part, border: Key | None, *, back: bool, limit: int) -> list[Key]:
    rows = part.found if border is None else part.found.filter(_beyond(part.columns, border, back=back))
    names = [column.lstrip("-") for column in part.columns]
    nulls = [part.nulls_at_low_end, *[False] * len(names)]
    order = [_order(*pair, back=back) for pair in zip(part.columns, nulls, strict=False)]
    return list(rows.order_by(*order).values_list(*names)[:limit])


def _order(column: str, nulls_at_low_end: bool, *, back: bool) -> OrderBy:
    name, low_end = F(column.lstrip("-")), True if nulls_at_low_end else None
    return name.desc(nulls_last=low_end) if _descends(column, back) else name.asc(nulls_first=low_end)


def _beyond(columns: tuple[str, ...], border: Key, *, back: bool) -> Q:
    """Rows beyond ``border``. Its first condition follows from the others and lets the index start there."""
    beyond, equal = Q(), Q()
    for column, value in zip(columns, border, strict=True):
        name, side = column.lstrip("-"), "lt" if _descends(column, back) else "gt"
        beyond |= equal & Q((f"{name}__{side}", value))
        equal &= Q((name, value))
    side = "lte" if _descends(columns[0], back) else "gte"
    return Q((f"{columns[0].lstrip('-')}__{side}", border[0])) & beyond


def _descends(column: str, back: bool) -> bool:
    return column.startswith("-") != back


def _typed(value: object, kind: type) -> object:
    """``value`` as a column of this type has it; ValueError for what it cannot hold. ``object``: of JSON."""
    if kind is dt.date and isinstance(value, str):
        return dt.date.fromisoformat(value)
    if kind is dt.datetime and isinstance(value, str):
        instant = dt.datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            return instant
    if kind is str and isinstance(value, str) and "\x00" not in value:
        value.encode()
        return value
    if kind is int and type(value) is int and abs(value) < 2**63:
        return value
    if kind is float and type(value) in {int, float}:
        return value
    if kind is object and (type(value) in {int, bool} or (isinstance(value, float) and isfinite(value))):
        return value
    if kind is object and isinstance(value, str):
        return _typed(value, str)
    raise ValueError(value)
