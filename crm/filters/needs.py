"""How needs are narrowed down."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.customers.models import Customer
from accounts.needs.models import (
    LIVE,
    Capability,
    Need,
    NeedAbout,
    NeedExpression,
    NeedLevel,
    NeedOrigin,
    NeedState,
)
from accounts.users.models import User
from crm.filters.strict import OfCustomerFilter, WholeFilter
from crm.queries.customers import matching
from crm.queries.needs import overdue

Needs = QuerySet[Need]


class Whose(TextChoices):
    MINE = "mine", _("Mine")


class Standing(TextChoices):
    LIVE = "live", _("Still to do")
    OVERDUE = "overdue", _("Overdue")


STATES = [*Standing.choices, *NeedState.choices]


class NeedFilter(FilterSet):
    """Narrows `access.visible_needs` as a page asks for it."""

    q = CharFilter(label=_("Search"), method="by_words", max_length=200)
    whose = ChoiceFilter(label=_("Whose"), choices=Whose.choices, method="by_whose")
    state = ChoiceFilter(label=_("State"), choices=STATES, method="by_state")
    about = ChoiceFilter(label=pgettext_lazy("what a need is about", "About"), choices=NeedAbout.choices)
    level = ChoiceFilter(label=_("Level"), choices=NeedLevel.choices)
    origin = ChoiceFilter(label=_("Where it comes from"), choices=NeedOrigin.choices)
    expression = ChoiceFilter(label=_("Stated or latent"), choices=NeedExpression.choices)
    capability = ChoiceFilter(label=_("Our capability"), choices=Capability.choices)
    customer = OfCustomerFilter(label=_("Customer"))
    product_line = WholeFilter(label=_("Product line"))
    tag = CharFilter(label=_("Tag"), method="by_tag", max_length=40)

    class Meta:
        model = Need
        fields: list[str] = []

    def __init__(self, data: Any, queryset: Needs, *, user: User, today: dt.date) -> None:
        super().__init__(data, queryset)
        self.user, self.today = user, today

    @property
    def found(self) -> Needs:
        """Nothing where a value is wrong: without that filter it would be another list than was asked for."""
        found: Needs = self.qs if self.is_valid() else Need.objects.none()
        return found

    @property
    def faults(self) -> list[str]:
        """What is wrong with the values, in words."""
        return [f"{self.form[name].label}: {text}" for name, texts in self.errors.items() for text in texts]

    def by_words(self, found: Needs, name: str, value: str) -> Needs:
        """In what is needed, or in the name of who needs it."""
        named = Customer.objects.filter(matching(value)).values("pk")
        return found.filter(Q(title__icontains=value) | Q(text__icontains=value) | Q(customer__in=named))

    def by_whose(self, found: Needs, name: str, value: str) -> Needs:
        return found.filter(owner=self.user.pk)

    def by_state(self, found: Needs, name: str, value: str) -> Needs:
        wishes = {Standing.LIVE.value: LIVE, Standing.OVERDUE.value: overdue(self.today)}
        return found.filter(wishes.get(value, Q(state=value)))

    def by_tag(self, found: Needs, name: str, value: str) -> Needs:
        return found.filter(tags__contains=[value])


class NeedRecordFilter(FilterSet):
    """For programs."""

    customer = WholeFilter()
    owner = WholeFilter()
    contact = WholeFilter()
    state = ChoiceFilter(choices=NeedState.choices)
    about = ChoiceFilter(choices=NeedAbout.choices)
    level = ChoiceFilter(choices=NeedLevel.choices)
    origin = ChoiceFilter(choices=NeedOrigin.choices)
    capability = ChoiceFilter(choices=Capability.choices)
    raised_from = DateFilter(field_name="raised_on", lookup_expr="gte")
    raised_until = DateFilter(field_name="raised_on", lookup_expr="lte")

    class Meta:
        model = Need
        fields: list[str] = []
