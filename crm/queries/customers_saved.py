"""Saved views of the list of customers, and shared ones as segments that other parts can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts import access
from accounts.customers.models import Customer
from accounts.lists.models import SavedView
from accounts.lists.services import Shown
from accounts.users.models import User
from crm.filters.customers import CustomerFilter
from crm.queries.customers_order import known_sort

MOST_OFFERED = 100


@dataclass(frozen=True)
class Views:
    """``mine`` and ``shared`` (of others) by name; ``columns``: those he chose last."""

    mine: tuple[SavedView, ...]
    shared: tuple[SavedView, ...]
    columns: tuple[str, ...]

    @property
    def first(self) -> SavedView | None:
        """The one that opens when he names none."""
        return next((view for view in self.mine if view.is_default), None)

    def get(self, pk: str) -> SavedView | None:
        return next((view for view in (*self.mine, *self.shared) if str(view.pk) == pk), None)


def views_of(user: User) -> Views:
    """All in one query: his views, his columns, and at most `MOST_OFFERED` that others share."""
    own_or_shared = Q(owner=user.pk) | Q(is_shared=True)
    found = SavedView.objects.filter(own_or_shared, deleted_at=None).select_related("owner")
    rows = list(found.order_by("name", "pk"))
    return Views(
        mine=tuple(view for view in rows if view.owner_id == user.pk and view.name),
        shared=tuple(view for view in rows if view.owner_id != user.pk)[:MOST_OFFERED],
        columns=next((tuple(view.columns) for view in rows if not view.name), ()),
    )


def normalised(query: Mapping[str, str], *, columns: tuple[str, ...] = ()) -> Shown:
    """What a view keeps of a list's address: filters that exist and hold, and the order. No page of it."""
    known = CustomerFilter(query)
    valid = known.form.is_valid()
    kept = {
        name: query[name]
        for name in known.filters
        if query.get(name) and (valid or name not in known.form.errors)
    }
    return Shown(query=kept, columns=columns, sort=known_sort(query.get("sort", "")))


def address_query(view: SavedView) -> dict[str, str]:
    """The parameters of the list that shows a view."""
    return {name: str(value) for name, value in view.query.items()} | {
        "sort": view.sort or "-score",
        "view": str(view.pk),
    }


def segments(user: User) -> QuerySet[SavedView]:
    """The shared views, by name: groups of customers that everybody can be offered."""
    return access.visible_views(user).filter(is_shared=True).order_by("name", "pk")


def customers_in_segment(user: User, view: SavedView) -> QuerySet[Customer]:
    """Those of a view whom this user may see; nobody where a value of it no longer holds."""
    return CustomerFilter(view.query, queryset=access.visible_customers(user)).found
