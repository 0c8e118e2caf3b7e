"""The clocks of corrective actions, and words that an admin wrote in three languages."""

import datetime as dt

from babel.dates import format_timedelta
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.customers.services import company_day
from accounts.surveys.models.programmes import Worded
from crm.deadlines import in_words
from crm.mail.delivery import reason_in_words
from crm.queries.cases import clock_of
from crm.templatetags.formats import reader_locale

register = template.Library()
register.filter("clock", clock_of)
register.filter("letter_failure", reason_in_words)


@register.filter
def due(until: dt.datetime | dt.date, now: dt.datetime) -> SafeString | str:
    """How long until then, or how long over; a day counts in days. The deadline itself is the title."""
    locale = reader_locale()
    if isinstance(until, dt.datetime):
        text = format_timedelta(until - now, add_direction=True, threshold=0.85, locale=locale)
    else:
        days = dt.timedelta(days=(until - company_day(now)).days)
        in_days = format_timedelta(days, granularity="day", add_direction=True, locale=locale)
        text = in_days if days else _("today")
    return format_html('<time datetime="{}" title="{}">{}</time>', until.isoformat(), in_words(until), text)


@register.filter
def in_my_language(words: Worded) -> str:
    """The name of a dimension or grade in the reader's language."""
    return words.name_in(get_language() or "en")
