"""The filters above the lists of customers and of projects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.customers.models import Customer, Industry, Region, SalesChannel, Stage
from accounts.users.models import User
from crm.filters.projects import Show
from scoring.models import FlagLevel, Tier

EMPTY = {
    "owner": _("Any owner"),
    "industry": _("Any industry"),
    "region": _("Any region"),
    "channel": _("Any channel"),
}

MOST_OFFERED = 200
"""More cannot be looked through, and ten thousand weigh more than the list."""


def _choices(empty: Any, options: Any) -> list[tuple[Any, Any]]:
    return [("", empty), *options]


class CustomerListForm(forms.Form):
    """What `CustomerFilter` reads, as fields of the bar above the list."""

    q = forms.CharField(label=_("Search by name, pinyin or number"), required=False)
    tier = forms.ChoiceField(
        label=_("Tier"),
        required=False,
        choices=_choices(_("Any tier"), [(tier.name.lower(), tier.label) for tier in Tier]),
    )
    flag = forms.ChoiceField(
        label=_("Churn flag"),
        required=False,
        choices=_choices(
            _("Any churn flag"),
            [("any", _("Flagged")), *((level.name.lower(), level.label) for level in FlagLevel)],
        ),
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    stage = forms.ChoiceField(
        label=_("Stage"), required=False, choices=_choices(_("Any stage"), Stage.choices)
    )
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    channel = forms.ChoiceField(label=_("Sales channel"), required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        options = _options(user)
        for name, empty in EMPTY.items():
            fields[name].choices = [("", empty), *options[name]]
            # A list with nothing to choose between is no filter.
            if len(options[name]) < 2 and not self.data.get(name):
                del fields[name]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in (*self.fields, "group", "tag", "market", "kind"))


class ProjectListForm(forms.Form):
    """What `ProjectListFilter` reads, as fields of the bar above the list."""

    q = forms.CharField(label=_("Project, customer or manager"), required=False)
    show = forms.ChoiceField(label=_("State"), required=False, choices=_choices(_("Under way"), Show.choices))
    manager = forms.ChoiceField(label=_("Project manager"), required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        projects = access.visible_projects(user).filter(manager=OuterRef("pk"))
        people = User.objects.filter(Exists(projects)).order_by("sort_key", "pk").values_list("pk", "name")
        managers = list(people[:MOST_OFFERED])
        fields["manager"].choices = _choices(_("Any project manager"), managers)
        if len(managers) < 2 and not self.data.get("manager"):
            del fields["manager"]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in (*self.fields, "customer", "active"))


def _options(user: User) -> dict[str, list[tuple[int, str]]]:
    """All four lists in one query; owners are those whose customers he may see as owner or lead.

    Who sees everything chooses among those who have customers: a thousand names weigh more than the list.
    """
    people = access.people_of(user)
    if user.sees_everything:
        people = access.visible_users(user).filter(Exists(Customer.objects.filter(owner=OuterRef("pk"))))

    def rows(name: str, records: QuerySet[Any], order: str) -> QuerySet[Any, Any]:
        return records.order_by(order, "pk").values_list(Value(name), "pk", "name", F(order))[:MOST_OFFERED]

    found = rows("owner", people, "sort_key").union(
        rows("industry", Industry.objects.all(), "name"),
        rows("region", Region.objects.all(), "name"),
        rows("channel", SalesChannel.objects.all(), "name"),
        all=True,
    )
    options: dict[str, list[tuple[int, str]]] = {name: [] for name in EMPTY}
    for name, pk, label, _order in sorted(found, key=lambda row: row[3]):
        options[name].append((pk, label))
    return options
