"""Forms about the voice of the customer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.interactions.models import InteractionKind
from accounts.projects.models import Project
from accounts.users.models import User
from accounts.voice.models import Voice, VoiceKind, VoiceTheme
from accounts.voice.services import VoiceFacts
from crm.forms.cases import WordsField
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import DayField, RecordField, RecordForm
from crm.queries.voice import VoiceState


class VoiceForm(RecordForm):
    """What somebody of the customer said; people and projects are his alone."""

    kind = forms.ChoiceField(label=_("Kind"), choices=VoiceKind.choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=VoiceTheme.choices, initial=VoiceTheme.OTHER)
    text = WordsField(label=_("What was said"), rows=4)
    contact = RecordField(Contact.objects.none(), label=_("Who said it"), required=False)
    project = RecordField(Project.objects.none(), label=_("Project"), required=False)
    heard_on = DayField(label=_("Heard on"))
    channel = forms.ChoiceField(label=_("How it came"), choices=InteractionKind.choices)
    owner = RecordField(User.objects.none(), label=_("Who answers"), empty_label=None, widget=PeopleSelect())
    answer_by = DayField(
        label=_("Answer by"),
        required=False,
        help_text=_("Empty: two days for a complaint, two weeks for a suggestion, none for praise."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        customer: Customer,
        today: dt.date,
        stored: Voice | None = None,
    ) -> None:
        start = {"heard_on": today, "owner": customer.owner_id or user.pk, "token": uuid.uuid4()}
        super().__init__(data, stored=stored, initial=start if stored is None else None)
        fields: dict[str, Any] = self.fields
        if stored is not None:
            del fields["token"]
        fields["contact"].queryset = Contact.objects.filter(customer=customer).order_by("sort_key")
        fields["project"].queryset = Project.objects.filter(customer=customer).order_by("-started_on")
        offer_people([fields["owner"]], access.visible_users(user))

    @classmethod
    def present(cls, stored: Voice) -> dict[str, Any]:
        ids = {name: getattr(stored, f"{name}_id") for name in ("contact", "project", "owner")}
        return super().present(stored) | ids

    def facts(self) -> VoiceFacts:
        said = self.cleaned_data
        return VoiceFacts(
            kind=VoiceKind(said["kind"]),
            theme=VoiceTheme(said["theme"]),
            text=said["text"],
            heard_on=said["heard_on"],
            channel=InteractionKind(said["channel"]),
            owner_id=said["owner"].pk,
            contact_id=said["contact"].pk if said["contact"] else None,
            project_id=said["project"].pk if said["project"] else None,
            answer_by=said["answer_by"],
        )


class AnswerForm(RecordForm):
    """What we told the customer."""

    answer = WordsField(label=_("What the customer was told"))

    @classmethod
    def present(cls, stored: Voice) -> dict[str, Any]:
        return {}


class VoiceListForm(forms.Form):
    """The bar above the list; a value that is none of its choices is left out."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any kind")), *VoiceKind.choices]
    )
    theme = forms.ChoiceField(
        label=_("Theme"), required=False, choices=[("", _("Any theme")), *VoiceTheme.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Answered or not")), *VoiceState.choices]
    )
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody's")), ("mine", _("Mine"))]
    )

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in (*self.fields, "customer"))
