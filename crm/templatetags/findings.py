"""Weeks in a few characters."""

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.findings import week_label

register = template.Library()


@register.filter
def week_day(monday: dt.date) -> SafeString:
    """The Monday of a week without its year, as <time>: 2 Mar."""
    return format_html('<time datetime="{}">{}</time>', monday.isoformat(), week_label(monday))
