"""The form of a playbook: its trigger, and up to eight steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.actions.models import MAX_NOTE
from accounts.playbooks.models import MAX_TITLE, MOST_DAYS, Doer, Playbook, PlaybookStep, Trigger
from accounts.playbooks.services import MOST_STEPS, PlaybookFacts, StepFacts, Words
from crm.forms.records import RecordField, RecordForm
from crm.queries.playbooks import startable, values_of

_LANGUAGES = ("", "_zh_hans", "_zh_hant")


def _triggers() -> list[tuple[Any, Any]]:
    """Trigger and value as one choice, in groups: what a trigger may be of depends on it."""
    return [
        (str(trigger.label), [(f"{trigger}:{value}", words) for value, words in values_of(trigger)])
        for trigger in Trigger
    ]


class PlaybookForm(RecordForm):
    title = forms.CharField(label=_("Name"), max_length=MAX_TITLE)
    title_zh_hans = forms.CharField(
        label=_("Name in simplified Chinese"), max_length=MAX_TITLE, required=False
    )
    title_zh_hant = forms.CharField(
        label=_("Name in traditional Chinese"), max_length=MAX_TITLE, required=False
    )
    starts_by = forms.ChoiceField(label=_("Starts by"), choices=lazy(_triggers, list))

    def __init__(self, data: Any = None, *, stored: Playbook | None = None) -> None:
        super().__init__(data, stored=stored)
        for number in range(1, MOST_STEPS + 1):
            self.fields |= _step_fields(number)

    @property
    def head(self) -> list[BoundField]:
        return [self[name] for name in ("title", "title_zh_hans", "title_zh_hant", "starts_by")]

    @property
    def steps(self) -> list[list[BoundField]]:
        names = ("title", "title_zh_hans", "title_zh_hant", "days", "who", "note")
        return [[self[f"step{number}_{name}"] for name in names] for number in range(1, MOST_STEPS + 1)]

    @classmethod
    def present(cls, stored: Playbook) -> dict[str, Any]:
        start = super().present(stored) | {"starts_by": f"{stored.trigger}:{stored.value}"}
        for number, step in enumerate(stored.steps.order_by("position"), start=1):
            start |= _start_of(number, step)
        return start

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for number in range(1, MOST_STEPS + 1):
            is_said = any(values.get(f"step{number}_{name}") for name in ("title_zh_hans", "note"))
            if is_said and not values.get(f"step{number}_title"):
                self.add_error(f"step{number}_title", _("Say what is to be done."))
        return values

    def facts(self) -> PlaybookFacts:
        values = self.cleaned_data
        trigger, _colon, value = values["starts_by"].partition(":")
        steps = (self._step(number) for number in range(1, MOST_STEPS + 1))
        return PlaybookFacts(
            title=Words(*(values[f"title{language}"] for language in _LANGUAGES)),
            trigger=Trigger(trigger),
            value=value,
            steps=tuple(step for step in steps if step is not None),
        )

    def _step(self, number: int) -> StepFacts | None:
        values = self.cleaned_data
        if not values[f"step{number}_title"]:
            return None
        return StepFacts(
            title=Words(*(values[f"step{number}_title{language}"] for language in _LANGUAGES)),
            days=values[f"step{number}_days"] or 0,
            who=Doer(values[f"step{number}_who"] or Doer.OWNER),
            note=values[f"step{number}_note"],
        )


class StartForm(forms.Form):
    """A playbook for one customer."""

    playbook = RecordField(Playbook.objects.none(), label=_("Playbook"))

    def __init__(self, data: Any = None, *, customer: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["playbook"]
        field.queryset = startable(customer)


def _step_fields(number: int) -> dict[str, forms.Field]:
    prefix = f"step{number}_"
    return {
        f"{prefix}title": forms.CharField(
            label=_("What is to be done"), max_length=MAX_TITLE, required=False
        ),
        f"{prefix}title_zh_hans": forms.CharField(
            label=_("In simplified Chinese"), max_length=MAX_TITLE, required=False
        ),
        f"{prefix}title_zh_hant": forms.CharField(
            label=_("In traditional Chinese"), max_length=MAX_TITLE, required=False
        ),
        f"{prefix}days": forms.IntegerField(
            label=_("Days after the start"), min_value=0, max_value=MOST_DAYS, required=False
        ),
        f"{prefix}who": forms.ChoiceField(label=_("Who"), choices=Doer.choices, required=False),
        f"{prefix}note": forms.CharField(label=_("Note"), max_length=MAX_NOTE, required=False),
    }


def _start_of(number: int, step: PlaybookStep) -> dict[str, Any]:
    names = ("title", "title_zh_hans", "title_zh_hant", "days", "who", "note")
    return {f"step{number}_{name}": getattr(step, name) for name in names}
