"""Composed SQL as text: the middleware that puts the acting user into audit rows reads statements as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import sql


def execute(
    cursor: CursorWrapper, statement: sql.Composable, values: Mapping[str, Any] | None = None
) -> None:
    """Execute what `psycopg.sql` composed."""
    cursor.execute(statement.as_string(cursor.connection), values)
