"""The form of a custom field's definition, and the fields by which a customer's form asks for its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields.models import CustomField, FieldKind
from accounts.fields.services import FieldFacts
from accounts.fields.values import MOST_TEXT
from crm.customer_columns import OWN
from crm.forms.records import NOTHING_CHOSEN, DayField


class FieldForm(forms.Form):
    """A definition. The key is typed once; the kind stays as long as a customer has a value."""

    label = forms.CharField(label=_("Name"), max_length=80)
    label_zh_hans = forms.CharField(label=_("Name in simplified Chinese"), max_length=80, required=False)
    label_zh_hant = forms.CharField(label=_("Name in traditional Chinese"), max_length=80, required=False)
    key = forms.CharField(
        label=pgettext_lazy("of a custom field", "Key"),
        max_length=40,
        help_text=_("For programs and files: small letters, digits and underscores. It never changes."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=FieldKind.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line; only for the kind “Choice”."),
    )
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=1_000, initial=0)
    is_required = forms.BooleanField(label=_("Must be filled in"), required=False)

    def __init__(self, data: Any = None, *, stored: CustomField | None = None) -> None:
        super().__init__(data, initial=_initial(stored) if stored else None)
        if stored is not None:
            del self.fields["key"]

    @property
    def facts(self) -> FieldFacts:
        values = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        values["kind"] = FieldKind(values["kind"])
        values["choices"] = values["choices"].splitlines()
        return FieldFacts(**values)

    def refuse(self, refusal: ValidationError) -> None:
        for field, errors in refusal.error_dict.items():
            self.add_error(field if field in self.fields else None, errors)


def _initial(stored: CustomField) -> dict[str, Any]:
    names = ("label", "label_zh_hans", "label_zh_hant", "kind", "position", "is_required")
    return {name: getattr(stored, name) for name in names} | {"choices": "\n".join(stored.choices)}


def value_fields(fields: Iterable[CustomField]) -> dict[str, forms.Field]:
    """The fields of a form, by name, that ask for the values."""
    language = get_language() or "en"
    return {f"{OWN}{field.key}": _value_field(field, field.label_in(language)) for field in fields}


def values_of(fields: Iterable[CustomField], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, by key; None where it was left empty."""
    typed = {field.key: cleaned.get(f"{OWN}{field.key}") for field in fields}
    return {key: None if value == "" else value for key, value in typed.items()}


def _value_field(field: CustomField, label: str) -> forms.Field:
    kind, is_required = FieldKind(field.kind), field.is_required
    if kind == FieldKind.TEXT:
        return forms.CharField(label=label, required=is_required, max_length=MOST_TEXT)
    if kind == FieldKind.NUMBER:
        return forms.DecimalField(label=label, required=is_required, max_digits=20, decimal_places=6)
    if kind == FieldKind.DATE:
        return DayField(label=label, required=is_required)
    if kind == FieldKind.CHOICE:
        offered: list[tuple[str, Any]] = [
            ("", NOTHING_CHOSEN),
            *((choice, choice) for choice in field.choices),
        ]
    else:
        offered = [("", NOTHING_CHOSEN), ("true", _("Yes")), ("false", _("No"))]
    return forms.ChoiceField(label=label, required=is_required, choices=offered)
