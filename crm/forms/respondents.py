"""Forms that say whom we ask about a project."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.surveys.models import RespondentState

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
            self.add_error("reason", _("Say why he wants no surveys, so that nobody asks him again."))
        return data
