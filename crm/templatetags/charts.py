"""Small drawings made on the server: SVG attributes only, since the policy forbids inline style."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

WIDTH, HEIGHT, MARGIN = 104.0, 24.0, 3.0


@register.simple_tag
def bar(value: float | None, maximum: float, css_class: str = "") -> SafeString:
    """A horizontal bar of |value| / maximum, hidden from screen readers: the number stands beside it."""
    share = min(abs(value or 0) / maximum, 1.0) * 100 if maximum else 0.0
    return format_html(
        '<svg class="bar {}" aria-hidden="true" focusable="false">'
        '<rect class="bar-track" width="100%" height="100%" rx="3"/>'
        '<rect class="bar-fill" width="{}%" height="100%" rx="3"/></svg>',
        css_class,
        f"{share:.1f}",
    )


@register.inclusion_tag("components/_sparkline.html")
def sparkline(
    values: Sequence[float | None], title: str, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """A line of up to a few dozen readings, oldest first; None leaves a gap.

    `low` and `high` fix the scale (an index: -100 and 100); without them it is the range of the values.
    """
    known = [value for value in values if value is not None]
    if not known:
        return {"title": title, "segments": [], "last": None}
    bottom = min(known) if low is None else low
    span = ((max(known) if high is None else high) - bottom) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)

    def point(index: int, value: float) -> tuple[str, str]:
        height = (value - bottom) / span * (HEIGHT - 2 * MARGIN)
        return f"{MARGIN + index * step:.1f}", f"{HEIGHT - MARGIN - height:.1f}"

    points = [None if value is None else point(index, value) for index, value in enumerate(values)]
    segments: list[list[str]] = [[]]
    for pair in points:
        if pair is None:
            segments.append([])
        else:
            segments[-1].append(",".join(pair))
    last = next(pair for pair in reversed(points) if pair is not None)
    return {"title": title, "segments": [" ".join(part) for part in segments if part], "last": last}
