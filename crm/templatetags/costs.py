"""How quantities of activities are written."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal
from django import template

from crm.templatetags.formats import MISSING, reader_locale

register = template.Library()


@register.filter
def quantity(value: Decimal | None) -> str:
    """As many decimals as it has, up to four: 2 visits, 1.5 set-ups."""
    if value is None:
        return MISSING
    return str(format_decimal(value, format="#,##0.####", locale=reader_locale()))
