"""Input fields that take exactly what the schema says: no number for a text, no "yes" for true.

What only a rule can say (a mail address, a year) is refused with 422, what the schema says with 400.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zoneinfo
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as RuleError
from django.core.validators import RegexValidator, validate_email
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.orders.money import CURRENCIES
from crm.api.errors import RefusedError

MAX_ID = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2199
MAX_CUSTOM_BYTES = 16_384
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Input(serializers.Serializer[Any]):
    """Unknown names are errors: a misspelt optional field must not pass in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data.keys() - self.fields.keys())
            if unknown:
                raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """Trimmed after its length was checked; where it may not be blank, more than spaces is asked for."""

    def __init__(self, *, pattern: str = "", **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
        if pattern:
            self.validators.append(RegexValidator(pattern))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if not isinstance(value, str):
            return value
        trimmed = value.strip()
        if value and not trimmed and not self.allow_blank:
            raise RefusedError({str(self.field_name): [self.error_messages["blank"]]}, "blank")
        return trimmed


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class Mail(Text):
    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if value:
            try:
                validate_email(value)
            except RuleError as error:
                raise RefusedError({str(self.field_name): error.messages}) from error
        return value


class TimeZone(Text):
    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if isinstance(value, str) and value not in zoneinfo.available_timezones():
            raise RefusedError({str(self.field_name): [_("There is no such time zone.")]})
        return value


class Currency(Text):
    """Three capital letters; whether there is such a currency is a rule."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=3, pattern=r"^[A-Z]{3}$", **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if isinstance(value, str) and value not in CURRENCIES:
            raise RefusedError({str(self.field_name): [_("This is no currency code, such as CNY or EUR.")]})
        return value


class Whole(serializers.IntegerField):
    """A JSON integer; 1.0 is one (JSON Schema), "1" and true are not."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            data = int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(data)


class Reference(Whole):
    """The id of another record; whether the person may see it is asked by the view."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


class Version(Whole):
    """The ``version`` that was read: 409 when the record has moved on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


@extend_schema_field({"type": "boolean"})
class YesNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    """One of the values themselves: neither "1" nor true for 1."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, str | int):
            self.fail("invalid_choice", input=data)
        value = super().to_internal_value(data)
        if value != data:
            self.fail("invalid_choice", input=data)
        return value


class Day(serializers.DateField):
    def to_internal_value(self, value: Any) -> dt.date:
        day = _parsed(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
        if day is None:
            self.fail("invalid", format="YYYY-MM-DD")
        _check_year(self, day)
        return day


class Instant(serializers.DateTimeField):
    """With its offset from UTC: a time without one would mean something else to everybody."""

    def to_internal_value(self, value: Any) -> dt.datetime:
        try:
            instant = parse_datetime(value) if isinstance(value, str) and _DAY.match(value) else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+hh:mm")
        _check_year(self, instant)
        return instant.astimezone(dt.UTC)


class Exact(Text):
    """A decimal number as a JSON string, so that no digit is lost on the way; not negative."""

    def __init__(self, *, digits: int, places: int, **options: Any) -> None:
        pattern = rf"^[0-9]{{1,{digits - places}}}(\.[0-9]{{1,{places}}})?$"
        super().__init__(pattern=pattern, max_length=digits + 1, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return Decimal(value) if isinstance(value, str) else value


@extend_schema_field({"type": "object", "additionalProperties": {}})
class CustomFields(serializers.JSONField):
    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        if len(json.dumps(data)) > MAX_CUSTOM_BYTES:
            raise RefusedError({str(self.field_name): [_("This is too long.")]})
        return data


def _parsed(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _check_year(field: serializers.Field[Any, Any, Any, Any], value: dt.date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        message = _("A year from %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise RefusedError({str(field.field_name): [message]})
