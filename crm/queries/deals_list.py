"""The lists of contracts and of opportunities: their orders, a page of them, and all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.deals.models import OPEN, Contract, Opportunity
from accounts.keys import among
from crm.queries import keyset
from crm.queries.deals import with_next_on

EXPORTED_AT_ONCE = 500
BY_BOTH = ("customer", "-customer", "owner", "-owner", "value", "-value")
CONTRACT_SORTS = ("next", "-next", "ends", "-ends", *BY_BOTH)
OPPORTUNITY_SORTS = ("expected", "-expected", "probability", "-probability", *BY_BOTH)

D = TypeVar("D", bound=Model)
Order = Callable[[QuerySet[Any], str], list[keyset.Part]]


def page_of_contracts(
    found: QuerySet[Contract], *, sort: str, after: str = "", before: str = ""
) -> keyset.Page[Contract]:
    """In one of `CONTRACT_SORTS`; ``next``: those whose day comes next first. Three queries."""
    return _page(found, _contracts(found, sort), _contract_rows, after, before)


def page_of_opportunities(
    found: QuerySet[Opportunity], *, sort: str, after: str = "", before: str = ""
) -> keyset.Page[Opportunity]:
    """In one of `OPPORTUNITY_SORTS`. Three queries.

    ``expected``: open ones by that day, then those without one, then closed ones, the latest first.
    """
    return _page(found, _opportunities(found, sort), _opportunity_rows, after, before)


def all_contracts(found: QuerySet[Contract], *, sort: str) -> Iterator[Contract]:
    """Everything found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    return _all(_contracts(found, sort), _contract_rows)


def all_opportunities(found: QuerySet[Opportunity], *, sort: str) -> Iterator[Opportunity]:
    """Everything found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    return _all(_opportunities(found, sort), _opportunity_rows)


def _page(
    found: QuerySet[D],
    order: Sequence[keyset.Part],
    rows_of: Callable[[list[int]], list[D]],
    after: str,
    before: str,
) -> keyset.Page[D]:
    page = keyset.page_or_first(order, after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(rows_of(page.rows), page.newer, page.older, count, is_exact)


def _all(order: Sequence[keyset.Part], rows_of: Callable[[list[int]], list[D]]) -> Iterator[D]:
    after = ""
    while True:
        page = keyset.page_of_ids(order, after=after, limit=EXPORTED_AT_ONCE)
        yield from rows_of(page.rows)
        if page.older is None:
            return
        after = page.older


def _contracts(found: QuerySet[Contract], sort: str) -> list[keyset.Part]:
    sign, subject = _taken_apart(sort)
    if subject == "next":
        return [keyset.Part(with_next_on(found), (f"{sign}next_on", f"{sign}pk"), (dt.date, int))]
    if subject == "ends":
        return _with_and_without(found, "ends_on", sign, (dt.date,))
    return _by_both(found, sign, subject)


def _opportunities(found: QuerySet[Opportunity], sort: str) -> list[keyset.Part]:
    sign, subject = _taken_apart(sort)
    if subject == "expected":
        return [
            *_with_and_without(found.filter(OPEN), "expected_on", sign, (dt.date,)),
            keyset.Part(found.filter(closed_on__isnull=False), ("-closed_on", "-pk"), (dt.date, int)),
        ]
    if subject == "probability":
        return [keyset.Part(found, (f"{sign}probability", "-pk"), (int, int))]
    return _by_both(found, sign, subject)


def _by_both(found: QuerySet[Any], sign: str, subject: str) -> list[keyset.Part]:
    """Values are ordered within their currency: amounts of two currencies are not to be compared."""
    if subject == "value":
        valued = found.filter(value_minor__isnull=False)
        return [
            keyset.Part(valued, ("currency", f"{sign}value_minor", "pk"), (str, int, int)),
            keyset.Part(found.filter(value_minor=None), ("pk",), (int,)),
        ]
    return [keyset.Part(found, (f"{sign}{subject}__sort_key", f"{sign}pk"), (str, int))]


def _with_and_without(
    found: QuerySet[Any], column: str, sign: str, types: tuple[type, ...]
) -> list[keyset.Part]:
    known = Q((f"{column}__isnull", False))
    return [
        keyset.Part(found.filter(known), (f"{sign}{column}", f"{sign}pk"), (*types, int)),
        keyset.Part(found.filter(~known), ("-pk",), (int,)),
    ]


def _taken_apart(sort: str) -> tuple[str, str]:
    return ("-" if sort.startswith("-") else ""), sort.removeprefix("-")


def _contract_rows(ids: list[int]) -> list[Contract]:
    return _in_order(Contract.objects.select_related("customer", "owner"), ids)


def _opportunity_rows(ids: list[int]) -> list[Opportunity]:
    return _in_order(Opportunity.objects.select_related("customer", "owner", "need"), ids)


def _in_order(found: QuerySet[D], ids: list[int]) -> list[D]:
    by_id: dict[int, D] = found.filter(pk__in=among(ids)).in_bulk()
    return [by_id[pk] for pk in ids if pk in by_id]
