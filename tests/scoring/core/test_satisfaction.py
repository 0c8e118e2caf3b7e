"""The index against an independent calculation in whole numbers and fractions, and what must hold of it."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.core.satisfaction import (
    NOT_GRADED,
    AnswerIndex,
    GroupIndex,
    Scale,
    answer_index,
    dimension_answers,
    history,
    level_above,
    project_weeks,
    taken,
    trend,
)

LETTERS = ("A", "A-", "B+", "B", "B-", "C", "D")
POINTS = {"A": 100, "A-": 80, "B+": 60, "B": 40, "B-": 20, "C": 0, "D": -100}
"""The product's grades: C is 0, D is -100 (100 % unacceptable), equal steps from C to A."""
EQUAL = Scale(points=tuple(float(p) for p in POINTS.values()), weights=(1.0,) * 5)
UNEQUAL_WEIGHTS = (30, 25, 20, 15, 10)
UNEQUAL = Scale(points=EQUAL.points, weights=tuple(float(w) for w in UNEQUAL_WEIGHTS))
NONE = float("nan")
EVERY_SET = list(itertools.product(LETTERS, repeat=5))


def codes(sets: list[tuple[str | None, ...]]) -> np.ndarray:
    rows = [[NOT_GRADED if letter is None else LETTERS.index(letter) for letter in each] for each in sets]
    return np.array(rows, dtype=np.int8).reshape(len(sets), 5)


def by_hand(letters: tuple[str | None, ...], weights: tuple[int, ...]) -> float:
    graded = [(w, POINTS[letter]) for w, letter in zip(weights, letters, strict=True) if letter is not None]
    if not graded:
        return float("nan")
    return float(Fraction(sum(w * p for w, p in graded), sum(w for w, _ in graded)))


@pytest.mark.parametrize(("scale", "weights"), [(EQUAL, (1,) * 5), (UNEQUAL, UNEQUAL_WEIGHTS)])
def test_all_16807_grade_sets_are_exactly_the_fraction(scale: Scale, weights: tuple[int, ...]) -> None:
    found = answer_index(codes(EVERY_SET), scale)
    assert len(EVERY_SET) == 16_807
    assert found.index.tolist() == [by_hand(each, weights) for each in EVERY_SET]
    assert found.lowest.tolist() == [max(LETTERS.index(letter) for letter in each) for each in EVERY_SET]


@pytest.mark.parametrize(("scale", "weights"), [(EQUAL, (1,) * 5), (UNEQUAL, UNEQUAL_WEIGHTS)])
def test_every_choice_of_dimensions_that_do_not_apply_is_left_out(
    scale: Scale, weights: tuple[int, ...]
) -> None:
    sets = [
        tuple(letter if kept else None for letter, kept in zip(each, mask, strict=True))
        for mask in itertools.product((True, False), repeat=5)
        for each in EVERY_SET[::97]
    ]
    found = answer_index(codes(sets), scale)
    np.testing.assert_array_equal(found.index, [by_hand(each, weights) for each in sets])
    nothing = [all(letter is None for letter in each) for each in sets]
    assert (np.isnan(found.index) == nothing).all()
    assert ((found.lowest == NOT_GRADED) == nothing).all()


def test_points_and_weights_come_from_the_programme() -> None:
    scale = Scale(points=(10.0, 5.0, -1.0), weights=(3.0, 1.0))
    assert answer_index(np.array([[0, 2]], dtype=np.int8), scale).index.tolist() == [(3 * 10 - 1) / 4]


@pytest.mark.parametrize(
    ("points", "weights"),
    [((1.0, 1.0), (1.0,)), ((1.0, 2.0), (1.0,)), ((2.0, 1.0), ()), ((2.0, 1.0), (1.0, 0.0))],
)
def test_a_scale_that_makes_no_sense_is_refused(
    points: tuple[float, ...], weights: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="needs"):
        Scale(points=points, weights=weights)


@pytest.mark.parametrize("grades", [[[7, 0, 0, 0, 0]], [[-2, 0, 0, 0, 0]], [[0, 0, 0, 0]]])
def test_an_unknown_grade_or_a_missing_dimension_is_refused(grades: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"grade|dimensions"):
        answer_index(np.array(grades, dtype=np.int8), EQUAL)


def test_nobody_has_no_index() -> None:
    found = answer_index(np.zeros((0, 5), dtype=np.int8), EQUAL)
    week = project_weeks(found, np.zeros(0, dtype=np.int64), np.array([3, 0]), threshold_percent=70)
    assert np.isnan(week.index).all()
    assert week.lowest.tolist() == [NOT_GRADED] * 2
    assert week.response_rate.tolist()[0] == 0
    assert np.isnan(week.response_rate[1])
    assert week.is_too_few.tolist() == [True, False]


def weeks_of(sets: list[tuple[str | None, ...]], group: list[int], invited: list[int]) -> GroupIndex:
    found = answer_index(codes(sets), EQUAL)
    return project_weeks(found, np.array(group, dtype=np.int64), np.array(invited), threshold_percent=70)


def test_a_project_week_is_the_mean_of_its_respondents_whatever_they_left_out() -> None:
    """A respondent who grades one dimension counts as much as one who grades five."""
    week = weeks_of([("D", None, None, None, None), ("A",) * 5, (None,) * 5], [0, 0, 0], [4])
    assert week.index.tolist() == [0.0]
    assert week.lowest.tolist() == [LETTERS.index("D")]
    assert (week.members.tolist(), week.answered.tolist(), week.invited.tolist()) == ([2], [3], [4])
    assert week.response_rate.tolist() == [0.75]


def test_the_mark_follows_whole_numbers() -> None:
    pairs = [(answered, invited) for invited in range(1, 121) for answered in range(invited + 1)]
    group = np.repeat(np.arange(len(pairs)), [answered for answered, _ in pairs])
    empty = AnswerIndex(np.full(len(group), np.nan), np.full(len(group), NOT_GRADED, dtype=np.int8))
    week = project_weeks(empty, group, np.array([invited for _, invited in pairs]), threshold_percent=70)
    assert week.is_too_few.tolist() == [Fraction(*pair) < Fraction(7, 10) for pair in pairs]


def test_levels_above_are_means_of_the_level_below_and_weighted_by_revenue() -> None:
    """Customer 0 has projects at 100 and 0, customer 1 one at -100, customer 2 was not answered."""
    projects = weeks_of([("A",) * 5, ("C",) * 5, ("D",) * 5], [0, 1, 2], [1, 2, 1, 5])
    revenue = np.array([1.0, 3.0, 2.0, 9.0])
    customers = level_above(projects, np.array([0, 0, 1, 2]), 3, revenue)
    assert customers.index.tolist()[:2] == [50.0, -100.0]
    assert customers.weighted_index.tolist()[:2] == [25.0, -100.0]
    assert np.isnan([customers.index[2], customers.weighted_index[2]]).all()
    assert customers.lowest.tolist() == [5, 6, NOT_GRADED]
    assert customers.members.tolist() == [2, 1, 0]
    assert customers.response_rate.tolist() == [2 / 3, 1.0, 0.0]
    assert customers.is_too_few.tolist() == [True, False, True]
    company = level_above(customers, np.zeros(3, dtype=np.int64), 1, np.array([4.0, 2.0, 9.0]))
    assert company.index.tolist() == [-25.0]
    assert company.weighted_index.tolist() == [(4 * 25 - 2 * 100) / 6]
    assert (company.answered.tolist(), company.invited.tolist()) == ([3], [9])


def test_revenue_that_is_not_above_zero_weighs_nothing() -> None:
    projects = weeks_of([("A",) * 5, ("D",) * 5], [0, 1], [1, 1])
    customer = level_above(projects, np.zeros(2, dtype=np.int64), 1, np.array([5.0, -7.0]))
    assert customer.weighted_index.tolist() == [100.0]
    unpaid = level_above(projects, np.zeros(2, dtype=np.int64), 1, np.zeros(2))
    assert np.isnan(unpaid.weighted_index[0])
    assert unpaid.index.tolist() == [0.0]


def test_a_dimension_is_an_index_of_its_points_alone() -> None:
    found = dimension_answers(np.array([0, 5, NOT_GRADED, 6], dtype=np.int8), EQUAL.points)
    np.testing.assert_array_equal(found.index, [100.0, 0.0, NONE, -100.0])
    assert found.lowest.tolist() == [0, 5, NOT_GRADED, 6]
    projects = project_weeks(found, np.array([0, 0, 1, 1]), np.array([2, 2]), threshold_percent=70)
    assert projects.index.tolist() == [50.0, -100.0]
    assert level_above(projects, np.array([0, 0]), 1, np.ones(2)).index.tolist() == [-25.0]


def test_members_with_other_thresholds_are_asked_for_the_sum() -> None:
    """Four of five at 70 % and one of five at 20 %: 5 of 10 are enough for 4.5, and not without the first."""
    answers = AnswerIndex(np.zeros(5), np.zeros(5, dtype=np.int8))
    group, invited = np.array([0, 0, 0, 0, 1]), np.array([5, 5])
    projects = project_weeks(answers, group, invited, threshold_percent=np.array([70, 20]))
    assert projects.required.tolist() == [350, 100]
    assert projects.is_too_few.tolist() == [False, False]
    assert level_above(projects, np.array([0, 0]), 1, np.ones(2)).is_too_few.tolist() == [False]
    fewer = project_weeks(
        AnswerIndex(np.zeros(4), np.zeros(4, dtype=np.int8)),
        np.array([0, 0, 0, 1]),
        invited,
        threshold_percent=np.array([70, 20]),
    )
    above = level_above(fewer, np.array([0, 0]), 1, np.ones(2))
    assert (above.required.tolist(), above.is_too_few.tolist()) == ([450], [True])


def test_entries_are_taken_in_any_order_and_several_times() -> None:
    projects = weeks_of([("A",) * 5, ("D",) * 5], [0, 1], [1, 3])
    found = taken(projects, np.array([1, 0, 1]))
    assert found.index.tolist() == [-100.0, 100.0, -100.0]
    assert found.invited.tolist() == [3, 1, 3]


def past(index: list[float], **others: list[int]) -> dict[str, float]:
    """History of one project; low grades and invitations are none unless given."""
    none = [0] * len(index)
    found = history(
        np.array([index]),
        np.array([others.get("low", none)]),
        np.array([others.get("invited", none)]),
        np.array([others.get("answered", none)]),
        low_weeks=4,
    )
    return {name: float(values[0]) for name, values in vars(found).items()}


def test_a_straight_line_has_its_slope_with_gaps_too() -> None:
    assert past([10.0, 20.0, 30.0, 40.0])["slope"] == 10.0
    found = past([100.0, NONE, 80.0, NONE, NONE, 50.0])
    assert found["slope"] == pytest.approx(-10.0, rel=1e-12)
    assert (found["weeks"], found["level"], found["level_age"]) == (3, 50.0, 0)


def test_fewer_than_three_weeks_have_no_slope() -> None:
    assert np.isnan(past([NONE, 10.0, 20.0])["slope"])
    assert np.isnan(past([NONE, NONE])["level"])
    assert past([40.0, NONE, NONE])["level_age"] == 2


def test_a_slope_looks_back_13_weeks_at_most() -> None:
    found = past([-100.0, *[float(10 * week) for week in range(13)]])
    assert found["slope"] == pytest.approx(10.0, rel=1e-12)
    assert found["weeks"] == 13


@given(st.lists(st.sampled_from([NONE, -100.0, 0.0, 20.0, 33.25, 100.0]), min_size=3, max_size=13))
def test_the_slope_is_that_of_least_squares(values: list[float]) -> None:
    """numpy.polyfit as the second opinion."""
    found = past(values)
    weeks = [week for week, value in enumerate(values) if value == value]
    assert found["weeks"] == len(weeks)
    if len(weeks) < 3:
        assert np.isnan(found["slope"])
    else:
        expected = np.polyfit(weeks, [values[week] for week in weeks], 1)[0]
        assert found["slope"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_low_grades_of_the_last_four_weeks_count() -> None:
    assert past([NONE] * 6, low=[5, 5, 1, 0, 2, 0])["low_grades"] == 3
    assert past([NONE] * 2, low=[1, 2])["low_grades"] == 3


def test_silence_counts_weeks_invited_in_a_row_without_an_answer() -> None:
    none = [NONE] * 5
    assert past(none, invited=[2, 2, 2, 2, 2], answered=[1, 0, 0, 0, 0])["silence"] == 4
    assert past(none, invited=[2, 2, 2, 2, 2], answered=[0, 0, 0, 0, 1])["silence"] == 0
    assert past(none, invited=[1, 0, 1, 0, 1], answered=[0, 0, 0, 0, 0])["silence"] == 3
    assert past(none, invited=[1, 1, 1, 0, 0], answered=[1, 0, 0, 0, 0])["silence"] == 2


LETTER_OR_NONE = st.sampled_from([*LETTERS, None])
ANSWER = st.tuples(*[LETTER_OR_NONE] * 5)


@given(st.lists(ANSWER, min_size=1, max_size=30))
def test_an_index_lies_between_the_worst_and_the_best_grade_given(sets: list[tuple[str | None, ...]]) -> None:
    found = answer_index(codes(sets), UNEQUAL)
    for index, each in zip(found.index, sets, strict=True):
        given_points = [POINTS[letter] for letter in each if letter is not None]
        assert np.isnan(index) if not given_points else min(given_points) <= index <= max(given_points)


@given(ANSWER, st.integers(0, 4))
def test_a_better_grade_never_lowers_the_index(letters: tuple[str | None, ...], dimension: int) -> None:
    if letters[dimension] in (None, "A"):
        return
    better = list(letters)
    better[dimension] = LETTERS[LETTERS.index(letters[dimension]) - 1]
    before, after = answer_index(codes([letters, tuple(better)]), UNEQUAL).index
    assert after > before


@given(
    st.lists(st.tuples(ANSWER, st.integers(0, 5)), min_size=1, max_size=40), st.randoms(use_true_random=False)
)
def test_order_of_rows_and_absence_of_other_groups_change_no_bit(
    rows: list[tuple[tuple[str | None, ...], int]], random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    whole, other = (weeks_of([a for a, _ in r], [g for _, g in r], [40] * 6) for r in (rows, shuffled))
    for name in vars(whole):
        np.testing.assert_array_equal(getattr(whole, name), getattr(other, name))
    for group in range(6):
        mine = [answer for answer, g in rows if g == group]
        alone = weeks_of(mine, [0] * len(mine), [40])
        for name in vars(whole):
            np.testing.assert_array_equal(getattr(alone, name), getattr(whole, name)[[group]])
    revenue = np.array([float(3 + g) for g in range(6)])
    above = level_above(whole, np.array([0, 0, 1, 1, 1, 2]), 3, revenue)
    turned = level_above(
        GroupIndex(*(getattr(whole, name)[::-1] for name in vars(whole))),
        np.array([2, 1, 1, 1, 0, 0]),
        3,
        revenue[::-1],
    )
    for name in vars(above):
        np.testing.assert_array_equal(getattr(above, name), getattr(turned, name))


@given(
    st.lists(
        st.lists(st.sampled_from([NONE, -100.0, 7.5, 100 / 3]), min_size=13, max_size=13),
        min_size=2,
        max_size=9,
    )
)
def test_the_history_of_a_slice_is_the_slice_of_the_history(rows: list[list[float]]) -> None:
    index = np.array(rows)
    zero = np.zeros(index.shape, dtype=np.int64)
    whole = history(index, zero, zero + 1, zero, low_weeks=4)
    part = history(index[1:2], zero[1:2], zero[1:2] + 1, zero[1:2], low_weeks=4)
    for name in vars(whole):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[1:2])


@given(st.lists(st.one_of(st.none(), st.integers(-100, 100)), min_size=1, max_size=20))
def test_a_trend_is_what_fractions_say(values: list[int | None]) -> None:
    found = trend(np.array([[NONE if value is None else float(value) for value in values]]))
    places = [place for place, value in enumerate(values) if value is not None]
    recent = [(place, value) for place, value in enumerate(values[-13:]) if value is not None]
    assert found.weeks.tolist() == [len(recent)]
    if places:
        latest = places[-1]
        before = values[latest - 1] if latest else None
        assert (found.level[0], found.level_age[0]) == (values[latest], len(values) - 1 - latest)
        assert np.isnan(found.change[0]) if before is None else found.change[0] == values[latest] - before
    else:
        assert np.isnan([found.level[0], found.level_age[0], found.change[0]]).all()
    if len(recent) < 3:
        assert np.isnan(found.slope[0])
        return
    n = len(recent)
    mean_week = Fraction(sum(place for place, _ in recent), n)
    mean = Fraction(sum(value for _, value in recent), n)
    over = sum((place - mean_week) * (value - mean) for place, value in recent)
    under = sum((place - mean_week) ** 2 for place, _ in recent)
    assert found.slope[0] == pytest.approx(float(over / under), abs=1e-9)
