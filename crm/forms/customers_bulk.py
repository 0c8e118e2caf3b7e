"""The form that changes many customers at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.customers.models import Stage
from accounts.lists.models import BulkKind
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import NOTHING_CHOSEN, RecordField


class BulkForm(forms.Form):
    """One change, and the value that it takes. Owners are asked only of those who may assign one."""

    kind = forms.ChoiceField(label=_("What to change"), widget=forms.RadioSelect, choices=BulkKind.choices)
    owner = RecordField(User.objects.none(), label=_("Owner"), required=False, widget=PeopleSelect())
    stage = forms.ChoiceField(
        label=pgettext_lazy("of a customer", "Stage"),
        required=False,
        choices=[("", NOTHING_CHOSEN), *Stage.choices],
    )
    tag = forms.CharField(label=_("Tag"), max_length=40, required=False)

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        if access.may_assign_owner(user):
            offer_people([fields["owner"]], access.possible_owners(user), among="owners")
        else:
            del fields["owner"]
            fields["kind"].choices = [pair for pair in BulkKind.choices if pair[0] != BulkKind.OWNER]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        needed = {BulkKind.STAGE: "stage", BulkKind.ADD_TAG: "tag", BulkKind.REMOVE_TAG: "tag"}
        name = needed.get(values.get("kind", ""), "")
        if name and name not in self.errors and not str(values.get(name, "")).strip():
            self.add_error(name, _("This is needed for the change."))
        if "," in values.get("tag", "") or "，" in values.get("tag", ""):
            self.add_error("tag", _("One tag, without commas."))
        return values

    @property
    def value(self) -> str:
        """As `BulkChange.value` keeps it."""
        values = self.cleaned_data
        if values["kind"] == BulkKind.OWNER:
            return str(values["owner"].pk) if values["owner"] else ""
        return str(values["stage"] if values["kind"] == BulkKind.STAGE else values["tag"].strip())
