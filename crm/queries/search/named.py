"""Customers, contacts and projects by their names, orders and contracts by their numbers: one statement.

Of each kind candidates are gathered first, by an index each and never more than `Branch` allows:
1. whatever matches among the searcher's own customers and those he opened lately,
2. who is called exactly so, or has exactly these initials,
3. whose name, pinyin or initials begin so,
4. whoever has all words somewhere in a name, former name, pinyin, e-mail, telephone or customer number.
Then they are ranked. Whoever sees few customers has these searched one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from psycopg import sql

from accounts import names
from crm.queries.search.asking import Question
from crm.queries.search.scope import Scope

LEAST_CANDIDATES = 100
ALL_OF_FEW = 2_000
"""How many candidates a branch takes. Common words match a hundred thousand; nobody reads the rest."""

LIKENESS = 0.42
"""Of word_similarity: Simens finds Siemens (0.5), Schnieder Schneider (0.43); Bach no Bosch (0.22)."""

LEAST_FUZZY = 4


@dataclass(frozen=True)
class Found:
    """A row that was found. ``others``: what else it is found by. ``total``: how many of its kind."""

    kind: str
    pk: int
    customer_id: int
    title: str
    note: str
    customer: str
    others: list[str]
    total: int
    place: int


@dataclass(frozen=True)
class _Source:
    """A table that is searched by names. ``columns``: title, note, customer's name and others.

    ``spelt``: what a misspelt name is compared with.
    """

    kind: str
    table: str
    customer: str
    columns: str
    order: str = "row.sort_key"
    spelt: str = "row.search_text"


_FORMER = "array(select name from customers_formername former where former.customer_id = row.id)"
_SOURCES = (
    _Source(
        "customer",
        "customers_customer",
        "row.id",
        "row.short_name as title, '' as note, '' as customer,"
        f" array[row.legal_name, coalesce(row.number, '')]::text[] || {_FORMER} as others",
    ),
    _Source(
        "contact",
        "contacts_contact",
        "row.customer_id",
        "row.name as title, row.title as note,"
        " (select short_name from customers_customer where id = row.customer_id) as customer,"
        " array[row.email, row.phone]::text[] as others",
        # The address names the company, which is not what he is called.
        spelt="replace(row.search_text, lower(row.email), '')",
    ),
    _Source(
        "project",
        "projects_project",
        "row.customer_id",
        "row.name as title, '' as note,"
        " (select short_name from customers_customer where id = row.customer_id) as customer,"
        " '{}'::text[] as others",
        order="row.name",
    ),
)


def find_named(question: Question, scope: Scope, *, kinds: frozenset[str], limit: int) -> list[Found]:
    """The best ``limit`` of each kind, best first."""
    parts = [_ranked(source, question, scope, limit) for source in _SOURCES if source.kind in kinds]
    if _may_be_number(question):
        parts += [_orders(question, limit)] if "order" in kinds else []
        parts += [_contracts(question, limit)] if "contract" in kinds else []
    return _rows(_whole(scope, parts)) if parts else []


def find_alike(question: Question, scope: Scope, *, kinds: frozenset[str], limit: int) -> list[Found]:
    """Those with a word like the one that was typed, the likest first: for misspelt names."""
    letters = question.squeezed
    if len(letters) < LEAST_FUZZY or not letters.isalpha() or names.is_chinese(letters):
        return []
    parts = [_alike(source, question, limit) for source in _SOURCES if source.kind in kinds]
    if not parts:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(LIKENESS)])
        return _rows(_whole(scope, parts))


def _rows(statement: sql.Composable) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        found = [Found(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda row: row.place)


def _whole(scope: Scope, parts: list[sql.Composable]) -> sql.Composable:
    """Ids that were read are a list to go through; who sees everything is a condition to check."""
    materialized = sql.SQL("not materialized" if scope.ids is None else "materialized")
    together = sql.SQL(" union all ").join(sql.SQL("({})").format(part) for part in parts)
    statement = "select * from (with seen (id) as {} ({}), near (id) as materialized ({}) {}) found"
    return sql.SQL(statement).format(materialized, scope.seen, scope.near, together)


_RANKED = """
    select {kind}, row.id, {customer}, {columns}, count(*) over () as total,
        row_number() over (order by how.rank > 0, not how.is_near, how.rank, {order}, row.id) as place
    from {table} row
    cross join lateral (
        select {customer} in (select id from near) as is_near,
            case
                when row.search_tokens @> array[{whole}] then 0
                when strpos(array_to_string(row.search_tokens, ' '), {whole}) > 0 then 1
                when row.search_tokens @> array[{initials}] then 2
                when strpos(array_to_string(row.search_tokens, ' '), {initials}) > 0 then 3
                else 4
            end as rank
        offset 0  -- once a row, not once for each place that reads it
    ) how
    where row.id in ({candidates})
    order by how.rank > 0, not how.is_near, how.rank, {order}, row.id limit {limit}
"""
_BRANCH = (
    "(select row.id from {table} row where {which} and {customer} in (select id from {within}) limit {most})"
)


def _ranked(source: _Source, question: Question, scope: Scope, limit: int) -> sql.Composable:
    whole, initials = names.WHOLE + question.squeezed, names.INITIALS + question.squeezed
    begins = _holds([names.BEGINNING + names.beginning_of(question.squeezed)])
    anywhere = _anywhere(question)
    # More letters than a beginning has are in the name: then having them all says more than how it begins.
    is_whole = names.beginning_of(question.squeezed) == question.squeezed
    if anywhere is None:
        either = beginning = begins
    elif is_whole:
        either, beginning = sql.SQL("({} or {})").format(anywhere, begins), begins
    else:
        either, beginning = anywhere, sql.SQL("{} and {}").format(begins, anywhere)
    most = candidates_of(limit)
    if scope.is_few:
        candidates = [_branch(source, either, "seen", ALL_OF_FEW)]
    else:
        exact = sql.SQL("row.search_tokens && {}::text[]").format([whole[: names.LONGEST_FORM + 1], initials])
        candidates = [
            _branch(source, either, "near", most),
            _branch(source, exact, "seen", most),
            _branch(source, beginning, "seen", most),
        ]
        if anywhere:
            candidates.append(_branch(source, anywhere, "seen", most))
    return sql.SQL(_RANKED).format(
        kind=source.kind,
        table=sql.Identifier(source.table),
        customer=sql.SQL(source.customer),
        columns=sql.SQL(source.columns),
        whole=whole,
        initials=initials,
        candidates=sql.SQL(" union ").join(candidates),
        order=sql.SQL(source.order),
        limit=limit,
    )


def candidates_of(limit: int) -> int:
    """How many candidates a branch takes for the best ``limit``, and so how far a kind is counted."""
    return max(LEAST_CANDIDATES, limit + 1)


def _branch(source: _Source, which: sql.Composable, within: str, most: int) -> sql.Composable:
    return sql.SQL(_BRANCH).format(
        table=sql.Identifier(source.table),
        which=which,
        customer=sql.SQL(source.customer),
        within=sql.Identifier(within),
        most=most,
    )


def _anywhere(question: Question) -> sql.Composable | None:
    """That every word is in the row; None for a single letter, which is in everything."""
    words = [condition for word in question.words if (condition := _has(word)) is not None]
    if not words:
        return None
    every = sql.SQL(" and ").join(words)
    others = [_like(question.digits)] if question.digits else []
    if len(question.words) > 1 and len(question.squeezed) > 2:
        others.append(_like(question.squeezed))
    return sql.SQL("({})").format(sql.SQL(" or ").join([sql.SQL("({})").format(every), *others]))


def _has(word: str) -> sql.Composable | None:
    if not names.is_chinese(word):
        if len(word) > 2:
            return _like(word)
        return _holds([word]) if len(word) == 2 else None
    held = _holds(names.tokens_of_characters(word))
    return held if len(word) < 3 else sql.SQL("{} and {}").format(held, _like(word))


def _holds(tokens: list[str]) -> sql.Composable:
    return sql.SQL("row.search_tokens @> {}::text[]").format(tokens)


def _like(part: str) -> sql.Composable:
    return sql.SQL("row.search_text like {}").format(f"%{escaped(part)}%")


def escaped(text: str) -> str:
    """``text`` as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


_ALIKE = """
    select {kind}, row.id, {customer}, {columns}, count(*) over () as total,
        row_number() over (
            order by word_similarity({text}, {spelt}) desc, {customer} not in (select id from near),
                {order}, row.id
        ) as place
    from (
        select * from {table} row
        where row.search_text %> {text} and {spelt} %> {text} and {customer} in (select id from seen)
        limit {most}
    ) row
    order by place limit {limit}
"""


def _alike(source: _Source, question: Question, limit: int) -> sql.Composable:
    return sql.SQL(_ALIKE).format(
        kind=source.kind,
        table=sql.Identifier(source.table),
        customer=sql.SQL(source.customer),
        columns=sql.SQL(source.columns),
        order=sql.SQL(source.order),
        spelt=sql.SQL(source.spelt),
        text=" ".join(question.words),
        most=candidates_of(limit),
        limit=limit,
    )


_ORDERS = """
    select 'order', row.id, row.customer_id, row.number, row.ordered_on::text,
        (select short_name from customers_customer where id = row.customer_id), '{{}}'::text[],
        count(*) over (),
        row_number() over (
            order by length(row.number), row.customer_id not in (select id from near), row.number, row.id
        ) as place
    from (
        select * from orders_order row
        where superseded_at is null and number <> '' and ({begins})
            and customer_id in (select id from seen)
        limit {most}
    ) row
    order by place limit {limit}
"""


_CONTRACTS = """
    select 'contract', row.id, row.customer_id, row.title, '',
        (select short_name from customers_customer where id = row.customer_id), array[row.number]::text[],
        count(*) over (),
        row_number() over (
            order by length(row.number), row.customer_id not in (select id from near), row.number,
                row.starts_on desc, row.id
        ) as place
    from (
        select * from deals_contract row
        where number <> '' and upper(number) like {begins} and customer_id in (select id from seen)
        limit {most}
    ) row
    order by place limit {limit}
"""


def _may_be_number(question: Question) -> bool:
    return len(question.text) > 2 and any(c.isdigit() for c in question.text)


def _contracts(question: Question, limit: int) -> sql.Composable:
    """By how the number begins, in whatever case."""
    begins = f"{escaped(question.text.upper())}%"
    return sql.SQL(_CONTRACTS).format(begins=begins, most=candidates_of(limit), limit=limit)


def _orders(question: Question, limit: int) -> sql.Composable:
    """By how the number begins: as it was typed, in capitals, in small letters."""
    typed = dict.fromkeys([question.text, question.text.upper(), question.text.lower()])
    begins = sql.SQL(" or ").join(
        sql.SQL("row.identity like {}").format(f"{escaped(spelling)}%") for spelling in typed
    )
    return sql.SQL(_ORDERS).format(begins=begins, most=candidates_of(limit), limit=limit)
