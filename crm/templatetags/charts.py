"""Small drawings made on the server: SVG attributes only, since the policy forbids inline style."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.templatetags.formats import with_minus

register = template.Library()

WIDTH, HEIGHT, MARGIN = 104.0, 24.0, 3.0
# Two steps between grades: a smaller change is not worth a line from the bottom to the top.
LEAST_INDEX_SPAN = 40.0


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


@dataclass(frozen=True)
class Line:
    """``path`` of an SVG, a step of the pen for every gap; ``last``: where its latest point is; ``zero``: how
    high zero stands, None where it is beyond the scale."""

    path: str
    last: tuple[float, float]
    zero: float | None


@register.simple_tag
def sparkline(
    values: Sequence[float | None],
    title: str,
    low: float | None = None,
    high: float | None = None,
    least: float = 0.0,
) -> SafeString:
    """A line of up to a few dozen readings, oldest first; None leaves a gap. The title states the finding.

    ``low`` and ``high`` fix the scale; without them it is the range of the values, and ``least`` is how far
    it reaches at least, so that a trifle does not look like a fall.
    """
    line = line_of(values, low=low, high=high, least=least)
    return format_html(
        '<svg class="sparkline" viewBox="0 0 104 24" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        title,
        title,
        _drawn(line) if line else "",
    )


@register.simple_tag
def index_line(values: Sequence[float | None]) -> SafeString:
    """13 weeks of an index on a scale of their own, whose ends the title says; the hairline is zero."""
    known = [value for value in values if value is not None]
    if not known:
        return sparkline(values, _("Index, 13 weeks: none"))
    ends = {"low": _whole(min(known)), "high": _whole(max(known))}
    return sparkline(values, _("Index, 13 weeks: %(low)s to %(high)s") % ends, least=LEAST_INDEX_SPAN)


def line_of(
    values: Sequence[float | None], *, low: float | None, high: float | None, least: float
) -> Line | None:
    """None without a reading."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    bottom, top = (min(known) if low is None else low), (max(known) if high is None else high)
    lack = max(least - (top - bottom), 0.0) / 2
    bottom, span = bottom - lack, (top - bottom + 2 * lack) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)

    def height(value: float) -> float:
        return HEIGHT - MARGIN - (value - bottom) / span * (HEIGHT - 2 * MARGIN)

    path, last, pen = [], (0.0, 0.0), "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        last = (MARGIN + index * step, height(value))
        path.append(f"{pen}{last[0]:.1f} {last[1]:.1f}")
        pen = "L"
    return Line("".join(path), last, height(0.0) if bottom <= 0.0 <= bottom + span else None)


def _whole(value: float) -> str:
    """-24.6 as −25: a board has two hundred of them, and nothing to group."""
    return with_minus(f"{value:.0f}")


def _drawn(line: Line) -> SafeString:
    """The line only where there is one: a single reading is its point."""
    zero = "" if line.zero is None else f'<path class="sparkline-zero" d="M0 {line.zero:.1f}H{WIDTH:.0f}"/>'
    x, y = line.last
    return format_html(
        '{}<path class="sparkline-line" d="{}"/><circle class="sparkline-last" cx="{}" cy="{}" r="2"/>',
        mark_safe(zero),  # noqa: S308 -- numbers
        line.path,
        f"{x:.1f}",
        f"{y:.1f}",
    )
