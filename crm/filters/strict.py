"""Filters that refuse what they do not understand, where django-filter's own would let it pass."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django_filters import ChoiceFilter, Filter

from accounts.customers.models import Customer

MAX_ID = 2**63 - 1


class WholeFilter(Filter):
    """A whole number from 1 that a bigint holds; for ids, so that an unknown one finds nothing."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, min_value=1, max_value=MAX_ID, **options)


class OfCustomerFilter(WholeFilter):
    """Records of a customer; of one who was merged into another, those of the other: lists and views are kept
    longer than customers."""

    def filter(self, qs: Any, value: int | None) -> Any:
        if value is None:
            return qs
        winner = Customer.objects.filter(pk=value, merged_into__isnull=False).values("merged_into")
        return qs.filter(Q((self.field_name, value)) | Q((f"{self.field_name}__in", winner)))


class YesNoFilter(ChoiceFilter):
    """``true`` or ``false``, in lower case."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, choices=[("true", "true"), ("false", "false")], **options)

    def filter(self, qs: Any, value: str) -> Any:
        return super().filter(qs, value == "true") if value in {"true", "false"} else qs
