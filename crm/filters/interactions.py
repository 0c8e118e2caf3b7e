"""How interactions are narrowed down."""

from __future__ import annotations

from django_filters import ChoiceFilter, DateFilter, FilterSet

from accounts.interactions.models import Direction, Interaction, InteractionKind
from crm.filters.strict import WholeFilter


class InteractionFilter(FilterSet):
    customer = WholeFilter()
    project = WholeFilter()
    author = WholeFilter()
    kind = ChoiceFilter(choices=InteractionKind.choices)
    direction = ChoiceFilter(choices=Direction.choices)
    started_from = DateFilter(field_name="started_at", lookup_expr="date__gte")
    started_until = DateFilter(field_name="started_at", lookup_expr="date__lte")

    class Meta:
        model = Interaction
        fields: list[str] = []
