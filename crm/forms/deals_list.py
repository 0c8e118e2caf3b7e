"""The bars above the lists of contracts and opportunities."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.deals.models import ContractKind, ContractState, OpportunityStage
from accounts.users.models import User
from crm.filters.deals import ContractShow, OpportunityShow
from crm.forms.listing import MOST_OFFERED
from crm.forms.records import DayField

KEPT = ("customer",)


class DealListForm(forms.Form):
    """What the filters of `crm.filters.deals` read. ``deals``: those whose owners are offered."""

    q = forms.CharField(label=_("Title, number or customer"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, data: Any, *, deals: QuerySet[Any]) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        people = User.objects.filter(Exists(deals.filter(owner=OuterRef("pk")))).order_by("sort_key", "pk")
        owners = list(people.values_list("pk", "name")[:MOST_OFFERED])
        fields["owner"].choices = [("", _("Any owner")), *owners]
        # A list with nothing to choose between is no filter.
        if len(owners) < 2 and not self.data.get("owner"):
            del fields["owner"]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in (*self.fields, *KEPT))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What links ask for and the bar has no field for."""
        return [(name, self.data[name]) for name in KEPT if self.data.get(name)]


class ContractListForm(DealListForm):
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", pgettext_lazy("contracts", "Ending or not")), *ContractShow.choices],
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any kind")), *ContractKind.choices]
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("of a contract", "State"),
        required=False,
        choices=[("", _("Any state")), *ContractState.choices],
    )
    ends_before = DayField(label=_("Ends before"), required=False)

    field_order = ("q", "show", "kind", "state", "owner", "ends_before")


class OpportunityListForm(DealListForm):
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", pgettext_lazy("opportunities", "Open")), *OpportunityShow.choices],
    )
    stage = forms.ChoiceField(
        label=pgettext_lazy("of an opportunity", "Stage"),
        required=False,
        choices=[("", _("Any stage")), *OpportunityStage.choices],
    )
    expected_before = DayField(label=_("Expected before"), required=False)

    field_order = ("q", "show", "stage", "owner", "expected_before")
