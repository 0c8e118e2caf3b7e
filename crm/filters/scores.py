"""How scores are narrowed down: by the names of tiers and flags."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet

from crm.filters.strict import WholeFilter
from scoring.models import CustomerScore, FlagLevel, Tier


class NameFilter(ChoiceFilter):
    """A choice by the name of its number, in lower case: ``at_risk`` for 2."""

    def __init__(self, names: type[Tier] | type[FlagLevel], **options: Any) -> None:
        self.numbers = {member.name.lower(): member.value for member in names}
        super().__init__(choices=[(name, name) for name in self.numbers], **options)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        found: QuerySet[Any] = super().filter(qs, self.numbers.get(value, value))
        return found


class ScoreFilter(FilterSet):
    customer = WholeFilter()
    tier = NameFilter(Tier)
    flag = NameFilter(FlagLevel, field_name="flag_level")

    class Meta:
        model = CustomerScore
        fields: list[str] = []
