"""How customers are narrowed down."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.customers.models import Customer, CustomerKind, Stage
from crm.filters.strict import WholeFilter
from crm.queries import customers as queries
from scoring.models import CustomerScore, FlagLevel, Tier

TIERS = {tier.name.lower(): tier.value for tier in Tier}
FLAGS = {level.name.lower(): level.value for level in FlagLevel}


class CustomerFilter(FilterSet):
    """Narrows `access.visible_customers`; tier and flag are those of the current run.

    ``tier=none`` finds customers without a tier, ``flag=any`` those with a flag of whatever level.
    """

    q = CharFilter(label=_("Search by name"), method="by_text", max_length=200)
    tier = ChoiceFilter(
        label=_("Tier"),
        empty_label=_("Any tier"),
        choices=[(tier.name.lower(), tier.label) for tier in Tier],
        method="by_tier",
    )
    flag = ChoiceFilter(
        label=_("Churn flag"),
        empty_label=_("Any churn flag"),
        choices=[("any", _("Flagged")), *((level.name.lower(), level.label) for level in FlagLevel)],
        method="by_flag",
    )
    owner = WholeFilter()
    stage = ChoiceFilter(label=_("Stage"), empty_label=_("Any stage"), choices=Stage.choices)
    kind = ChoiceFilter(label=_("Kind"), choices=CustomerKind.choices)
    region = WholeFilter()
    industry = WholeFilter()
    channel = WholeFilter()
    market = WholeFilter()
    group = WholeFilter(field_name="parent")
    tag = CharFilter(label=_("Tag"), method="by_tag", max_length=40)

    class Meta:
        model = Customer
        fields: list[str] = []

    @property
    def found(self) -> QuerySet[Customer]:
        """Nothing where a value is wrong: without that filter it would be another list than was asked for."""
        found: QuerySet[Customer] = self.qs
        return found if self.is_valid() else found.none()

    @property
    def faults(self) -> list[str]:
        """What is wrong with the values, in words."""
        return [f"{self.form[name].label}: {text}" for name, texts in self.errors.items() for text in texts]

    def by_text(self, found: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return found.filter(queries.matching(value))

    def by_tier(self, found: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        if value == "none":
            return found.filter(~Exists(_scores(tier__gt=0)))
        return found.filter(Exists(_scores(tier=TIERS[value])))

    def by_flag(self, found: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        if value in {"any", "none"}:
            flagged = Exists(_scores(flag_level__gt=0))
            return found.filter(flagged if value == "any" else ~flagged)
        return found.filter(Exists(_scores(flag_level=FLAGS[value])))

    def by_tag(self, found: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return found.filter(tags__contains=[value])


def _scores(**wanted: int) -> QuerySet[CustomerScore]:
    """The outer customer's row of the current run, where it is like this."""
    return CustomerScore.objects.filter(run=queries.current_run_id(), customer=OuterRef("pk"), **wanted)
