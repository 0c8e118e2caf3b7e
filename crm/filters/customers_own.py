"""Filters for the fields that an admin added to customers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django_filters import CharFilter, ChoiceFilter, DateFilter, Filter, NumberFilter

from accounts.customers.models import Customer
from accounts.fields.models import CustomField, FieldKind
from crm.filters.strict import YesNoFilter


def filters_of(field: CustomField) -> dict[str, Filter]:
    """By parameter. Equality is asked by containment, which an index answers; a text is looked for inside."""
    name = f"cf_{field.key}"
    label = field.label_in(get_language() or "en")
    if field.kind == FieldKind.TEXT:
        return {name: CharFilter(f"custom_fields__{field.key}", "icontains", label=label, max_length=200)}
    if field.kind == FieldKind.CHOICE:
        choices = [(choice, choice) for choice in field.choices]
        return {name: _asking(field.key, ChoiceFilter(label=label, choices=choices))}
    if field.kind == FieldKind.YES_NO:
        return {name: _asking(field.key, YesNoFilter(label=label))}
    kind: Any = NumberFilter if field.kind == FieldKind.NUMBER else DateFilter
    return {name: _asking(field.key, kind(label=label))} | {
        f"{name}_{end}": _asking(field.key, kind(label=label), side)
        for end, side in (("min", "gte"), ("max", "lte"))
    }


def _asking(key: str, plain: Filter, side: str = "") -> Filter:
    """The filter's own field, asked of the value in the record."""

    def narrowed(found: QuerySet[Customer], value: Any) -> QuerySet[Customer]:
        if value in (None, ""):
            return found
        stored = _stored(plain, value)
        if side:
            return found.filter((f"custom_fields__{key}__{side}", stored))
        return found.filter(custom_fields__contains={key: stored})

    plain.filter = narrowed
    return plain


def _stored(plain: Filter, value: Any) -> Any:
    """The value as records keep it."""
    if isinstance(plain, DateFilter):
        return value.isoformat()
    if isinstance(plain, NumberFilter):
        return int(value) if value == value.to_integral_value() else float(value)
    return value == "true" if isinstance(plain, YesNoFilter) else value
