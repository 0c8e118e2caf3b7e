"""Weekly satisfaction index (docs/scoring.md, section 12). Higher is better, -100 to 100 by default.

Grades are positions in the programme's list, best first; NOT_GRADED stands for a dimension that was left out
or does not apply. Nothing is imputed: what nobody graded is NaN. Sums are taken in the order of group and
value, so that the order of the rows changes no bit, and neither does leaving other groups out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from .division import divide
from .types import BoolArray, CodeArray, FloatArray, IntArray
from .weighting import add_rows

NOT_GRADED = -1
LEAST_SLOPE_WEEKS = 3
MOST_WEEKS = 13
# A late answer comes at most so many rated weeks after its own, by default, and must still be heard.
LOW_WEEKS = 4


@dataclass(frozen=True)
class Scale:
    """What a programme version says of grades: `points` by grade, best first, and `weights` by dimension.

    Raises ValueError for weights that are not above zero, no weights, or points that do not fall.
    """

    points: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.weights or min(self.weights) <= 0:
            raise ValueError("Every dimension needs a weight above zero.")
        if any(worse >= better for better, worse in zip(self.points, self.points[1:], strict=False)):
            raise ValueError("A worse grade needs fewer points.")


@dataclass(frozen=True)
class AnswerIndex:
    """Length n, one per answer. `index`: points, NaN without a grade; `lowest`: grade, else NOT_GRADED."""

    index: FloatArray
    lowest: CodeArray


@dataclass(frozen=True)
class GroupIndex:
    """Length m, one per project-week, customer, person or company.

    `index`: mean of the members that have one, NaN if none has; `weighted_index`: the same weighted by
    revenue, NaN where nobody brought any; `lowest`: worst grade of any member, else NOT_GRADED; `members`:
    how many have an index. `answered` of `invited` people gave an answer; `response_rate` 0..1, NaN when
    nobody was invited; `required`: hundredths of answers that the programme asks for; `is_too_few`: it has
    fewer, the index is for reference.
    """

    index: FloatArray
    weighted_index: FloatArray
    lowest: CodeArray
    members: IntArray
    answered: IntArray
    invited: IntArray
    required: IntArray
    response_rate: FloatArray
    is_too_few: BoolArray


@dataclass(frozen=True)
class Trend:
    """Length m. Where the index of each stands and how it moves.

    `level`: of the latest week that has one, `level_age` weeks ago (0: the last column); NaN if none has.
    `change`: against the week before that one, NaN where it has none. `slope`: points per week by least
    squares over the last 13 columns, NaN under 3 weeks with an index; `weeks`: how many of them had one.
    """

    level: FloatArray
    level_age: FloatArray
    change: FloatArray
    slope: FloatArray
    weeks: IntArray


@dataclass(frozen=True)
class History:
    """Length m. What the last weeks say of each.

    `level`: index of the latest week that has one, `level_age` weeks ago (0: the last column); NaN if none
    has. `slope`: points per week, NaN under 3 weeks with an index; `weeks`: how many had one. `low_grades`:
    grades that opened a case in the last weeks. `silence`: weeks invited in a row, up to now, without an
    answer.
    """

    level: FloatArray
    level_age: FloatArray
    slope: FloatArray
    weeks: IntArray
    low_grades: IntArray
    silence: IntArray


def answer_index(grades: CodeArray, scale: Scale) -> AnswerIndex:
    """Index of an answer = sum of weight x points / sum of weight, over the dimensions graded.

    `grades` n x d in the order of `scale.weights`. Raises ValueError for another d or an unknown grade.
    """
    if grades.ndim != 2 or grades.shape[1] != len(scale.weights):
        raise ValueError(f"Grades of {len(scale.weights)} dimensions are needed.")
    if grades.size and not NOT_GRADED <= grades.min() <= grades.max() < len(scale.points):
        raise ValueError("A grade is not in the programme.")
    is_graded = (grades != NOT_GRADED).T
    points = np.where(is_graded, np.array(scale.points)[grades.T], 0.0)
    weights = np.where(is_graded, np.array(scale.weights)[:, None], 0.0)
    index = divide(add_rows(points * weights), add_rows(weights))
    return AnswerIndex(index, grades.max(axis=1, initial=NOT_GRADED).astype(np.int8))


def dimension_answers(grades: CodeArray, points: Sequence[float]) -> AnswerIndex:
    """Answers as if nothing else had been asked: the points of one dimension's grade, NaN without one.

    `grades` n, of that dimension; `points` by grade. Every level above then follows from them as it does
    from whole answers.
    """
    of_grade = np.array([*points, np.nan])
    return AnswerIndex(of_grade[grades], grades)


def project_weeks(
    answers: AnswerIndex, group: IntArray, invited: IntArray, *, threshold_percent: IntArray | int
) -> GroupIndex:
    """Project-week = mean of its respondents' answers; each respondent counts the same.

    `group` n: the project-week of each answer, 0..m-1; `invited` m; `threshold_percent`: the least response
    rate, m or the same for all. One answer per respondent and week: the current version. An answer without
    any grade counts as an answer and has no index.
    """
    m = len(invited)
    answered = np.bincount(group, minlength=m).astype(np.int64)
    index, members = _Sums(group, m).mean(answers.index)
    lowest = _worst(answers.lowest, group, m)
    required = threshold_percent * invited
    rate, is_too_few = _response(answered, invited, required)
    return GroupIndex(index, index, lowest, members, answered, invited, required, rate, is_too_few)


def level_above(
    below: GroupIndex, group: IntArray, groups: int, revenue: FloatArray | None = None
) -> GroupIndex:
    """Customer, project manager, account manager or company: the mean of the level below.

    index = mean of the members' index; weighted_index = sum of revenue x weighted_index / sum of revenue over
    the members with an index and revenue above zero (a year of credit notes weighs nothing); without revenue
    all weigh the same. Response is pooled: sum of answered / sum of invited, and so is what is asked of it,
    since members may be asked under versions with other thresholds. `group`, `revenue` have the length of
    `below`; revenue in minor units.
    """
    sums = _Sums(group, groups)
    answered, invited, required = (
        sums.total(column) for column in (below.answered, below.invited, below.required)
    )
    rate, is_too_few = _response(answered, invited, required)
    index, members = sums.mean(below.index)
    if revenue is not None:
        weighted = sums.weighted_mean(below.weighted_index, revenue)
    else:
        is_same = below.weighted_index is below.index
        weighted = index if is_same else sums.mean(below.weighted_index)[0]
    return GroupIndex(
        index=index,
        weighted_index=weighted,
        lowest=_worst(below.lowest, group, groups),
        members=members,
        answered=answered,
        invited=invited,
        required=required,
        response_rate=rate,
        is_too_few=is_too_few,
    )


def taken(below: GroupIndex, places: IntArray) -> GroupIndex:
    """The entries at these places, in this order; a place may come several times."""
    columns = [getattr(below, field.name) for field in fields(GroupIndex)]
    # An index that is also the weighted one stays one array, so that its means are taken once.
    found = {id(column): column[places] for column in columns}
    return GroupIndex(*(found[id(column)] for column in columns))


def trend(index: FloatArray) -> Trend:
    """`index` m x w, oldest week first, NaN for a week without one.

    slope = sum (t - mean t)(y - mean y) / sum (t - mean t)^2 by least squares over the weeks with an index,
    of the last 13 columns at most.
    """
    level, level_age = _latest(index)
    recent = index[:, -MOST_WEEKS:]
    return Trend(
        level=level,
        level_age=level_age,
        change=level - _week_before(index, level_age),
        slope=_slope(recent),
        weeks=(~np.isnan(recent)).sum(axis=1).astype(np.int64),
    )


def history(
    index: FloatArray, low_grades: IntArray, invited: IntArray, answered: IntArray, *, low_weeks: int
) -> History:
    """Level, slope, low grades and silence over the last weeks; all arrays m x w, oldest week first.

    Level and slope are those of `trend`. `invited` of a week that is still open counts only who has answered:
    who still has time is not silent. A week without an invitation neither breaks silence nor lengthens it.
    """
    moved = trend(index)
    return History(
        level=moved.level,
        level_age=moved.level_age,
        slope=moved.slope,
        weeks=moved.weeks,
        low_grades=low_grades[:, low_grades.shape[1] - min(low_weeks, low_grades.shape[1]) :].sum(axis=1),
        silence=_silence(invited, answered),
    )


def _latest(index: FloatArray) -> tuple[FloatArray, FloatArray]:
    level, age = np.full(len(index), np.nan), np.full(len(index), np.nan)
    for position, column in enumerate(index.T):
        has_index = ~np.isnan(column)
        level = np.where(has_index, column, level)
        age = np.where(has_index, float(index.shape[1] - 1 - position), age)
    return level, age


def _week_before(index: FloatArray, level_age: FloatArray) -> FloatArray:
    """The index of the week before the latest that has one; NaN where that week has none."""
    column = index.shape[1] - 2 - np.nan_to_num(level_age, nan=index.shape[1]).astype(np.int64)
    found = index[np.arange(len(index)), np.maximum(column, 0)] if index.shape[1] else np.zeros(len(index))
    return np.where(column >= 0, found, np.nan)


def _slope(index: FloatArray) -> FloatArray:
    has_index = ~np.isnan(index).T
    week = np.where(has_index, np.arange(index.shape[1], dtype=np.float64)[:, None], 0.0)
    value = np.where(has_index, index.T, 0.0)
    count = add_rows(has_index.astype(np.float64))
    off_week = np.where(has_index, week - divide(add_rows(week), count), 0.0)
    off_value = np.where(has_index, value - divide(add_rows(value), count), 0.0)
    slope = divide(add_rows(off_week * off_value), add_rows(off_week * off_week))
    return np.where(count >= LEAST_SLOPE_WEEKS, slope, np.nan)


def _silence(invited: IntArray, answered: IntArray) -> IntArray:
    silent = np.zeros(len(invited), dtype=np.int64)
    for asked, given in zip(invited.T, answered.T, strict=True):
        silent = np.where(given > 0, 0, silent + (asked > 0))
    return silent


def _response(answered: IntArray, invited: IntArray, required: IntArray) -> tuple[FloatArray, BoolArray]:
    """In whole numbers, so that 7 of 10 are never below 70 %."""
    rate = divide(answered.astype(np.float64), invited.astype(np.float64))
    return rate, 100 * answered < required


class _Sums:
    """Sums and means of values by the group 0..groups-1 of each, in the order of group and value.

    Addition of two commutes, so only groups of three and more are sorted.
    """

    def __init__(self, group: IntArray, groups: int) -> None:
        self.group, self.groups = group, groups
        is_many = np.bincount(group, minlength=groups)[group] > 2
        self.many = np.flatnonzero(is_many)
        self.few = np.flatnonzero(~is_many)

    def sum(self, values: FloatArray) -> FloatArray:
        if not len(self.many):
            return self._added(values, slice(None))
        order = self.many[self._by_value(values[self.many])]
        return self._added(values, order) + self._added(values, self.few)

    def total(self, values: IntArray) -> IntArray:
        total = np.zeros(self.groups, dtype=np.int64)
        np.add.at(total, self.group, values)
        return total

    def mean(self, values: FloatArray) -> tuple[FloatArray, IntArray]:
        """(of those that are no NaN, how many they are)."""
        is_known = ~np.isnan(values)
        count = np.bincount(self.group[is_known], minlength=self.groups).astype(np.int64)
        return divide(self.sum(np.where(is_known, values, 0.0)), count.astype(np.float64)), count

    def weighted_mean(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Of those that are no NaN and have a weight above zero."""
        is_known = ~np.isnan(values)
        weight = np.where(is_known, np.maximum(weights, 0.0), 0.0)
        return divide(self.sum(weight * np.where(is_known, values, 0.0)), self.sum(weight))

    def _added(self, values: FloatArray, places: IntArray | slice) -> FloatArray:
        found = np.bincount(self.group[places], weights=values[places], minlength=self.groups)
        return found.astype(np.float64)

    def _by_value(self, values: FloatArray) -> IntArray:
        """Few groups are sorted by radix, four times as fast."""
        group = self.group[self.many]
        if self.groups > np.iinfo(np.uint16).max:
            return np.lexsort((values, group))
        order = np.argsort(values)
        return order[np.argsort(group[order].astype(np.uint16), kind="stable")]


def _worst(grades: CodeArray, group: IntArray, groups: int) -> CodeArray:
    worst = np.full(groups, NOT_GRADED, dtype=np.int8)
    np.maximum.at(worst, group, grades)
    return worst
