"""One kind of event in a stream of many kinds, and the stream: newest first, page by page, in one statement.

Every source gives the same columns, so that one statement reads them all; what an entry shows of its record
comes as one JSON object. Each branch is sorted and cut off by itself, so it is bounded by its own index.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet, SmallIntegerField, Value
from django.db.models.functions import JSONObject
from django.utils.functional import Promise

from crm.queries.keyset import Page, Part, Place, place_of

Facts = dict[str, Any]
Label = str | Promise


@dataclass(frozen=True)
class Source:
    """One kind of event: ``column`` says when, a date when ``is_day``. ``facts``: what is read of a row,
    of which ``record`` makes an entry; None where there is nothing to show of it."""

    kind: str
    found: QuerySet[Any]
    column: str
    is_day: bool
    facts: JSONObject
    record: Callable[[int, Facts], Any]


@dataclass(frozen=True)
class Event:
    """One entry. ``kind`` names its template. A fact of a day, such as an order, stands at the beginning of
    that day where the company is."""

    at: dt.datetime
    kind: str
    record: Any


def page_of_events(
    sources: Sequence[Source], *, kinds: Collection[str] = (), after: str = "", limit: int
) -> Page[Event]:
    """The newest events of these ``kinds`` (none named: of all), or those behind the cursor: one query.

    At the same instant the kinds follow the order of ``sources``, so the cursor is instant, kind and id.
    """
    start = place_of(after, [Part(each.found, (each.column, "pk"), (dt.datetime, int)) for each in sources])
    wanted = [number for number, each in enumerate(sources) if not kinds or each.kind in kinds]
    if not wanted:
        return Page(rows=[], newer=None, older=None)
    first, *others = [_newest(sources[number], number, start, limit + 1) for number in wanted]
    rows: list[tuple[int, int, Facts]] = list(first.union(*others, all=True) if others else first)
    found = [(_place(sources[number], number, pk, facts), facts) for number, pk, facts in rows]
    found.sort(key=lambda pair: (pair[0].key[0], -pair[0].part, pair[0].key[1]), reverse=True)
    shown = found[:limit]
    events = [_event(sources[place.part], place, facts) for place, facts in shown]
    return Page(
        rows=[event for event in events if event.record is not None],
        newer=None,
        older=str(shown[-1][0]) if len(found) > limit else None,
    )


def day_of(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _newest(source: Source, number: int, start: Place | None, limit: int) -> Any:
    rows = source.found if start is None else source.found.filter(_older(source, number, start))
    numbered = rows.annotate(source=Value(number, SmallIntegerField()), entry=source.facts)
    return numbered.order_by(f"-{source.column}", "-pk").values_list("source", "pk", "entry")[:limit]


def _place(source: Source, number: int, pk: int, facts: Facts) -> Place:
    when = (dt.date if source.is_day else dt.datetime).fromisoformat(facts[source.column])
    return Place(number, (_instant(when), pk))


def _event(source: Source, place: Place, facts: Facts) -> Event:
    at, pk = place.key
    return Event(at, source.kind, source.record(pk, facts))


def _older(source: Source, number: int, start: Place) -> Q:
    """Events of this source that stand behind the place ``start`` of the whole stream."""
    at, pk = start.key
    border = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if source.is_day else at
    if source.is_day and _instant(border) < at:
        return Q((f"{source.column}__lte", border))
    before = Q((f"{source.column}__lt", border))
    if number < start.part:
        return before
    same = Q((source.column, border))
    if number == start.part:
        same &= Q(pk__lt=pk)
    return Q((f"{source.column}__lte", border)) & (before | same)


def _instant(when: dt.datetime | dt.date) -> dt.datetime:
    if isinstance(when, dt.datetime):
        return when
    return dt.datetime.combine(when, dt.time.min, ZoneInfo(settings.TIME_ZONE))
