"""The form of who heads which function."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.projects.models import FunctionalRole
from accounts.users.models import User
from crm.forms.records import RecordField


class FunctionalManagersForm(forms.Form):
    """One person for each functional role, or nobody; that a line may be empty goes without saying."""

    is_line = True

    def __init__(self, data: Any = None, *, user: User, heads: dict[str, int]) -> None:
        super().__init__(data, initial=heads)
        people = access.visible_users(user).order_by("sort_key")
        choices = [("", _("Nobody")), *((person.pk, str(person)) for person in people)]
        for role in FunctionalRole:
            field = RecordField(people, label=role.label, required=False, widget=forms.Select)
            field.choices = choices
            self.fields[role.value] = field

    @property
    def heads(self) -> dict[FunctionalRole, User | None]:
        return {role: self.cleaned_data[role.value] for role in FunctionalRole}
