"""The bar above the results of a survey."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Level
from accounts.customers.models import Customer
from accounts.occasions.queries.results import ResultsFilter

MOST_OFFERED = 200
"""More cannot be looked through."""


class ResultsForm(forms.Form):
    """A value that is none of its choices is left out."""

    days = forms.ChoiceField(
        label=_("Asked"),
        required=False,
        choices=[
            ("", _("Any time")),
            ("30", _("Last 30 days")),
            ("90", _("Last 90 days")),
            ("365", _("Last 365 days")),
        ],
    )
    customer = forms.ChoiceField(label=_("Customer"), required=False)
    level = forms.ChoiceField(
        label=_("Organisational level"), required=False, choices=[("", _("Any level")), *Level.choices]
    )

    def __init__(self, data: Any, *, customers: QuerySet[Customer], today: dt.date) -> None:
        super().__init__(data)
        self.today = today
        names = customers.order_by("sort_key", "pk").values_list("pk", "short_name")[:MOST_OFFERED]
        field: Any = self.fields["customer"]
        field.choices = [("", _("Any customer")), *names]

    @property
    def chosen(self) -> ResultsFilter:
        self.is_valid()
        said = self.cleaned_data
        days = int(said.get("days") or 0)
        return ResultsFilter(
            since=self.today - dt.timedelta(days=days) if days else None,
            customer_id=int(said["customer"]) if said.get("customer") else None,
            level=said.get("level", ""),
        )

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.fields)
