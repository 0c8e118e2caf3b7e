"""Fields into which a day or a moment is typed as people say it; what was understood stands below at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.date_words import DateWordsError, day_of, moment_of

NOT_A_DAY = _("This names no day. Write for example: tomorrow, next mon, in 2 weeks, 30.11. or 2026-11-30.")
NOT_A_MOMENT = _(
    "This names no moment. Write for example: 14:30, yesterday 15:00, mon 9:00 or 2026-11-30 14:30."
)


class WordsInput(forms.TextInput):
    """A field and the line below it that says what was understood; ``kind``: day or moment."""

    template_name = "interactions/_words_input.html"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(attrs={"autocomplete": "off", "maxlength": 60})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return context | {"echo_url": f"{reverse_lazy('day_words')}?kind={self.kind}&field={name}"}


class DayWordsField(forms.DateField):
    """A day to come; ``now`` is set by the form."""

    widget = WordsInput("day")
    now: dt.datetime

    def to_python(self, value: Any) -> dt.date | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return day_of(value, timezone.localtime(self.now).date(), get_language() or "en")
        except DateWordsError as error:
            raise ValidationError(NOT_A_DAY, code="invalid") from error


class MomentWordsField(forms.DateTimeField):
    """A moment that was, in the person's own time zone; ``now`` is set by the form."""

    widget = WordsInput("moment")
    now: dt.datetime

    def prepare_value(self, value: Any) -> Any:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if isinstance(value, dt.datetime) else value

    def to_python(self, value: Any) -> dt.datetime | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return moment_of(value, timezone.localtime(self.now), get_language() or "en")
        except DateWordsError as error:
            raise ValidationError(NOT_A_MOMENT, code="invalid") from error
