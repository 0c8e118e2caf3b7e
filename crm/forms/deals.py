"""Forms about contracts, opportunities and supply shares."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.customers.models import Customer
from accounts.deals.models import (
    MAX_REASON,
    Contract,
    ContractKind,
    ContractState,
    Opportunity,
    OpportunityStage,
    Renewal,
)
from accounts.deals.services import MAX_NUMBER, MAX_TITLE, ContractFacts, OpportunityFacts
from accounts.needs.models import Need
from accounts.orders.money import CURRENCIES
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import DayField, MoneyField, RecordField, RecordForm, major_units, minor_units
from crm.queries.deals import Supply

RIVALS_OFFERED = 3
"""Empty lines below the competitors that are known."""


class DealForm(RecordForm):
    """What contracts and opportunities have in common: money, an owner, and a token against double saves."""

    title = forms.CharField(label=pgettext_lazy("of a contract", "Title"), max_length=MAX_TITLE)
    value = MoneyField(label=_("Value"), min_value=0)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    owner = RecordField(User.objects.none(), label=_("Owner"), empty_label=None, widget=PeopleSelect())
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, user: User, customer: Customer, stored: Any = None, start: Any = None
    ) -> None:
        self.customer = customer
        new = {
            "owner": customer.owner_id or user.pk,
            "currency": customer.currency,
            "token": uuid.uuid4(),
        }
        super().__init__(data, stored=stored, initial=new | (start or {}) if stored is None else None)
        people = access.visible_users(user)
        if stored is not None:
            del self.fields["token"]
            # Saving must not drop somebody who could not be chosen today.
            people = people | User.objects.filter(pk=stored.owner_id)
        offer_people([self.fields["owner"]], people)

    @classmethod
    def present(cls, stored: Any) -> dict[str, Any]:
        money = {"value": major_units(stored.value_minor, stored.currency)}
        return super().present(stored) | money | {"owner": stored.owner_id}

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper() or self.customer.currency
        if code not in CURRENCIES:
            raise forms.ValidationError(_("Unknown currency. Use three letters, such as CNY or EUR."))
        return code

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["value_minor"] = minor_units(self, "value", values.get("currency", self.customer.currency))
        return values


class ContractForm(DealForm):
    number = forms.CharField(label=_("Contract number"), max_length=MAX_NUMBER, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ContractKind.choices, initial=ContractKind.SUPPLY)
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"), required=False, help_text=_("Empty: it has no end."))
    renewal = forms.ChoiceField(label=_("Renewal"), choices=Renewal.choices)
    notice_on = DayField(
        label=_("Notice by"), required=False, help_text=_("The last day to say that it ends.")
    )
    is_draft = forms.BooleanField(label=_("Still a draft"), required=False)

    field_order = (
        "title",
        "number",
        "kind",
        "starts_on",
        "ends_on",
        "renewal",
        "notice_on",
        "value",
        "currency",
    )

    def __init__(
        self, data: Any = None, *, user: User, customer: Customer, stored: Any = None, start: Any = None
    ) -> None:
        super().__init__(data, user=user, customer=customer, stored=stored, start=start)
        self.fields["value"].label = _("Value of a year")

    @classmethod
    def present(cls, stored: Contract) -> dict[str, Any]:
        return super().present(stored) | {"is_draft": stored.state == ContractState.DRAFT}

    def facts(self) -> ContractFacts:
        said = self.cleaned_data
        return ContractFacts(
            title=said["title"],
            number=said["number"],
            kind=ContractKind(said["kind"]),
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            renewal=Renewal(said["renewal"]),
            notice_on=said["notice_on"],
            value_minor=said["value_minor"],
            currency=said["currency"],
            owner_id=said["owner"].pk,
            is_draft=said["is_draft"],
        )


class EndForm(RecordForm):
    """That a contract ends, and why."""

    ended_on = DayField(label=_("Ended on"))
    reason = forms.CharField(
        label=_("Why it ended"), max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


class OpportunityForm(DealForm):
    stage = forms.ChoiceField(
        label=pgettext_lazy("of an opportunity", "Stage"), choices=OpportunityStage.choices
    )
    probability = forms.IntegerField(label=_("Probability, percent"), min_value=0, max_value=100, initial=20)
    expected_on = DayField(label=_("Expected on"), required=False)
    need = RecordField(Need.objects.none(), label=_("The need behind it"), required=False)
    order_number = forms.CharField(
        label=_("Order"), max_length=96, required=False, help_text=_("Its number, when it is won.")
    )
    lost_reason = forms.CharField(
        label=_("Why it was lost"),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    field_order = ("title", "stage", "probability", "value", "currency", "expected_on", "need")

    def __init__(
        self, data: Any = None, *, user: User, customer: Customer, stored: Any = None, start: Any = None
    ) -> None:
        super().__init__(data, user=user, customer=customer, stored=stored, start=start)
        fields: dict[str, Any] = self.fields
        fields["need"].queryset = Need.objects.filter(customer=customer).order_by("-raised_on", "-pk")
        fields["value"].label = _("Expected value")

    @classmethod
    def present(cls, stored: Opportunity) -> dict[str, Any]:
        return super().present(stored) | {"need": stored.need_id}

    def facts(self) -> OpportunityFacts:
        said = self.cleaned_data
        return OpportunityFacts(
            title=said["title"],
            stage=OpportunityStage(said["stage"]),
            probability=said["probability"],
            value_minor=said["value_minor"],
            currency=said["currency"],
            expected_on=said["expected_on"],
            need_id=said["need"].pk if said["need"] else None,
            owner_id=said["owner"].pk,
            lost_reason=said["lost_reason"],
            order_number=said["order_number"].strip(),
        )


class SharesForm(RecordForm):
    """Who supplies which share on a day: ours, the competitors that are known, and a few more."""

    is_line = True

    valid_on = DayField(label=_("On"))
    ours = forms.DecimalField(
        label=_("Our share, percent"), min_value=0, max_value=100, decimal_places=2, required=False
    )

    def __init__(self, data: Any = None, *, supply: Supply, today: dt.date) -> None:
        known = [line for line in supply.lines if line.name]
        start: dict[str, Any] = {"valid_on": today}
        start["ours"] = next((line.latest for line in supply.lines if not line.name), None)
        super().__init__(data, initial=start)
        self.places = range(len(known) + RIVALS_OFFERED)
        for place in self.places:
            line = known[place] if place < len(known) else None
            self.fields[f"name_{place}"] = forms.CharField(
                label=_("Competitor"), max_length=120, required=False, initial=line.name if line else ""
            )
            self.fields[f"share_{place}"] = forms.DecimalField(
                label=_("Share, percent"),
                min_value=0,
                max_value=100,
                decimal_places=2,
                required=False,
                initial=line.latest if line else None,
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        theirs: dict[str, Decimal] = {}
        for place in self.places:
            name, share = str(values.get(f"name_{place}") or "").strip(), values.get(f"share_{place}")
            if share is None:
                continue
            if not name:
                self.add_error(f"name_{place}", _("Name the competitor."))
            elif name.casefold() in {known.casefold() for known in theirs}:
                self.add_error(f"name_{place}", _("Each competitor stands here once."))
            else:
                theirs[name] = share
        values["theirs"] = theirs
        return values
