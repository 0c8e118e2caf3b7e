"""Rows of an orders' file, checked in SQL: every row gets its values or the first column at fault and why.

`styles` types them; here the currency is looked up and the first fault in the order of `_FAULTS` is named.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import connection
from psycopg import sql

from accounts.imports.fields import ORDERS, Mapped
from accounts.imports.layouts import Layout
from accounts.imports.statements import execute
from accounts.imports.styles import (
    CUSTOMER_FAULTS,
    FIRST_DAY,
    Fault,
    Rules,
    judged_rows,
    typed_rows,
    verdict,
)
from accounts.orders import money
from accounts.orders.services import MAX_BASE_MINOR, MAX_MINOR

_ALIASES = {
    "CNY": ("RMB", "人民币", "人民幣", "元"),
    "TWD": ("NTD", "NT$", "新台币", "新臺幣", "台幣"),
    "HKD": ("HK$", "港币", "港幣"),
    "USD": ("US$", "$", "美元"),
    "EUR": ("€", "欧元", "歐元"),
    "JPY": ("日元", "日圓"),
    "GBP": ("£", "英镑", "英鎊"),
}


_FAULTS: tuple[Fault, ...] = (
    *CUSTOMER_FAULTS,
    ("ordered_on", "date_missing", "ordered_on_text is null"),
    ("ordered_on", "bad_date", "ordered_on is null"),
    ("ordered_on", "before_1970", "ordered_on < {first_day}"),
    ("ordered_on", "future", "ordered_on > {last_day}"),
    ("amount", "amount_missing", "amount_text is null"),
    ("amount", "bad_number", "amount_text = 'x'"),
    ("currency", "bad_currency", "code is null"),
    ("rate", "bad_number", "rate_text = 'x'"),
    ("rate", "bad_rate", "code <> {base} and given_rate <= 0"),
    (
        "rate",
        "rate_too_large",
        "code <> {base} and rate_text is not null and (given_rate is null or given_rate >= 1e10)",
    ),
    ("rate", "rate_missing", "factor is null"),
    (
        "amount",
        "too_large",
        "amount is null or abs(amount_minor) > {max} or abs(amount_minor * factor) > {max_base}",
    ),
    ("direct_cost", "bad_number", "direct_cost_text = 'x'"),
    (
        "direct_cost",
        "too_large",
        "direct_cost_text is not null and (direct_cost is null or"
        " abs(direct_cost_minor) > {max} or abs(direct_cost_minor * factor) > {max_base})",
    ),
    ("quantity", "bad_number", "quantity_text = 'x'"),
    ("quantity", "too_large", "quantity_text is not null and (quantity is null or abs(quantity) >= 1e14)"),
    ("promised_on", "bad_date", "promised_on_text is not null and promised_on is null"),
    ("delivered_on", "bad_date", "delivered_on_text is not null and delivered_on is null"),
    ("delivered_on", "delivered_before_ordered", "delivered_on < ordered_on"),
    ("product_line", "too_long", "length(product_line) > 120"),
)


def check(layout: Layout, mapping: Mapped, rules: Rules) -> None:
    """Fill import_checked from import_rows: typed values, or ``reason``, ``fault`` (a key), ``value``."""
    _fill_currencies(layout, rules)
    values = {
        "base": sql.Literal(rules.base_currency),
        "first_day": sql.Literal(FIRST_DAY),
        "last_day": sql.Literal(rules.last_day),
        "max": sql.Literal(MAX_MINOR),
        "max_base": sql.Literal(MAX_BASE_MINOR),
    }
    statement = sql.SQL(_CHECK).format(
        typed=typed_rows(ORDERS, layout, mapping),
        judged=judged_rows(_FAULTS, "minor", values),
        verdict=verdict(ORDERS, _FAULTS),
        base=values["base"],
        currency=sql.Literal(layout.currency or rules.base_currency),
    )
    with connection.cursor() as cursor:
        execute(cursor, statement)
        cursor.execute("analyze import_checked")


_CHECK = """
    create temp table import_checked as
    with {typed},
    priced as (
        select typed.*, known.code, typed.rate as given_rate, known.units, known.to_base,
            round(case when known.code = {base} then 1 else coalesce(typed.rate, known.rate) end, 8)
                as price
        from typed
        left join import_currencies known on known.word
            = coalesce(nullif(upper(currency), ''), {currency})
        offset 0
    ),
    minor as (
        select *, price * to_base as factor, round(amount * units) as amount_minor,
            round(direct_cost * units) as direct_cost_minor
        from priced offset 0
    ),
    {judged}
    select line, customer_number, customer, number, product_line, ordered_on, promised_on, delivered_on,
        quantity, code as currency, price as rate, factor, amount_minor, direct_cost_minor, {verdict}
    from judged
"""


def _fill_currencies(layout: Layout, rules: Rules) -> None:
    """Every word for a currency with its minor units, the factor to those of the base, and the given rate."""
    base = money.exponent(rules.base_currency)
    rows = []
    for code in sorted(money.CURRENCIES):
        exponent = money.exponent(code)
        scale = (Decimal(10) ** exponent, Decimal(10) ** (base - exponent), layout.rates.get(code))
        rows += [(word, code, *scale) for word in (code, *_ALIASES.get(code, ()))]
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table import_currencies"
            " (word text, code text, units numeric, to_base numeric, rate numeric)"
        )
        with cursor.copy("copy import_currencies from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("analyze import_currencies")
