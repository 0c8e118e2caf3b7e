"""The satisfaction index in one sentence, as a chart, and as rows for a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from babel.dates import format_skeleton
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from crm.queries.satisfaction import HeatRow, Mark, Satisfaction
from crm.templatetags.formats import number, reader_locale
from scoring.satisfaction import WeekIndex

SCALE = 100
"""What the default points reach on either side of zero; another programme's line finds its own scale."""


def index_finding(satisfaction: Satisfaction) -> str:
    """Where the index stands and how it came there; it says so when that rests on too few answers."""
    latest, finding = satisfaction.latest, _finding(satisfaction)
    if latest is None or not latest.is_too_few:
        return finding
    return _("%(finding)s (too few answers, for reference only)") % {"finding": finding}


def _finding(satisfaction: Satisfaction) -> str:
    first, latest = satisfaction.first, satisfaction.latest
    if first is None or latest is None or first.index is None or latest.index is None:
        return _("Nobody has answered in the last 13 weeks")
    weeks = (latest.week - first.week).days // 7
    facts = {"index": number(latest.index), "first": number(first.index), "lowest": latest.lowest}
    change = round(latest.index) - round(first.index)
    if not weeks:
        return _("The index is %(index)s, the lowest grade %(lowest)s") % facts
    facts["weeks"] = ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": number(weeks)}
    if change < 0:
        text = _("The index fell from %(first)s to %(index)s in %(weeks)s; the lowest grade is %(lowest)s")
    elif change > 0:
        text = _("The index rose from %(first)s to %(index)s in %(weeks)s; the lowest grade is %(lowest)s")
    else:
        text = _("The index is %(index)s, as %(weeks)s before; the lowest grade is %(lowest)s")
    return text % facts


def week_label(week: dt.date) -> str:
    """The Monday in the reader's short form, without the year."""
    return str(format_skeleton("MMMd", week, locale=reader_locale()))


def index_chart(weeks: Sequence[WeekIndex], marks: Sequence[Mark] = ()) -> dict[str, Any]:
    """An ECharts option: a line with gaps, hollow where too few answered, over bars of the response rate."""
    known = [week.index for week in weeks if week.index is not None]
    is_default_scale = all(abs(value) <= SCALE for value in known)
    limits = {"min": -SCALE, "max": SCALE} if is_default_scale else {}
    return {
        "grid": {"left": 44, "right": 48, "top": 36, "bottom": 28},
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": [week_label(week.week) for week in weeks],
            "axisLine": {"onZero": False},
        },
        "yAxis": [
            {"type": "value", "name": "", **limits},
            {"type": "value", "min": 0, "max": 100, "splitLine": {"show": False}},
        ],
        "series": [{**_index_line(weeks), "markLine": mark_lines(marks)}, _response_bars(weeks)],
    }


def mark_lines(marks: Sequence[Mark]) -> dict[str, Any]:
    """Vertical lines at the weeks in which the programme changed, for a series over weeks."""
    return {
        "symbol": "none",
        "silent": True,
        "lineStyle": {"type": "dashed", "width": 1},
        "data": [
            {
                "xAxis": week_label(mark.week),
                "label": {
                    "formatter": _("version %(number)s") % {"number": mark.number},
                    "position": "end",
                },
            }
            for mark in marks
        ],
    }


def index_rows(weeks: Sequence[WeekIndex], rows: Sequence[HeatRow]) -> Iterator[tuple[object, ...]]:
    """One line per week, oldest first: index and response, then mean points and lowest grade by dimension."""
    language = get_language() or "en"
    names = [row.dimension.name_in(language) for row in rows]
    yield (
        _("Week"),
        _("Index"),
        _("Lowest grade"),
        _("Answers"),
        _("Invited"),
        _("Response rate"),
        _("Too few answers, for reference only"),
        *(head for name in names for head in (name, _("%(dimension)s, lowest") % {"dimension": name})),
    )
    for place, week in enumerate(weeks):
        cells = [row.cells[place] for row in rows]
        yield (
            week.week,
            _rounded(week.index),
            week.lowest,
            week.answered,
            week.invited,
            _rounded(week.response_rate, 3),
            _("yes") if week.is_too_few else "",
            *(value for cell in cells for value in (_rounded(cell.points), cell.lowest)),
        )


def _index_line(weeks: Sequence[WeekIndex]) -> dict[str, Any]:
    return {
        "type": "line",
        "name": _("Index"),
        "z": 3,
        "symbolSize": 7,
        "data": [
            {
                "value": _rounded(week.index),
                "symbol": "emptyCircle" if week.is_too_few else "circle",
            }
            for week in weeks
        ],
    }


def _response_bars(weeks: Sequence[WeekIndex]) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": _("Response rate, %"),
        "yAxisIndex": 1,
        "barWidth": "40%",
        "itemStyle": {"opacity": 0.35},
        "data": [None if week.response_rate is None else round(100 * week.response_rate) for week in weeks],
    }


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
