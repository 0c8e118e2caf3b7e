"""One kind of event in a stream of many kinds, and the stream: newest first, page by page, in two statements.

Every source gives the same columns, so that one statement finds the newest of all; each branch is sorted and
cut off by itself, so it is bounded by its own index. Of the kinds that are on the page, and of no other, a
second one reads what an entry shows of its record, as one JSON object: there are more kinds than a page has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet, SmallIntegerField, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import Promise

from accounts.keys import among
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
    """The newest events of these ``kinds`` (none named: of all), or those behind the cursor: two queries.

    At the same instant the kinds follow the order of ``sources``, so the cursor is instant, kind and id.
    """
    start = place_of(after, [Part(each.found, (each.column, "pk"), (dt.datetime, int)) for each in sources])
    wanted = [number for number, each in enumerate(sources) if not kinds or each.kind in kinds]
    if not wanted:
        return Page(rows=[], newer=None, older=None)
    newest = _together([_newest(sources[number], number, start, limit + 1) for number in wanted])
    found = [_place(sources[number], number, pk, when) for number, pk, when in newest]
    found.sort(key=lambda place: (place.key[0], -place.part, place.key[1]), reverse=True)
    shown = found[:limit]
    entries = _entries(sources, shown)
    events = [_event(sources[place.part], place, facts) for place, facts in entries]
    return Page(
        rows=[event for event in events if event.record is not None],
        newer=None,
        older=str(shown[-1]) if len(found) > limit else None,
    )


def day_of(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _newest(source: Source, number: int, start: Place | None, limit: int) -> Any:
    rows = source.found if start is None else source.found.filter(_older(source, number, start))
    # A day and an instant have no type in common but their text.
    numbered = rows.annotate(source=_number(number), when=Cast(source.column, TextField()))
    return numbered.order_by(f"-{source.column}", "-pk").values_list("source", "pk", "when")[:limit]


def _entries(sources: Sequence[Source], shown: Sequence[Place]) -> list[tuple[Place, Facts]]:
    """What is shown of each place; what is gone meanwhile is left out."""
    ids: dict[int, list[int]] = {}
    for place in shown:
        ids.setdefault(place.part, []).append(place.key[1])
    parts = [
        sources[number]
        .found.filter(pk__in=among(pks))
        .annotate(source=_number(number), entry=sources[number].facts)
        .order_by()
        .values_list("source", "pk", "entry")
        for number, pks in ids.items()
    ]
    facts = {(number, pk): entry for number, pk, entry in _together(parts)}
    places = ((place, (place.part, place.key[1])) for place in shown)
    return [(place, facts[key]) for place, key in places if key in facts]


def _together(parts: Sequence[QuerySet[Any, Any]]) -> Iterable[Any]:
    if not parts:
        return ()
    first, *others = parts
    return first.union(*others, all=True) if others else first


def _number(number: int) -> Value:
    return Value(number, SmallIntegerField())


def _place(source: Source, number: int, pk: int, when: str) -> Place:
    at = (dt.date if source.is_day else dt.datetime).fromisoformat(when)
    return Place(number, (_instant(at), pk))


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
