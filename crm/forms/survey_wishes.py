"""What a respondent may want of our letters: a pause, none at all, or that we ask somebody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.surveys.services.referrals import MAX_MESSAGE, MAX_NAME

WEEKS = (2, 4, 12)
A_DAY = "day"


class PauseForm(forms.Form):
    """A number of weeks, or the first day on which he wants to be asked again."""

    length = forms.ChoiceField(
        choices=[*((str(weeks), str(weeks)) for weeks in WEEKS), (A_DAY, A_DAY)],
        error_messages={
            "required": _("Choose how long."),
            "invalid_choice": _("Choose how long."),
        },
    )
    until = forms.DateField(required=False, error_messages={"invalid": _("This is not a date.")})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("length") == A_DAY and not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Choose the day."))
        return data

    def day(self, today: dt.date) -> dt.date:
        """The first day on which he is asked again; ``today`` is his."""
        length = self.cleaned_data["length"]
        day: dt.date = (
            self.cleaned_data["until"] if length == A_DAY else today + dt.timedelta(weeks=int(length))
        )
        return day


class ReferralForm(forms.Form):
    """Whom to ask instead. Every text is limited: whoever has a link may send this."""

    name = forms.CharField(
        max_length=MAX_NAME,
        error_messages={
            "required": _("Say who it is."),
            "max_length": _("A name has at most 120 characters."),
        },
    )
    email = forms.EmailField(
        max_length=254,
        error_messages={
            "required": _("Give an e-mail address."),
            "invalid": _("This is not an e-mail address."),
            "max_length": _("This is not an e-mail address."),
        },
    )
    message = forms.CharField(
        max_length=MAX_MESSAGE,
        required=False,
        error_messages={"max_length": _("A message has at most 400 characters.")},
    )
