"""Reads of the need register: the list by clock, the board by state, and those of one customer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, DateField, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.keys import among
from accounts.needs.models import LIVE, Need, NeedState
from crm.queries import keyset

SORTS = ("due", "raised", "-raised", "importance", "-importance", "customer", "-customer")
DEFAULT_SORT = "due"
EXPORTED_AT_ONCE = 500
IN_COLUMN = 40
LATEST_SHOWN = 5
RELATED = ("customer", "contact", "product_line", "owner")


@dataclass(frozen=True)
class Column:
    """``code`` names the column; ``wish``: the state that the list is asked for to show all, or empty."""

    code: str
    label: str | Promise
    wish: str
    count: int
    needs: tuple[Need, ...]


COLUMNS: tuple[tuple[str, str | Promise, tuple[NeedState, ...]], ...] = (
    *(
        (state.value, state.label, (state,))
        for state in (
            NeedState.RAISED,
            NeedState.NEGOTIATING,
            NeedState.ACCEPTED,
            NeedState.PROMISED,
            NeedState.DELIVERED,
            NeedState.CONFIRMED,
        )
    ),
    ("no", _("Parked, declined"), (NeedState.PARKED, NeedState.DECLINED)),
)


def overdue(today: dt.date) -> Q:
    """Nobody decided in time, or what was promised is not delivered."""
    return Q(state=NeedState.RAISED, triage_by__lt=today) | Q(state=NeedState.PROMISED, promised_on__lt=today)


def with_due_on(found: QuerySet[Need]) -> QuerySet[Need]:
    """``due_on``: the day of the clock that runs; null where none does."""
    return found.annotate(
        due_on=Case(
            When(state=NeedState.RAISED, then=F("triage_by")),
            When(state=NeedState.PROMISED, then=F("promised_on")),
            output_field=DateField(null=True),
        )
    )


def page_of_needs(
    found: QuerySet[Need], *, sort: str, after: str = "", before: str = ""
) -> keyset.Page[Need]:
    """In one of `SORTS`. Three queries."""
    page = keyset.page_or_first(_order(found, sort), after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(_rows(page.rows), page.newer, page.older, count, is_exact)


def all_needs(found: QuerySet[Need], *, sort: str) -> Iterator[Need]:
    """Everything found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    after = ""
    while True:
        page = keyset.page_of_ids(_order(found, sort), after=after, limit=EXPORTED_AT_ONCE)
        yield from _rows(page.rows)
        if page.older is None:
            return
        after = page.older


def board_of(found: QuerySet[Need]) -> tuple[Column, ...]:
    """By state, the clock that runs out first on top, else the latest; `IN_COLUMN` of each. Three queries."""
    counts = dict(found.order_by().values_list("state").annotate(count=Count("pk")))
    placed = with_due_on(found).annotate(
        place=Window(
            RowNumber(),
            partition_by="state",
            order_by=[F("due_on").asc(nulls_last=True), "-raised_on", "-pk"],
        )
    )
    ids = placed.filter(place__lte=IN_COLUMN).order_by("place", "pk").values_list("pk", flat=True)
    by_state: dict[str, list[Need]] = defaultdict(list)
    for need in _rows(list(ids)):
        by_state[need.state].append(need)
    return tuple(
        Column(
            code,
            label,
            code if len(states) == 1 else "",
            sum(counts.get(state, 0) for state in states),
            tuple(need for state in states for need in by_state[state])[:IN_COLUMN],
        )
        for code, label, states in COLUMNS
    )


def latest_of(found: QuerySet[Need], customer: Customer) -> list[Need]:
    """What still has to be done for him, by clock, for his page."""
    live = with_due_on(found.filter(LIVE, customer=customer)).select_related(*RELATED)
    return list(live.order_by(F("due_on").asc(nulls_last=True), "-raised_on", "-pk")[:LATEST_SHOWN])


def needs_of_interaction(found: QuerySet[Need], identity: object) -> list[Need]:
    """What was made of a talk."""
    return list(found.filter(Q(interaction=identity)).order_by("pk"))


def _order(found: QuerySet[Need], sort: str) -> list[keyset.Part]:
    if sort == "due":
        timed = with_due_on(found)
        return [
            keyset.Part(timed.filter(Q(("due_on__isnull", False))), ("due_on", "pk"), (dt.date, int)),
            keyset.Part(timed.filter(Q(("due_on__isnull", True))), ("-raised_on", "-pk"), (dt.date, int)),
        ]
    columns: dict[str, tuple[tuple[str, ...], tuple[type, ...]]] = {
        "raised": (("raised_on", "pk"), (dt.date, int)),
        "-raised": (("-raised_on", "-pk"), (dt.date, int)),
        "importance": (("importance", "-raised_on", "-pk"), (int, dt.date, int)),
        "-importance": (("-importance", "-raised_on", "-pk"), (int, dt.date, int)),
        "customer": (("customer__sort_key", "pk"), (str, int)),
        "-customer": (("-customer__sort_key", "-pk"), (str, int)),
    }
    return [keyset.Part(found, *columns[sort])]


def _rows(ids: list[int]) -> list[Need]:
    by_id: dict[int, Any] = Need.objects.select_related(*RELATED).filter(pk__in=among(ids)).in_bulk()
    return [by_id[pk] for pk in ids if pk in by_id]
