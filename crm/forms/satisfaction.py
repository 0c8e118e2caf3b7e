"""The filters above the weekly review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.queries.boards import Order, Whose


class ReviewForm(forms.Form):
    """``whose`` only for who has something to choose between."""

    whose = forms.ChoiceField(label=_("Projects"), choices=Whose.choices)
    sort = forms.ChoiceField(label=pgettext_lazy("of a list", "Order"), choices=Order.choices)

    def __init__(self, *, whose: Whose, order: Order, has_own: bool) -> None:
        super().__init__({"whose": whose, "sort": order})
        fields: dict[str, Any] = self.fields
        if not has_own:
            del fields["whose"]
