"""A rate with its interval, drawn on the server."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from scoring.core.rates import Rate

register = template.Library()

WIDTH, MIDDLE = 200.0, 8.0


@register.simple_tag
def interval(rate: Rate) -> SafeString | str:
    """From 0 to 100 %: a line over the interval, a dot at the rate; the numbers stand beside it."""
    if rate.share is None or rate.low is None or rate.high is None:
        return ""
    return format_html(
        '<svg class="interval" viewBox="0 0 {w} 16" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><path class="interval-track" d="M0 {y}H{w}"/>'
        '<path class="interval-line" d="M{low} {y}H{high}"/>'
        '<path class="interval-dot" d="M{share} 2V14"/></svg>',
        w=f"{WIDTH:.0f}",
        y=f"{MIDDLE:.0f}",
        low=f"{WIDTH * rate.low:.1f}",
        high=f"{WIDTH * rate.high:.1f}",
        share=f"{WIDTH * rate.share:.1f}",
    )
