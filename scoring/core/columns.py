"""Struct-of-arrays: the shared shape of states and scores, and the flat columns a database sees of
them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Column:
    """One field of a table: its name and numpy dtype.

    A field with `suffixes` is n x k and has one flat column per suffix. An n x k field without (its k
    follows the policy) is one column of arrays.
    """

    name: str
    dtype: str
    suffixes: tuple[str, ...] = ()

    def flat_names(self) -> tuple[str, ...]:
        """Names of this field's columns in a database table, in order."""
        return tuple(f"{self.name}_{suffix}" for suffix in self.suffixes) or (self.name,)


class Table:
    """Base of frozen dataclasses whose fields are numpy arrays with the same first length n."""

    COLUMNS: ClassVar[tuple[Column, ...]] = ()

    def __len__(self) -> int:
        first: npt.NDArray[Any] = getattr(self, self.COLUMNS[0].name)
        return len(first)

    @classmethod
    def flat_columns(cls) -> tuple[tuple[str, str], ...]:
        """(name, dtype) of every flat column, in the order in which a writer should produce them."""
        return tuple((name, column.dtype) for column in cls.COLUMNS for name in column.flat_names())

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> Self:
        """Build the table from flat columns (any sequence per name; None becomes NaN in float columns).

        Raises ValueError when a column is missing or lengths differ. Unknown names are ignored.
        """
        missing = [name for name, _ in cls.flat_columns() if name not in columns]
        if missing:
            raise ValueError(f"{cls.__name__} lacks the columns {', '.join(missing)}.")
        values = {column.name: _assemble(column, columns) for column in cls.COLUMNS}
        lengths = {len(array) for array in values.values()}
        if len(lengths) > 1:
            raise ValueError(f"The columns of {cls.__name__} have different lengths: {sorted(lengths)}.")
        return cls(**values)

    def to_columns(self) -> dict[str, npt.NDArray[Any]]:
        """The inverse of `from_columns`."""
        flat: dict[str, npt.NDArray[Any]] = {}
        for column in self.COLUMNS:
            array = getattr(self, column.name)
            names = column.flat_names()
            flat.update(
                {column.name: array}
                if not column.suffixes
                else {name: array[:, position] for position, name in enumerate(names)}
            )
        return flat

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """All rows of the parts, in order. Raises ValueError for no parts."""
        names = [column.name for column in cls.COLUMNS]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def take(self, indices: npt.ArrayLike) -> Self:
        """The rows at the given positions (or where a boolean mask is true), in that order."""
        chosen = np.asarray(indices)
        if chosen.dtype != np.bool_:
            chosen = chosen.astype(np.intp)
            if np.array_equal(chosen, np.arange(len(self))):
                return self
        return type(self)(**{column.name: getattr(self, column.name)[chosen] for column in self.COLUMNS})

    @classmethod
    def assert_complete(cls) -> None:
        """Hold the list of columns and the dataclass fields together."""
        declared = tuple(field.name for field in fields(cls))  # type: ignore[arg-type]
        assert declared == tuple(column.name for column in cls.COLUMNS), declared


def _assemble(column: Column, columns: Mapping[str, Any]) -> npt.NDArray[Any]:
    arrays = [np.ascontiguousarray(columns[name], dtype=column.dtype) for name in column.flat_names()]
    if column.suffixes:
        return np.stack(arrays, axis=1)
    return arrays[0]
