"""What a customer says every week, as far as the reader may see it: `accounts.access.graded_projects`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.facts import CURRENT, believed_as_of
from accounts.surveys.models import (
    OPEN,
    Answer,
    AnswerGrade,
    CorrectiveAction,
    Invitation,
    ProgrammeVersion,
    Respondent,
    SurveyDimension,
)
from accounts.surveys.queries import Form, form_of, scales_of
from accounts.surveys.weeks import monday_of
from accounts.users.models import User
from crm.queries.keyset import Page, Part, page_or_first
from scoring.core.satisfaction import MOST_WEEKS, NOT_GRADED
from scoring.satisfaction import DimensionWeek, Picture, WeekIndex, answer_indices, picture_of

COMMENTS = 15
CLOSED_CASES = 20
LEAST_CHANGE = 0.05

W = TypeVar("W")


@dataclass(frozen=True)
class Satisfaction:
    """13 weeks of a customer, of the projects whose grades the reader may see.

    ``project_ids``: those projects; ``hidden``: how many others the customer has. ``was_asked``: somebody was
    ever asked about one of them. ``open_grade``: letter of the worst grade whose corrective action is open.
    """

    project_ids: tuple[int, ...]
    hidden: int
    was_asked: bool
    open_cases: int
    open_grade: str
    picture: Picture

    @property
    def weeks(self) -> tuple[WeekIndex, ...]:
        return self.picture.weeks

    @property
    def line(self) -> list[float | None]:
        return [week.index for week in self.weeks]

    @property
    def newest_first(self) -> tuple[WeekIndex, ...]:
        return self.weeks[::-1]

    @property
    def latest(self) -> WeekIndex | None:
        """The latest week that has an index."""
        return next((week for week in reversed(self.weeks) if week.index is not None), None)

    @property
    def first(self) -> WeekIndex | None:
        return next((week for week in self.weeks if week.index is not None), None)

    @property
    def change(self) -> float | None:
        """Of the latest index against the week before it; None without one, or when it would read as zero.

        While answers are too few there is none either: who complained last week may not have answered yet.
        """
        if self.latest is None or self.latest.is_too_few:
            return None
        known = [week.index for week in self.weeks if week.week <= self.latest.week]
        if len(known) < 2 or known[-1] is None or known[-2] is None:
            return None
        change = known[-1] - known[-2]
        return None if abs(change) < LEAST_CHANGE else change


@dataclass(frozen=True)
class HeatRow:
    """A dimension over the weeks, oldest first."""

    dimension: SurveyDimension
    cells: tuple[DimensionWeek, ...]


@dataclass(frozen=True)
class Mark:
    """The first week in which somebody was asked under a version of the programme."""

    week: dt.date
    number: int
    note: str
    is_override: bool


@dataclass(frozen=True)
class AnswerBehind:
    """``index`` is None where no dimension was graded."""

    answer: Answer
    index: float | None


@dataclass(frozen=True)
class IndexBehind:
    """What an index was made of. ``projects``: (name, its week) of those that anybody was asked about;
    ``form``: weights and points of the latest of the ``versions`` that answers were given under."""

    week: WeekIndex
    projects: list[tuple[str, WeekIndex]]
    answers: list[AnswerBehind]
    form: Form
    versions: list[ProgrammeVersion]
    as_of: dt.datetime

    @property
    def threshold(self) -> float:
        """The least response rate, 0..1."""
        return self.versions[-1].response_threshold_percent / 100


def satisfaction_of(customer: Customer, user: User, *, as_of: dt.datetime) -> Satisfaction:
    """Of a visible customer, in as many queries however many projects he has."""
    projects = list(
        access.visible_projects(user)
        .filter(customer=customer)
        .annotate(
            is_graded=Exists(access.graded_projects(user).filter(pk=OuterRef("pk"))),
            was_asked=Exists(Invitation.objects.filter(project=OuterRef("pk"))),
            open_cases=Count("cases", filter=Q(cases__closed_at__isnull=True)),
            worst=Subquery(_worst_open().values("grade__position")[:1]),
            letter=Subquery(_worst_open().values("grade__letter")[:1]),
        )
        .order_by("pk")
        .values("pk", "is_graded", "was_asked", "open_cases", "worst", "letter")
    )
    seen = [project for project in projects if project["is_graded"]]
    ids = tuple(project["pk"] for project in seen)
    worst = max(seen, key=lambda project: project["worst"] or 0, default=None)
    return Satisfaction(
        project_ids=ids,
        hidden=len(projects) - len(seen),
        was_asked=any(project["was_asked"] for project in seen),
        open_cases=sum(project["open_cases"] for project in seen),
        open_grade=(worst and worst["letter"]) or "",
        picture=_picture(ids, as_of=as_of),
    )


def _worst_open() -> QuerySet[AnswerGrade]:
    """Of a project: the grades whose corrective action is open, the worst first."""
    believed = AnswerGrade.objects.filter(CURRENT, case__project=OuterRef("pk"), case__closed_at=None)
    return believed.order_by("-grade__position", "pk")


def heat_map(picture: Picture) -> list[HeatRow]:
    """In the programme's order of dimensions. One query."""
    dimensions = SurveyDimension.objects.in_bulk(list(picture.dimensions))
    return [HeatRow(dimensions[pk], cells) for pk, cells in picture.dimensions.items()]


def marks_of(first_weeks: Mapping[int, dt.date]) -> tuple[Mark, ...]:
    """Changes of the programme as those asked met them: what holds from the first week on is no change.

    One query, none without a change.
    """
    begins = min(first_weeks.values(), default=None)
    changed = [pk for pk, week in first_weeks.items() if week != begins]
    marks = [
        Mark(
            week=first_weeks[version.pk],
            number=version.number,
            note=version.note,
            is_override=version.customer_id is not None or version.project_id is not None,
        )
        for version in ProgrammeVersion.objects.filter(pk__in=changed)
    ]
    return tuple(sorted(marks, key=lambda mark: (mark.week, mark.number)))


def comments_of(
    customer: Customer, project_ids: Sequence[int], *, after: str = "", before: str = ""
) -> Page[Answer]:
    """Current answers in which somebody wrote something, newest first, with all their grades, worst first."""
    said = AnswerGrade.objects.filter(answer=OuterRef("pk")).exclude(comment="")
    found = Answer.objects.filter(CURRENT, ~Q(comment="") | Exists(said), customer=customer)
    part = Part(found.filter(project__in=project_ids), ("-known_at", "-pk"), (dt.datetime, int))
    page = page_or_first([part], after=after, before=before, limit=COMMENTS)
    answers = with_grades(Answer.objects.filter(pk__in=page.rows)).order_by("-known_at", "-pk")
    return Page(rows=list(answers), newer=page.newer, older=page.older)


def with_grades(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """With what a page says of an answer: who, about which project, its grades from the worst."""
    grades = AnswerGrade.objects.select_related("grade", "dimension").order_by("-grade__position", "pk")
    related = answers.select_related("project", "invitation__contact")
    return related.prefetch_related(Prefetch("grades", queryset=grades))


def cases_of(customer: Customer, user: User) -> list[CorrectiveAction]:
    """Every open one, the latest first, then those closed last."""
    cases = access.visible_cases(user).filter(customer=customer)
    shown = cases.select_related("customer", "project", "dimension", "owner")
    closed = shown.exclude(OPEN).order_by("-closed_at", "-pk")[:CLOSED_CASES]
    return [*shown.filter(OPEN).order_by("-opened_at", "-pk"), *closed]


def respondents_of(customer: Customer, user: User) -> QuerySet[Respondent, Any]:
    """By project and name; ``answered_at``, ``answered_week`` and ``lowest`` are those of his last answer."""
    his = Invitation.objects.filter(project=OuterRef("project"), contact=OuterRef("contact"))
    last = his.filter(answered_at__isnull=False).order_by("-week")
    grades = AnswerGrade.objects.filter(CURRENT, answer__invitation=OuterRef("last_answered"))
    return (
        access.visible_respondents(user)
        .filter(customer=customer)
        .select_related("project", "contact")
        .annotate(
            last_answered=Subquery(last.values("pk")[:1]),
            answered_at=Subquery(last.values("answered_at")[:1]),
            answered_week=Subquery(last.values("week")[:1]),
            lowest=Subquery(grades.order_by("-grade__position").values("grade__letter")[:1]),
        )
        .order_by("project__name", "project", "contact__sort_key", "pk")
    )


def index_behind(customer: Customer, user: User, *, as_of: dt.datetime) -> IndexBehind | None:
    """The latest index taken apart; None where there is none in 13 weeks."""
    said = satisfaction_of(customer, user, as_of=as_of)
    if said.latest is None:
        return None
    week = said.latest.week
    found = Answer.objects.filter(believed_as_of(as_of), project__in=said.project_ids, week=week)
    answers = list(
        with_grades(found)
        .select_related("programme_version")
        .order_by("project__name", "invitation__contact__sort_key", "pk")
    )
    versions = sorted({answer.programme_version for answer in answers}, key=lambda each: each.number)
    forms = {version.pk: form_of(version.pk) for version in versions}
    names = access.graded_projects(user).filter(pk__in=said.project_ids).order_by("name", "pk")
    place = said.weeks.index(said.latest)
    of_week = [(name, said.picture.projects[pk][place]) for pk, name in names.values_list("pk", "name")]
    return IndexBehind(
        week=said.latest,
        projects=[(name, each) for name, each in of_week if each.invited],
        answers=_taken_apart(answers, forms),
        form=forms[versions[-1].pk],
        versions=versions,
        as_of=as_of,
    )


def _taken_apart(answers: Sequence[Answer], forms: dict[int, Form]) -> list[AnswerBehind]:
    scales = scales_of(forms)
    rows = []
    for answer in answers:
        version = answer.programme_version_id
        given = {each.dimension_id: each.grade for each in answer.grades.all()}
        asked = [part.dimension_id for part in forms[version].dimensions]
        positions = [given[pk].position if pk in given else NOT_GRADED for pk in asked]
        (index,) = answer_indices([positions], scales[version])
        rows.append(AnswerBehind(answer, index))
    return rows


def _picture(project_ids: Sequence[int], *, as_of: dt.datetime) -> Picture:
    """The last 13 weeks; the present one stands among them as soon as somebody was asked about it."""
    week = monday_of(company_day(as_of))
    picture = picture_of(project_ids, week=week, weeks=MOST_WEEKS + 1, as_of=as_of)
    is_asked = picture.weeks[-1].invited > 0

    def shown(weeks: tuple[W, ...]) -> tuple[W, ...]:
        return weeks[1:] if is_asked else weeks[:-1]

    return Picture(
        weeks=shown(picture.weeks),
        dimensions={pk: shown(weeks) for pk, weeks in picture.dimensions.items()},
        projects={pk: shown(weeks) for pk, weeks in picture.projects.items()},
        first_weeks=picture.first_weeks,
    )
