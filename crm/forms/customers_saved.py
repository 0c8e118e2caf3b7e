"""The form of a saved view."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.lists.models import SavedView


class SavedViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    is_shared = forms.BooleanField(
        label=_("Offer it to everybody"),
        required=False,
        help_text=_("As a segment. Everybody sees in it only customers they may see anyway."),
    )
    is_default = forms.BooleanField(label=_("Open it first when I come to the list"), required=False)

    @classmethod
    def of(cls, data: Any, view: SavedView | None = None) -> SavedViewForm:
        """Filled with what the view is called; empty for a new one."""
        initial = {name: getattr(view, name) for name in cls.base_fields} if view else None
        return cls(data, initial=initial)

    def refuse(self, refusal: ValidationError) -> None:
        for field, errors in refusal.error_dict.items():
            self.add_error(field if field in self.fields else None, errors)
