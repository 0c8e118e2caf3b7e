"""The lowest grade that stands at a customer: of the last four rated weeks, or of an open corrective action.

A grade whose corrective action is closed stands no more. Runs keep the points of the last four weeks; open
corrective actions, however old, are read as they are now.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Q, QuerySet

from accounts.customers.models import Customer
from accounts.facts import CURRENT
from accounts.surveys.models import AnswerGrade, ProgrammeGrade, VersionState
from scoring.models import CustomerStateRow

Scale = Sequence[tuple[float, str]]
"""Points and letter of each grade, the best first."""


def scale_in_force() -> Scale:
    """Of the general weekly programme; empty before there is one."""
    general = ProgrammeGrade.objects.filter(
        version__programme__is_weekly=True,
        version__customer=None,
        version__project=None,
        version__state=VersionState.ACTIVE,
    )
    return list(general.order_by("position").values_list("points", "letter"))


def letter_of(points: float | None, scale: Scale) -> str:
    """The grade of these points: where an older programme gave others, the next one below."""
    if points is None or not scale:
        return ""
    return next((letter for least, letter in scale if points >= least), scale[-1][1])


def open_grades() -> QuerySet[AnswerGrade]:
    """The outer customer's grades whose corrective action is open."""
    return AnswerGrade.objects.filter(CURRENT, case__customer=OuterRef("pk"), case__closed_at=None)


def with_grade(found: QuerySet[Customer], letter: str, *, run: int) -> QuerySet[Customer]:
    """Customers whose lowest grade is this one or worse; nobody for a letter that the programme lacks."""
    scale = scale_in_force()
    letters = [each for _points, each in scale]
    if letter not in letters:
        return found.none()
    place = letters.index(letter)
    # What lies between two grades counts as the lower one, as in `letter_of`.
    below = scale[place - 1][0] if place else float("inf")
    states = CustomerStateRow.objects.filter(run=run, lowest_points__lt=below)
    grades = AnswerGrade.objects.filter(CURRENT, case__closed_at=None, case__isnull=False)
    opened = grades.filter(grade__points__lt=min(below, MOST_POINTS)).values("case__customer")
    return found.filter(Q(pk__in=states.values("customer")) | Q(pk__in=opened))


MOST_POINTS = 32_767
"""More than any grade has, where infinity is no number of its column."""
