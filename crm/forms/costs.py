"""Forms about activities and their rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.costs.models import Activity, CostPool, Driver
from accounts.costs.services import ActivityChanges
from accounts.orders.money import exponent
from crm.forms.records import DayField, RecordForm
from crm.templatetags.costs import per_unit


class ActivityForm(RecordForm):
    code = forms.CharField(
        label=_("Code"), max_length=32, help_text=_("What files call it, such as SA-VIS. The name does too.")
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    pool = forms.ChoiceField(label=_("Cost pool"), choices=CostPool.choices)
    driver = forms.ChoiceField(label=_("Counted in"), choices=Driver.choices)
    is_value_adding = forms.BooleanField(
        label=_("Adds value for the customer"),
        required=False,
        initial=True,
        help_text=_("Complaints, rework and rush orders do not: they are the first to be reduced."),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        help_text=_("Files that name an activity which is not in use are refused. What it cost stays."),
    )

    def __init__(self, data: Any = None, *, stored: Activity | None = None) -> None:
        super().__init__(data, stored=stored)
        if stored is None:
            del self.fields["is_active"]

    def changes(self) -> ActivityChanges:
        names = ("code", "name", "pool", "driver", "is_value_adding", "is_active")
        values: Any = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        changes: ActivityChanges = values
        return changes


class RateForm(RecordForm):
    """What one unit costs from a day on."""

    valid_from = DayField(label=_("From"))
    rate = forms.DecimalField(label=_("Rate"), max_digits=16, decimal_places=6, min_value=0)

    def __init__(self, data: Any = None, *, activity: Activity, today: dt.date) -> None:
        super().__init__(data, initial={"valid_from": today})
        self.fields["rate"].help_text = f"{settings.BASE_CURRENCY} {per_unit(activity.driver)}"

    @property
    def rate_minor(self) -> Decimal:
        rate: Decimal = self.cleaned_data["rate"]
        return rate.scaleb(exponent(settings.BASE_CURRENCY))
