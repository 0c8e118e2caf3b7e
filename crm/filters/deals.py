"""How contracts and opportunities are narrowed down."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.customers.models import Customer
from accounts.deals.models import (
    OPEN,
    Contract,
    ContractKind,
    ContractState,
    Opportunity,
    OpportunityStage,
    SupplyShare,
)
from crm.filters.strict import OfCustomerFilter, WholeFilter
from crm.queries.customers import matching
from crm.queries.deals import attention


class ContractShow(TextChoices):
    ENDING = "ending", pgettext_lazy("contracts", "Ending")


class OpportunityShow(TextChoices):
    ALL = "all", pgettext_lazy("opportunities", "Closed too")


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


class SupplyShareFilter(FilterSet):
    customer = WholeFilter()
    valid_from = DateFilter(field_name="valid_on", lookup_expr="gte")
    valid_until = DateFilter(field_name="valid_on", lookup_expr="lte")

    class Meta:
        model = SupplyShare
        fields: list[str] = []


class ListFilter(FilterSet):
    """What both lists of pages narrow by: words, whose they are, and customers that links name."""

    q = CharFilter(label=_("Search"), method="by_words", max_length=200)
    customer = OfCustomerFilter(label=_("Customer"))
    owner = WholeFilter(label=_("Owner"))

    def __init__(self, data: Any, queryset: QuerySet[Any], *, today: dt.date) -> None:
        super().__init__(data, queryset)
        self.today = today

    @property
    def found(self) -> QuerySet[Any]:
        """Nothing where a value is wrong: without that filter it would be another list than was asked for."""
        found: QuerySet[Any] = self.qs
        return found if self.is_valid() else found.none()

    @property
    def faults(self) -> list[str]:
        """What is wrong with the values, in words."""
        return [f"{self.form[name].label}: {text}" for name, texts in self.errors.items() for text in texts]

    def by_words(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In a title or number, or in the name of the customer."""
        named = Customer.objects.filter(matching(value)).values("pk")
        return found.filter(self.written(value) | Q(customer__in=named))

    def written(self, value: str) -> Q:
        return Q(title__icontains=value)


class ContractListFilter(ListFilter):
    """``show=ending``: those that end soon, or ended without a renewal."""

    kind = ChoiceFilter(label=_("Kind"), choices=ContractKind.choices)
    state = ChoiceFilter(label=pgettext_lazy("of a contract", "State"), choices=ContractState.choices)
    ends_before = DateFilter(label=_("Ends before"), field_name="ends_on", lookup_expr="lt")
    show = ChoiceFilter(label=_("Show"), choices=ContractShow.choices, method="by_show")

    def by_show(self, found: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return attention(found, self.today)

    def written(self, value: str) -> Q:
        return super().written(value) | Q(number__icontains=value)


class OpportunityListFilter(ListFilter):
    """Open ones, unless ``show=all`` or a ``stage`` asks for others."""

    stage = ChoiceFilter(label=pgettext_lazy("of an opportunity", "Stage"), choices=OpportunityStage.choices)
    expected_before = DateFilter(label=_("Expected before"), field_name="expected_on", lookup_expr="lt")
    show = ChoiceFilter(label=_("Show"), choices=OpportunityShow.choices, method="by_show")

    @property
    def found(self) -> QuerySet[Opportunity]:
        found: QuerySet[Opportunity] = super().found
        return found if self.data.get("show") or self.data.get("stage") else found.filter(OPEN)

    def by_show(self, found: QuerySet[Opportunity], name: str, value: str) -> QuerySet[Opportunity]:
        return found

    def written(self, value: str) -> Q:
        return super().written(value) | Q(order_number__icontains=value)
