"""The index page in one sentence, as a chart, and as rows for a spreadsheet."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.findings import SCALE, mark_lines, week_label
from crm.queries.satisfaction import LEAST_CHANGE, Mark
from crm.queries.satisfaction_index import IndexPage, Line
from crm.queries.satisfaction_index_ranking import Ranked
from crm.templatetags.formats import number

LEAST_MOVE = 1.0
"""Points: less than that is no movement worth a headline."""
LEAST_WEEKS = 3
LEAST_SPAN, STEP = 40, 20
CLOSE_SPAN, CLOSE_STEP = 10, 5
"""Of several lines: they are compared with each other, and on the scale of one they lie on each other."""
STROKES = ("solid", "dashed", "dotted")


@dataclass(frozen=True)
class Move:
    """The farthest that a line has come: ``points`` in ``weeks``, up to the Monday ``until``."""

    name: str
    points: float
    weeks: int
    until: dt.date


def finding(page: IndexPage) -> str:
    """Which line moved most, and how far in how many weeks; it says so when its last week went the other way,
    or is a later one than the first number of the page is of."""
    if page.picture.values and all(value is None for value in page.picture.values):
        return _("Nobody has graded in these weeks")
    moves = [(move, line) for line in _headlines(page) if (move := move_of(line, line.settled)) is not None]
    if not moves:
        return _("Too few weeks have an index to say how it moves")
    most, line = max(moves, key=lambda each: abs(each[0].points))
    if abs(most.points) < LEAST_MOVE:
        latest = next(value for value in reversed(page.picture.settled) if value is not None)
        return _("The index stays at %(index)s") % {"index": number(latest)}
    facts = {"name": most.name, "points": _points(most.points), "weeks": _weeks(most.weeks)}
    text = (
        _("%(name)s fell %(points)s in %(weeks)s")
        if most.points < 0
        else _("%(name)s rose %(points)s in %(weeks)s")
    )
    return _with_its_end(text % facts, most, line, page)


def _with_its_end(found: str, most: Move, line: Line, page: IndexPage) -> str:
    """The sentence, with what the latest week did against it, else with the week it ends in where that is not
    the one in which the picture stands."""
    last = last_step(line)
    standing = page.picture.standing
    if last is not None and abs(last.points) >= LEAST_MOVE and (last.points < 0) != (most.points < 0):
        facts = {"finding": found, "points": _points(last.points), "week": week_label(last.until)}
        if last.points > 0:
            return _("%(finding)s, but rose %(points)s in the week of %(week)s") % facts
        return _("%(finding)s, but fell %(points)s in the week of %(week)s") % facts
    if standing is not None and standing.week.week != most.until:
        return _("%(finding)s, up to the week of %(week)s") % {
            "finding": found,
            "week": week_label(most.until),
        }
    return found


def move_of(line: Line, values: Sequence[float | None]) -> Move | None:
    """From the week that lies farthest from the latest of ``values``, the latest such week; None without two.

    A change within a week or two is what every week brings: where there are more weeks, it goes back farther.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    end, latest = known[-1]
    earlier = [each for each in known[:-1] if end - each[0] >= LEAST_WEEKS] or known[:-1]
    start, value = max(earlier, key=lambda each: (abs(latest - each[1]), each[0]))
    return Move(line.name, latest - value, end - start, line.weeks[end].week)


def last_step(line: Line) -> Move | None:
    """How its latest week with a value came from the one before that has one; None without two."""
    known = [(place, value) for place, value in enumerate(line.values) if value is not None]
    if len(known) < 2:
        return None
    (start, before), (end, latest) = known[-2:]
    return Move(line.name, latest - before, end - start, line.weeks[end].week)


def index_chart(page: IndexPage) -> dict[str, Any]:
    """An ECharts option: lines with gaps and the changes of the programme above, the response rate below."""
    labels = [week_label(monday) for monday in page.mondays]
    shown = page.lines
    values = [value for line in shown for value in line.values if value is not None]
    values += [value for value in page.company if value is not None]
    axis = {"type": "category", "data": labels, "axisLine": {"onZero": False}}
    is_one = len(shown) == 1
    return {
        "grid": [
            {"left": 44, "right": 24, "top": 56, "bottom": 116},
            {"left": 44, "right": 24, "height": 52, "bottom": 28},
        ],
        "legend": {"top": 0, "left": 0, "type": "scroll"},
        "tooltip": {"trigger": "axis"},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "xAxis": [{**axis, "axisLabel": {"show": False}}, {**axis, "gridIndex": 1}],
        "yAxis": [
            {"type": "value", **_ends(values, is_close=not is_one)},
            {"type": "value", "gridIndex": 1, "min": 0, "max": 100, "interval": 50},
        ],
        "series": [
            *(
                _line(line, STROKES[place % len(STROKES)], marks=page.marks if place == 0 else ())
                for place, line in enumerate(shown)
            ),
            *_company_line(page),
            _response_bars(page.picture),
        ],
    }


def index_rows(page: IndexPage) -> Iterator[tuple[object, ...]]:
    """One line per week, oldest first: the picture, its lines and the company."""
    yield (
        _("Week"),
        _("Index"),
        _("Index weighted by revenue"),
        _("Lowest grade"),
        _("Answers"),
        _("Invited"),
        _("Response rate"),
        _("Too few answers, for reference only"),
        *(line.name for line in page.lines if line is not page.picture),
        *(_("%(dimension)s, points") % {"dimension": line.name} for line in page.dimensions),
        _("Company"),
    )
    for place, week in enumerate(page.picture.weeks):
        yield (
            week.week,
            _rounded(week.index),
            _rounded(week.weighted_index),
            week.lowest,
            week.answered,
            week.invited,
            _rounded(week.response_rate, 3),
            _("yes") if week.is_too_few else "",
            *(_rounded(line.values[place]) for line in page.lines if line is not page.picture),
            *(_rounded(line.values[place]) for line in page.dimensions),
            _rounded(page.company[place]),
        )


def list_rows(page: IndexPage, rows: Sequence[Ranked]) -> Iterator[tuple[object, ...]]:
    """One line per unit of the list: its latest week and how it moves."""
    yield (
        str(page.wish.level.label),
        _("Part of"),
        _("Week"),
        _("Index"),
        _("Change against the week before"),
        _("Points per week"),
        _("Weeks with an index"),
        _("Lowest grade"),
        _("Answers"),
        _("Invited"),
        _("Response rate"),
        _("Too few answers, for reference only"),
    )
    for row in rows:
        yield (
            row.unit.name,
            row.unit.detail,
            row.week.week,
            _rounded(row.index),
            _rounded(row.change),
            _rounded(row.slope, 2),
            row.slope_weeks,
            row.week.lowest,
            row.week.answered,
            row.week.invited,
            _rounded(row.week.response_rate, 3),
            _("yes") if row.week.is_too_few else "",
        )


@dataclass(frozen=True)
class HeatCell:
    """``letter``: of the grade whose points are nearest, empty without a value."""

    value: float | None
    letter: str


@dataclass(frozen=True)
class HeatLine:
    """A dimension over the weeks; ``low`` and ``high``: the ends of the scale that all of them share;
    ``latest``: where it stands, in the week of the page's first number, else in the latest before that has a
    value: then ``week`` is the Monday of that; ``move``: how far it has come up to there. None without a
    week, without two."""

    name: str
    cells: tuple[HeatCell, ...]
    low: float
    high: float
    latest: float | None
    week: dt.date | None
    move: Move | None

    @property
    def values(self) -> list[float | None]:
        return [cell.value for cell in self.cells]

    @property
    def first(self) -> float | None:
        return next((value for value in self.values if value is not None), None)

    @property
    def change(self) -> float | None:
        """None when it would read as zero."""
        return None if self.move is None or abs(self.move.points) < LEAST_CHANGE else self.move.points

    @property
    def since(self) -> str:
        """In how many weeks it came so far."""
        return _("in %(weeks)s") % {"weeks": _weeks(self.move.weeks)} if self.move else ""


def heat_of(page: IndexPage) -> list[HeatLine]:
    """Dimensions by weeks, in the colours of the latest version's grades."""
    scales = page.said.versions.scales
    if not scales:
        return []
    scale = scales[max(scales)]
    grades = list(zip(scale.points, scale.letters, strict=True))
    values = [value for line in page.dimensions for value in line.values if value is not None]
    low, high = min(values, default=0.0), max(values, default=0.0)
    standing = page.picture.standing
    shown = page.mondays.index(standing.week.week) if standing else len(page.mondays) - 1

    def cell(value: float | None) -> HeatCell:
        if value is None:
            return HeatCell(None, "")
        return HeatCell(value, min(grades, key=lambda grade: abs(grade[0] - value))[1])

    def row(line: Line) -> HeatLine:
        upto = line.values[: shown + 1]
        at = next((place for place in range(shown, -1, -1) if upto[place] is not None), None)
        return HeatLine(
            line.name,
            tuple(cell(value) for value in line.values),
            low,
            high,
            None if at is None else upto[at],
            None if at is None or at == shown else page.mondays[at],
            move_of(line, upto),
        )

    return [row(line) for line in page.dimensions]


def _points(points: float) -> str:
    """Without its sign: the verb says it."""
    return ngettext("%(count)s point", "%(count)s points", round(abs(points))) % {
        "count": number(abs(points))
    }


def _weeks(count: int) -> str:
    return ngettext("%(count)s week", "%(count)s weeks", count) % {"count": number(count)}


def _headlines(page: IndexPage) -> list[Line]:
    """Whole, it is the index and its dimensions that may make the headline; else the lines of the cut."""
    if page.lines != (page.picture,):
        return list(page.lines)
    whole = Line(_("The index"), page.picture.weeks, page.picture.values)
    return [whole, *page.dimensions]


def _line(line: Line, stroke: str, *, marks: Sequence[Mark]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "line",
        "name": line.name,
        "symbolSize": 6,
        "lineStyle": {"type": stroke},
        "emphasis": {"focus": "series"},
        "data": [
            {"value": _rounded(value), "symbol": "emptyCircle" if week.is_too_few else "circle"}
            for week, value in zip(line.weeks, line.values, strict=True)
        ],
    }
    if marks:
        found["markLine"] = mark_lines(marks)
    return found


def _company_line(page: IndexPage) -> Iterator[dict[str, Any]]:
    if page.wish.scope.code or page.company != page.picture.values:
        yield {
            "type": "line",
            "name": _("Company"),
            "symbol": "none",
            "lineStyle": {"type": "dotted", "width": 2},
            "data": [_rounded(value) for value in page.company],
        }


def _response_bars(line: Line) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": _("Response rate, %"),
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "barWidth": "60%",
        "itemStyle": {"opacity": 0.45},
        "data": [
            None if week.response_rate is None else round(100 * week.response_rate) for week in line.weeks
        ],
    }


def _ends(values: Sequence[float], *, is_close: bool) -> dict[str, int]:
    """A scale of its own, at least two grades high, so that neither a trifle nor a fall is lost; of several
    lines as narrow as they are."""
    if not values:
        return {"min": 0, "max": SCALE}
    span, step = (CLOSE_SPAN, CLOSE_STEP) if is_close else (LEAST_SPAN, STEP)
    lack = max(span - (max(values) - min(values)), 0) / 2
    low = math.floor((min(values) - lack) / step) * step
    high = math.ceil((max(values) + lack) / step) * step
    if all(abs(value) <= SCALE for value in values):
        low, high = max(low, -SCALE), min(high, SCALE)
    return {"min": low, "max": high}


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
