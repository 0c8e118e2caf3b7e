"""How quantities and rates of activities are written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel.dates import format_skeleton
from django import template
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.costs.models import Driver
from crm.templatetags.formats import money_fine, plain_number, reader_locale

register = template.Library()

_PER_UNIT = {
    Driver.MINUTES: _("per minute"),
    Driver.VISITS: _("per visit"),
    Driver.SET_UPS: _("per set-up"),
    Driver.SHIPMENTS: _("per shipment"),
    Driver.TICKETS: _("per ticket"),
}


_COUNTED = {
    Driver.MINUTES: ngettext_lazy("%(count)s minute", "%(count)s minutes", "number"),
    Driver.VISITS: ngettext_lazy("%(count)s visit", "%(count)s visits", "number"),
    Driver.SET_UPS: ngettext_lazy("%(count)s set-up", "%(count)s set-ups", "number"),
    Driver.SHIPMENTS: ngettext_lazy("%(count)s shipment", "%(count)s shipments", "number"),
    Driver.TICKETS: ngettext_lazy("%(count)s ticket", "%(count)s tickets", "number"),
}


@register.filter
def quantity(value: Decimal | None) -> str:
    """As many decimals as it has, up to four."""
    return plain_number(value)


@register.filter
def counted(value: Decimal, driver: str) -> str:
    """A quantity with its unit: 1 visit, 2 visits, 1.5 set-ups."""
    number = 1 if value == 1 else 2
    return str(_COUNTED[Driver(driver)] % {"count": quantity(value), "number": number})


@register.filter
def month_name(first: dt.date) -> str:
    """In the reader's short form."""
    return str(format_skeleton("yMMM", first, locale=reader_locale()))


@register.filter
def rate(minor_units: Decimal | None, currency: str) -> str:
    """A rate in minor units as money, with the decimals it has beyond those of the currency, up to four."""
    return money_fine(minor_units, currency)


@register.filter
def per_unit(driver: str) -> str:
    """Of what one the rate is: "per visit"."""
    return str(_PER_UNIT[Driver(driver)])
