"""Whole columns to PostgreSQL and back: what PostgreSQL reads and writes itself is the authority."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection

from scoring import copy_binary
from scoring.copy_binary import Field

pytestmark = pytest.mark.django_db

COLUMNS = (("a", "int64"), ("b", "float64"), ("c", "int8"), ("d", "bool"))


@pytest.mark.parametrize("rows", [0, 1, copy_binary.ROWS_AT_A_TIME, copy_binary.ROWS_AT_A_TIME + 3])
def test_postgresql_reads_what_is_encoded(rows: int) -> None:
    numbers = np.arange(rows, dtype=np.int64) * 10**15 - 7
    floats = np.where(numbers % 3 == 0, np.nan, numbers / 7)
    arrays = np.stack([floats, numbers / 11, np.full(rows, np.nan)], axis=1)
    fields = [
        Field(numbers),
        Field(floats),
        Field((numbers % 5).astype(np.int8)),
        Field(numbers % 2 == 0),
        Field(arrays),
        Field(np.zeros((rows, 3))[:, ::-1]),
        Field(numbers, numbers % 4 == 0),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table t (a bigint, b float8, c smallint, d boolean, e float8[], f float8[],"
            " g bigint) on commit drop"
        )
        with cursor.copy("copy t from stdin (format binary)") as copy:
            for block in copy_binary.encode(fields, rows):
                copy.write(block)
        cursor.execute("select * from t order by a")
        stored = cursor.fetchall()
    optional = [None if np.isnan(value) else value for value in floats.tolist()]
    assert stored == [
        (a, b, a % 5, a % 2 == 0, [b, other, None], [0.0] * 3, None if a % 4 == 0 else a)
        for a, b, other in zip(numbers.tolist(), optional, arrays[:, 1].tolist(), strict=True)
    ]


def copied(query: str) -> dict[str, list[object]]:
    with connection.cursor() as cursor, cursor.copy(f"copy ({query}) to stdout (format binary)") as copy:
        return {name: values.tolist() for name, values in copy_binary.decode(copy, COLUMNS).items()}


def test_what_postgresql_writes_is_decoded() -> None:
    assert copied("select n::bigint, n / 3.0::float8, n::smallint, n > 1 from generate_series(1, 3) n") == {
        "a": [1, 2, 3],
        "b": [1 / 3, 2 / 3, 1.0],
        "c": [1, 2, 3],
        "d": [False, True, True],
    }


def test_no_rows_are_no_rows() -> None:
    assert copied("select 1::bigint, 1::float8, 1::smallint, true where false") == {
        "a": [],
        "b": [],
        "c": [],
        "d": [],
    }


@pytest.mark.parametrize(
    "query",
    [
        "select null::bigint, 1::float8, 1::smallint, true",
        "select 1::bigint, 1::float4, 1::int4, true",
        "select 1::bigint, 1::float8, 1::smallint",
    ],
)
def test_nulls_and_other_types_are_refused(query: str) -> None:
    with pytest.raises(ValueError, match="NULL"):
        copied(query)
