"""Drawings made on the server."""

import re

import pytest

from crm.templatetags.charts import bar, index_line, sparkline


def heights(drawn: str) -> list[float]:
    """Of the points of the line, from the top of the drawing, in the order they are drawn."""
    (path,) = re.findall(r'class="sparkline-line" d="([^"]*)"', drawn)
    return [float(height) for height in re.findall(r"[ML][0-9.]+ ([0-9.]+)", path)]


def zero(drawn: str) -> float | None:
    found = re.search(r'class="sparkline-zero" d="M0 ([0-9.]+)H', drawn)
    return float(found[1]) if found else None


def test_a_gap_in_the_readings_breaks_the_line():
    drawn = sparkline([10, 20, None, 40, 30], "Index")
    (path,) = re.findall(r' d="(M[^"H]*)"', drawn)
    assert re.sub(r"[0-9. ]", "", path) == "MLML"


def test_equal_readings_draw_a_level_line():
    assert len(set(heights(sparkline([5, 5, 5], "Index")))) == 1


def test_without_readings_nothing_is_drawn_and_the_title_says_so():
    for values in ([None, None], []):
        assert "<path" not in sparkline(values, "Index")
        assert 'aria-label="Index, 13 weeks: none"' in index_line(values)


def test_a_higher_reading_stands_higher():
    low, high = heights(sparkline([-50, 50], "Index", -100, 100))
    assert high < low


def test_an_index_fills_its_own_scale_and_a_trifle_does_not():
    assert heights(index_line([20, 80])) == [21, 3]
    low, high = heights(index_line([61, 62]))
    assert (low + high, low - high) == (24, pytest.approx(18 / 40, abs=0.1))
    assert 'aria-label="Index, 13 weeks: −25 to 80"' in index_line([80, -24.6])


def test_zero_is_drawn_where_it_is_on_the_scale():
    assert zero(index_line([-30, 30])) == 12
    assert zero(index_line([20, 80])) is None
    assert zero(index_line([-80, -30])) is None


def test_a_title_is_text():
    assert "<b>" not in sparkline([1, 2], "<b>")


@pytest.mark.parametrize(
    ("value", "maximum", "width"),
    [(20, 40, "50.0%"), (80, 40, "100.0%"), (-10, 40, "25.0%"), (None, 40, "0.0%"), (3, 0, "0.0%")],
)
def test_a_bar_is_as_long_as_its_share(value, maximum, width):
    widths = re.findall(r'class="bar-fill" width="([^"]+)"', bar(value, maximum))
    assert widths == [width]
