"""Staged text into typed values, in SQL: every row gets its values or the first column at fault and why.

1. Make full-width digits and signs narrow; drop currency signs and spaces from numbers.
2. Bring dates and numbers of the chosen style into the one form that PostgreSQL reads.
3. Type them, look up the currency, and name the first fault in the order of `_FAULTS`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from psycopg import sql

from accounts.imports.fields import Mapped
from accounts.imports.layouts import Layout
from accounts.imports.statements import execute
from accounts.orders import money
from accounts.orders.services import MAX_BASE_MINOR, MAX_MINOR

TEXTS = ("customer_number", "customer", "number", "product_line", "currency")
DATES = ("ordered_on", "promised_on", "delivered_on")
NUMBERS = ("amount", "quantity", "direct_cost", "rate")
FIRST_DAY = dt.date(1970, 1, 1)
"""Scores count the day of an order from here."""

_ALIASES = {
    "CNY": ("RMB", "人民币", "人民幣", "元"),
    "TWD": ("NTD", "NT$", "新台币", "新臺幣", "台幣"),
    "HKD": ("HK$", "港币", "港幣"),
    "USD": ("US$", "$", "美元"),
    "EUR": ("€", "欧元", "歐元"),
    "JPY": ("日元", "日圓"),
    "GBP": ("£", "英镑", "英鎊"),
}
_WIDE = "０１２３４５６７８９．，－（）−"
_NARROW = "0123456789.,-()-"
_DROPPED = "¥￥$€£元 \u00a0\u3000\u202f'’"

# One regular expression per style; year, month and day are numbered by the replacement.
_DATE_STYLES = {
    "ymd": (r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?([ T].*)?$", r"\1-\2-\3"),
    "dmy": (r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})( .*)?$", r"\3-\2-\1"),
    "mdy": (r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})( .*)?$", r"\3-\1-\2"),
}
_NUMBER_STYLES = {"point": (",", "."), "comma": (".", ",")}


@dataclass(frozen=True)
class Rules:
    """What the check needs to know beside the file."""

    base_currency: str
    last_day: dt.date


# (column at fault, reason, condition) over the columns of the parsed rows; the first that holds is told.
_FAULTS = (
    ("customer", "customer_missing", "customer_number = '' and customer = ''"),
    ("customer_number", "too_long", "length(customer_number) > 64"),
    ("customer", "too_long", "length(customer) > 240"),
    ("number", "too_long", "length(number) > 64"),
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
    statement = sql.SQL(
        """
        create temp table import_checked as
        with cleaned as (select line, reason, {cleaned} from import_rows offset 0),
        styled as (select line, reason, {texts}, {styled}, {raw} from cleaned offset 0),
        typed as (select line, reason, {texts}, {typed}, {raw}, {style_texts} from styled offset 0),
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
        judged as (
            select *, case when reason is not null then 0 {numbers} end as found from minor offset 0
        )
        select line, customer_number, customer, number, product_line, ordered_on, promised_on, delivered_on,
            quantity, code as currency, price as rate, factor, amount_minor, direct_cost_minor,
            coalesce(reason, ({reasons})[found]) as reason,
            coalesce(({columns})[found], '') as fault,
            case found {values} end as value
        from judged
        """  # offset 0: each step is computed once, not once per use further down
    )
    with connection.cursor() as cursor:
        execute(cursor, statement.format(**_parts(layout, mapping, rules)))
        cursor.execute("analyze import_checked")


def _parts(layout: Layout, mapping: Mapped, rules: Rules) -> dict[str, sql.Composable]:
    faults = [(column, reason, _condition(text, rules)) for column, reason, text in _FAULTS]
    comma = sql.SQL(", ")
    return {
        "cleaned": comma.join(_cleaned(key, key in mapping) for key in (*TEXTS, *DATES, *NUMBERS)),
        "texts": comma.join(map(sql.Identifier, TEXTS)),
        "styled": comma.join(
            [
                *(_styled_date(key, layout.dates) for key in DATES),
                *(_styled_number(key, layout.decimals) for key in NUMBERS),
            ]
        ),
        "raw": comma.join(_id(f"{key}_raw") for key in (*DATES, *NUMBERS)),
        "typed": comma.join([*map(_typed_date, DATES), *map(_typed_number, NUMBERS)]),
        "style_texts": comma.join(_id(f"{key}_text") for key in (*DATES, *NUMBERS)),
        "base": sql.Literal(rules.base_currency),
        "currency": sql.Literal(layout.currency or rules.base_currency),
        "numbers": sql.SQL(" ").join(
            sql.SQL("when {} then {}").format(condition, sql.Literal(place))
            for place, (_, _, condition) in enumerate(faults, 1)
        ),
        "reasons": _array([reason for _, reason, _ in faults]),
        "columns": _array([column for column, _, _ in faults]),
        "values": sql.SQL(" ").join(
            sql.SQL("when {} then left({}, 200)").format(
                sql.Literal(place), _id(column if column in TEXTS else f"{column}_raw")
            )
            for place, (column, _, _) in enumerate(faults, 1)
        ),
    }


def _condition(text: str, rules: Rules) -> sql.Composed:
    return sql.SQL(text).format(
        base=sql.Literal(rules.base_currency),
        first_day=sql.Literal(FIRST_DAY),
        last_day=sql.Literal(rules.last_day),
        max=sql.Literal(MAX_MINOR),
        max_base=sql.Literal(MAX_BASE_MINOR),
    )


def _cleaned(key: str, is_mapped: bool) -> sql.Composed:
    """Texts are never null; dates and numbers keep what stood there as ``<key>_raw``."""
    if key in TEXTS:
        source = "coalesce({key}, '') as {key}" if is_mapped else "''::text as {key}"
    elif not is_mapped:
        source = "null::text as {key}, null::text as {raw}"
    elif key in DATES:
        source = "nullif({key}, '') as {key}, {key} as {raw}"
    else:
        # translate() took 1.3 s for a million values, the look at them 0.3 s.
        source = (
            "case when {key} ~ '^[0-9.,-]+$' then {key}"
            " else nullif(translate({key}, {wide}, {narrow}), '') end as {key}, {key} as {raw}"
        )
    return sql.SQL(source).format(
        key=_id(key),
        raw=_id(f"{key}_raw"),
        wide=sql.Literal(_WIDE + _DROPPED),
        narrow=sql.Literal(_NARROW),
    )


def _styled_date(key: str, style: str) -> sql.Composed:
    """ISO year-month-day, and eight digits, are read in every style: they leave no choice."""
    iso, iso_order = _DATE_STYLES["ymd"]
    pattern, order = _DATE_STYLES[style]
    return sql.SQL(
        "case when {key} is null then null"
        " when {key} ~ '^\\d{{4}}-\\d\\d-\\d\\d$' then {key}"
        " when {key} ~ '^\\d{{8}}$'"
        " then overlay(overlay({key} placing '-' from 5 for 0) placing '-' from 8 for 0)"
        " when {key} ~ {iso} then regexp_replace({key}, {iso}, {iso_order})"
        " when {key} ~ {pattern} then regexp_replace({key}, {pattern}, {order})"
        " else 'x' end as {text}"
    ).format(
        key=_id(key),
        text=_id(f"{key}_text"),
        iso=sql.Literal(iso),
        iso_order=sql.Literal(iso_order),
        pattern=sql.Literal(pattern),
        order=sql.Literal(order),
    )


def _styled_number(key: str, style: str) -> sql.Composed:
    """Plain digits, else signs, groups of three and a currency code around them; 'x' when it is no number."""
    group, decimal = _NUMBER_STYLES[style]
    digits = rf"((\d{{1,3}}(\{group}\d{{3}})+|\d+)(\{decimal}\d*)?|\{decimal}\d+)"
    pattern = rf"^([A-Z]{{2,3}})?([-+]?{digits}-?|\({digits}\))([A-Z]{{3}})?$"
    return sql.SQL(
        "case when {key} is null then null"
        " when {key} ~ {plain} then replace({key}, {decimal}, '.')"
        " when {key} ~ {pattern} then case when {key} ~ '[-(]' then '-' else '' end"
        " || replace(translate({key}, {junk}, ''), {decimal}, '.')"
        " else 'x' end as {text}"
    ).format(
        key=_id(key),
        text=_id(f"{key}_text"),
        plain=sql.Literal(rf"^-?\d+(\{decimal}\d+)?$"),
        pattern=sql.Literal(pattern),
        decimal=sql.Literal(decimal),
        junk=sql.Literal(group + "()+-" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    )


def _typed_date(key: str) -> sql.Composed:
    return sql.SQL("case when pg_input_is_valid({text}, 'date') then {text}::date end as {key}").format(
        text=_id(f"{key}_text"), key=_id(key)
    )


def _typed_number(key: str) -> sql.Composed:
    """Null for what has more digits than any number of an order."""
    return sql.SQL(
        "case when {text} <> 'x' and length({text}) <= 40 then {text}::numeric end as {key}"
    ).format(text=_id(f"{key}_text"), key=_id(key))


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


def _array(texts: list[str]) -> sql.Composed:
    return sql.SQL("array[{}]").format(sql.SQL(", ").join(map(sql.Literal, texts)))


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)
