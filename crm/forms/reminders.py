"""When somebody wants the letter of the day."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.reminding.models import LAST_HOUR, DigestDays


class DigestForm(forms.Form):
    days = forms.ChoiceField(label=_("Letter of the day"), choices=DigestDays.choices)
    hour = forms.TypedChoiceField(
        label=_("Hour"),
        coerce=int,
        choices=[(hour, f"{hour:02d}:00") for hour in range(LAST_HOUR + 1)],
        help_text=_("By the clock of your time zone. Nothing is sent when nothing needs you."),
    )
