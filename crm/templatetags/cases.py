"""The clocks of corrective actions, and words that an admin wrote in three languages."""

import datetime as dt

from babel.dates import format_date, format_timedelta
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.customers.services import company_day
from accounts.surveys.models.programmes import Worded
from crm.queries.cases import clock_of
from crm.templatetags.formats import reader_locale, relative

register = template.Library()
register.filter("clock", clock_of)


@register.filter
def due(until: dt.datetime | dt.date, now: dt.datetime) -> SafeString | str:
    """How long until then, or how long over; a day counts in days. The exact time is the title."""
    if isinstance(until, dt.datetime):
        return relative(until, now)
    days = (until - company_day(now)).days
    locale = reader_locale()
    text = (
        format_timedelta(dt.timedelta(days=days), granularity="day", add_direction=True, locale=locale)
        if days
        else _("today")
    )
    exact = format_date(until, format="full", locale=locale)
    return format_html('<time datetime="{}" title="{}">{}</time>', until.isoformat(), exact, text)


@register.filter
def in_my_language(words: Worded) -> str:
    """The name of a dimension or grade in the reader's language."""
    return words.name_in(get_language() or "en")
