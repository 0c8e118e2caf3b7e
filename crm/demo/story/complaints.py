"""What goes wrong in the demo: complaints, from the first low grade to the one that confirms the correction.

Weeks are counted as in `moods`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from crm.demo.story.moods import LETTERS, NOW_WEEK, SEED, THEMES, Panel, Temper

PER_WEEK = 2.2
"""New complaints in a book of 150 customers."""
BUSY_WEEKS = 10
"""Weeks before the first start in which only what is told below goes wrong: those cases are open then."""


@dataclass(frozen=True)
class Complaint:
    """The same respondents give ``themes`` these ``letters``, week by week from ``start`` on."""

    customer: int
    themes: tuple[str, ...]
    start: int
    letters: tuple[str, ...]
    respondents: tuple[int, ...]
    draws: tuple[float, ...]

    @property
    def last_week(self) -> int:
        return self.start + len(self.letters) - 1


@dataclass(frozen=True)
class Step:
    """One of ours does ``what`` so many hours after the complaint."""

    hours: float
    what: str


@dataclass(frozen=True)
class OpenComplaint:
    """A case that is open at the first start: when it was opened, what was done, until when it is promised.

    ``solve_in_days`` is counted from the first start; below zero the day is over.
    """

    customer: int
    theme: str
    letter: str
    hours_ago: float
    steps: tuple[Step, ...] = ()
    solve_in_days: int | None = None
    is_of_now_week: bool = False
    people: int = 1


def _steps(**hours: float) -> tuple[Step, ...]:
    return tuple(Step(after, what) for what, after in hours.items())


# The demo's account manager owns customers 0 to 7 and every fifth, its project manager has every third.
OPEN = (
    OpenComplaint(0, "delivery", "C", 3, is_of_now_week=True),
    OpenComplaint(3, "communication", "C", 50, _steps(acknowledged=5)),
    OpenComplaint(
        15,
        "support",
        "D",
        13 * 24,
        _steps(acknowledged=3, assigned=4, planned=46, contained=70, commented=190),
        solve_in_days=4,
        people=2,
    ),
    OpenComplaint(30, "delivery", "C", 30),
    OpenComplaint(
        11, "quality", "C", 17 * 24, _steps(acknowledged=9, planned=50, contained=60, cause_found=250), 2
    ),
    OpenComplaint(16, "communication", "C", 10),
    OpenComplaint(
        17, "service", "C", 24 * 24, _steps(acknowledged=20, planned=66, contained=96, corrected=400), -6
    ),
    OpenComplaint(22, "delivery", "D", 4 * 24 + 5, _steps(acknowledged=2, planned=30), 8, people=2),
    OpenComplaint(31, "communication", "C", 5 * 24, _steps(acknowledged=31)),
    OpenComplaint(
        52,
        "service",
        "C",
        20 * 24,
        _steps(acknowledged=6, assigned=8, planned=60, contained=130),
        solve_in_days=-3,
    ),
    OpenComplaint(68, "quality", "C", 6 * 24, _steps(acknowledged=4, planned=52, contained=100), 9),
    OpenComplaint(
        83,
        "delivery",
        "C",
        33 * 24,
        _steps(acknowledged=12, planned=70, contained=90, cause_found=300, corrected=610),
        -2,
    ),
    OpenComplaint(97, "support", "C", 60, _steps(acknowledged=18)),
)
TOLD = ((5, "delivery", NOW_WEEK - 5, ("D", "C", "B-", "B+")),)
"""Of the stories: customer, theme, first week, letters."""


@dataclass
class _Calm:
    """From which week on a customer may complain again: one thing at a time."""

    since: dict[int, int] = field(default_factory=dict)

    def is_of(self, customer: int, week: int) -> bool:
        return self.since.get(customer, 0) <= week


def complaints_of(panel: Panel, temper: Temper, *, weeks: int) -> list[Complaint]:
    """All complaints that start in the first ``weeks`` weeks and are over at the first start, or later."""
    told = [
        Complaint(customer, (theme,), start, letters, tuple(panel.of(customer)[:2]), (0.3, 0.3, 0.3, 0.3))
        for customer, theme, start, letters in TOLD
        if panel.of(customer)
    ]
    found = list(told)
    calm = _Calm()
    for week in range(weeks):
        for complaint in _starting(panel, temper, week, calm):
            calm.since[complaint.customer] = complaint.last_week + 2
            found.append(complaint)
    return found


def _starting(panel: Panel, temper: Temper, week: int, calm: _Calm) -> Iterator[Complaint]:
    """Who grades worse in general complains more often."""
    random = np.random.default_rng([SEED, 2, week])
    customers = len(panel.moods)
    count = min(random.poisson(PER_WEEK * customers / 150), customers)
    likely = np.exp(1.5 * temper.base)
    chosen = random.choice(customers, size=count, replace=False, p=likely / likely.sum())
    for customer in map(int, chosen):
        complaint = _drawn(customer, panel.of(customer), week, random)
        if complaint is not None and calm.is_of(customer, week) and _is_free(panel, complaint):
            yield complaint


def _is_free(panel: Panel, complaint: Complaint) -> bool:
    """Stories have complaints of their own, and what is open at the first start stands above."""
    if panel.moods[complaint.customer].base is not None:
        return False
    if complaint.start > NOW_WEEK:
        return True
    is_told = any(each.customer == complaint.customer for each in OPEN)
    return complaint.last_week < NOW_WEEK - (BUSY_WEEKS if is_told else 1)


def _drawn(customer: int, respondents: list[int], week: int, random: np.random.Generator) -> Complaint | None:
    """Always as many draws, whoever there is to complain: the same seed gives the same complaints."""
    is_long, is_severe, is_shared, is_double, order, closing = random.random(6)
    draws = tuple(random.random(4).tolist())
    middle = random.random(12)
    themes = random.permutation(len(THEMES))[: 2 if is_double < 0.3 else 1]
    if not respondents:
        return None
    low_weeks = 4 + int(5 * is_long / 0.2) if is_long < 0.2 else 1 + int(middle[0] * 2.4)
    letters = ["D" if is_severe < 0.25 else "C"]
    letters += ["C" if draw < 0.75 else "B-" for draw in middle[1:low_weeks]]
    letters += ["B-" if middle[10] < 0.5 else "B"] if middle[11] < 0.6 else []
    letters += ["B+" if closing < 0.7 else "A-"]
    shift = int(order * len(respondents))
    people = (respondents[shift:] + respondents[:shift])[: 2 if is_shared < 0.4 else 1]
    names = tuple(THEMES[theme] for theme in sorted(themes))
    return Complaint(customer, names, week, tuple(letters), tuple(people), draws)


def is_low(letter: str) -> bool:
    """Whether it opens a case in the standard programme."""
    return LETTERS.index(letter) >= LETTERS.index("C")
