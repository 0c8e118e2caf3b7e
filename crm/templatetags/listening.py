"""Words of the listening pages."""

import datetime as dt
from collections.abc import Mapping

from babel.dates import format_skeleton
from django import template
from django.utils.translation import get_language

from accounts.surveys.models import SurveyDimension
from crm import listening_charts
from crm.templatetags.formats import reader_locale

register = template.Library()
register.filter("delivery_finding", listening_charts.delivery_finding)
register.filter("quality_finding", listening_charts.quality_finding)


@register.filter
def month_year(first: dt.date) -> str:
    """A month by its first day: Mar 2026."""
    return str(format_skeleton("yMMM", first, locale=reader_locale()))


@register.filter
def dimension_name(dimensions: Mapping[int, SurveyDimension], pk: int) -> str:
    """In the reader's language."""
    return dimensions[pk].name_in(get_language() or "en")
