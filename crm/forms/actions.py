"""What is typed into an action. The form names its rendering (``token``): sent twice, saved once."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.actions.models import MAX_NOTE, MAX_REASON, MOST_REPEATED, Action, RepeatUnit
from accounts.actions.services import MAX_TITLE, ActionChanges
from accounts.customers.models import Customer
from accounts.projects.models import Project
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import DayField, PickerSelect, RecordField, RecordForm, show_only_chosen
from crm.queries.actions import Sort, Whose, Wish


class ActionForm(RecordForm):
    """``with_about``: without it the form stands on the page of a case, which is not chosen again."""

    title = forms.CharField(label=_("What is to be done"), max_length=MAX_TITLE)
    owner = RecordField(User.objects.none(), label=_("Who"), empty_label=None, widget=PeopleSelect())
    due_on = DayField(label=pgettext_lazy("day", "By"), required=False)
    customer = RecordField(
        Customer.objects.none(),
        label=_("Customer"),
        required=False,
        widget=PickerSelect(**{"data-picker-url": reverse_lazy("customer_options")}),
    )
    project = RecordField(Project.objects.none(), label=_("Project"), required=False)
    repeat_every = forms.IntegerField(
        label=_("Comes again every"),
        required=False,
        min_value=1,
        max_value=MOST_REPEATED,
        help_text=_("When it is done, the next is made, on the same weekday or day of the month."),
    )
    repeat_unit = forms.ChoiceField(label=_("Unit"), required=False, choices=[("", "—"), *RepeatUnit.choices])
    repeat_until = DayField(label=_("Not after"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        stored: Action | None = None,
        initial: dict[str, Any] | None = None,
        with_about: bool = True,
    ) -> None:
        start = {"owner": user.pk, "token": uuid.uuid4()} | (initial or {})
        super().__init__(data, stored=stored, initial=start if stored is None else None)
        fields: dict[str, Any] = self.fields
        offer_people([fields["owner"]], access.visible_users(user))
        if stored is not None:
            del fields["token"]
        if not with_about:
            del fields["customer"], fields["project"]
            return
        customers = access.visible_customers(user)
        if stored is not None and stored.customer_id:
            # He may be asked to do something for a customer that he does not see; it stays his.
            customers = Customer.objects.filter(pk__in=customers.values("pk")) | Customer.objects.filter(
                pk=stored.customer_id
            )
        fields["customer"].queryset = customers
        show_only_chosen(self, "customer")
        self._offer_projects(user)

    def _offer_projects(self, user: User) -> None:
        fields: dict[str, Any] = self.fields
        visible = access.visible_projects(user)
        stored = self.stored.project_id if self.stored is not None else None
        fields["project"].queryset = Project.objects.filter(pk__in=visible.values("pk")) | (
            Project.objects.filter(pk=stored) if stored else Project.objects.none()
        )
        chosen = self["customer"].value()
        offered = visible.filter(customer=chosen) if str(chosen or "").isdigit() else visible.none()
        fields["project"].widget.choices = [
            ("", "—"),
            *((project.pk, str(project)) for project in offered.order_by("-started_on", "pk")[:100]),
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("project") and not values.get("customer"):
            values["customer"] = values["project"].customer
        return values

    @classmethod
    def present(cls, stored: Action) -> dict[str, Any]:
        return super().present(stored) | {
            "owner": stored.owner_id,
            "customer": stored.customer_id,
            "project": stored.project_id,
        }

    def facts(self) -> ActionChanges:
        """What the form says, of the fields that it has."""
        rhythm = ("repeat_every", "repeat_unit", "repeat_until")
        names = ("title", "owner", "due_on", "customer", "project", "note", *rhythm)
        return {name: self.cleaned_data[name] for name in names if name in self.fields}  # type: ignore[return-value]


class ActionListForm(forms.Form):
    """Which actions, in which order; what is malformed is left out."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Title or customer")}),
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            (Sort.DAY, _("By day")),
            (Sort.CUSTOMER, _("By customer")),
            (Sort.PERSON, _("By person")),
        ],
    )

    def wish(self, whose: Whose) -> Wish:
        self.is_valid()
        values = self.cleaned_data
        return Wish(whose=whose, words=values.get("q", ""), sort=Sort(values.get("sort") or Sort.DAY))


class AssignForm(forms.Form):
    """To whom chosen actions go."""

    to = RecordField(User.objects.none(), label=_("Assign to"), widget=PeopleSelect())

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        offer_people([self.fields["to"]], access.visible_users(user))


class DropForm(forms.Form):
    """Why it is no longer wanted; whoever says nothing is not asked again."""

    reason = forms.CharField(label=_("Why"), max_length=MAX_REASON, required=False)
