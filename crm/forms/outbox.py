"""The filters above the Outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.surveys.models import SurveyProgramme
from crm.queries.outbox import LABELS
from crm.templatetags.survey import week_span

EVERY_WEEK = "every"


class SurveyLettersFilter(forms.Form):
    """One of ``surveys`` or any, and a state; other wishes are left aside."""

    q = forms.CharField(label=_("Name or address"), required=False, max_length=200)
    survey = forms.ChoiceField(label=_("Survey"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any state")), *((state.value, label) for state, label in LABELS.items())],
    )

    def __init__(self, wish: Any, *, surveys: Sequence[SurveyProgramme]) -> None:
        names = {str(each.pk): each.name for each in surveys}
        offered: dict[str, Collection[str]] = {"survey": list(names), "state": list(LABELS)}
        text = " ".join(str(wish.get("q", ""))[:200].replace("\0", "").split())
        super().__init__(
            {name: wish.get(name) if wish.get(name) in values else "" for name, values in offered.items()}
            | {"q": text}
        )
        fields: dict[str, Any] = self.fields
        fields["survey"].choices = [("", _("Any survey")), *names.items()]

    @property
    def chosen_survey(self) -> int | None:
        return int(self.data["survey"]) if self.data["survey"] else None

    @property
    def text(self) -> str:
        return str(self.data["q"])

    @property
    def chosen_state(self) -> str:
        return str(self.data["state"])


class OutboxFilter(forms.Form):
    """One of ``weeks`` (Mondays), the first unless chosen, and a state; other wishes are left aside.

    With words to look for, every week can be chosen.
    """

    q = forms.CharField(label=_("Name or address"), required=False, max_length=200)
    week = forms.ChoiceField(label=_("Week"))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any state")), *((state.value, label) for state, label in LABELS.items())],
    )

    def __init__(self, wish: Any, *, weeks: Sequence[dt.date]) -> None:
        text = " ".join(str(wish.get("q", ""))[:200].replace("\0", "").split())
        mondays = [monday.isoformat() for monday in weeks]
        offered = {"week": [*mondays, EVERY_WEEK] if text else mondays, "state": ["", *LABELS]}
        super().__init__(
            {name: wish[name] if wish.get(name) in values else values[0] for name, values in offered.items()}
            | {"q": text}
        )
        fields: dict[str, Any] = self.fields
        fields["week"].choices = [(monday.isoformat(), week_span(monday, "yMMMd")) for monday in weeks]
        fields["week"].choices.append((EVERY_WEEK, _("Every week")))

    @property
    def chosen_week(self) -> dt.date | None:
        """None: every week."""
        chosen = self.data["week"]
        return None if chosen == EVERY_WEEK else dt.date.fromisoformat(chosen)

    @property
    def text(self) -> str:
        return str(self.data["q"])

    @property
    def chosen_state(self) -> str:
        return str(self.data["state"])
