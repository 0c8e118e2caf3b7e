"""What the kinds of import do each in their own way; everything else is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.imports import applying, checking, previews, usages
from accounts.imports.fields import ORDERS, USAGES, Columns, Mapped
from accounts.imports.layouts import Layout
from accounts.imports.models import ImportKind
from accounts.imports.previews import OrderRow, UsageRow
from accounts.imports.styles import Rules
from accounts.imports.versions import Job, Written


@dataclass(frozen=True)
class Kind:
    """``check`` fills import_checked, ``gather`` (of the file's hash) refuses what only the whole file tells,
    ``compare`` sets the rest against what is believed, ``write`` does that and brings it into ``table``.
    ``makes_customers``: one that is not known is created. ``first_rows`` (how many, the file's hash) as they
    would be taken."""

    columns: Columns
    table: str
    makes_customers: bool
    check: Callable[[Layout, Mapped, Rules], None]
    gather: Callable[[str], None]
    compare: Callable[[Job], None]
    write: Callable[[Job], Written]
    first_rows: Callable[[int, str], tuple[OrderRow, ...] | tuple[UsageRow, ...]]


KINDS: dict[str, Kind] = {
    ImportKind.ORDERS: Kind(
        columns=ORDERS,
        table="orders_order",
        makes_customers=True,
        check=checking.check,
        gather=applying.gather_orders,
        compare=applying.compare_orders,
        write=applying.write_orders,
        first_rows=previews.order_rows,
    ),
    ImportKind.ACTIVITY_USAGE: Kind(
        columns=USAGES,
        table="costs_activityusage",
        makes_customers=False,
        check=usages.check,
        gather=usages.gather,
        compare=usages.compare,
        write=usages.write,
        first_rows=previews.usage_rows,
    ),
}
