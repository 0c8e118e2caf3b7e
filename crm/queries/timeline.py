"""What happened with a customer in one stream, newest first: interactions, orders, stages, scores, and of the
projects whose grades the reader may see low grades and corrective actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, SmallIntegerField, Value

from accounts.customers.models import Customer
from accounts.users.models import User
from crm.queries.events import Facts, Record, Source, sources_of
from crm.queries.keyset import Page, Part, Place, place_of

EVENTS = 20


@dataclass(frozen=True)
class Event:
    """One entry. ``kind`` names its template: interaction, order, stage, score, answer, case, survey. A fact
    of a day, such as an order, stands at the beginning of that day where the company is."""

    at: dt.datetime
    kind: str
    record: Record


def events_of(customer: Customer, user: User, *, after: str = "", limit: int = EVENTS) -> Page[Event]:
    """The newest events, or those behind the cursor: one query, whatever lies behind them.

    At the same instant the kinds follow the order of `sources_of`, so the cursor is instant, kind and id.
    """
    sources = sources_of(customer, user)
    start = place_of(after, [Part(each.found, (each.column, "pk"), (dt.datetime, int)) for each in sources])
    first, *others = [_newest(each, number, start, limit + 1) for number, each in enumerate(sources)]
    rows: list[tuple[int, int, Facts]] = list(first.union(*others, all=True))
    found = [(_place(sources[number], number, pk, facts), facts) for number, pk, facts in rows]
    found.sort(key=lambda pair: (pair[0].key[0], -pair[0].part, pair[0].key[1]), reverse=True)
    shown = found[:limit]
    return Page(
        rows=[_event(sources[place.part], place, facts) for place, facts in shown],
        newer=None,
        older=str(shown[-1][0]) if len(found) > limit else None,
    )


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
