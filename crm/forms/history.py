"""The bar above the history of a customer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from crm.queries.history_stream import Wish, field_choices, people_behind


class HistoryForm(forms.Form):
    field = forms.ChoiceField(label=_("Field"), required=False)
    person = forms.TypedChoiceField(label=_("Person"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, customer: Customer, sees_profit: bool) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["field"].choices = [("", _("Any field")), *field_choices(sees_profit=sees_profit)]
        fields["person"].choices = [("", _("Anybody")), *people_behind(customer)]

    @property
    def wish(self) -> Wish:
        """What is not offered narrows nothing."""
        values = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Wish(field=values.get("field") or "", person=values.get("person"))
