"""The filters above the weekly review, and what is typed into it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.forms.cases import WordsField
from crm.queries.boards import Left, Order, Scoped, Whose, teams_of


@dataclass(frozen=True)
class Keeper:
    """A project manager or a team: ``code`` for the address, ``managers`` whose projects it chooses."""

    code: str
    name: str
    managers: frozenset[int]


def keepers_of(scope: Sequence[Scoped]) -> tuple[Keeper, ...]:
    """Teams, then managers by name; nobody where there is nothing to choose."""
    names = {each.manager: each.manager_name for each in scope}
    if len(names) < 2:
        return ()
    teams = [Keeper(f"t{pk}", name, people) for pk, (name, people) in teams_of(list(names)).items()]
    people = sorted(names.items(), key=lambda each: (each[1], each[0]))
    return (*teams, *(Keeper(f"u{pk}", name, frozenset({pk})) for pk, name in people))


class ReviewForm(forms.Form):
    """``whose`` and ``by`` only for who has something to choose between."""

    whose = forms.ChoiceField(label=_("Projects"), choices=Whose.choices)
    by = forms.ChoiceField(label=_("Manager or team"), required=False)
    left = forms.ChoiceField(label=_("Review"), choices=Left.choices, required=False)
    sort = forms.ChoiceField(label=pgettext_lazy("of a list", "Order"), choices=Order.choices)

    def __init__(
        self,
        *,
        whose: Whose,
        order: Order,
        left: Left,
        keeper: str,
        keepers: Sequence[Keeper],
        has_own: bool,
    ) -> None:
        super().__init__({"whose": whose, "sort": order, "left": left, "by": keeper})
        fields: dict[str, Any] = self.fields
        fields["by"].choices = [("", _("All managers")), *[(each.code, each.name) for each in keepers]]
        if not keepers:
            del fields["by"]
        if not has_own:
            del fields["whose"]


class NoteForm(forms.Form):
    """An internal note. ``token`` names its rendering: sent twice, saved once."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    dimension = forms.TypedChoiceField(label=_("About"), required=False, coerce=int, empty_value=None)
    text = WordsField(label=_("Note for ourselves"))

    def __init__(self, data: Any = None, *, dimensions: Sequence[tuple[int, str]], about: str = "") -> None:
        super().__init__(data, auto_id="note-%s", initial={"token": uuid.uuid4(), "dimension": about})
        fields: dict[str, Any] = self.fields
        fields["text"].widget.attrs["autofocus"] = True
        fields["dimension"].choices = [("", _("The week as a whole")), *dimensions]
