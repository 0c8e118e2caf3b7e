"""The history of records is written by the database, once per statement, also for bulk SQL."""

import time

import pytest
from django.db import connection

ROWS = 100_000
SIDE = "set session_replication_role = "


def fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into customers_customer (
                short_name, legal_name, kind, stage, currency, tags, custom_fields, known_at, version,
                sort_key, search_text, search_tokens
            )
            select 'C' || n, '', 'company', 'initial', 'CNY', '{}', '{}', now(), 1, 'c' || n, 'c' || n, '{}'
            from generate_series(1, %s) n
            """,
            [ROWS],
        )


def seconds_of_one_statement(employees: int) -> float:
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute("update customers_customer set employees = %s", [employees])
        assert cursor.rowcount == ROWS
        return time.perf_counter() - began


def history_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from customers_customerevent")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_one_statement_over_100_000_customers_writes_100_000_history_rows_in_proportion() -> None:
    fill()
    with connection.cursor() as cursor:
        cursor.execute(SIDE + "replica")
    untracked = seconds_of_one_statement(1)
    assert history_rows() == 0
    with connection.cursor() as cursor:
        cursor.execute(SIDE + "origin")

    tracked = seconds_of_one_statement(2)

    assert history_rows() == ROWS
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from customers_customerevent where employees = 1 and pgh_label = 'changed'"
        )
        assert cursor.fetchone() == (ROWS,)
    # A row-level trigger is quadratic in such a statement: it was several hundred times slower here.
    assert tracked < 6 * untracked, f"{tracked:.2f} s against {untracked:.2f} s untracked"
