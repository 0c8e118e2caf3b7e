"""Keys of names made anew for a whole table: once, when the way they are made changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from psycopg import sql

AT_ONCE = 10_000
"""0.2 ms of Python for each row, most of it pinyin: 100,000 customers and 300,000 contacts take a minute."""

Keys = Callable[[Sequence[str]], tuple[str, list[str]]]


def renew_keys(editor: BaseDatabaseSchemaEditor, table: str, spoken: str, keys: Keys) -> None:
    """Write ``search_text`` and ``search_tokens`` of every row: ``keys`` makes them of ``spoken``.

    ``spoken``: SQL that gives a row's names as text[]. Nobody changed anything, so the row's old version is
    not kept. To be called in the transaction of a migration.
    """
    name, last = sql.Identifier(table), 0
    with editor.connection.cursor() as cursor:
        text = cursor.connection
        cursor.execute(sql.SQL("alter table {} disable trigger user").format(name).as_string(text))
        cursor.execute(
            "create temp table if not exists renewed_keys"
            " (id bigint, search_text text, search_tokens text[]) on commit drop"
        )
        page = sql.SQL("select id, {} from {} row where id > %s order by id limit %s")
        page_text = page.format(sql.SQL(spoken), name).as_string(text)
        while True:
            cursor.execute(page_text, [last, AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                break
            cursor.execute("truncate renewed_keys")
            with cursor.copy("copy renewed_keys from stdin") as copy:
                for key, given in rows:
                    copy.write_row((key, *keys(given)))
            cursor.execute(_WRITE.format(name).as_string(text))
            last = rows[-1][0]
        # A table whose deferred checks are still to come cannot be altered.
        cursor.execute("set constraints all immediate")
        cursor.execute(sql.SQL("alter table {} enable trigger user").format(name).as_string(text))


_WRITE = sql.SQL("""
    update {} row set search_text = fresh.search_text, search_tokens = fresh.search_tokens
    from renewed_keys fresh where fresh.id = row.id
""")
