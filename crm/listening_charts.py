"""Perceived against measured, as charts and in one sentence."""

from __future__ import annotations

from typing import Any

from babel.dates import format_skeleton
from django.utils.translation import gettext as _

from crm.findings import SCALE
from crm.queries.listening.measured import Graded, Measured, Month, Share
from crm.templatetags.formats import number, percent, reader_locale

CONTENT, DISCONTENT = 60.0, 40.0
"""B+ and better, below B: points of the default programme."""
LOW = 0.0
"""Points of C: it opens a corrective action."""
RELIABLE, UNRELIABLE = 0.95, 0.85
CLEAN, MANY_RETURNS = 0.01, 0.03
LEAST_RETURNS = 5
"""How far the scale of returns reaches at least, in percent: a trifle is not drawn as a tower."""


def delivery_finding(measured: Measured) -> str:
    """What he says of our deliveries beside what our orders say, and what that means."""
    points, rate = measured.total.delivery.mean, measured.total.on_time.rate
    if points is None or rate is None:
        return _missing(
            points is None, _("There are no orders with a promised day to compare the grades with.")
        )
    orders = measured.total.on_time.whole
    facts = {"rate": percent(rate), "orders": number(orders), "points": number(points)}
    if rate >= RELIABLE and points < DISCONTENT:
        text = _(
            "%(rate)s of %(orders)s orders on time, yet delivery is graded %(points)s: ask by which day."
        )
    elif rate < UNRELIABLE and points >= CONTENT and (latest := _ended(measured)):
        facts["month"] = str(format_skeleton("yMMM", latest.first, locale=reader_locale()))
        facts["latest"], facts["lowest"] = number(latest.delivery.mean), number(latest.delivery.lowest)
        text = _(
            "Only %(rate)s of %(orders)s orders on time, and patience has ended: graded %(points)s over the"
            " year, delivery had %(latest)s in %(month)s, its lowest grade %(lowest)s points."
        )
    elif rate < UNRELIABLE and points >= CONTENT:
        text = _(
            "Only %(rate)s of %(orders)s orders on time, yet delivery is graded %(points)s: patience ends."
        )
    elif rate < UNRELIABLE:
        text = _(
            "%(rate)s of %(orders)s orders on time, delivery is graded %(points)s: what we measure is felt."
        )
    else:
        text = _("%(rate)s of %(orders)s orders on time, delivery is graded %(points)s.")
    return text % facts


def _ended(measured: Measured) -> Month | None:
    """The latest month, where it no longer says what the year says: by its mean, or by one low grade."""
    latest = measured.latest_delivery
    if latest is None or latest.delivery.mean is None or latest.delivery.lowest is None:
        return None
    return latest if latest.delivery.mean < CONTENT or latest.delivery.lowest <= LOW else None


def quality_finding(measured: Measured) -> str:
    """The same for quality and what came back."""
    points, rate = measured.total.quality.mean, measured.total.returns.rate
    if points is None or rate is None:
        return _missing(points is None, _("There are no sales to compare the grades with."))
    facts = {"rate": percent(rate, 1), "points": number(points)}
    if rate <= CLEAN and points < DISCONTENT:
        text = _(
            "%(rate)s of sales came back, yet quality is graded %(points)s: ask what is kept all the same."
        )
    elif rate > MANY_RETURNS and points >= CONTENT:
        text = _(
            "%(rate)s of sales came back, yet quality is graded %(points)s: our answers to it are liked."
        )
    elif rate > MANY_RETURNS:
        text = _("%(rate)s of sales came back, quality is graded %(points)s: what we measure is felt.")
    else:
        text = _("%(rate)s of sales came back, quality is graded %(points)s.")
    return text % facts


def delivery_chart(measured: Measured) -> dict[str, Any]:
    """An ECharts option: the grade as a line, and below it, on its own scale, the on-time rate as bars."""
    return _chart(
        measured,
        graded=(_("Delivery, points"), [month.delivery for month in measured.months]),
        share=(_("On time, %"), [month.on_time for month in measured.months]),
        top=100,
        digits=0,
    )


def quality_chart(measured: Measured) -> dict[str, Any]:
    """An ECharts option: the grade as a line, returns below it as bars."""
    return _chart(
        measured,
        graded=(_("Quality, points"), [month.quality for month in measured.months]),
        share=(_("Returns, % of sales"), [month.returns for month in measured.months]),
        top=max(LEAST_RETURNS, *(100 * (month.returns.rate or 0) for month in measured.months)),
        digits=1,
    )


def _missing(no_grades: bool, otherwise: str) -> str:
    return _("Nobody has graded this in twelve months.") if no_grades else otherwise


def _chart(
    measured: Measured,
    *,
    graded: tuple[str, list[Graded]],
    share: tuple[str, list[Share]],
    top: float,
    digits: int,
) -> dict[str, Any]:
    locale = reader_locale()
    months = [str(format_skeleton("yMMM", month.first, locale=locale)) for month in measured.months]
    axis = {"type": "category", "data": months, "axisLine": {"onZero": False}}
    return {
        "grid": [
            {"left": 44, "right": 16, "top": 36, "bottom": 152},
            {"left": 44, "right": 16, "height": 84, "bottom": 28},
        ],
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis"},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "xAxis": [{**axis, "axisLabel": {"show": False}}, {**axis, "gridIndex": 1}],
        "yAxis": [
            {"type": "value", "min": -SCALE, "max": SCALE, "interval": SCALE},
            {"type": "value", "gridIndex": 1, "min": 0, "max": top, "interval": top / 2},
        ],
        "series": [
            {
                "type": "line",
                "name": graded[0],
                "z": 3,
                "symbolSize": 7,
                "connectNulls": True,
                "data": [None if each.mean is None else round(each.mean, 1) for each in graded[1]],
            },
            _bars(share[0], [each.rate for each in share[1]], digits),
        ],
    }


def _bars(name: str, rates: list[float | None], digits: int) -> dict[str, Any]:
    """None of ten orders on time is a bar with its number; no order is no bar."""
    return {
        "type": "bar",
        "name": name,
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "barWidth": "60%",
        "barMinHeight": 2,
        "label": {"show": True, "position": "top", "formatter": "{c}", "opacity": 1},
        "itemStyle": {"opacity": 0.45},
        "data": [None if rate is None else round(100 * rate, digits) for rate in rates],
    }
