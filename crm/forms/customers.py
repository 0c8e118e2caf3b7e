"""Forms about customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.customers.models import (
    Customer,
    CustomerKind,
    Industry,
    LocalMarket,
    Region,
    SalesChannel,
    Stage,
)
from accounts.customers.services import CustomerChanges
from accounts.users.models import User
from crm.customer_columns import OWN
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.fields import value_fields, values_of
from crm.forms.records import (
    CurrencyField,
    DayField,
    MoneyField,
    OneFact,
    PickerSelect,
    RecordField,
    RecordForm,
    major_units,
    minor_units,
    show_only_chosen,
)
from crm.queries.fields import fields_in_use

MAX_TAGS = 20
COSTS = ("acquisition_cost", "retention_cost")
FACTS = (
    "legal_name",
    "stage",
    "owner",
    "number",
    "kind",
    "industry",
    "region",
    "channel",
    "market",
    "parent",
    "employees",
    "acquired_on",
    "currency",
    *COSTS,
    "tags",
)
"""What is edited where it stands on the page, in the order of the page."""


def _listed(model: type[Any], label: Any) -> RecordField:
    records = model.objects.order_by("name")
    return RecordField(records, label=label, required=False)


class CustomerForm(RecordForm):
    """A customer's record. Owner and costs are asked only of those who may say them."""

    short_name = forms.CharField(label=_("Short name"), max_length=120)
    legal_name = forms.CharField(label=_("Legal name"), max_length=240, required=False)
    keep_former_name = forms.BooleanField(
        label=_("Keep the previous short name as a former name"), required=False
    )
    number = forms.CharField(label=_("Customer number"), max_length=64, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomerKind.choices)
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices)
    owner = RecordField(User.objects.none(), label=_("Owner"), required=False, widget=PeopleSelect())
    parent = RecordField(
        Customer.objects.none(),
        label=_("Group"),
        required=False,
        widget=PickerSelect(**{"data-picker-url": reverse_lazy("customer_options")}),
        help_text=_("The customer that this one belongs to; type to find it."),
    )
    industry = _listed(Industry, _("Industry"))
    region = _listed(Region, _("Region"))
    channel = _listed(SalesChannel, _("Sales channel"))
    market = _listed(LocalMarket, _("Local market"))
    employees = forms.IntegerField(label=_("Employees"), min_value=0, max_value=2**31 - 1, required=False)
    acquired_on = DayField(label=_("Acquired on"), required=False)
    currency = CurrencyField(help_text=_("Three letters, such as CNY or EUR."))
    acquisition_cost = MoneyField(label=_("Acquisition cost"), min_value=0)
    retention_cost = MoneyField(label=_("Yearly retention cost"), min_value=0)
    tags = forms.CharField(
        label=_("Tags"), max_length=800, required=False, help_text=_("Separated by commas.")
    )

    def __init__(
        self, data: Any = None, *, user: User, sees_profit: bool, stored: Customer | None = None
    ) -> None:
        new = {"stage": Stage.PROSPECT, "kind": CustomerKind.COMPANY, "currency": settings.BASE_CURRENCY}
        super().__init__(data, stored=stored, initial=None if stored else new | {"owner": user})
        fields: dict[str, Any] = self.fields
        self.own = fields_in_use()
        fields |= value_fields(self.own)
        fields["parent"].queryset = access.visible_customers(user)
        show_only_chosen(self, "parent")
        if stored is None:
            del fields["keep_former_name"]
        if access.may_assign_owner(user):
            owners = access.possible_owners(user)
            if stored is not None and stored.owner_id is not None:
                # Saving must not drop an owner who could not be chosen today.
                owners = owners | User.objects.filter(pk=stored.owner_id)
            offer_people([fields["owner"]], owners, among="owners")
        else:
            del fields["owner"]
        if not sees_profit:
            for name in COSTS:
                del fields[name]

    @classmethod
    def present(cls, stored: Customer) -> dict[str, Any]:
        return super().present(stored) | {
            "owner": stored.owner_id,
            "parent": stored.parent_id,
            "industry": stored.industry_id,
            "region": stored.region_id,
            "channel": stored.channel_id,
            "market": stored.market_id,
            "tags": ", ".join(stored.tags),
            "acquisition_cost": major_units(stored.acquisition_cost_minor, stored.currency),
            "retention_cost": major_units(stored.retention_cost_minor, stored.currency),
            **{f"{OWN}{key}": _shown(value) for key, value in stored.custom_fields.items()},
        }

    def clean_number(self) -> str | None:
        """No number is no number: many customers may have none."""
        return self.cleaned_data["number"] or None

    def clean_tags(self) -> list[str]:
        tags = [tag.strip() for tag in self.cleaned_data["tags"].replace("，", ",").split(",")]
        found = list(dict.fromkeys(tag for tag in tags if tag))
        if len(found) > MAX_TAGS or any(len(tag) > 40 for tag in found):
            raise forms.ValidationError(_("At most 20 tags of at most 40 characters each."))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        known = self.stored.currency if self.stored else settings.BASE_CURRENCY
        currency = values.get("currency", known)
        for name in COSTS:
            if name in self.fields:
                values[f"{name}_minor"] = minor_units(self, name, currency)
        return values

    def changes(self) -> CustomerChanges:
        """The typed values by column."""
        skipped = {"version", "keep_former_name", *COSTS}
        columns = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in skipped and not name.startswith(OWN)
        }
        if "stage" in columns:
            columns["stage"] = Stage(columns["stage"])
        if self.own:
            stored = self.stored.custom_fields if self.stored is not None else {}
            columns["custom_fields"] = stored | values_of(self.own, self.cleaned_data)
        return columns  # type: ignore[return-value]


def _shown(value: Any) -> Any:
    """A kept value as its field shows it."""
    return str(value).lower() if isinstance(value, bool) else value


class CustomerFactForm(OneFact, CustomerForm):
    """One field of the record; ``field`` is one of `FACTS` that the reader may change, else KeyError."""

    def __init__(
        self, data: Any = None, *, field: str, user: User, sees_profit: bool, stored: Customer
    ) -> None:
        super().__init__(data, user=user, sees_profit=sees_profit, stored=stored)
        self.narrow(field)
        self.own = ()


class FormerNameForm(forms.Form):
    name = forms.CharField(label=_("Former name"), max_length=240)
    until = DayField(label=_("Until"), required=False)
