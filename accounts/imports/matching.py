"""Whose rows they are: the customer of every distinct spelling in the file, existing or to be created."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from accounts import names
from accounts.customers.models import Stage
from accounts.imports.statements import execute
from accounts.imports.versions import Values

_BATCH = 5_000

FOLDED = "lower(regexp_replace(normalize({name}, NFKC), '\\s+', ' ', 'g'))"
"""Case, width and doubled spaces do not make another name."""


def match_customers() -> None:
    """Fill import_names: one row per distinct number and name in import_checked, with the customer it means.

    By number where one is given, else by short, legal or former name. What was merged leads to the winner.
    Rows are refused whose name several living customers have, or whose number and name mean two customers.
    """
    folded = sql.SQL(FOLDED)
    with connection.cursor() as cursor:
        execute(
            cursor,
            sql.SQL(
                """
                create temp table import_names as
                select customer_number, customer, min(line) as first_line, null::bigint as customer_id,
                    case when customer_number <> '' then 'n:' || customer_number
                        else 'f:' || {folded} end as key
                from import_checked where reason is null group by customer_number, customer
                """
            ).format(folded=folded.format(name=sql.Identifier("customer"))),
        )
        cursor.execute("create index on import_names (key)")
        cursor.execute("analyze import_names")
        names_of_customers = sql.SQL(_NAMES).format(
            short=folded.format(name=sql.Identifier("short_name")),
            legal=folded.format(name=sql.Identifier("legal_name")),
            former=folded.format(name=sql.Identifier("name")),
        )
        parts = {"winner": sql.SQL(_WINNER), "names": names_of_customers}
        execute(cursor, sql.SQL(_MATCH).format(**parts))
        cursor.execute(_HAS_BOTH)
        if cursor.fetchone()[0]:
            wanted = folded.format(name=sql.Identifier("customer"))
            execute(cursor, sql.SQL(_REFUSE_TWO).format(wanted=wanted, **parts))


_WINNER = """
    winner (id, living) as (
        select id, id from customers_customer where merged_into_id is null
        union all
        select loser.id, winner.living
        from customers_customer loser join winner on loser.merged_into_id = winner.id
    )
"""

_NAMES = """
        select 'f:' || {short}, id from customers_customer
        union all
        select 'f:' || {legal}, id from customers_customer where legal_name <> ''
        union all
        select 'f:' || {former}, customer_id from customers_formername
"""

_MATCH = """
    with recursive {winner},
    spelling (key, id) as (
        select 'n:' || number, id from customers_customer where number is not null
        union all
        {names}
    ),
    meant as (
        select key, min(living) as living, count(distinct living) > 1 as is_ambiguous
        from spelling join winner using (id)
        where key in (select key from import_names) group by key
    ),
    matched as (
        update import_names set customer_id = meant.living
        from meant where meant.key = import_names.key and not is_ambiguous
    )
    update import_checked as row set reason = 'customer_ambiguous', fault = 'customer', value = row.customer
    from import_names, meant
    where meant.key = import_names.key and is_ambiguous and row.reason is null
        and row.customer_number = import_names.customer_number and row.customer = import_names.customer
"""

_HAS_BOTH = """
    select exists (
        select from import_names where customer_id is not null and customer_number <> '' and customer <> ''
    )
"""

# Only a name that is somebody's: an unknown spelling beside a known number is another way to write him.
_REFUSE_TWO = """
    with recursive {winner},
    given as (
        select customer_number, customer, customer_id, 'f:' || {wanted} as key
        from import_names where customer_id is not null and customer_number <> '' and customer <> ''
    ),
    spelling (key, id) as ({names}),
    other as (
        select customer_number, customer
        from given join spelling using (key) join winner using (id)
        group by 1, 2 having not bool_or(living = customer_id)
    )
    update import_checked as row set reason = 'customer_disagrees', fault = 'customer', value = row.customer
    from other
    where row.reason is null and row.customer_number = other.customer_number
        and row.customer = other.customer
"""


def create_customers(values: Values) -> int:
    """Create those that import_orders names and nobody knows, in the continuing stage; returns how many.

    Known and acquired at their first order's day. The first spelling in the file is the name.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEW_NAMES)
        cursor.execute("analyze import_new_names")
        _fill_name_keys()
        values = {**values, "stage": Stage.CONTINUING}
        cursor.execute(_CREATE, values)
        created = cursor.rowcount
        for statement in _CREATE_ROWS:
            cursor.execute(statement, values)
        cursor.execute(
            "update import_names n set customer_id = created.id from import_new_names created"
            " where created.key = n.key"
        )
    return int(created)


_NEW_NAMES = """
    create temp table import_new_names as
    select nextval(pg_get_serial_sequence('customers_customer', 'id')) as id, known.*,
        ''::text as sort_key, ''::text as search_text, '{}'::text[] as search_tokens
    from (
        select key, min(nullif(customer_number, '')) as number,
            coalesce((array_agg(customer order by first_line) filter (where customer <> ''))[1],
                min(customer_number)) as name,
            min(first.ordered_on) as first_on, min(first.currency) as currency
        from import_names
        join (
            select customer_key, min(ordered_on) as ordered_on,
                (array_agg(currency order by first_line))[1] as currency
            from import_orders group by customer_key
        ) first on first.customer_key = import_names.key
        where customer_id is null
        group by key
        order by min(first_line)
    ) known
"""

_CREATE = """
    insert into customers_customer (id, known_at, import_id, number, short_name, legal_name, kind, stage,
        owner_id, acquired_on, currency, tags, custom_fields, version, sort_key, search_text, search_tokens)
    select id, first_on::timestamp at time zone %(zone)s, %(import)s, number, left(name, 120),
        case when length(name) > 120 then name else '' end, 'company', %(stage)s, %(owner)s,
        first_on, currency, '{}', '{}', 1, sort_key, search_text, search_tokens
    from import_new_names order by id
"""

_CREATE_ROWS = (
    """
    insert into customers_customerstage
        (known_at, import_id, customer_id, stage, valid_from, author_id, reason)
    select first_on::timestamp at time zone %(zone)s, %(import)s, id, %(stage)s, first_on, %(author)s, ''
    from import_new_names order by id
    """,
    """
    insert into customers_customerowner
        (known_at, import_id, customer_id, owner_id, valid_from, author_id)
    select first_on::timestamp at time zone %(zone)s, %(import)s, id, %(owner)s, first_on, %(author)s
    from import_new_names order by id
    """,
    """
    insert into customers_customerinput (customer_id, version)
    select id, 1 from import_new_names order by id
    """,
)


def _fill_name_keys() -> None:
    """Pinyin is not known to PostgreSQL: batches go out and come back."""
    last = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table import_name_keys"
            " (id bigint, sort_key text, search_text text, search_tokens text[])"
        )
        while True:
            cursor.execute(
                "select id, name, coalesce(number, '') from import_new_names"
                " where id > %s order by id limit %s",
                [last, _BATCH],
            )
            batch = cursor.fetchall()
            if not batch:
                break
            with cursor.copy("copy import_name_keys from stdin") as copy:
                for key, name, number in batch:
                    short = name[:120]
                    copy.write_row(
                        (
                            key,
                            names.sort_key(short),
                            names.search_text(short, name, number),
                            names.search_tokens(short, name, number),
                        )
                    )
            last = batch[-1][0]
        cursor.execute(
            "update import_new_names n set sort_key = k.sort_key, search_text = k.search_text,"
            " search_tokens = k.search_tokens from import_name_keys k where k.id = n.id"
        )
