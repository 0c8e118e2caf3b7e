"""The filters of the list of customers: a bar, a panel of more, and what is active as chips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.customers.models import (
    Customer,
    CustomerKind,
    Industry,
    LocalMarket,
    Region,
    SalesChannel,
    Stage,
)
from accounts.fields.models import CustomField, FieldKind
from accounts.users.models import Team, User
from crm.customer_columns import OWN
from crm.forms.listing import MOST_OFFERED
from crm.forms.records import DayField, LeanSelect, PickerSelect, show_only_chosen
from crm.queries.customers_grade import scale_in_force
from scoring.models import FlagLevel, Tier

EMPTY = {
    "owner": _("Any owner"),
    "team": _("Any team"),
    "industry": _("Any industry"),
    "region": _("Any region"),
    "channel": _("Any channel"),
    "market": _("Any market"),
}
OFFERED: dict[str, type[Any]] = {
    "team": Team,
    "industry": Industry,
    "region": Region,
    "channel": SalesChannel,
    "market": LocalMarket,
}
GONE = _("No longer there")
BAR = ("q", "tier", "flag", "owner", "stage")
NOT_FILTERS = {"sort", "after", "before", "view", "columns", "all", "q"}


@dataclass(frozen=True)
class Chip:
    """A filter that is active. ``without``: the query of the list without it."""

    label: Any
    value: Any
    without: str


def _choices(empty: Any, options: Any) -> list[tuple[Any, Any]]:
    return [("", empty), *options]


def _grades() -> list[tuple[str, Any]]:
    """Asked for when somebody looks at them: the list itself does not."""
    letters = [letter for _points, letter in scale_in_force()]
    worse = [(letter, _("%(grade)s or worse") % {"grade": letter}) for letter in letters[:-1]]
    return _choices(_("Any lowest grade"), [*worse, *((letter, letter) for letter in letters[-1:])])


def _score_field(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=-100, max_value=100)


class CustomerListForm(forms.Form):
    """What `CustomerFilter` reads, as fields: those of `BAR` above the list, the others in the panel."""

    q = forms.CharField(label=_("Search by name, pinyin or number"), required=False)
    tier = forms.ChoiceField(
        label=_("Tier"),
        required=False,
        widget=LeanSelect,
        choices=_choices(_("Any tier"), [(tier.name.lower(), tier.label) for tier in Tier]),
    )
    flag = forms.ChoiceField(
        label=_("Churn flag"),
        required=False,
        widget=LeanSelect,
        choices=_choices(
            _("Any churn flag"),
            [("any", _("Flagged")), *((level.name.lower(), level.label) for level in FlagLevel)],
        ),
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False, widget=LeanSelect)
    stage = forms.ChoiceField(
        label=pgettext_lazy("of a customer", "Stage"),
        required=False,
        widget=LeanSelect,
        choices=_choices(_("Any stage"), Stage.choices),
    )
    team = forms.ChoiceField(label=_("Team"), required=False)
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    channel = forms.ChoiceField(label=_("Sales channel"), required=False)
    market = forms.ChoiceField(label=_("Local market"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=_choices(_("Any kind"), CustomerKind.choices)
    )
    group = forms.ModelChoiceField(
        Customer.objects.none(),
        label=_("Group"),
        required=False,
        widget=PickerSelect(**{"data-picker-url": reverse_lazy("customer_options")}),
    )
    tag = forms.CharField(
        label=_("Tags"),
        max_length=400,
        required=False,
        help_text=_("Several between commas: a customer carries all."),
    )
    index_min = _score_field(_("Satisfaction from"))
    index_max = _score_field(_("Satisfaction to"))
    lowest = forms.ChoiceField(label=_("Lowest grade"), required=False, choices=lambda: _grades())
    contact = forms.ChoiceField(
        label=_("Last contact"),
        required=False,
        choices=_choices(_("Any last contact"), [("never", _("Never contacted"))]),
    )
    contact_before = DayField(label=_("Last contact before"), required=False)
    contact_after = DayField(label=_("Last contact on or after"), required=False)

    def __init__(self, data: Any, *, user: User, own: Sequence[CustomField] = ()) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        options = _options(user)
        for name, empty in EMPTY.items():
            wanted = str(self.data.get(name, ""))
            if wanted and wanted not in {str(pk) for pk, _name in options[name]}:
                options[name].append((wanted, _name_of(name, wanted, user)))
            fields[name].choices = [("", empty), *options[name]]
            # A list with nothing to choose between is no filter.
            if len(options[name]) < 2 and not self.data.get(name):
                del fields[name]
        if self.data.get("group"):
            fields["group"].queryset = access.visible_customers(user)
        show_only_chosen(self, "group")
        widget = fields["group"].widget
        if self.data.get("group") and len(list(widget.choices)) < 2:
            wanted = self.data["group"]
            widget.choices = [("", ""), (wanted, _group_of(wanted, user))]
        for field in own:
            fields |= _own_fields(field)

    @property
    def is_filtered(self) -> bool:
        return any(value for name, value in self.data.items() if name not in NOT_FILTERS - {"q"})

    @property
    def bar(self) -> list[forms.BoundField]:
        return [self[name] for name in BAR if name in self.fields]

    @property
    def more(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in BAR]

    @property
    def unseen(self) -> list[tuple[str, str]]:
        """Filters that the bar does not show, by name and value: it keeps them when it is sent."""
        gone = {*NOT_FILTERS, *BAR}
        return [(name, value) for name, value in self.data.items() if value and name not in gone]

    def chips(self) -> Iterator[Chip]:
        """What narrows the list beside the bar, which shows its own."""
        for name in self.data:
            value = self.data.get(name)
            if not value or name in {*NOT_FILTERS, *BAR}:
                continue
            bound = self[name] if name in self.fields else None
            yield Chip(bound.label if bound else name, _worded(bound, value), self._without(name))

    def _without(self, name: str) -> str:
        kept = [(key, value) for key, value in self.data.items() if key not in {name, "after", "before"}]
        return urlencode(kept) or "all=1"


def _worded(bound: forms.BoundField | None, value: str) -> Any:
    choices = getattr(bound.field.widget, "choices", ()) if bound is not None else ()
    return next((label for key, label in choices if str(key) == value), value)


def _name_of(name: str, wanted: str, user: User) -> Any:
    """What a kept list asks for and is not among what is offered: one of many, or one that is gone."""
    known = access.visible_users(user) if name == "owner" else OFFERED[name].objects.all()
    return known.filter(pk=_id_of(wanted)).values_list("name", flat=True).first() or GONE


def _group_of(wanted: str, user: User) -> Any:
    """The name of a group; of one that was merged, that of whom it was merged into."""
    pk = _id_of(wanted)
    winner = Customer.objects.filter(pk=pk, merged_into__isnull=False).values("merged_into")
    found = access.visible_customers(user).filter(Q(pk=pk) | Q(pk__in=winner))
    return found.values_list("short_name", flat=True).first() or GONE


def _id_of(wanted: str) -> int:
    """0, which nothing has, for what is no id."""
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else 0


def _own_fields(field: CustomField) -> dict[str, forms.Field]:
    """The fields that ask for a custom field, by parameter."""
    name, label = f"{OWN}{field.key}", field.label_in(get_language() or "en")
    if field.kind == FieldKind.TEXT:
        return {name: forms.CharField(label=label, max_length=200, required=False)}
    if field.kind == FieldKind.CHOICE:
        offered = [("", _("Any")), *((choice, choice) for choice in field.choices)]
        return {name: forms.ChoiceField(label=label, choices=offered, required=False)}
    if field.kind == FieldKind.YES_NO:
        offered = [("", _("Any")), ("true", _("Yes")), ("false", _("No"))]
        return {name: forms.ChoiceField(label=label, choices=offered, required=False)}
    kind: Any = forms.DecimalField if field.kind == FieldKind.NUMBER else DayField
    return {
        f"{name}_min": kind(label=_("%(field)s from") % {"field": label}, required=False),
        f"{name}_max": kind(label=_("%(field)s to") % {"field": label}, required=False),
    }


def _options(user: User) -> dict[str, list[tuple[Any, Any]]]:
    """All lists in one query; owners are those whose customers he may see as owner or lead.

    Who sees everything chooses among those who have customers: a thousand names weigh more than the list.
    """
    people = access.people_of(user)
    if user.sees_everything:
        people = access.visible_users(user).filter(Exists(Customer.objects.filter(owner=OuterRef("pk"))))

    def rows(name: str, records: QuerySet[Any], order: str) -> QuerySet[Any, Any]:
        return records.order_by(order, "pk").values_list(Value(name), "pk", "name", F(order))[:MOST_OFFERED]

    found = rows("owner", people, "sort_key").union(
        rows("team", Team.objects.all(), "name"),
        rows("market", LocalMarket.objects.all(), "name"),
        rows("industry", Industry.objects.all(), "name"),
        rows("region", Region.objects.all(), "name"),
        rows("channel", SalesChannel.objects.all(), "name"),
        all=True,
    )
    options: dict[str, list[tuple[Any, Any]]] = {name: [] for name in EMPTY}
    for name, pk, label, _order in sorted(found, key=lambda row: row[3]):
        options[name].append((pk, label))
    return options
