"""Reads about a customer's orders."""

from __future__ import annotations

import datetime as dt

from accounts.customers.models import Customer
from accounts.orders.models import Order
from crm.queries import keyset


def page_of_orders(customer: Customer, *, after: str = "", before: str = "") -> keyset.Page[Order]:
    """A customer's current orders, the latest first."""
    found = Order.objects.filter(customer=customer, superseded_at=None)
    order = [keyset.Part(found, ("-ordered_on", "-pk"), (dt.date, int))]
    page = keyset.page_or_first(order, after=after, before=before)
    count, is_exact = keyset.count_of(found)
    by_id = Order.objects.select_related("project", "product_line").in_bulk(page.rows)
    return keyset.Page(
        rows=[by_id[pk] for pk in page.rows if pk in by_id],
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )
