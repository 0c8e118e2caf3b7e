"""The clocks of corrective actions, and words that an admin wrote in three languages."""

import datetime as dt

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
from crm.templatetags.formats import how_far

register = template.Library()
register.filter("clock", clock_of)
register.filter("letter_failure", reason_in_words)


@register.filter
def due(until: dt.datetime | dt.date, now: dt.datetime) -> SafeString | str:
    """How long until then, or how long over; a day counts in days. The deadline itself is the title."""
    if isinstance(until, dt.datetime):
        text = how_far(until - now)
    else:
        days = (until - company_day(now)).days
        near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
        text = near.get(days) or how_far(dt.timedelta(days=days))
    return format_html('<time datetime="{}" title="{}">{}</time>', until.isoformat(), in_words(until), text)


@register.filter
def in_my_language(words: Worded) -> str:
    """The name of a dimension or grade in the reader's language."""
    return words.name_in(get_language() or "en")
