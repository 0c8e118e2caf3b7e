"""What pages call people and dimensions, said in SQL."""

from __future__ import annotations

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

_TEXT: CharField[str, str] = CharField()


def name_of(user: str) -> Coalesce:
    """``str`` of the user that the column ``user`` points at; null where it points at nobody."""
    return Coalesce(NullIf(f"{user}__name", Value("")), f"{user}__email", output_field=_TEXT)


def in_my_language(dimension: str) -> Coalesce:
    """`Worded.name_in` of the reader's language, for the column ``dimension``."""
    column = {"zh-hans": "name_zh_hans", "zh-hant": "name_zh_hant"}.get(get_language() or "en", "name")
    return Coalesce(NullIf(f"{dimension}__{column}", Value("")), f"{dimension}__name")


def or_empty(column: str | Coalesce) -> Coalesce:
    return Coalesce(column, Value(""), output_field=_TEXT)
