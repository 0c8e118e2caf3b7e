"""The cells of the list of customers: some five hundred on a page, so they are put together in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.customers.models import Customer
from accounts.fields.models import CustomField
from crm.customer_columns import Column
from crm.customer_values import day_of, own_value
from crm.queries.customers import CustomerRow
from crm.queries.fields import all_fields
from crm.templatetags.formats import MISSING, day, money_whole, number
from crm.templatetags.lists import grade_chip, tier_chip

register = template.Library()


@register.simple_tag
def customer_cell(column: Column, row: CustomerRow) -> SafeString:
    """The ``<td>`` of a column. On a phone a tier and a flag say what they are, others carry their label."""
    if column.key == "tier":
        return format_html("<td>{}</td>", tier_chip(row.tier))
    if column.key == "flag" and row.flag:
        return format_html("<td>{}</td>", _flag(row))
    text = _own(column, row) if column.own is not None else _TEXTS[column.key](row)
    css_class = mark_safe(' class="num"') if column.is_numeric else ""
    return format_html('<td{} data-label="{}">{}</td>', css_class, column.label, text or MISSING)


@register.simple_tag
def custom_facts(customer: Customer) -> list[tuple[str, Any]]:
    """Name and value of each custom field that the customer has a value of; archived fields among them."""
    language = get_language() or "en"
    own = all_fields() if customer.custom_fields else ()
    values = customer.custom_fields
    return [
        (field.label_in(language), _worded(field, values[field.key])) for field in own if field.key in values
    ]


def _own(column: Column, row: CustomerRow) -> Any:
    if column.own is None:
        return MISSING
    return _worded(column.own, row.custom.get(column.own.key))


def _worded(field: CustomField, value: Any) -> Any:
    if value is None:
        return MISSING
    if field.kind == "date":
        kept = day_of(value)
        return kept if isinstance(kept, str) else day(kept)
    if field.kind == "number" and isinstance(value, int | float):
        return number(value, 0 if float(value).is_integer() else 2)
    return str(own_value(field, value))


def _flag(row: CustomerRow) -> SafeString:
    context = {"level": row.flag, "score": row.churn_score}
    drawn = render_to_string("components/_flag_chip.html", context).strip()
    return mark_safe(drawn)  # noqa: S308 -- a template has escaped it


def _money(minor: float | None) -> str:
    return MISSING if minor is None else money_whole(round(minor), settings.BASE_CURRENCY)


def _tags(row: CustomerRow) -> SafeString:
    return format_html_join(" ", '<span class="chip">{}</span>', ((tag,) for tag in row.tags))


_TEXTS: dict[str, Callable[[CustomerRow], Any]] = {
    "score": lambda row: number(row.score, 1),
    "flag": lambda row: format_html('<span class="quiet num">{}</span>', number(row.churn_score)),
    "index": lambda row: number(row.index),
    "lowest": lambda row: grade_chip(row.lowest),
    "sales": lambda row: _money(row.sales_minor),
    "profit": lambda row: _money(row.profit_minor),
    "value": lambda row: _money(row.expected_value_minor),
    "risk": lambda row: _money(row.money_at_risk_minor),
    "owner": lambda row: row.owner,
    "team": lambda row: row.teams,
    "stage": lambda row: row.stage,
    "contact": lambda row: day(row.last_contact_at) if row.last_contact_at else _("Never"),
    "follow_up": lambda row: day(row.follow_up_on),
    "number": lambda row: row.number,
    "kind": lambda row: row.kind,
    "region": lambda row: row.region,
    "channel": lambda row: row.channel,
    "market": lambda row: row.market,
    "group": lambda row: row.group,
    "tags": _tags,
}
