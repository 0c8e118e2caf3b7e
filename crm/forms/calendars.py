"""Forms of holiday calendars."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.surveys.models import HolidayCalendar
from accounts.surveys.services.calendars import FIRST_YEAR, LAST_YEAR, known_countries
from crm.forms.records import DayField
from crm.templatetags.formats import reader_locale

HOLIDAY, WORKED = "holiday", "worked"
MOST_YEARS_AHEAD = 5


def _countries() -> list[tuple[str, Any]]:
    """By name in the reader's language."""
    names = reader_locale().territories
    known = sorted((names.get(code, code), code) for code in known_countries())
    return [("", _("Kept by hand")), *((code, name) for name, code in known)]


class _Refusable(forms.Form):
    def refuse(self, refusal: ValidationError) -> None:
        for field, errors in refusal.error_dict.items():
            self.add_error(field if field in self.fields else None, errors)


class CalendarForm(_Refusable):
    name = forms.CharField(label=_("Name"), max_length=120)
    country = forms.ChoiceField(
        label=_("Country"),
        choices=_countries,
        required=False,
        widget=forms.Select(attrs={"data-picker": True}),
        help_text=_("Its days can be filled in; you can change each of them."),
    )

    def __init__(self, data: Any = None, *, stored: HolidayCalendar | None = None) -> None:
        present = {"name": stored.name, "country": stored.country} if stored else None
        super().__init__(data, initial=present)


class FillForm(_Refusable):
    """Which years are filled in from the country."""

    first_year = forms.IntegerField(label=_("From year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    last_year = forms.IntegerField(label=_("To year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    is_anew = forms.BooleanField(
        label=_("Replace the days of these years that are there"),
        required=False,
        help_text=_("Else they stay, and only missing days are added."),
    )

    def __init__(self, data: Any = None, *, year: int) -> None:
        super().__init__(data, initial={"first_year": year, "last_year": year + 1})

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("first_year", 0) > typed.get("last_year", LAST_YEAR):
            self.add_error("last_year", _("This year lies before the first one."))
        return typed

    @property
    def years(self) -> range:
        return range(self.cleaned_data["first_year"], self.cleaned_data["last_year"] + 1)


class DayForm(_Refusable):
    day = DayField(label=_("Day"))
    kind = forms.ChoiceField(
        label=_("Is"), choices=[(HOLIDAY, _("Holiday")), (WORKED, _("Make-up working day"))]
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)

    def __init__(self, data: Any = None) -> None:
        # The calendar's own form stands on the same page and has a name, too.
        super().__init__(data, auto_id="day_%s")
