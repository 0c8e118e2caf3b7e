"""The first rows of a file as they would be taken, read from the temporary tables of its check."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from accounts.orders.services import MAX_MINOR


@dataclass(frozen=True)
class OrderRow:
    """A row as it would be taken; money in minor units of ``currency``. A good row has no ``reason``.
    ``action``: add, correct or same; empty where the row is refused or its customer is new."""

    line: int
    customer: str
    number: str
    ordered_on: dt.date | None
    amount_minor: int | None
    currency: str
    quantity: Decimal | None
    direct_cost_minor: int | None
    is_new_customer: bool
    fault: str
    reason: str
    value: str
    action: str


@dataclass(frozen=True)
class UsageRow:
    """A row as it would be taken; ``cost_minor`` in the company's currency. A good row has no ``reason``.
    ``action``: add, correct or same; empty where the row is refused or its customer is new."""

    line: int
    customer: str
    number: str
    used_on: dt.date | None
    activity: str
    quantity: Decimal | None
    cost_minor: int | None
    project: str
    fault: str
    reason: str
    value: str
    action: str


# A refused row may hold numbers that no column could.
_ORDERS = """
    select line, coalesce(nullif(customer, ''), customer_number), number, ordered_on,
        case when abs(amount_minor) <= %(max)s then amount_minor::bigint end, coalesce(currency, ''),
        case when abs(quantity) < 1e14 then quantity end,
        case when abs(direct_cost_minor) <= %(max)s then direct_cost_minor::bigint end,
        reason is null and names.customer_id is null, fault, coalesce(reason, ''),
        coalesce(value, ''), case when reason is null then coalesce(action, '') else '' end
    from import_checked row left join import_names names using (customer_number, customer)
    left join (select identity, action from import_writes) writes
        on writes.identity = case row.number when '' then %(sha)s || row.line else row.number end
    order by line limit %(rows)s
"""
_USAGES = """
    select row.line, coalesce(nullif(row.customer, ''), row.customer_number), row.number, row.used_on,
        coalesce(known.name, row.activity), case when abs(row.quantity) < 1e14 then row.quantity end,
        case when row.reason is null then round(found.quantity * found.rate_minor)::bigint end,
        row.project, row.fault, coalesce(row.reason, ''), coalesce(row.value, ''),
        case when row.reason is null then coalesce(writes.action, '') else '' end
    from import_checked row left join import_found found using (line)
    left join costs_activity known on known.id = found.activity_id
    left join import_writes writes on writes.identity = case row.number when '' then %(sha)s || row.line
        else 'ref:' || found.activity_id || ':' || row.number end
    order by line limit %(rows)s
"""


def order_rows(limit: int, sha256: str) -> tuple[OrderRow, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {"max": MAX_MINOR, "rows": limit, "sha": f"{sha256}:"})
        return tuple(OrderRow(*row) for row in cursor.fetchall())


def usage_rows(limit: int, sha256: str) -> tuple[UsageRow, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_USAGES, {"rows": limit, "sha": f"{sha256}:"})
        return tuple(UsageRow(*row) for row in cursor.fetchall())
