"""Reads of the fields that an admin added to customers."""

from __future__ import annotations

from accounts.fields.models import CustomField, Subject


def fields_in_use() -> tuple[CustomField, ...]:
    """Those that are asked for today, in their order."""
    found = CustomField.objects.filter(subject=Subject.CUSTOMER, archived_at=None)
    return tuple(found.order_by("position", "pk"))


def all_fields() -> tuple[CustomField, ...]:
    """Archived ones too, which come last: their values stay readable."""
    found = CustomField.objects.filter(subject=Subject.CUSTOMER)
    return tuple(sorted(found, key=lambda field: (field.archived_at is not None, field.position, field.pk)))
