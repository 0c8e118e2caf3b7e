"""Weeks and their ends, as one says them."""

import datetime as dt

from babel.dates import format_interval, format_skeleton
from django import template
from django.utils import timezone

from crm.templatetags.formats import reader_locale

register = template.Library()


@register.filter
def week_span(monday: dt.date, skeleton: str = "MMMd") -> str:
    """The seven days from a Monday on: Mar 2 – 8; with "yMMMd" as skeleton Mar 2 – 8, 2026."""
    sunday = monday + dt.timedelta(days=6)
    return str(format_interval(monday, sunday, skeleton=skeleton, locale=reader_locale()))


@register.filter
def last_day(instant: dt.datetime) -> str:
    """The last day before an instant that ends a day: midnight to Friday is Thu, Mar 12."""
    local = timezone.localtime(instant - dt.timedelta(microseconds=1))
    return str(format_skeleton("MMMEd", local, locale=reader_locale()))


@register.filter
def hours_until(start: dt.datetime, end: dt.datetime) -> int:
    """Whole hours from one instant to another."""
    return round((end - start) / dt.timedelta(hours=1))
