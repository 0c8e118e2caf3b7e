"""The history of one project: its weeks, what was said, its corrective actions, our notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from accounts import access
from accounts.projects.models import Project
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    CorrectiveAction,
    ReviewNote,
    SurveyDimension,
    WeekReview,
)
from accounts.users.models import User
from scoring.satisfaction import WeekIndex, picture_of


@dataclass(frozen=True)
class Words:
    """A comment of a week: of a dimension with its letter, or of the week as a whole (both empty)."""

    week: dt.date
    said_at: dt.datetime
    name: str
    dimension: str
    letter: str
    text: str


@dataclass(frozen=True)
class PastWeek:
    """``letters``: the lowest of each dimension, empty where nobody graded it."""

    index: WeekIndex
    letters: tuple[str, ...]


@dataclass(frozen=True)
class ProjectHistory:
    """``weeks``, ``words``, ``cases`` and ``notes``: the latest first. ``line``: 13 indices, oldest first.
    ``dimensions`` as they stand in ``labels``; ``review``: who looked at the week, None while nobody has."""

    labels: tuple[str, ...]
    dimensions: tuple[int, ...]
    weeks: tuple[PastWeek, ...]
    line: tuple[float | None, ...]
    words: tuple[Words, ...]
    cases: tuple[CorrectiveAction, ...]
    notes: tuple[ReviewNote, ...]
    review: WeekReview | None

    @property
    def open_cases(self) -> tuple[CorrectiveAction, ...]:
        return tuple(case for case in self.cases if case.is_open)


@dataclass(frozen=True)
class Assignable:
    """An open corrective action, and who may become its owner."""

    case: CorrectiveAction
    owners: tuple[User, ...]


def assignable_cases(cases: Sequence[CorrectiveAction], user: User) -> tuple[Assignable, ...]:
    """Those that ``user`` works on; a project has at most one open case for each dimension."""
    found = access.workable_cases(user).filter(pk__in=[case.pk for case in cases])
    workable = set(found.values_list("pk", flat=True))
    return tuple(
        Assignable(case, tuple(access.possible_case_owners(case).order_by("sort_key")))
        for case in cases
        if case.pk in workable
    )


def history_of_project(project: Project, week: dt.date, *, language: str, now: dt.datetime) -> ProjectHistory:
    """13 weeks up to the Monday ``week``."""
    picture = picture_of([project.pk], week=week, as_of=now)
    names = {
        each.pk: each.name_in(language) for each in SurveyDimension.objects.filter(pk__in=picture.dimensions)
    }
    weeks = [
        PastWeek(index, tuple(weeks[number].lowest for weeks in picture.dimensions.values()))
        for number, index in enumerate(picture.weeks)
    ]
    cases = CorrectiveAction.objects.filter(project=project).select_related(
        "dimension", "owner", "customer", "project"
    )
    notes = ReviewNote.objects.filter(project=project, week__gte=picture.weeks[0].week, week__lte=week)
    reviews = WeekReview.objects.filter(project=project, week=week).select_related("author")
    return ProjectHistory(
        labels=tuple(names[pk] for pk in picture.dimensions),
        dimensions=tuple(picture.dimensions),
        weeks=tuple(reversed([each for each in weeks if each.index.invited])),
        line=tuple(each.index for each in picture.weeks),
        words=_words(project, picture.weeks[0].week, week, names),
        cases=tuple(cases.order_by(F("closed_at").desc(nulls_first=True), "-opened_at", "-pk")),
        notes=tuple(notes.select_related("author", "dimension").order_by("-week", "-pk")),
        review=reviews.first(),
    )


def _words(project: Project, first: dt.date, last: dt.date, names: dict[int, str]) -> tuple[Words, ...]:
    span = {"project": project, "week__gte": first, "week__lte": last, "superseded_at": None}
    of_answers = Answer.objects.filter(**span).exclude(comment="")
    of_grades = AnswerGrade.objects.filter(**span).exclude(comment="")
    found = [
        Words(week, said_at, name, "", "", text)
        for week, said_at, name, text in of_answers.values_list(
            "week", "known_at", "invitation__contact__name", "comment"
        )
    ]
    found += [
        Words(week, said_at, name, names.get(dimension, ""), letter, text)
        for week, said_at, name, dimension, letter, text in of_grades.values_list(
            "week", "known_at", "answer__invitation__contact__name", "dimension", "grade__letter", "comment"
        )
    ]
    return tuple(sorted(found, key=lambda each: (-each.week.toordinal(), each.name, each.dimension)))
