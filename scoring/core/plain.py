"""Frozen dataclasses to plain numbers, lists and dicts (JSON) and back, checked on the way in."""

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Self, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class Plain:
    """Base of frozen dataclasses that are stored as JSON.

    Fields may be bool, int, float, str, an Enum, another `Plain`, a tuple of one of these, `None | X`, or a
    union of `Plain` classes with different field names. NaN and infinity are refused: JSON has neither.
    """

    def to_plain(self) -> dict[str, Any]:
        """This object as dicts, lists, strings and finite numbers; floats survive JSON bit for bit."""
        return {field.name: _plain(getattr(self, field.name), field.name) for field in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_plain(cls, data: Any, *, where: str = "") -> Self:
        """The inverse of `to_plain`. Raises ValueError that names the place and what is wrong with it."""
        where = where or cls.__name__
        if not isinstance(data, Mapping):
            raise ValueError(f"{where} must be an object with named fields, not {type(data).__name__}.")
        kinds = get_type_hints(cls)
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        missing, unknown = sorted(set(names) - set(data)), sorted(set(data) - set(names))
        if missing:
            raise ValueError(f"{where} lacks {', '.join(missing)}.")
        if unknown:
            raise ValueError(f"{where} has unknown fields: {', '.join(map(str, unknown))}.")
        return cls(**{name: _typed(kinds[name], data[name], f"{where}.{name}") for name in names})


def require(condition: bool, message: str) -> None:
    """Raise ValueError with the message unless the condition holds."""
    if not condition:
        raise ValueError(message)


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, Plain):
        return value.to_plain()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        if all(type(item) is float for item in value) and all(map(math.isfinite, value)):
            return list(value)
        return [_plain(item, where) for item in value]
    if isinstance(value, float):
        require(math.isfinite(value), f"{where} is {value}, which JSON cannot hold.")
        return float(value)
    return value


def _typed(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value, where)
    if origin is tuple:
        require(isinstance(value, list | tuple), f"{where} must be a list, not {type(value).__name__}.")
        return tuple(_typed(get_args(kind)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if isinstance(kind, type) and issubclass(kind, Plain):
        return kind.from_plain(value, where=where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member(kind, value, where)
    return _scalar(kind, value, where)


def _one_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    candidates = [kind for kind in kinds if kind is not type(None)]
    for kind in candidates[:-1]:
        is_object = is_dataclass(kind) and isinstance(value, Mapping)
        if is_object and {field.name for field in fields(kind)} == set(value):
            return _typed(kind, value, where)
    return _typed(candidates[-1], value, where)


def _member(kind: type[Enum], value: Any, where: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        raise ValueError(f"{where} must be one of {known}, not {value!r}.") from None


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        require(math.isfinite(value), f"{where} must be a finite number, not {value}.")
        return float(value)
    is_right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    require(is_right, f"{where} must be of type {kind.__name__}, not {value!r}.")
    return value
