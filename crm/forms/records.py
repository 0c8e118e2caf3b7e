"""What the forms of records have in common: versions, days, money and lists too long for a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import ConflictError
from accounts.orders import money

T = TypeVar("T")
M = TypeVar("M", bound=Model)

# What a select shows while nothing is chosen.
NOTHING_CHOSEN = "—"
_SELECTED = mark_safe(" selected")


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed, or that is typed differently from what is stored."""

    label: Any
    stored: str


class DayInput(forms.DateInput):
    """The browser's own date picker; always ISO, whatever the language."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class DayField(forms.DateField):
    widget = DayInput
    input_formats = ("%Y-%m-%d",)


class LeanSelect(forms.Select):
    """A select without groups, written at once: Django renders a template for each of hundreds of choices."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, _SELECTED if str(key) in chosen else "", label) for key, label in self.choices),
        )
        whole = self.build_attrs({"class": "form-select"} | self.attrs, {"name": name} | (attrs or {}))
        return format_html("<select{}>{}</select>", flatatt(whole), options)


class PickerSelect(forms.Select):
    """A select one can type into."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"data-picker": True, **attrs})


class PickerSelectMultiple(forms.SelectMultiple):
    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"data-picker": True, **attrs})


class RecordField(forms.ModelChoiceField[Any]):
    """One record out of a list; without one a dash."""

    def __init__(self, queryset: QuerySet[Any], **options: Any) -> None:
        options.setdefault("empty_label", NOTHING_CHOSEN)
        options.setdefault("widget", PickerSelect())
        super().__init__(queryset, **options)


class MoneyField(forms.DecimalField):
    """An amount in units of a currency (12.50), which `minor_units` turns into cents."""

    def __init__(self, **options: Any) -> None:
        options = {"max_digits": 15, "decimal_places": 3, "required": False} | options
        super().__init__(**options)


class CurrencyField(forms.CharField):
    """The code of a currency, in whatever case it is typed."""

    def __init__(self, **options: Any) -> None:
        own: dict[str, Any] = {"label": _("Currency"), "max_length": 3}
        super().__init__(**own | options)

    def clean(self, value: Any) -> str:
        """Raises ValidationError."""
        code = str(super().clean(value)).upper()
        if code not in money.CURRENCIES:
            raise ValidationError(_("Unknown currency. Use three letters, such as CNY or EUR."))
        return code


def major_units(minor: int | None, currency: str) -> Decimal | None:
    """What a form shows of an amount in minor units."""
    return None if minor is None else Decimal(minor).scaleb(-money.exponent(currency))


def minor_units(form: forms.BaseForm, field: str, currency: str) -> int | None:
    """The typed amount in minor units; an error at the field when it has more decimals than the currency."""
    amount: Decimal | None = form.cleaned_data.get(field)
    if amount is None:
        return None
    try:
        return money.to_minor(amount, currency)
    except ValueError:
        form.add_error(field, _("This has more decimals than the currency."))
        return None


def show_only_chosen(form: forms.BaseForm, name: str) -> None:
    """The list behind the field is too long for the page: it offers what is chosen, the rest on typing."""
    field: Any = form.fields[name]
    chosen = form[name].value()
    options = [("", "")]
    try:
        options += [(record.pk, str(record)) for record in field.queryset.filter(pk=chosen or 0)]
    except (ValueError, TypeError, OverflowError):
        # A malformed id is refused by the field itself.
        options = options[:1]
    field.widget.choices = options


class RecordForm(forms.Form):
    """A form over one record. ``stored`` is the record as it is now, None for a new one."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def __init__(self, data: Any = None, *, stored: Any = None, initial: Any = None) -> None:
        start = {} if stored is None else self.present(stored) | {"version": self.version_of(stored)}
        super().__init__(data, initial=start | (initial or {}))
        self.stored = stored
        self.differences: list[Difference] = []

    @classmethod
    def present(cls, stored: Any) -> dict[str, Any]:
        """What the record says, by field."""
        return {name: getattr(stored, name) for name in cls.base_fields if hasattr(stored, name)}

    @classmethod
    def version_of(cls, stored: Any) -> int:
        return int(stored.version)

    @classmethod
    def latest(cls, stored: Any) -> Any:
        """The record as it is stored now."""
        stored.refresh_from_db()
        return stored

    @property
    def expected_version(self) -> int:
        """The version that was read; a form without one was not ours and meets a conflict."""
        return self.cleaned_data.get("version") or 0

    def save(self, write: Callable[[], T]) -> T | None:
        """What ``write`` gives; None when it was refused, and then the form says why."""
        try:
            return write()
        except ConflictError:
            self._show_conflict()
        except ValidationError as refusal:
            for field, errors in refusal.error_dict.items():
                self.add_error(field if field in self.fields else None, errors)
        return None

    def _show_conflict(self) -> None:
        """What was typed stays; beside it stands what is stored now, and saving again is a choice."""
        self.add_error(
            None,
            _(
                "Somebody else changed this record while you were typing. Nothing was saved and nothing is "
                "lost: compare your entries with what is stored now, then save again."
            ),
        )
        self.stored = self.latest(self.stored)
        present = self.present(self.stored)
        self.differences = [
            Difference(bound.label, self._worded(bound, present.get(bound.name)))
            for bound in self.visible_fields()
            if bound.field.has_changed(present.get(bound.name), bound.data)
        ]
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed["version"] = str(self.version_of(self.stored))

    def _worded(self, bound: forms.BoundField, value: Any) -> str:
        choices = getattr(bound.field, "choices", None)
        if value in (None, "", []):
            return "–"
        if choices is None:
            return str(value)
        chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
        return ", ".join(str(label) for key, label in choices if str(key) in chosen)


class OneFact(RecordForm):
    """What a form of one field of a record adds to the form of all of them."""

    field_name: str

    def narrow(self, field: str, *hidden: str) -> None:
        """Keep ``field`` and what the form carries unseen. Raises KeyError for a field it does not have."""
        self.field_name = field
        self.fields = {name: self.fields[name] for name in (field, "version", *hidden)}
        self.fields[field].help_text = ""

    @property
    def was(self) -> str:
        """What is stored, as the form would send it."""
        value = self.initial.get(self.field_name)
        if isinstance(value, bool):
            return "on" if value else ""
        shown = self[self.field_name].field.widget.format_value(value)
        if isinstance(shown, list):
            shown = shown[0] if shown else None
        return "" if shown in (None, []) else str(shown)
