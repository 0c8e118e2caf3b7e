"""Values of custom fields: what a definition takes, and how a record keeps it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields.models import CustomField, FieldKind, Subject

MOST_TEXT = 400
LARGEST = 10**15


def checked_values(given: Mapping[str, Any], *, stored: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` as a customer keeps it. What is empty is left out; what stands unchanged in ``stored`` stays,
    also of a field that is gone.

    Raises ValidationError for ``custom_fields`` that names what is wrong, with the codes: unknown_field,
    invalid_value.
    """
    changed = {key: value for key, value in given.items() if key not in stored or stored[key] != value}
    fields = {
        field.key: field
        for field in CustomField.objects.filter(subject=Subject.CUSTOMER, key__in=list(changed))
    }
    kept = {key: stored[key] for key in given if key not in changed}
    for key, value in changed.items():
        if value is None or value == "":
            continue
        if key not in fields or fields[key].archived_at is not None:
            refuse_value(key, "unknown_field", _("There is no custom field of this key."))
        kept[key] = checked_value(fields[key], value)
    return kept


def checked_value(field: CustomField, value: Any) -> str | int | float | bool:
    """One value as it is kept: a day in ISO form, a whole number as such."""
    kept: str | int | float | bool | None = _KEPT[FieldKind(field.kind)](field, value)
    if kept is None:
        refuse_value(field.key, "invalid_value", _NEEDED[FieldKind(field.kind)])
    return kept


def refuse_value(key: str, code: str, message: Any) -> NoReturn:
    raise ValidationError(
        {"custom_fields": ValidationError(_("%(key)s: %(problem)s"), code, {"key": key, "problem": message})}
    )


def _text(field: CustomField, value: Any) -> str | None:
    fits = isinstance(value, str) and len(value) <= MOST_TEXT and "\x00" not in value
    return value.strip() if fits else None


def _number(field: CustomField, value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > LARGEST:
        return None
    kept = float(number)
    return int(number) if number == number.to_integral_value() else (kept if math.isfinite(kept) else None)


def _day(field: CustomField, value: Any) -> str | None:
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    try:
        return dt.date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _choice(field: CustomField, value: Any) -> str | None:
    return value if isinstance(value, str) and value in field.choices else None


def _yes_no(field: CustomField, value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


_KEPT: dict[FieldKind, Any] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _day,
    FieldKind.CHOICE: _choice,
    FieldKind.YES_NO: _yes_no,
}
_NEEDED = {
    FieldKind.TEXT: _("A text of at most 400 characters."),
    FieldKind.NUMBER: _("A number."),
    FieldKind.DATE: _("A day, such as 2026-11-30."),
    FieldKind.CHOICE: _("One of the choices."),
    FieldKind.YES_NO: _("Yes or no."),
}
