"""How contacts are narrowed down."""

from __future__ import annotations

from django_filters import ChoiceFilter, FilterSet

from accounts.contacts.models import Attitude, Contact, DecisionRole, Level
from crm.filters.strict import WholeFilter, YesNoFilter


class ContactFilter(FilterSet):
    customer = WholeFilter()
    level = ChoiceFilter(choices=Level.choices)
    decision_role = ChoiceFilter(choices=DecisionRole.choices)
    attitude = ChoiceFilter(choices=Attitude.choices)
    present = YesNoFilter(field_name="left_on", lookup_expr="isnull")

    class Meta:
        model = Contact
        fields: list[str] = []
