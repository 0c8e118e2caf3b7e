"""Statements that run again and again, planned once for each connection instead of every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import Cursor


def run(text: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of the statement, or none when it returns nothing. Needs a transaction.

    Its text has to be the same each time but for the name of a run's partition: the connection keeps a plan
    for each text. Behind a name only constants of this package and numbers may stand.
    """
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(text, values, prepare=True)
        return cursor.fetchall() if cursor.description else []
