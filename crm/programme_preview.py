"""What a draft of the survey programme would do to the index, of one low grade and of last week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accounts.surveys.standard import VersionFacts
from crm.queries.programmes import WeekGrades
from scoring.core.satisfaction import NOT_GRADED, Scale, answer_index, project_weeks

RESPONDENTS = (3, 10)


@dataclass(frozen=True)
class LowGrade:
    """One respondent grades one dimension ``letter``, everything else gets the best grade.

    ``answer``: index of that answer; ``projects``: of a project by number of respondents; all of them None
    where there is no such grade. ``dimension``: code of the one graded, the heaviest.
    """

    letter: str
    dimension: str = ""
    answer: float | None = None
    projects: tuple[float | None, ...] = (None,) * len(RESPONDENTS)


@dataclass(frozen=True)
class Effect:
    """A grade under the present version and under the draft."""

    letter: str
    now: LowGrade
    draft: LowGrade


@dataclass(frozen=True)
class LastWeek:
    """The company's index of a week as it was, and under the draft. ``projects`` have an index under both."""

    now: float
    draft: float
    projects: int


def effects(now: VersionFacts, draft: VersionFacts) -> tuple[Effect, ...]:
    """For every grade that opens a corrective action in either, the better first."""
    low = {grade.letter for facts in (draft, now) for grade in facts.grades if grade.opens_case}
    known = [{each.letter: each for each in graded(facts)} for facts in (now, draft)]
    letters = dict.fromkeys(letter for each in reversed(known) for letter in each if letter in low)
    return tuple(
        Effect(letter, *(each.get(letter, LowGrade(letter)) for each in known)) for letter in letters
    )


def graded(facts: VersionFacts) -> tuple[LowGrade, ...]:
    """What each grade of the version does."""
    scale = scale_of(facts)
    heaviest = int(np.argmax(scale.weights))
    return tuple(_low_grade(facts, scale, position, heaviest) for position in range(len(facts.grades)))


def scale_of(facts: VersionFacts) -> Scale:
    """Raises ValueError where the facts are none (`services.programme_rules`)."""
    return Scale(
        points=tuple(float(grade.points) for grade in facts.grades),
        weights=tuple(float(dimension.weight) for dimension in facts.dimensions),
    )


def last_week(now: VersionFacts, draft: VersionFacts, said: WeekGrades) -> LastWeek | None:
    """Both versions over the same grades; None when nobody gave a grade that both know."""
    was, would = (_company(facts, said) for facts in (now, draft))
    both = ~np.isnan(was) & ~np.isnan(would)
    if not both.any():
        return None
    return LastWeek(float(was[both].mean()), float(would[both].mean()), int(both.sum()))


def _low_grade(facts: VersionFacts, scale: Scale, position: int, dimension: int) -> LowGrade:
    most = max(RESPONDENTS)
    grades = np.zeros((most, len(scale.weights)), dtype=np.int8)
    grades[0, dimension] = position
    answers = answer_index(grades, scale)
    projects = []
    for count in RESPONDENTS:
        first = answer_index(grades[:count], scale)
        everybody = np.array([count], dtype=np.int64)
        group = np.zeros(count, dtype=np.int64)
        projects.append(float(project_weeks(first, group, everybody, threshold_percent=0).index[0]))
    return LowGrade(
        letter=facts.grades[position].letter,
        dimension=facts.dimensions[dimension].code,
        answer=float(answers.index[0]),
        projects=tuple(projects),
    )


def _company(facts: VersionFacts, said: WeekGrades) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Index of every project of the week, NaN where none of its grades is known to the version."""
    letters = {grade.letter: position for position, grade in enumerate(facts.grades)}
    columns = {dimension.code: column for column, dimension in enumerate(facts.dimensions)}
    grades = np.full((len(said.answers), len(columns)), NOT_GRADED, dtype=np.int8)
    for row, code, letter in said.grades:
        if code in columns and letter in letters:
            grades[row, columns[code]] = letters[letter]
    group = np.array(said.answers, dtype=np.int64)
    invited = np.ones(said.projects, dtype=np.int64)
    return project_weeks(answer_index(grades, scale_of(facts)), group, invited, threshold_percent=0).index
