"""Forms about orders."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.customers.services import ConflictError
from accounts.orders.models import Order, OrderKind, ProductLine
from accounts.orders.services import OrderFacts, correct_order, current_version_of
from accounts.projects.models import Project
from crm.forms.records import (
    CurrencyField,
    DayField,
    MoneyField,
    RecordField,
    RecordForm,
    major_units,
    minor_units,
)


class OrderForm(RecordForm):
    """An order or credit note; direct cost is asked only of those who see profit."""

    number = forms.CharField(label=_("Order number"), max_length=64, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrderKind.choices)
    ordered_on = DayField(label=_("Ordered on"))
    promised_on = DayField(label=_("Promised for"), required=False)
    delivered_on = DayField(label=_("Delivered on"), required=False)
    product_line = RecordField(
        ProductLine.objects.order_by("name"),
        label=_("Product line"),
        required=False,
    )
    project = RecordField(Project.objects.none(), label=_("Project"), required=False)
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=4, required=False)
    currency = CurrencyField(help_text=_("Three letters, such as CNY or EUR."))
    rate = forms.DecimalField(
        label=_("Exchange rate"),
        max_digits=18,
        decimal_places=8,
        min_value=Decimal("0.00000001"),
        required=False,
        error_messages={"min_value": _("The exchange rate is above zero.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    amount = MoneyField(label=_("Amount"), required=True, help_text=_("Negative on a credit note."))
    direct_cost = MoneyField(label=_("Direct cost"))

    def __init__(
        self, data: Any = None, *, customer: Customer, sees_profit: bool, stored: Order | None = None
    ) -> None:
        new = {"currency": customer.currency, "token": uuid.uuid4()}
        super().__init__(data, stored=stored, initial=None if stored else new)
        fields: dict[str, Any] = self.fields
        fields["project"].queryset = Project.objects.filter(customer=customer).order_by("-started_on")
        fields["rate"].help_text = _(
            "The price of one unit of the currency in %(base)s; not needed for %(base)s itself."
        ) % {"base": settings.BASE_CURRENCY}
        if stored:
            del fields["token"]
        if not sees_profit:
            del fields["direct_cost"]

    @classmethod
    def present(cls, stored: Order) -> dict[str, Any]:
        return super().present(stored) | {
            "product_line": stored.product_line_id,
            "project": stored.project_id,
            "amount": major_units(stored.amount_minor, stored.currency),
            "direct_cost": major_units(stored.direct_cost_minor, stored.currency),
        }

    @classmethod
    def version_of(cls, stored: Order) -> int:
        return stored.pk

    @classmethod
    def latest(cls, stored: Order) -> Order:
        return current_version_of(stored) or stored

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        currency = values.get("currency")
        if currency:
            values["amount_minor"] = minor_units(self, "amount", currency)
            values["direct_cost_minor"] = minor_units(self, "direct_cost", currency)
        return values

    def correct(self, order: Order, *, now: dt.datetime) -> Order:
        """The correction, if the version that was read is still the current one."""
        if self.expected_version != order.pk:
            raise ConflictError(order.pk)
        return correct_order(order=order, facts=self.facts(), now=now)

    def facts(self) -> OrderFacts:
        """A direct cost that the form did not show stays what it was."""
        values = self.cleaned_data
        hidden_cost = self.stored.direct_cost_minor if self.stored else None
        return OrderFacts(
            ordered_on=values["ordered_on"],
            amount_minor=values["amount_minor"],
            currency=values["currency"],
            kind=OrderKind(values["kind"]),
            rate=values["rate"],
            number=values["number"],
            project_id=values["project"].pk if values["project"] else None,
            product_line_id=values["product_line"].pk if values["product_line"] else None,
            promised_on=values["promised_on"],
            delivered_on=values["delivered_on"],
            quantity=values["quantity"],
            direct_cost_minor=values["direct_cost_minor"] if "direct_cost" in self.fields else hidden_cost,
        )
