"""The bar above the list of interactions."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.records import DayField
from crm.queries.interactions_list import FollowUp, Took, kinds, sentiments

MAX_ID = 2**63 - 1


class InteractionListForm(forms.Form):
    """What `narrowed` reads. Ids come with links to the list, and stand in no field."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=kinds)
    sentiment = forms.ChoiceField(label=_("Sentiment"), required=False, choices=sentiments)
    people = forms.ChoiceField(
        label=_("People"), required=False, choices=[("", _("With or without a person")), *Took.choices]
    )
    follow_up = forms.ChoiceField(
        label=_("Follow-up"), required=False, choices=[("", _("Any follow-up")), *FollowUp.choices]
    )
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)
    customer = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    contact = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    project = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    author = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the bar has no field for and keeps all the same."""
        return [
            (field.name, str(field.data)) for field in self.hidden_fields() if field.data not in (None, "")
        ]
