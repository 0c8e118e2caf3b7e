"""Codes of what an admin adds to a survey."""

from __future__ import annotations

from django.utils.text import slugify

LONGEST_CODE = 24


def new_code(name: str, taken: set[str], *, otherwise: str) -> str:
    """A code of its own for what is new; of a Chinese name nothing would remain, so it gets ``otherwise``."""
    stem = slugify(name)[: LONGEST_CODE - 3].strip("-") or otherwise
    codes = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
    return next(code for code in codes if code not in taken)
