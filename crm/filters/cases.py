"""How corrective actions are narrowed down."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.surveys.models import OPEN, CaseState, CorrectiveAction
from accounts.users.models import User
from crm.filters.strict import WholeFilter, YesNoFilter
from crm.queries import cases as queries

Cases = QuerySet[CorrectiveAction]


class Whose(TextChoices):
    MINE = "mine", _("Mine")


class ClockState(TextChoices):
    OVERDUE = "overdue", _("Overdue")


class CaseFilter(FilterSet):
    """Narrows `access.visible_cases`. Closed ones are found by ``state=confirmed`` alone."""

    whose = ChoiceFilter(label=_("Whose"), choices=Whose.choices, method="by_whose")
    state = ChoiceFilter(label=_("State"), choices=CaseState.choices, method="by_state")
    clock = ChoiceFilter(label=_("Clock"), choices=ClockState.choices, method="by_clock")
    dimension = CharFilter(label=_("Dimension"), field_name="dimension__code", max_length=24)
    customer = WholeFilter(label=_("Customer"))

    class Meta:
        model = CorrectiveAction
        fields: list[str] = []

    def __init__(self, data: Any, queryset: Cases, *, user: User, now: dt.datetime) -> None:
        super().__init__(data, queryset)
        self.user, self.now = user, now

    @property
    def found(self) -> Cases:
        """Nothing where a value is wrong: without that filter it would be another list than was asked for."""
        if not self.is_valid():
            return CorrectiveAction.objects.none()
        found: Cases = self.qs
        return found if self.form.cleaned_data["state"] else found.filter(OPEN)

    @property
    def faults(self) -> list[str]:
        """What is wrong with the values, in words."""
        return [f"{self.form[name].label}: {text}" for name, texts in self.errors.items() for text in texts]

    def by_whose(self, found: Cases, name: str, value: str) -> Cases:
        return found.filter(owner=self.user.pk)

    def by_state(self, found: Cases, name: str, value: str) -> Cases:
        return found.filter(Q(state=value))

    def by_clock(self, found: Cases, name: str, value: str) -> Cases:
        return queries.overdue(found, self.now)


class CaseRecordFilter(FilterSet):
    """For programs, which get closed ones too. Narrows rows with the annotation ``is_overdue``."""

    customer = WholeFilter()
    project = WholeFilter()
    owner = WholeFilter()
    dimension = CharFilter(field_name="dimension__code", max_length=24)
    state = ChoiceFilter(choices=CaseState.choices)
    open = YesNoFilter(field_name="closed_at", lookup_expr="isnull")
    overdue = YesNoFilter(field_name="is_overdue")

    class Meta:
        model = CorrectiveAction
        fields: list[str] = []
