"""The interval of a rate against published ones (Newcombe, 1998, table I) and the equation it solves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.core.rates import Z_95, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_intervals(hits: int, n: int, low: float, high: float) -> None:
    found = wilson(hits, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_its_ends_are_where_the_score_test_turns(case: tuple[int, int]) -> None:
    hits, n = case
    found = wilson(hits, n)
    assert found.share is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert (found.share - end) ** 2 == pytest.approx(Z_95**2 * end * (1 - end) / n, rel=1e-6)


def test_without_cases_there_is_no_rate() -> None:
    found = wilson(0, 0)
    assert (found.share, found.low, found.high) == (None, None, None)
    for hits, n in [(1, 0), (-1, 3)]:
        with pytest.raises(ValueError, match="hits"):
            wilson(hits, n)
