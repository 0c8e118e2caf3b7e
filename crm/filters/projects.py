"""How projects are narrowed down."""

from __future__ import annotations

from django_filters import FilterSet

from accounts.projects.models import Project
from crm.filters.strict import WholeFilter, YesNoFilter


class ProjectFilter(FilterSet):
    customer = WholeFilter()
    manager = WholeFilter()
    active = YesNoFilter(field_name="ended_on", lookup_expr="isnull")

    class Meta:
        model = Project
        fields: list[str] = []
