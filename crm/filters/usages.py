"""How activity usages are narrowed down."""

from __future__ import annotations

from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.costs.models import ActivityUsage, CostPool
from crm.filters.strict import WholeFilter


class UsageFilter(FilterSet):
    customer = WholeFilter()
    project = WholeFilter()
    activity = CharFilter(field_name="activity__code")
    pool = ChoiceFilter(field_name="activity__pool", choices=CostPool.choices)
    used_from = DateFilter(field_name="used_on", lookup_expr="gte")
    used_until = DateFilter(field_name="used_on", lookup_expr="lte")

    class Meta:
        model = ActivityUsage
        fields: list[str] = []
