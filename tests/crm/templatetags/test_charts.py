"""Drawings made on the server."""

import re

import pytest

from crm.templatetags.charts import bar, sparkline


def test_a_gap_in_the_readings_breaks_the_line():
    drawn = sparkline([10, 20, None, 40, 30], "Index")
    assert [len(segment.split()) for segment in drawn["segments"]] == [2, 2]


def test_equal_readings_draw_a_level_line():
    heights = {point.split(",")[1] for point in sparkline([5, 5, 5], "Index")["segments"][0].split()}
    assert len(heights) == 1


def test_without_readings_nothing_is_drawn():
    assert sparkline([None, None], "Index")["last"] is None
    assert sparkline([], "Index")["segments"] == []


def test_a_higher_reading_stands_higher():
    low, high = (
        float(point.split(",")[1])
        for point in sparkline([-50, 50], "Index", -100, 100)["segments"][0].split()
    )
    assert high < low


@pytest.mark.parametrize(
    ("value", "maximum", "width"),
    [(20, 40, "50.0%"), (80, 40, "100.0%"), (-10, 40, "25.0%"), (None, 40, "0.0%"), (3, 0, "0.0%")],
)
def test_a_bar_is_as_long_as_its_share(value, maximum, width):
    widths = re.findall(r'class="bar-fill" width="([^"]+)"', bar(value, maximum))
    assert widths == [width]
