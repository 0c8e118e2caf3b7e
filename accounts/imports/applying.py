"""From checked rows to orders: lines of one number become one order, which is new, corrected or unchanged.

Everything here runs in one transaction with `matching` and the end of the import.
"""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from accounts.customers.services import bump
from accounts.imports.matching import create_customers
from accounts.imports.statements import execute
from accounts.imports.versions import Job, Written, count_written, end_corrected, keep_taken
from accounts.orders.models import OrderKind
from accounts.orders.services import MAX_BASE_MINOR, MAX_MINOR


def gather_orders(sha256: str) -> None:
    """Fill import_orders; rows of a number that do not make one whole order are refused.

    Rows with one order number are summed when customer, date, currency and rate agree. Rows without a number
    are an order each, also when they are equal, with the identity ``<sha256>:<line>``.
    """
    with connection.cursor() as cursor:
        execute(
            cursor,
            sql.SQL(_GATHER).format(
                sha=sql.Literal(f"{sha256}:"),
                max=sql.Literal(MAX_MINOR),
                max_base=sql.Literal(MAX_BASE_MINOR),
            ),
        )
        cursor.execute(_REFUSE_PARTS)
        cursor.execute("delete from import_orders where problem is not null")
        cursor.execute("analyze import_orders")


_GATHER = """
    create temp table import_orders as
    select {sha} || line as identity, ''::text as number, key as customer_key, line as first_line,
        ordered_on, promised_on, delivered_on, quantity, currency, rate, factor,
        amount_minor, direct_cost_minor, product_line,
        null::text as problem
    from import_checked join import_names using (customer_number, customer)
    where reason is null and number = ''
    union all
    select number, number, key, first_line, ordered_on, promised_on, delivered_on, quantity, currency,
        rate, factor, amount_minor, direct_cost_minor, product_line,
        case when not is_whole then 'order_incomplete' when not agrees then 'number_disagrees'
            when largest > {max} or largest * factor > {max_base} or abs(quantity) >= 1e14
                then 'too_large' end
    from (
        select number, min(key) as key, min(line) as first_line, min(ordered_on) as ordered_on,
            max(promised_on) as promised_on,
            case when bool_and(delivered_on is not null) then max(delivered_on) end as delivered_on,
            case when bool_and(quantity is not null) then sum(quantity) end as quantity,
            min(currency) as currency, min(rate) as rate, min(factor) as factor,
            sum(amount_minor) as amount_minor,
            case when bool_and(direct_cost_minor is not null) then sum(direct_cost_minor) end
                as direct_cost_minor,
            greatest(abs(sum(amount_minor)), abs(sum(direct_cost_minor))) as largest,
            case when min(product_line) = max(product_line) then min(product_line) else '' end
                as product_line,
            bool_and(reason is null) as is_whole,
            min(key) = max(key) and min(ordered_on) = max(ordered_on)
                and min(currency) = max(currency) and min(rate) = max(rate) as agrees
        from import_checked left join import_names using (customer_number, customer)
        where number <> '' group by number
    ) summed
"""

_REFUSE_PARTS = """
    update import_checked as row set reason = problem, fault = 'number', value = row.number
    from import_orders
    where problem is not null and row.number = import_orders.number and row.reason is null
"""


def compare_orders(job: Job) -> None:
    """Fill import_writes: what every order of a customer who is known is beside what is believed.

    A column that the file does not have keeps its value.
    """
    parts: dict[str, sql.Composable] = {
        "credit_note": sql.Literal(OrderKind.CREDIT_NOTE.value),
        "order": sql.Literal(OrderKind.ORDER.value),
    }
    for key, column in _OPTIONAL_COLUMNS.items():
        parts[key] = _theirs(column) if key in job.mapping else _ours(column)
    said = ["customer_id", "ordered_on", "amount_minor", "currency", "rate"]
    said += [column for key, column in _OPTIONAL_COLUMNS.items() if key in job.mapping]
    with connection.cursor() as cursor:
        if "product_line" in job.mapping:
            cursor.execute(_NEW_PRODUCT_LINES)
        execute(cursor, sql.SQL(_COMPARE).format(**parts))
        keep_taken(cursor, "orders_order", said, job)


def write_orders(job: Job) -> Written:
    """Create the customers that nobody knows, supersede what differs, insert what is new.

    A new order is known at the start of its own day, a correction now; so is one that was deleted.
    """
    customers_added = create_customers(job.values)
    compare_orders(job)
    with connection.cursor() as cursor:
        end_corrected(cursor, "orders_order", job)
        cursor.execute(_INSERT, job.values)
        cursor.execute(_CONCERNED)
        bump(row[0] for row in cursor.fetchall())
        return count_written(cursor, customers_added=customers_added)


_OPTIONAL_COLUMNS = {
    "promised_on": "promised_on",
    "delivered_on": "delivered_on",
    "quantity": "quantity",
    "direct_cost": "direct_cost_minor",
    "product_line": "product_line_id",
}


def _theirs(column: str) -> sql.Composable:
    return sql.SQL("line.id") if column == "product_line_id" else sql.Identifier("ordered", column)


def _ours(column: str) -> sql.Composable:
    kept = sql.Identifier("current", column)
    if column != "direct_cost_minor":
        return kept
    return sql.SQL("case when current.currency = ordered.currency then {} end").format(kept)


_NEW_PRODUCT_LINES = """
    insert into orders_productline (name)
    select distinct product_line from import_orders where product_line <> '' order by 1 on conflict do nothing
"""

_COMPARE = """
    create temp table import_writes as
    select identity, number, first_line, customer_id, kind, ordered_on, promised_on, delivered_on, quantity,
        currency, rate, factor, amount_minor, direct_cost_minor, product_line_id, project_id, old_id,
        old_customer_id,
        case when old_id is null then 'add'
            when (customer_id, ordered_on, promised_on, delivered_on, quantity, currency, rate, amount_minor,
                direct_cost_minor, product_line_id) is not distinct from old_values then 'same'
            else 'correct' end as action
    from (
        select ordered.identity, ordered.first_line, ordered.number, customer.id as customer_id,
            ordered.ordered_on,
            {promised_on} as promised_on, {delivered_on} as delivered_on,
            round({quantity}, 4)::numeric(18, 4) as quantity, ordered.currency::varchar as currency,
            ordered.rate::numeric(18, 8) as rate, ordered.factor,
            ordered.amount_minor::bigint as amount_minor,
            ({direct_cost})::bigint as direct_cost_minor, {product_line} as product_line_id,
            case when ordered.amount_minor < 0 then {credit_note} else {order} end as kind,
            case when current.customer_id = customer.id then current.project_id end as project_id,
            current.id as old_id, current.customer_id as old_customer_id,
            (current.customer_id, current.ordered_on, current.promised_on, current.delivered_on,
                current.quantity, current.currency, current.rate, current.amount_minor,
                current.direct_cost_minor, current.product_line_id) as old_values
        from import_orders ordered
        join (select distinct key, customer_id as id from import_names where customer_id is not null) customer
            on customer.key = ordered.customer_key
        left join orders_productline line on line.name = nullif(ordered.product_line, '')
        left join orders_order current
            on current.identity = ordered.identity and current.superseded_at is null
    ) compared
"""

_INSERT = """
    insert into orders_order (known_at, import_id, identity, customer_id, number, kind, project_id,
        product_line_id, ordered_on, promised_on, delivered_on, quantity, currency, rate, amount_minor,
        direct_cost_minor, base_amount_minor, base_direct_cost_minor)
    select case when action = 'correct' or deleted.identity is not null then %(now)s
            else ordered_on::timestamp at time zone %(zone)s end,
        %(import)s, identity, customer_id, number, kind, project_id, product_line_id, ordered_on, promised_on,
        delivered_on, quantity, currency, rate, amount_minor, direct_cost_minor, round(amount_minor * factor),
        round(direct_cost_minor * factor)
    from import_writes w
    left join (
        select distinct identity from orders_order where superseded_at is not null
    ) deleted using (identity)
    where action <> 'same' order by customer_id, ordered_on, first_line
"""

_CONCERNED = """
    select customer_id from import_writes
    where action <> 'same' and customer_id not in (select id from import_new_names)
    union
    select old_customer_id from import_writes where action = 'correct'
"""
