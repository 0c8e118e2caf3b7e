"""How the demo's respondents grade: numbers of a week, a function of the seed and the week's place alone.

Weeks are counted from the first that is told: ``NOW_WEEK`` is the one that is rated at the first start, and
later ones follow from the same function. Grades are positions in the standard programme, 0 the best.
"""

from dataclasses import dataclass

import numpy as np

from accounts.contacts.models import Level
from accounts.surveys.standard import STANDARD

SEED = 20_260_102
HISTORY_WEEKS = 60
NOW_WEEK = HISTORY_WEEKS - 1
THEMES = tuple(each.code for each in STANDARD.dimensions)
LETTERS = tuple(each.letter for each in STANDARD.grades)
B_MINUS = LETTERS.index("B-")
NOT_GRADED = -1
LATE = 0.02


@dataclass(frozen=True)
class Turn:
    """From week ``since`` on, ``themes`` are graded ``by`` steps worse; by one level only, if it is named."""

    since: int
    by: float
    themes: tuple[str, ...] = THEMES
    level: str | None = None


@dataclass(frozen=True)
class Course:
    """From week ``since`` on, the lowest grades of a theme are these letters; at the operational level."""

    theme: str
    since: int
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Mood:
    """``base``: his mean grade (drawn if None); ``silent_since``: the week from which nobody answers."""

    base: float | None = None
    turns: tuple[Turn, ...] = ()
    courses: tuple[Course, ...] = ()
    silent_since: int | None = None


ORDINARY = Mood()
# The C of the present week is a complaint that stands in `complaints`.
SLIDING = Mood(1.3, courses=(Course("delivery", NOW_WEEK - 4, ("A", "A-", "B", "B-")),))
MISSING = Mood(1.5, (Turn(NOW_WEEK - 3, 1.3, ("communication", "service")),))
DIVIDED = Mood(0.0, (Turn(0, 4.4, level=Level.EXECUTIVE), Turn(0, 1.6, level=Level.MANAGEMENT)))
DELIGHTED = Mood(0.6)
# Six weeks that are closed, and the one that still is open.
GONE_QUIET = Mood(1.8, silent_since=NOW_WEEK - 6)
# What he complained about stands in `complaints` too; from the last week on it is solved.
SAVED = Mood(1.0, courses=(Course("delivery", NOW_WEEK - 1, ("A-",) * 8),))
LEAVING = Mood(1.6, (Turn(22, 0.7), Turn(34, 0.7)), silent_since=NOW_WEEK - 16)


@dataclass(frozen=True)
class Panel:
    """Who is asked, one row per respondent: the place of his customer in the book, and his level.

    ``moods`` by place in the book. ``is_steady``: neither paused nor opted out in all those weeks.
    """

    customer: np.ndarray
    levels: tuple[str, ...]
    is_steady: np.ndarray
    moods: tuple[Mood, ...]

    def of(self, customer: int) -> list[int]:
        """The respondents of a customer whom no complaint loses."""
        return [int(row) for row in np.flatnonzero((self.customer == customer) & self.is_steady)]


@dataclass(frozen=True)
class Temper:
    """What stays the same over the weeks. By customer (and theme), then by respondent (and theme)."""

    base: np.ndarray
    theme: np.ndarray
    period: np.ndarray
    phase: np.ndarray
    bias: np.ndarray
    readiness: np.ndarray
    is_absent: np.ndarray


@dataclass(frozen=True)
class WeekDraws:
    """A week of all respondents. ``grades`` n x 5, NOT_GRADED where it does not apply; ``is_answered`` n;
    ``place`` n in 0..1: how early; ``is_late``; ``draws`` n x 6 x 2 in 0..1 for what is written beside."""

    grades: np.ndarray
    is_answered: np.ndarray
    place: np.ndarray
    is_late: np.ndarray
    draws: np.ndarray


def temper_of(panel: Panel) -> Temper:
    random = np.random.default_rng([SEED, 0])
    customers, people, themes = len(panel.moods), len(panel.customer), len(THEMES)
    drawn = random.normal(1.7, 0.45, customers)
    # What does not concern a general manager, and what an odd respondent leaves out.
    executive = np.array([level == Level.EXECUTIVE for level in panel.levels])
    chance = np.full((people, themes), 0.02)
    chance[:, THEMES.index("support")] += 0.25 * executive
    return Temper(
        base=np.array(
            [each if mood.base is None else mood.base for mood, each in zip(panel.moods, drawn, strict=True)]
        ),
        theme=random.normal(0, 0.3, (customers, themes)),
        period=random.uniform(16, 50, customers),
        phase=random.uniform(0, 2 * np.pi, (customers, themes)),
        bias=random.normal(0, 0.3, people),
        readiness=np.clip(random.normal(0.82, 0.08, people), 0.55, 0.98),
        is_absent=random.random((people, themes)) < chance,
    )


def week_of(panel: Panel, temper: Temper, week: int) -> WeekDraws:
    """The week at place ``week``, 0 the first. Complaints are not in it."""
    random = np.random.default_rng([SEED, 1, week])
    people, themes = len(panel.customer), len(THEMES)
    noise = random.normal(0, 0.42, (people, themes))
    answers, place, late = random.random((3, people))
    draws = random.random((people, themes + 1, 2))
    season = 0.3 * np.sin(2 * np.pi * week / temper.period[:, None] + temper.phase)
    mean = (temper.base[:, None] + temper.theme + season)[panel.customer] + temper.bias[:, None]
    grades = np.clip(np.rint(mean + _turned(panel, week) + noise), 0, B_MINUS).astype(np.int8)
    is_answered = answers < temper.readiness
    _keep_to_course(panel, week, grades, is_answered)
    grades[temper.is_absent] = NOT_GRADED
    silent = np.array([mood.silent_since is not None and week >= mood.silent_since for mood in panel.moods])
    return WeekDraws(
        grades=grades,
        is_answered=is_answered & ~silent[panel.customer],
        place=place,
        is_late=late < LATE,
        draws=draws,
    )


def _turned(panel: Panel, week: int) -> np.ndarray:
    turned = np.zeros((len(panel.customer), len(THEMES)))
    levels = np.array(panel.levels)
    for customer, mood in enumerate(panel.moods):
        for turn in mood.turns:
            if week >= turn.since:
                rows = panel.customer == customer
                rows &= (levels == turn.level) if turn.level else True
                turned[np.ix_(rows, [THEMES.index(theme) for theme in turn.themes])] += turn.by
    return turned


def _keep_to_course(panel: Panel, week: int, grades: np.ndarray, is_answered: np.ndarray) -> None:
    """Who works at the operational level says it; nobody else says worse."""
    operational = np.array([level == Level.OPERATIONAL for level in panel.levels])
    for customer, mood in enumerate(panel.moods):
        for course in mood.courses:
            step, theme = week - course.since, THEMES.index(course.theme)
            if 0 <= step < len(course.letters):
                position = LETTERS.index(course.letters[step])
                rows = panel.customer == customer
                grades[rows, theme] = np.minimum(grades[rows, theme], position)
                grades[rows & operational, theme] = position
                is_answered[rows & operational] = True
