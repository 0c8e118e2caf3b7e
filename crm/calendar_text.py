"""Texts that may stand in a calendar (RFC 5545)."""

from __future__ import annotations

_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def plain(text: str) -> str:
    """Without the characters that are allowed in no text; lines end as the library expects."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
