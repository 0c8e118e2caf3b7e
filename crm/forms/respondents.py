"""Forms that say whom we ask about a project."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact, Level
from accounts.surveys.models import Referral, RespondentState

MAX_REASON = 400


class NamingForm(forms.Form):
    """Contacts to ask from now on, several at once."""

    contacts: forms.ModelMultipleChoiceField[Contact] = forms.ModelMultipleChoiceField(
        label=_("Contacts"),
        queryset=Contact.objects.none(),
        error_messages={
            "required": _("Choose at least one contact."),
            "invalid_choice": _("One of them cannot be asked any more. Look at the list again."),
        },
    )

    def __init__(self, data: Any, *, contacts: QuerySet[Contact]) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["contacts"].queryset = contacts


class RespondentStateForm(forms.Form):
    """Pause, ask again, or ask no more; the last only with a reason."""

    state = forms.ChoiceField(choices=RespondentState.choices)
    reason = forms.CharField(label=_("Reason"), max_length=MAX_REASON, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == RespondentState.OPTED_OUT and not data.get("reason"):
            self.add_error("reason", _("Say why no surveys are wanted, so that nobody asks again."))
        return data


class ReferralForm(forms.Form):
    """Whom to ask of those there are, or a new contact; and whether who proposed it is still asked.

    ``seen``: when what the page showed was proposed, so that nobody accepts somebody he has not read of.
    """

    contact: forms.ModelChoiceField[Contact] = forms.ModelChoiceField(
        label=_("Whom to ask"),
        queryset=Contact.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("This contact cannot be asked any more. Look at the list again.")
        },
    )
    level = forms.ChoiceField(label=_("Level"), choices=[("", _("Choose")), *Level.choices], required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    proposer = forms.ChoiceField(choices=[("pause", "pause"), ("keep", "keep")], required=False)
    seen = forms.CharField(required=False)

    def __init__(self, data: Any, *, referral: Referral, contacts: QuerySet[Contact]) -> None:
        super().__init__(data)
        self.referral = referral
        fields: dict[str, Any] = self.fields
        fields["contact"].queryset = contacts.exclude(pk=referral.contact_id)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("seen") != self.referral.known_at.isoformat():
            self.add_error(None, _("Somebody else is proposed since. Look at it again."))
        return data

    @property
    def keeps_proposer(self) -> bool:
        return bool(self.cleaned_data["proposer"] == "keep")

    @property
    def level_chosen(self) -> Level | None:
        chosen = self.cleaned_data["level"]
        return Level(chosen) if chosen else None
