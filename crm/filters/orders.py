"""How orders are narrowed down."""

from __future__ import annotations

from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.orders.models import Order, OrderKind
from crm.filters.strict import WholeFilter


class OrderFilter(FilterSet):
    customer = WholeFilter()
    project = WholeFilter()
    number = CharFilter()
    kind = ChoiceFilter(choices=OrderKind.choices)
    ordered_from = DateFilter(field_name="ordered_on", lookup_expr="gte")
    ordered_until = DateFilter(field_name="ordered_on", lookup_expr="lte")

    class Meta:
        model = Order
        fields: list[str] = []
