"""Cost to serve in one sentence, as a chart, and as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from crm.queries.costs import POOLS, CostToServe
from crm.templatetags.costs import month_name
from crm.templatetags.formats import money, percent


def cost_finding(costs: CostToServe, currency: str) -> str:
    """What serving him takes of what he brings."""
    facts = {
        "cost": money(costs.cost, currency),
        "profit": money(costs.gross_profit, currency),
        "loss": money(-costs.remains, currency),
        "share": percent(costs.share_of_profit),
    }
    if costs.remains < 0 < costs.gross_profit:
        return _("Serving costs %(loss)s more than the gross profit of %(profit)s") % facts
    if costs.gross_profit <= 0:
        return _("Serving costs %(cost)s, and there is no gross profit to pay for it") % facts
    return _("Serving takes %(share)s of the gross profit") % facts


def cost_chart(costs: CostToServe, currency: str) -> dict[str, Any]:
    """An ECharts option: costs by month, the pools on each other, and the gross profit as a line."""
    unit = 10 ** get_currency_precision(currency)
    months = costs.months
    bars = [
        {
            "type": "bar",
            "stack": "cost",
            "name": str(pool.label),
            "barMaxWidth": 22,
            "data": [round(month.costs[place] / unit) for month in months],
        }
        for place, pool in enumerate(POOLS)
    ]
    line = {
        "type": "line",
        "name": _("Gross profit"),
        "symbol": "none",
        "data": [round(month.gross_profit / unit) for month in months],
    }
    return {
        "grid": {"left": 8, "right": 8, "top": 52, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [month_name(month.first) for month in months]},
        "yAxis": {"type": "value"},
        "series": [*bars, line],
    }


def cost_rows(costs: CostToServe, currency: str) -> Iterator[tuple[object, ...]]:
    """One line per month, oldest first, in units of the company's currency."""
    unit = 10 ** get_currency_precision(currency)
    yield (
        _("Month"),
        *(str(pool.label) for pool in POOLS),
        _("Cost to serve"),
        _("Total sales"),
        _("Gross profit"),
        _("What remains"),
        _("Currency"),
    )
    for month in costs.months:
        cost = month.cost
        amounts = (*month.costs, cost, month.sales, month.gross_profit, month.gross_profit - cost)
        yield (month.first, *(amount / unit for amount in amounts), currency)
