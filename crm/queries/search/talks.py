"""Interactions by the words of their summaries.

An index knows each word, and each pair of neighbouring Chinese characters, of every interaction together with
its customer. Whoever sees few customers has theirs read, or these asked for in it. For everybody else common
words would bring millions of rows out of the index, of which the newest few are wanted, and those are quickly
found without it: so the latest interactions are read first, and the index is asked only when these do not
suffice, which is when the words are rare.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from accounts import names
from crm.queries.search.asking import Question
from crm.queries.search.named import escaped
from crm.queries.search.scope import Scope

LATEST_FOR_ONE, MOST_LATEST, LATEST_OF_SOME = 1_000, 60_000, 20_000
"""How many of the latest are read for each that is wanted. Words that are rarer than one in a thousand are at
most ten thousand times among ten million, and these are read by the index in 30 ms."""

FEW, SOME = 200, 500
"""Of few customers all interactions are read, a hundred each; of some each is asked for in the index."""

LEAST_BEGINNING = 3
MAX_SPELLINGS = 4


@dataclass(frozen=True)
class Talk:
    identity: str
    customer_id: int
    customer: str
    kind: str
    started_at: dt.datetime
    summary: str


_COLUMNS = "row.id, row.identity, row.customer_id, row.kind, row.started_at, row.summary"
_INDEXED = """
    select {columns} from interactions_interaction row
    where superseded_at is null and summary <> '' and interactions_words(summary) @@ {words}::tsquery
        and {whose}
    order by started_at desc, id desc limit {limit}
"""
_READ = """
    select {columns} from interactions_interaction row
    where superseded_at is null and {whose} and {looks}
    order by started_at desc, id desc limit {limit}
"""
_READ_FIRST = """
    select * from (
        with read as materialized ({read}),
        indexed as materialized (select * from ({indexed}) row where (select count(*) from read) < {limit})
        select * from read union select * from indexed
    ) row
"""
_LATEST = """
    select {columns} from (
        select * from interactions_interaction where superseded_at is null and summary <> ''
        order by id desc limit {latest}
    ) row
    where {looks} and row.customer_id in (select id from seen) limit {limit}
"""
_LATEST_FIRST = """
    select * from (
        with seen (id) as {materialized} ({seen}),
        latest as materialized ({latest}),
        indexed as materialized (
            select {columns} from interactions_interaction row
            where superseded_at is null and summary <> '' and interactions_words(summary) @@ {words}::tsquery
                and (select count(*) from latest) < {limit}
        )
        select * from latest
        union
        (
            select * from indexed row where row.customer_id in (select id from seen)
            order by started_at desc, id desc limit {limit}
        )
    ) row
"""
_NAMED = """
    select row.identity::text, row.customer_id, customer.short_name, row.kind, row.started_at, row.summary
    from ({found}) row join customers_customer customer on customer.id = row.customer_id
    order by row.started_at desc, row.id desc limit {limit}
"""


def find_talks(question: Question, scope: Scope, *, limit: int) -> list[Talk]:
    """The newest ``limit`` interactions with all words, current versions only."""
    words = _query_of(question)
    if not words or scope.is_empty:
        return []
    statement = sql.SQL(_NAMED).format(found=_found(question, words, scope, limit), limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        return [Talk(*row) for row in cursor.fetchall()]


def _found(question: Question, words: str, scope: Scope, limit: int) -> sql.Composable:
    columns = sql.SQL(_COLUMNS)
    looks = _looks(question)
    if scope.ids is not None and len(scope.ids) <= SOME:
        whose = sql.SQL("row.customer_id = any({}::bigint[])").format(scope.ids)
        indexed = sql.SQL(_INDEXED).format(columns=columns, words=words, whose=whose, limit=limit)
        if len(scope.ids) > FEW:
            return indexed
        read = sql.SQL(_READ).format(columns=columns, whose=whose, looks=looks, limit=limit)
        return sql.SQL(_READ_FIRST).format(columns=columns, read=read, indexed=indexed, limit=limit)
    latest = min(MOST_LATEST, LATEST_FOR_ONE * limit) if scope.ids is None else LATEST_OF_SOME
    read = sql.SQL(_LATEST).format(columns=columns, latest=latest, looks=looks, limit=limit)
    return sql.SQL(_LATEST_FIRST).format(
        materialized=sql.SQL("not materialized" if scope.ids is None else "materialized"),
        seen=scope.seen,
        latest=read,
        words=words,
        columns=columns,
        limit=limit,
    )


def _looks(question: Question) -> sql.Composable:
    """The words as they may be written, without the index's help: as typed, and without accents."""
    return sql.SQL(" and ").join(
        sql.SQL("({})").format(sql.SQL(" or ").join(_written(spelling) for spelling in _written_as(*pair)))
        for pair in zip(question.words, question.typed, strict=True)
    )


def _written_as(word: str, typed: str) -> list[str]:
    return list(dict.fromkeys([*names.spellings(word), typed.lower()]))


def _written(spelling: str) -> sql.Composable:
    has_cases = spelling.upper() != spelling
    operator = sql.SQL("ilike" if has_cases else "like")
    return sql.SQL("row.summary {} {}").format(operator, f"%{escaped(spelling)}%")


def _query_of(question: Question) -> str:
    """The words as a tsquery, each of them wanted; empty where the index knows none of them.

    Of three letters on a word may still be being typed: its beginning is enough.
    """
    wanted = [part for word in question.words for part in _parts(word)]
    return " & ".join(dict.fromkeys(wanted))


def _parts(word: str) -> list[str]:
    """Letters and digits are taken in runs, as they are indexed; Chinese ones in pairs, in every spelling."""
    parts = []
    for is_chinese, run in itertools.groupby(word, lambda c: names.is_chinese(c) if c.isalnum() else None):
        text = "".join(run)
        if is_chinese and len(text) > 1:
            spelt = names.spellings(text)[:MAX_SPELLINGS]
            pairs = zip(*(names.neighbours(spelling) for spelling in spelt), strict=True)
            parts += ["(" + " | ".join(f"'{pair}'" for pair in dict.fromkeys(same)) + ")" for same in pairs]
        elif is_chinese is False and len(text) > 1:
            parts.append(f"'{text}':*" if len(text) >= LEAST_BEGINNING else f"'{text}'")
    return parts
