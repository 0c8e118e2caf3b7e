"""Whose customers are searched, and which of them come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from accounts import access
from accounts.users.models import User

FEW = 5_000
"""Up to so many customers are searched one by one: 7 µs each."""

MOST_OWN = 200


@dataclass(frozen=True)
class Scope:
    """``seen`` is SQL for the ids of the customers he sees; ``ids`` are they, None for who sees everything.

    ``near``: SQL for those that come first, which are his own and those he opened lately.
    """

    seen: sql.Composable
    near: sql.Composable
    ids: list[int] | None

    @property
    def is_few(self) -> bool:
        return self.ids is not None and len(self.ids) <= FEW

    @property
    def is_empty(self) -> bool:
        return self.ids == []


def scope_of(user: User, recent: Sequence[int]) -> Scope:
    """What ``user`` may search. Whom he sees is asked once: inside every branch the planner misjudges it."""
    ids = None if user.sees_everything else access.visible_customer_ids(user)
    seen = _condition(user) if ids is None else sql.SQL("select unnest({}::bigint[]) as id").format(ids)
    near = sql.SQL(
        "(select id from customers_customer where owner_id = {me} and id in (select id from seen)"
        " limit {most}) union select id from customers_customer where id = any({recent}::bigint[])"
        " and id in (select id from seen)"
    ).format(me=user.pk, most=MOST_OWN, recent=list(recent))
    return Scope(seen, near, ids)


def _condition(user: User) -> sql.Composable:
    operations: Any = connection.ops
    visible = access.visible_customers(user).order_by().values("pk")
    return sql.SQL(operations.compose_sql(*visible.query.sql_with_params()))
