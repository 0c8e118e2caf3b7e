"""How contracts and opportunities are narrowed down."""

from __future__ import annotations

from django_filters import ChoiceFilter, DateFilter, FilterSet

from accounts.deals.models import Contract, ContractKind, ContractState, Opportunity, OpportunityStage
from crm.filters.strict import WholeFilter


class ContractFilter(FilterSet):
    customer = WholeFilter()
    owner = WholeFilter()
    state = ChoiceFilter(choices=ContractState.choices)
    kind = ChoiceFilter(choices=ContractKind.choices)
    ends_from = DateFilter(field_name="ends_on", lookup_expr="gte")
    ends_until = DateFilter(field_name="ends_on", lookup_expr="lte")

    class Meta:
        model = Contract
        fields: list[str] = []


class OpportunityFilter(FilterSet):
    customer = WholeFilter()
    owner = WholeFilter()
    need = WholeFilter()
    stage = ChoiceFilter(choices=OpportunityStage.choices)
    expected_from = DateFilter(field_name="expected_on", lookup_expr="gte")
    expected_until = DateFilter(field_name="expected_on", lookup_expr="lte")

    class Meta:
        model = Opportunity
        fields: list[str] = []
