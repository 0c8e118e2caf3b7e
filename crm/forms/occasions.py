"""Forms of ours about an occasion: whom we ask about what, and whom we interview."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.occasions.models import EventKind
from accounts.projects.models import Project
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme
from crm.forms.records import DayField, RecordField
from crm.queries.occasions_asking import About, Line


class AskForm(forms.Form):
    """Whom we ask, about what. Who cannot be asked is shown with the reason, and cannot be chosen."""

    event = forms.ChoiceField(label=_("Event"), choices=EventKind.choices)
    happened_on = DayField(label=_("When"))
    about = forms.CharField(
        label=_("About"),
        max_length=160,
        required=False,
        help_text=_("Stands in the letter, in the customer's language: an order, a machine, a place."),
    )
    project = RecordField(Project.objects.none(), label=_("Project"), required=False)
    even_if_rested = forms.BooleanField(label=_("Also ask who was asked a short while ago"), required=False)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        version: ProgrammeVersion,
        customer: Customer,
        lines: Sequence[Line],
        about: About,
        today: dt.date,
    ) -> None:
        start = {
            "event": about.event or EventKind.DELIVERY,
            "happened_on": about.day or today,
            "about": about.words,
            "project": about.project_id,
            "token": uuid.uuid4(),
        }
        super().__init__(data, initial=start)
        fields: dict[str, Any] = self.fields
        self.is_event = version.programme.kind == ProgrammeKind.EVENT
        self.lines, self.today = lines, today
        if not self.is_event:
            del fields["event"]
        if not self.is_event and about.day is None:
            del fields["happened_on"]
        if not any(line.is_rested for line in lines):
            del fields["even_if_rested"]
        fields["project"].queryset = Project.objects.filter(customer=customer).order_by("-started_on")

    @property
    def chosen(self) -> set[str]:
        """Ids of the contacts that are marked; to begin with those whom the survey usually asks."""
        if self.is_bound:
            sent: Any = self.data
            return set(sent.getlist("contacts"))
        return {str(line.contact.pk) for line in self.lines if line.is_usual and not line.obstacle}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        known = {str(line.contact.pk): line.contact for line in self.lines}
        if not self.chosen or not self.chosen <= known.keys():
            self.add_error(None, ValidationError(_("Choose whom we ask."), code="nobody"))
        values["contacts"] = [known[pk] for pk in known if pk in self.chosen]
        return values

    def refuse(self, refusal: ValidationError) -> None:
        for field, errors in refusal.error_dict.items():
            self.add_error(field if field in self.fields else None, errors)

    def facts(self) -> dict[str, Any]:
        """What `ask_about` takes of the form."""
        said = self.cleaned_data
        return {
            "contacts": said["contacts"],
            "event": said.get("event", ""),
            "happened_on": said.get("happened_on") or self.today,
            "about": said["about"],
            "project": said["project"],
            "even_if_rested": said.get("even_if_rested", False),
            "token": said["token"],
        }


class InterviewForm(forms.Form):
    """With whom, and by which survey."""

    programme = RecordField(
        SurveyProgramme.objects.none(), label=_("Survey"), widget=forms.Select, empty_label=None
    )
    contact = RecordField(Contact.objects.none(), label=_("Who answers"))

    def __init__(self, data: Any = None, *, customer: Customer, programmes: Any) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["programme"].queryset = programmes
        here = Contact.objects.filter(customer=customer, left_on=None)
        fields["contact"].queryset = here.order_by("sort_key")
