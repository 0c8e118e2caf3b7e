"""PostgreSQL's binary COPY format to and from numpy, whole columns at a time.

Format: "COPY", section "Binary Format", PostgreSQL documentation. All numbers are big-endian; every field is
preceded by its length in bytes, -1 for NULL. Rows are built as one matrix of bytes in which a field has room
for its value; bytes that a NULL leaves unused are then cut out. No loop touches a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
FLOAT8_OID = 701
# Type of a database column for the type of an array, as it travels.
WIRE_TYPES = {"int64": ">i8", "float64": ">f8", "int8": ">i2", "bool": "u1"}
# Rows of scores are about 1 kB on the wire: 4,000 at a time keep the buffer small, more were no faster.
ROWS_AT_A_TIME = 4_000

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Field:
    """A column to write: n values, or n x k values as an array of k; NaN (or `null`) becomes NULL."""

    values: npt.NDArray[Any]
    null: npt.NDArray[np.bool_] | None = None


def encode(fields: Sequence[Field], rows: int) -> Iterator[bytes]:
    """The fields as a COPY stream, in the order of the target's columns."""
    yield HEADER
    for start in range(0, rows, ROWS_AT_A_TIME):
        stop = min(start + ROWS_AT_A_TIME, rows)
        count = np.tile(_bytes(np.array([len(fields)], dtype=">i2")), (stop - start, 1))
        parts = [(count, np.ones(count.shape, dtype=np.bool_))]
        for field in fields:
            parts.extend(_encoded(field, slice(start, stop)))
        matrix = np.concatenate([part for part, _ in parts], axis=1)
        used = np.concatenate([mask for _, mask in parts], axis=1)
        yield matrix[used].tobytes()
    yield TRAILER


def _encoded(field: Field, rows: slice) -> Iterator[tuple[Bytes, npt.NDArray[np.bool_]]]:
    values = field.values[rows]
    if values.ndim == 1:
        null = _nulls(values) if field.null is None else field.null[rows]
        yield _with_length(values[:, None], null[:, None])
        return
    n, k = values.shape
    null = np.isnan(values)
    sizes = 20 + 4 * k + 8 * (k - null.sum(axis=1))
    head = np.empty((n, 6), dtype=">i4")
    head[:, 0] = sizes
    # One dimension, whether there are NULLs, the type of the elements, how many, first subscript.
    head[:, 1:] = np.array([1, 0, FLOAT8_OID, k, 1])
    head[:, 2] = null.any(axis=1)
    whole = _bytes(head)
    yield whole, np.ones(whole.shape, dtype=np.bool_)
    yield _with_length(values, null)


def _nulls(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    is_null: npt.NDArray[np.bool_] = (
        np.isnan(values) if values.dtype == np.float64 else np.zeros(len(values), dtype=np.bool_)
    )
    return is_null


def _with_length(
    values: npt.NDArray[Any], null: npt.NDArray[np.bool_]
) -> tuple[Bytes, npt.NDArray[np.bool_]]:
    """Each value behind its length; the mask leaves out the value where it is NULL."""
    wire = np.ascontiguousarray(values, dtype=WIRE_TYPES[values.dtype.name])
    n, k = wire.shape
    size = wire.dtype.itemsize
    cells = np.empty((n, k, 4 + size), dtype=np.uint8)
    lengths = np.ascontiguousarray(np.where(null, -1, size), dtype=">i4")
    cells[:, :, :4] = lengths.view(np.uint8).reshape(n, k, 4)
    cells[:, :, 4:] = wire.view(np.uint8).reshape(n, k, size)
    used = np.ones(cells.shape, dtype=np.bool_)
    used[:, :, 4:] = ~null[:, :, None]
    return cells.reshape(n, -1), used.reshape(n, -1)


def _bytes(values: npt.NDArray[Any]) -> Bytes:
    contiguous = np.ascontiguousarray(values)
    rows = len(contiguous) if contiguous.ndim > 1 else 1
    return contiguous.view(np.uint8).reshape(rows, -1)


def decode(
    blocks: Iterable[bytes | bytearray | memoryview], columns: Sequence[tuple[str, str]]
) -> dict[str, npt.NDArray[Any]]:
    """The columns (name, dtype) of a COPY stream without NULLs. Raises ValueError when there is one."""
    record = np.dtype(
        [("fields", ">i2")]
        + [part for name, dtype in columns for part in ((f"{name}.length", ">i4"), (name, WIRE_TYPES[dtype]))]
    )
    stream = bytearray()
    for block in blocks:
        stream += block
    body = memoryview(stream)[len(HEADER) : -len(TRAILER)]
    if len(body) % record.itemsize:
        raise ValueError("The stream has a NULL or other columns than expected.")
    rows = np.frombuffer(body, dtype=record)
    for name, dtype in columns:
        if np.any(rows[f"{name}.length"] != np.dtype(WIRE_TYPES[dtype]).itemsize):
            raise ValueError(f"The column {name} has a NULL or another type than {dtype}.")
    return {name: rows[name].astype(dtype) for name, dtype in columns}
