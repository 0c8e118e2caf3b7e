"""What a column of the list of customers says of one: in a file, as a plain value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.fields.models import CustomField, FieldKind
from accounts.orders import money
from crm.customer_columns import Column
from crm.queries.customers import CustomerRow
from scoring.models import FlagLevel, Tier


def file_value(column: Column, row: CustomerRow) -> list[object]:
    """The cells of a column: numbers as numbers, money in units of its currency, codes in words.

    A flag is two cells; the customer number stands in front of the name already.
    """
    if column.own is not None:
        return [own_value(column.own, row.custom.get(column.own.key))]
    if column.key == "number":
        return []
    if column.key == "flag":
        return [_label(FlagLevel, row.flag), _rounded(row.churn_score)]
    return [_VALUES[column.key](row)]


def own_value(field: CustomField, value: Any) -> object:
    """A value of a custom field as a file has it; None where there is none."""
    if value is None:
        return None
    if field.kind == FieldKind.YES_NO:
        return _("Yes") if value else _("No")
    if field.kind == FieldKind.DATE:
        return day_of(value)
    return value if isinstance(value, int | float | str) else str(value)


def day_of(value: object) -> dt.date | str:
    """A kept day; as it stands where it was kept before it was checked."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return str(value)


def _label(choices: type[Tier | FlagLevel], code: str) -> str:
    return str(choices[code.upper()].label) if code else ""


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _major(minor: float | None) -> float | None:
    if minor is None:
        return None
    units: float = minor / 10 ** money.exponent(settings.BASE_CURRENCY)
    return round(units, 2)


_VALUES: dict[str, Callable[[CustomerRow], object]] = {
    "tier": lambda row: _label(Tier, row.tier),
    "score": lambda row: _rounded(row.score),
    "index": lambda row: _rounded(row.index),
    "lowest": lambda row: row.lowest,
    "sales": lambda row: _major(row.sales_minor),
    "profit": lambda row: _major(row.profit_minor),
    "value": lambda row: _major(row.expected_value_minor),
    "risk": lambda row: _major(row.money_at_risk_minor),
    "owner": lambda row: row.owner,
    "team": lambda row: row.teams,
    "stage": lambda row: row.stage,
    "contact": lambda row: timezone.localtime(row.last_contact_at).date() if row.last_contact_at else None,
    "follow_up": lambda row: row.follow_up_on,
    "kind": lambda row: row.kind,
    "region": lambda row: row.region,
    "channel": lambda row: row.channel,
    "market": lambda row: row.market,
    "group": lambda row: row.group,
    "tags": lambda row: pgettext("list", ", ").join(row.tags),
}
