"""Filters that refuse what they do not understand, where django-filter's own would let it pass."""

from __future__ import annotations

from typing import Any

from django import forms
from django_filters import ChoiceFilter, Filter

MAX_ID = 2**63 - 1


class WholeFilter(Filter):
    """A whole number from 1 that a bigint holds; for ids, so that an unknown one finds nothing."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, min_value=1, max_value=MAX_ID, **options)


class YesNoFilter(ChoiceFilter):
    """``true`` or ``false``, in lower case."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, choices=[("true", "true"), ("false", "false")], **options)

    def filter(self, qs: Any, value: str) -> Any:
        return super().filter(qs, value == "true") if value in {"true", "false"} else qs
