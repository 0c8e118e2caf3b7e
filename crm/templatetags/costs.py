"""How quantities and rates of activities are written."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, format_decimal, get_currency_precision
from django import template
from django.utils.translation import gettext_lazy as _

from accounts.costs.models import Driver
from crm.templatetags.formats import MISSING, reader_locale

register = template.Library()

_PER_UNIT = {
    Driver.MINUTES: _("per minute"),
    Driver.VISITS: _("per visit"),
    Driver.SET_UPS: _("per set-up"),
    Driver.SHIPMENTS: _("per shipment"),
    Driver.TICKETS: _("per ticket"),
}


@register.filter
def quantity(value: Decimal | None) -> str:
    """As many decimals as it has, up to four: 2 visits, 1.5 set-ups."""
    if value is None:
        return MISSING
    return str(format_decimal(value, format="#,##0.####", locale=reader_locale()))


@register.filter
def rate(minor_units: Decimal | None, currency: str) -> str:
    """A rate in minor units as money, with the decimals it has beyond those of the currency, up to four."""
    if minor_units is None:
        return MISSING
    digits = get_currency_precision(currency)
    pattern = "¤#,##0." + "0" * digits + "#" * (4 - digits)
    amount = Decimal(minor_units).scaleb(-digits)
    return str(
        format_currency(amount, currency, locale=reader_locale(), currency_digits=False, format=pattern)
    )


@register.filter
def per_unit(driver: str) -> str:
    """Of what one the rate is: "per visit"."""
    return str(_PER_UNIT[Driver(driver)])
