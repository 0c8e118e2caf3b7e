"""The filters above the Outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.queries.outbox import LABELS
from crm.templatetags.survey import week_span


class OutboxFilter(forms.Form):
    """One of ``weeks`` (Mondays), the first unless chosen, and a state; other wishes are left aside."""

    week = forms.ChoiceField(label=_("Week"))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any state")), *((state.value, label) for state, label in LABELS.items())],
    )

    def __init__(self, wish: Any, *, weeks: Sequence[dt.date]) -> None:
        offered = {"week": [monday.isoformat() for monday in weeks], "state": ["", *LABELS]}
        super().__init__(
            {name: wish[name] if wish.get(name) in values else values[0] for name, values in offered.items()}
        )
        fields: dict[str, Any] = self.fields
        fields["week"].choices = [(monday.isoformat(), week_span(monday, "yMMMd")) for monday in weeks]

    @property
    def chosen_week(self) -> dt.date:
        return dt.date.fromisoformat(self.data["week"])

    @property
    def chosen_state(self) -> str:
        return str(self.data["state"])
