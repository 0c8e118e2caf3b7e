"""How invitations are narrowed down."""

from __future__ import annotations

from django_filters import DateFilter, FilterSet

from accounts.surveys.models import Invitation
from crm.filters.strict import WholeFilter, YesNoFilter


class InvitationFilter(FilterSet):
    """``week``: its Monday."""

    customer = WholeFilter()
    project = WholeFilter()
    contact = WholeFilter()
    week = DateFilter()
    week_from = DateFilter(field_name="week", lookup_expr="gte")
    week_until = DateFilter(field_name="week", lookup_expr="lte")
    unanswered = YesNoFilter(field_name="answered_at", lookup_expr="isnull")

    class Meta:
        model = Invitation
        fields: list[str] = []
