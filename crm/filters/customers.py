"""How customers are narrowed down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, Filter, FilterSet, NumberFilter

from accounts.customers.models import Customer, CustomerKind, Stage
from accounts.fields.models import CustomField, Subject
from accounts.lists.models import LastContact
from accounts.users.models import TeamMember
from crm.customer_columns import OWN
from crm.filters.customers_own import filters_of
from crm.filters.strict import OfCustomerFilter, WholeFilter
from crm.queries import customers as queries
from crm.queries.customers_grade import with_grade
from scoring.models import CustomerScore, CustomerStateRow, FlagLevel, Tier

TIERS = {tier.name.lower(): tier.value for tier in Tier}
FLAGS = {level.name.lower(): level.value for level in FlagLevel}


class CustomerFilter(FilterSet):
    """Narrows `access.visible_customers`; tier and flag are those of the current run.

    ``tier=none`` finds customers without a tier, ``flag=any`` those with a flag of whatever level; of several
    tags, between commas, a customer carries all. The index is that of the latest rated week, ``lowest=C``
    finds a lowest grade of C or worse; days of a last contact count where the reader is. A custom field
    ``key`` is asked for by ``cf_key``, a number or day also by ``cf_key_min`` and ``cf_key_max``.
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
    group = OfCustomerFilter(field_name="parent")
    team = WholeFilter(label=_("Team"), method="by_team")
    tag = CharFilter(label=_("Tag"), method="by_tag", max_length=400)
    index_min = NumberFilter(label=_("Satisfaction from"), method="by_index", min_value=-100, max_value=100)
    index_max = NumberFilter(label=_("Satisfaction to"), method="by_index", min_value=-100, max_value=100)
    lowest = CharFilter(label=_("Lowest grade"), method="by_lowest", max_length=4)
    contact = ChoiceFilter(
        label=_("Last contact"),
        empty_label=_("Any last contact"),
        choices=[("never", _("Never contacted"))],
        method="by_contact",
    )
    contact_before = DateFilter(label=_("Last contact before"), method="by_contact")
    contact_after = DateFilter(label=_("Last contact on or after"), method="by_contact")

    class Meta:
        model = Customer
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(data, *args, **options)
        self.filters |= self.further_filters(self.data)

    @classmethod
    def further_filters(cls, wanted: Iterable[str]) -> dict[str, Filter]:
        """The filters for custom fields among the parameters ``wanted``."""
        names = {name for name in wanted if name.startswith(OWN)}
        if not names:
            return {}
        own = CustomField.objects.filter(subject=Subject.CUSTOMER)
        return {name: each for field in own for name, each in filters_of(field).items() if name in names}

    @property
    def found(self) -> QuerySet[Customer]:
        """Nothing where a value is wrong: without that filter it would be another list than was asked for."""
        found: QuerySet[Customer] = self.qs
        return found if self.is_valid() and not self._gone else found.none()

    @property
    def faults(self) -> list[str]:
        """What is wrong with the values, in words."""
        wrong = [f"{self.form[name].label}: {text}" for name, texts in self.errors.items() for text in texts]
        return wrong + [
            gettext("%(field)s: there is no such field any more.") % {"field": name} for name in self._gone
        ]

    @property
    def _gone(self) -> list[str]:
        """Custom fields that are asked for and are not there, or of another kind by now."""
        asked = (name for name, value in self.data.items() if value and name.startswith(OWN))
        return [name for name in asked if name not in self.filters]

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
        tags = [tag.strip() for tag in value.replace("，", ",").split(",")]
        return found.filter(tags__contains=[tag for tag in tags if tag])

    def by_team(self, found: QuerySet[Customer], name: str, value: int) -> QuerySet[Customer]:
        return found.filter(owner__in=TeamMember.objects.filter(team=value).values("user"))

    def by_index(self, found: QuerySet[Customer], name: str, value: Any) -> QuerySet[Customer]:
        states = CustomerStateRow.objects.filter(
            run=queries.current_run_id(), customer=OuterRef("pk"), satisfaction_level__lt=float("inf")
        )
        side = "gte" if name == "index_min" else "lte"
        return found.filter(Exists(states.filter((f"satisfaction_level__{side}", float(value)))))

    def by_lowest(self, found: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return with_grade(found, value, run=queries.current_run_id())

    def by_contact(self, found: QuerySet[Customer], name: str, value: Any) -> QuerySet[Customer]:
        contacts = LastContact.objects.filter(customer=OuterRef("pk"))
        if name == "contact":
            return found.filter(~Exists(contacts.filter(at__isnull=False)))
        midnight = dt.datetime.combine(value, dt.time(), timezone.get_current_timezone())
        is_within = Q(at__lt=midnight) if name == "contact_before" else Q(at__gte=midnight)
        return found.filter(Exists(contacts.filter(is_within)))


def _scores(**wanted: int) -> QuerySet[CustomerScore]:
    """The outer customer's row of the current run, where it is like this."""
    return CustomerScore.objects.filter(run=queries.current_run_id(), customer=OuterRef("pk"), **wanted)
