"""A week of a project manager: projects x dimensions, silent respondents, open cases."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.models import (
    OPEN,
    Answer,
    AnswerGrade,
    CorrectiveAction,
    Invitation,
    SurveyDimension,
)

WEEK = dt.timedelta(days=7)
Key = tuple[int, int]


class BoardProject(NamedTuple):
    """``customer`` and ``manager``: their names; ``sort_key``: the customer's."""

    pk: int
    name: str
    customer: str
    sort_key: str
    manager: str


class Asked(NamedTuple):
    """Who was invited: ``last_answered_at`` before this week, if ever; ``said``: of the week as a whole."""

    contact_id: int
    name: str
    answered_at: dt.datetime | None
    failed_at: dt.datetime | None
    last_answered_at: dt.datetime | None
    said: str | None


class CellGrade(NamedTuple):
    """A current grade of one respondent; ``position`` 0 is the best. A board has many: no models."""

    project_id: int
    dimension_id: int
    week: dt.date
    letter: str
    position: int
    points: int
    warns: bool
    comment: str
    contact_id: int
    is_late: bool


@dataclass(frozen=True)
class Cell:
    """One project and dimension. ``grades`` of the week and of the week ``before``, worst first. ``change``:
    steps of the lowest grade against last week's, below zero is worse; None where either week has none.
    ``case``: the open one, unless a later week opened it."""

    grades: tuple[CellGrade, ...]
    before: tuple[CellGrade, ...]
    case: CorrectiveAction | None

    @property
    def lowest(self) -> CellGrade | None:
        return self.grades[0] if self.grades else None

    @property
    def change(self) -> int | None:
        if not self.grades or not self.before:
            return None
        return self.before[0].position - self.grades[0].position


@dataclass(frozen=True)
class BoardRow:
    """``cells`` in the order of the board's dimensions; ``worst_change``: the deepest fall of a cell.

    ``invited``: without those whom no letter reached; they stand among the ``silent`` all the same, who have
    not answered. ``people``: names of who was invited, by contact id; ``comments``: what those who answered
    wrote, by contact id.
    """

    project: BoardProject
    cells: tuple[Cell, ...]
    people: dict[int, str]
    comments: dict[int, str]
    invited: int
    answered: int
    silent: tuple[Asked, ...]

    @property
    def worst_change(self) -> int:
        return min((cell.change for cell in self.cells if cell.change is not None), default=0)

    @property
    def lowest(self) -> CellGrade | None:
        lowest = [cell.lowest for cell in self.cells if cell.lowest is not None]
        return max(lowest, key=lambda grade: grade.position, default=None)

    @property
    def cases(self) -> tuple[CorrectiveAction, ...]:
        return tuple(cell.case for cell in self.cells if cell.case is not None)


@dataclass(frozen=True)
class Board:
    week: dt.date
    dimensions: tuple[SurveyDimension, ...]
    rows: tuple[BoardRow, ...]


def open_cases(projects: QuerySet[Project]) -> QuerySet[CorrectiveAction]:
    """Open cases of these projects with what a list shows: nobody has seen it first, then by clock."""
    cases = CorrectiveAction.objects.filter(OPEN, project__in=projects.values("pk"))
    related = cases.select_related("customer", "project", "dimension", "owner")
    return related.order_by(F("acknowledged_at").asc(nulls_first=True), "acknowledge_by", "plan_by", "pk")


def projects_of_week(projects: QuerySet[Project], week: dt.date) -> QuerySet[Project]:
    """Those somebody was asked about in that week, and those with a case that was open by then."""
    asked = Invitation.objects.filter(project=OuterRef("pk"), week=week)
    cases = CorrectiveAction.objects.filter(OPEN, project=OuterRef("pk"), opened_by__week__lte=week)
    return projects.filter(Exists(asked) | Exists(cases))


def week_board(projects: QuerySet[Project], week: dt.date) -> Board:
    """The week that begins on the Monday ``week``. Four queries, however many projects."""
    asked = _asked(projects, week)
    ids = [project.pk for project in asked]
    grades = _grades(ids, week)
    cases = {(case.project_id, case.dimension_id): case for case in _cases(ids, week)}
    dimensions = _dimensions({key[1] for key in grades[week]} | {key[1] for key in cases}, week)

    def cell(project_id: int, dimension_id: int) -> Cell:
        key = (project_id, dimension_id)
        now, before = grades[week].get(key, ()), grades[week - WEEK].get(key, ())
        return Cell(tuple(now), tuple(before), cases.get(key))

    return Board(
        week=week,
        dimensions=dimensions,
        rows=tuple(
            _row(project, tuple(cell(project.pk, each.pk) for each in dimensions), people)
            for project, people in asked.items()
        ),
    )


def _row(project: BoardProject, cells: tuple[Cell, ...], asked: list[Asked]) -> BoardRow:
    silent = tuple(each for each in asked if each.answered_at is None)
    unreached = sum(each.failed_at is not None for each in silent)
    return BoardRow(
        project=project,
        cells=cells,
        people={each.contact_id: each.name for each in asked},
        comments={each.contact_id: each.said for each in asked if each.said},
        invited=len(asked) - unreached,
        answered=len(asked) - len(silent),
        silent=silent,
    )


def _grades(ids: list[int], week: dt.date) -> dict[dt.date, dict[Key, list[CellGrade]]]:
    """Of this week and the one before, by project and dimension, worst first."""
    found = (
        AnswerGrade.objects.filter(project__in=among(ids), week__in=[week, week - WEEK], superseded_at=None)
        .order_by("-grade__position", "pk")
        .values_list(
            "project_id",
            "dimension_id",
            "week_id",
            "grade__letter",
            "grade__position",
            "grade__points",
            "grade__warns",
            "comment",
            "answer__invitation__contact_id",
            "answer__is_late",
        )
    )
    grades: dict[dt.date, dict[Key, list[CellGrade]]] = {
        week: defaultdict(list),
        week - WEEK: defaultdict(list),
    }
    for grade in map(CellGrade._make, found):
        grades[grade.week][grade.project_id, grade.dimension_id].append(grade)
    return grades


def _cases(ids: list[int], week: dt.date) -> QuerySet[CorrectiveAction]:
    """What a later week opened says nothing about this one."""
    found = CorrectiveAction.objects.filter(OPEN, project__in=among(ids), opened_by__week__lte=week)
    return found.select_related("owner", "dimension")


def _asked(projects: QuerySet[Project], week: dt.date) -> dict[BoardProject, list[Asked]]:
    """Every project with whom we invited for the week, by name; a project without anybody is there too."""
    earlier = Invitation.objects.filter(
        project=OuterRef("pk"), contact=OuterRef("asked__contact"), week__lt=week, answered_at__isnull=False
    )
    current = Answer.objects.filter(invitation=OuterRef("asked__pk"), superseded_at=None)
    found = (
        projects.annotate(
            asked=FilteredRelation("invitations", condition=Q(invitations__week=week)),
            last_answered_at=Subquery(earlier.order_by("-week").values("answered_at")[:1]),
            said=Subquery(current.values("comment")[:1]),
        )
        .order_by("pk", "asked__contact__sort_key", "asked__pk")
        .values_list(
            "pk",
            "name",
            "customer__short_name",
            "customer__sort_key",
            "manager__name",
            "asked__contact_id",
            "asked__contact__name",
            "asked__answered_at",
            "asked__failed_at",
            "last_answered_at",
            "said",
        )
    )
    people: dict[BoardProject, list[Asked]] = defaultdict(list)
    width = len(BoardProject._fields)
    for row in found:
        asked, contact_id = people[BoardProject._make(row[:width])], row[width]
        if contact_id is not None:
            asked.append(Asked._make(row[width:]))
    return people


def _dimensions(met: Iterable[int], week: dt.date) -> tuple[SurveyDimension, ...]:
    """Those the week's invitations ask for, in their order, then others that a grade or an open case has."""
    asked = """
        select dimension.* from surveys_surveydimension dimension
        left join surveys_programmedimension part on part.dimension_id = dimension.id and part.version_id = (
            select max(programme_version_id) from surveys_invitation where week_id = %s
        )
        where part.id is not null or dimension.id = any(%s)
        order by part.position nulls last, dimension.id
    """
    return tuple(SurveyDimension.objects.raw(asked, [week, list(met)]))
