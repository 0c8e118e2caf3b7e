"""Staged text into typed values, in SQL, whatever the file is about.

1. Make full-width digits and signs narrow; drop currency signs and spaces from numbers.
2. Bring dates and numbers of the chosen style into the one form that PostgreSQL reads.
3. Type them.
Then a row is judged: the first of its faults is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from accounts.imports.fields import DATE, NUMBER, TEXT, Columns, Mapped
from accounts.imports.layouts import Layout

FIRST_DAY = dt.date(1970, 1, 1)
"""Scores count days from here."""

Fault = tuple[str, str, str]
"""Key of the column at fault, reason, condition over the columns of the typed rows."""

CUSTOMER_FAULTS: tuple[Fault, ...] = (
    ("customer", "customer_missing", "customer_number = '' and customer = ''"),
    ("customer_number", "too_long", "length(customer_number) > 64"),
    ("customer", "too_long", "length(customer) > 240"),
    ("number", "too_long", "length(number) > 64"),
)


@dataclass(frozen=True)
class Rules:
    """What the check needs to know beside the file."""

    base_currency: str
    last_day: dt.date


_COMMA = sql.SQL(", ")
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


def typed_rows(columns: Columns, layout: Layout, mapping: Mapped) -> sql.Composed:
    """CTEs from import_rows to ``typed``: line, reason, unread text, every text, date and number by its key.

    A date or number that is not there is null, as is what cannot be read; ``<key>_text`` tells them apart
    (null or 'x'), ``<key>_raw`` is what stands in the file.
    """
    texts, dates, numbers = (columns.of_type(one) for one in (TEXT, DATE, NUMBER))
    values = (*dates, *numbers)
    return sql.SQL(
        """
        cleaned as (select line, reason, unread, {cleaned} from import_rows offset 0),
        styled as (select line, reason, unread, {texts}, {styled}, {raw} from cleaned offset 0),
        typed as (select line, reason, unread, {texts}, {typed}, {raw}, {style_texts} from styled offset 0)
        """  # offset 0: each step is computed once, not once per use further down
    ).format(
        cleaned=_COMMA.join(_cleaned(columns, key, key in mapping) for key in (*texts, *values)),
        texts=_COMMA.join(map(sql.Identifier, texts)),
        styled=_COMMA.join(
            [
                *(_styled_date(key, layout.dates) for key in dates),
                *(_styled_number(key, layout.decimals) for key in numbers),
            ]
        ),
        raw=_COMMA.join(_id(f"{key}_raw") for key in values),
        typed=_COMMA.join([*map(_typed_date, dates), *map(_typed_number, numbers)]),
        style_texts=_COMMA.join(_id(f"{key}_text") for key in values),
    )


def judged_rows(faults: Sequence[Fault], source: str, values: Mapping[str, sql.Composable]) -> sql.Composed:
    """CTE ``judged``: the rows of ``source`` with ``found``, the place of the first fault from 1, else null.

    ``values`` are what the conditions name in braces.
    """
    numbers = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.SQL(condition).format(**values), sql.Literal(place))
        for place, (_, _, condition) in enumerate(faults, 1)
    )
    return sql.SQL(
        "judged as (select *, case when reason is not null then 0 {} end as found from {} offset 0)"
    ).format(numbers, sql.Identifier(source))


def verdict(columns: Columns, faults: Sequence[Fault]) -> sql.Composed:
    """Columns ``reason``, ``fault`` and ``value`` of a row of ``judged``."""
    texts = columns.of_type(TEXT)
    return sql.SQL(
        "coalesce(reason, ({reasons})[found]) as reason, coalesce(({columns})[found], '') as fault,"
        " case found when 0 then coalesce(left(unread, 200), '') {values} end as value"
    ).format(
        reasons=_array([reason for _, reason, _ in faults]),
        columns=_array([column for column, _, _ in faults]),
        values=sql.SQL(" ").join(
            sql.SQL("when {} then left({}, 200)").format(
                sql.Literal(place), _id(column if column in texts else f"{column}_raw")
            )
            for place, (column, _, _) in enumerate(faults, 1)
        ),
    )


def _cleaned(columns: Columns, key: str, is_mapped: bool) -> sql.Composed:
    """Texts are never null; dates and numbers keep what stood there as ``<key>_raw``."""
    if key in columns.of_type(TEXT):
        source = "coalesce({key}, '') as {key}" if is_mapped else "''::text as {key}"
    elif not is_mapped:
        source = "null::text as {key}, null::text as {raw}"
    elif key in columns.of_type(DATE):
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
    """Null for what has more digits than any number that is kept."""
    return sql.SQL(
        "case when {text} <> 'x' and length({text}) <= 40 then {text}::numeric end as {key}"
    ).format(text=_id(f"{key}_text"), key=_id(key))


def _array(texts: list[str]) -> sql.Composed:
    return sql.SQL("array[{}]").format(sql.SQL(", ").join(map(sql.Literal, texts)))


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)
