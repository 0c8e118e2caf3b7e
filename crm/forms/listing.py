"""The filters above the list of projects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.users.models import User
from crm.filters.projects import Show

MOST_OFFERED = 200
"""More cannot be looked through, and ten thousand weigh more than the list."""


def _choices(empty: Any, options: Any) -> list[tuple[Any, Any]]:
    return [("", empty), *options]


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
