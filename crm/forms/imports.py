"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import possible_owners
from accounts.imports.decoding import ENCODINGS
from accounts.imports.fields import same_headers
from accounts.imports.kinds import KINDS
from accounts.imports.layouts import CDNOW, Layout
from accounts.imports.models import Import
from accounts.orders import money
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import CurrencyField

ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 / GBK",
    "big5": "Big5",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
DELIMITER_NAMES = {
    ",": _("Comma"),
    ";": _("Semicolon"),
    "\t": _("Tab"),
    "|": _("Vertical bar"),
}


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"), allow_empty_file=True)
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Owner of new customers"),
        required=False,
        empty_label=_("Nobody yet"),
        widget=PeopleSelect(),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_people(self.fields["owner"], user)
        self.fields["file"].help_text = _("Choose it, or drop it on the field. At most %(limit)s MB.") % {
            "limit": settings.UPLOAD_LIMIT_BYTES >> 20
        }


class LayoutForm(forms.Form):
    """How the file is read, and which column holds what (``column_<field key>``, empty: none)."""

    encoding = forms.ChoiceField(
        label=_("Encoding"), choices=[(key, ENCODING_NAMES[key]) for key in ENCODINGS]
    )
    delimiter = forms.ChoiceField(label=_("Columns are separated by"), choices=list(DELIMITER_NAMES.items()))
    dates = forms.ChoiceField(
        label=_("Dates"),
        choices=[("ymd", "2026-03-31"), ("dmy", "31.03.2026"), ("mdy", "03/31/2026")],
    )
    decimals = forms.ChoiceField(label=_("Numbers"), choices=[("point", "1,234.56"), ("comma", "1.234,56")])
    currency = CurrencyField(label=_("Currency where the file names none"))
    rates = forms.CharField(
        label=_("Exchange rates"),
        required=False,
        help_text=_("Price of one unit in your own currency, for instance: USD=7.10 EUR=7.85"),
    )
    all_or_nothing = forms.BooleanField(label=_("Take all rows or none"), required=False)
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Owner of new customers"),
        required=False,
        empty_label=_("Nobody yet"),
        widget=PeopleSelect(),
    )

    def __init__(self, *args: Any, shown: Import, user: User, separator: str = "", **kwargs: Any) -> None:
        """``separator``: what cuts the dates of the file, for the examples of the styles."""
        self._layout, self._kind = Layout.from_plain(shown.layout), KINDS[shown.kind]
        kwargs["initial"] = _initial(shown, self._layout)
        super().__init__(*args, **kwargs)
        _offer_people(self.fields["owner"], user)
        if not self._kind.makes_customers:
            for name in ("owner", "currency", "rates"):
                del self.fields[name]
        if self._layout.name == CDNOW:
            for name in ("delimiter", "dates", "decimals"):
                del self.fields[name]
            return
        if separator and isinstance(dates := self.fields["dates"], forms.ChoiceField):
            styles = {"ymd": "2026-03-31", "dmy": "31.03.2026", "mdy": "03.31.2026"}
            dates.choices = [(style, text.replace(".", separator)) for style, text in styles.items()]
        self._add_columns(shown.mapping)

    def _add_columns(self, mapping: dict[str, int]) -> None:
        header = self._layout.header
        columns = [("", "–")]
        for place, name in enumerate(header):
            label = name or f"{place + 1}"
            if len(same_headers(header, place)) > 1:
                label = _("%(name)s (column %(number)s)") % {"name": name, "number": place + 1}
            columns.append((str(place), label))
        for field in self._kind.columns.fields:
            self.fields[f"column_{field.key}"] = forms.ChoiceField(
                label=capfirst(field.label),
                choices=columns,
                required=field.key in self._kind.columns.required,
                help_text=_which_is_taken(header, mapping.get(field.key)),
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def layout_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("column_")]

    def clean_rates(self) -> dict[str, str]:
        rates = {}
        for word in str(self.cleaned_data["rates"]).replace(",", " ").replace(";", " ").split():
            code, _sign, price = word.partition("=")
            if code.upper() not in money.CURRENCIES or not _is_price(price):
                raise ValidationError(_("Write each rate like USD=7.10, with spaces between them."))
            rates[code.upper()] = price
        return rates

    def layout(self) -> Layout:
        """The layout as chosen."""
        names = ("encoding", "delimiter", "dates", "decimals", "currency", "rates", "all_or_nothing")
        return replace(
            self._layout, **{name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        )

    def mapping(self, present: dict[str, int]) -> dict[str, int]:
        """Field key -> position; the fixed layout keeps ``present``."""
        if self._layout.name == CDNOW:
            return present
        chosen = {key: self.cleaned_data.get(f"column_{key}") for key in self._kind.columns.keys}
        return {key: int(place) for key, place in chosen.items() if place}


def _initial(shown: Import, layout: Layout) -> dict[str, Any]:
    return {
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "dates": layout.dates,
        "decimals": layout.decimals,
        "currency": layout.currency or settings.BASE_CURRENCY,
        "rates": " ".join(f"{code}={rate}" for code, rate in layout.rates.items()),
        "all_or_nothing": layout.all_or_nothing,
        "owner": shown.owner_id,
        **{f"column_{key}": str(place) for key, place in shown.mapping.items()},
    }


def _which_is_taken(header: Sequence[str], place: int | None) -> str:
    same = [] if place is None else same_headers(header, place)
    if len(same) < 2 or place is None:
        return ""
    columns = ", ".join(str(one + 1) for one in same)
    text = gettext("Columns %(columns)s have this header; column %(number)s is taken.")
    return text % {"columns": columns, "number": place + 1}


def _is_price(text: str) -> bool:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return False
    return price.is_finite() and 0 < price < 10**10


def _offer_people(field: forms.Field, user: User) -> None:
    if isinstance(field, forms.ModelChoiceField):
        offer_people([field], possible_owners(user), among="owners")
