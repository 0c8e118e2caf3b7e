"""Typed readers of the environment: a bad value stops the start with one clear sentence.

Every reader also accepts ``NAME_FILE``, the path of a file that holds the value (a mounted secret).
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str | None = None) -> str:
    """The value of ``name``, or of the file ``NAME_FILE`` points to; raises when both are set or none is."""
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; keep one.")
    if path is not None:
        return _read_file(name, path)
    if value is None:
        value = default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set (or give a file in {name}_FILE).")
    return value


def _read_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {error}") from error


def _parsed(name: str, default: T | None, parse: Callable[[str], T], expected: str) -> T:
    raw = text(name, "" if default is not None else None).strip()
    if raw == "" and default is not None:
        return default
    try:
        return parse(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is not {expected}.") from error


def _boolean(raw: str) -> bool:
    if raw.lower() in _TRUE:
        return True
    if raw.lower() in _FALSE:
        return False
    raise ValueError(raw)


def boolean(name: str, *, default: bool | None = None) -> bool:
    """true/false, yes/no, on/off, 1/0."""
    return _parsed(name, default, _boolean, "true or false")


def integer(name: str, default: int | None = None, *, at_least: int = 0) -> int:
    """A whole number that is not below ``at_least``."""

    def parse(raw: str) -> int:
        number = int(raw)
        if number < at_least:
            raise ValueError(raw)
        return number

    return _parsed(name, default, parse, f"a whole number of {at_least} or more")


def choice(name: str, options: Sequence[str], default: str | None = None) -> str:
    """One of ``options``."""

    def parse(raw: str) -> str:
        if raw not in options:
            raise ValueError(raw)
        return raw

    return _parsed(name, default, parse, f"one of {', '.join(options)}")


def words(name: str, default: Sequence[str] | None = None) -> list[str]:
    """A comma-separated list without empty entries."""
    raw = text(name, None if default is None else ",".join(default))
    return [word.strip() for word in raw.split(",") if word.strip()]
