"""The weekly review: a week's board with indices and clocks, and the history of one project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.customers.services import company_day
from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.models import Answer, AnswerGrade, CorrectiveAction, SurveyDimension
from accounts.surveys.queries import (
    Asked,
    Board,
    BoardProject,
    BoardRow,
    Cell,
    CellGrade,
    projects_of_week,
    week_board,
)
from accounts.users.models import User
from crm.queries.cases import clock_of
from crm.queries.keyset import Page
from scoring.satisfaction import WeekIndex, board_of, picture_of

WEEK = dt.timedelta(days=7)
MOST_ROWS = 100
# What waits on a clock turns red without anybody writing a row: the board looks again this often.
CLOCKS_EVERY = dt.timedelta(minutes=5)
# A page asks every few seconds whether the board is still the same: one statement, by the keys of projects.
# The answers are found first: for max() alone PostgreSQL would go through all of them from the latest.
_PULSE = """
with span as (
    select min(week_id) as first, max(week_id) as latest from surveys_invitation
    where project_id = any(%(projects)s)
), shown as materialized (
    select coalesce(%(week)s::date, latest, %(this_week)s::date) as week from span
), asked as (
    select week_id, closes_at, failed_at from surveys_invitation where project_id = any(%(projects)s)
      and week_id = any(array[(select week from shown), (select week - 7 from shown)])
), said as materialized (
    select id from surveys_answer where project_id = any(%(projects)s)
      and week_id = any(array[(select week from shown), (select week - 7 from shown)])
)
select first, latest, week,
    (select max(closes_at) from asked where week_id = week),
    (select count(*) from asked),
    (select count(failed_at) from asked),
    (select max(id) from said),
    (select max(e.id) from surveys_caseevent e join surveys_correctiveaction c on c.id = e.case_id
        where c.project_id = any(%(projects)s)),
    (select max(h.id) from surveys_respondentchange h join surveys_respondent r on r.id = h.respondent_id
        where r.project_id = any(%(projects)s))
from span, shown
"""


class Whose(models.TextChoices):
    MINE = "mine", _("Projects I manage or lead")
    ALL = "all", _("All projects I see")


class Order(models.TextChoices):
    FALL = "fall", _("Worst fall first")
    LOWEST = "lowest", _("Lowest grade first")
    NAME = "name", _("By customer and project")


@dataclass(frozen=True)
class Voice:
    """What one respondent said of a dimension. ``before``: his letter of the week before, else empty;
    ``answer``: his words about the week as a whole."""

    name: str
    grade: CellGrade
    before: str
    answer: str


@dataclass(frozen=True)
class ShownCell:
    """``is_late``: the lowest grade came after the week had closed."""

    dimension: SurveyDimension
    label: str
    cell: Cell
    voices: tuple[Voice, ...]
    is_overdue: bool

    @property
    def letter(self) -> str:
        return self.cell.lowest.letter if self.cell.lowest else ""

    @property
    def is_late(self) -> bool:
        return any(voice.grade.is_late for voice in self.voices)

    @property
    def has_comment(self) -> bool:
        return any(voice.grade.comment or (voice.grade.warns and voice.answer) for voice in self.voices)

    @property
    def has_more(self) -> bool:
        return bool(self.has_comment or self.is_late or self.cell.case or len(self.voices) > 1)


@dataclass(frozen=True)
class Remark:
    """Words about the week as a whole."""

    name: str
    text: str


@dataclass(frozen=True)
class Waiting:
    """Who was asked and has not answered. ``days`` since his last answer; None where there is none."""

    name: str
    days: int | None
    has_failed: bool


@dataclass(frozen=True)
class ReviewRow:
    """``history``: 13 weeks, oldest first, the week of the board last."""

    row: BoardRow
    cells: tuple[ShownCell, ...]
    history: tuple[WeekIndex, ...]
    remarks: tuple[Remark, ...]
    waiting: tuple[Waiting, ...]

    @property
    def project(self) -> BoardProject:
        return self.row.project

    @property
    def week(self) -> WeekIndex:
        return self.history[-1]

    @property
    def line(self) -> tuple[float | None, ...]:
        return tuple(week.index for week in self.history)


@dataclass(frozen=True)
class Review:
    """``whole``: these projects as a group."""

    labels: tuple[str, ...]
    rows: tuple[ReviewRow, ...]
    whole: WeekIndex
    open_cases: int
    overdue: int


@dataclass(frozen=True)
class Choice:
    """Projects to choose between: ``managed``: he or his people manage them, ``own``: he himself."""

    managed: list[int]
    own: list[int]


@dataclass(frozen=True)
class Pulse:
    """``first`` and ``latest``: Mondays somebody was invited in, None before the first; ``week``: the one
    that is shown; ``closes_at``: when its last respondent's time is over. ``seen`` is another one when
    something on the board is."""

    first: dt.date | None
    latest: dt.date | None
    week: dt.date
    closes_at: dt.datetime | None
    seen: str


def choice_of(user: User) -> Choice:
    people = access.people_of(user)
    managed = access.graded_projects(user).filter(manager__in=people.values("pk"))
    rows = list(managed.order_by("pk").values_list("pk", "manager"))
    return Choice([pk for pk, _manager in rows], [pk for pk, manager in rows if manager == user.pk])


def all_projects(user: User) -> list[int]:
    return list(access.graded_projects(user).order_by("pk").values_list("pk", flat=True))


def pulse_of(
    project_ids: Sequence[int], week: dt.date | None, *, this_week: dt.date, now: dt.datetime
) -> Pulse:
    """Of the Monday ``week``, else of the latest that somebody was asked in. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PULSE, {"projects": list(project_ids), "week": week, "this_week": this_week})
        first, latest, shown, closes_at, *ends = cursor.fetchone()
    clock = int(now.timestamp() // CLOCKS_EVERY.total_seconds())
    seen = ".".join(str(part or 0) for part in (*ends, clock))
    return Pulse(first, latest, shown, closes_at, seen)


def review_of(
    project_ids: Sequence[int], week: dt.date, *, order: Order, language: str, now: dt.datetime
) -> Review:
    """The board of the Monday ``week``; the number of queries does not depend on that of the projects."""
    projects = Project.objects.filter(pk__in=among(project_ids))
    board = week_board(projects_of_week(projects, week), week)
    ids = [row.project.pk for row in board.rows]
    histories, whole = board_of(ids, week=week, as_of=now)
    labels = tuple(dimension.name_in(language) for dimension in board.dimensions)
    rows = [_review_row(board, labels, row, histories[row.project.pk], now=now) for row in board.rows]
    cases = [case for row in board.rows for case in row.cases]
    return Review(
        labels=labels,
        rows=tuple(_ordered(rows, order)),
        whole=whole,
        open_cases=len(cases),
        overdue=sum(clock_of(case, now).is_overdue for case in cases),
    )


def page_of_rows(rows: Sequence[ReviewRow], *, after: str = "", before: str = "") -> Page[ReviewRow]:
    """`MOST_ROWS` behind a project, or in front of it; a cursor is the id of a project. The first ones where
    it is none of the board."""
    place = {str(row.project.pk): number for number, row in enumerate(rows)}
    start = place[after] + 1 if after in place else 0
    if before in place:
        start = max(place[before] - MOST_ROWS, 0)
    shown = list(rows[start : start + MOST_ROWS])
    return Page(
        rows=shown,
        newer=str(shown[0].project.pk) if shown and start else None,
        older=str(shown[-1].project.pk) if start + len(shown) < len(rows) else None,
        count=len(rows),
    )


def _review_row(
    board: Board, labels: Sequence[str], row: BoardRow, history: tuple[WeekIndex, ...], *, now: dt.datetime
) -> ReviewRow:
    cells = tuple(
        ShownCell(
            dimension=dimension,
            label=label,
            cell=cell,
            voices=_voices(row, cell),
            is_overdue=cell.case is not None and clock_of(cell.case, now).is_overdue,
        )
        for dimension, label, cell in zip(board.dimensions, labels, row.cells, strict=True)
    )
    remarks = tuple(Remark(row.people[pk], text) for pk, text in row.comments.items())
    return ReviewRow(row, cells, history, remarks, tuple(_waiting(silent, now) for silent in row.silent))


def _waiting(silent: Asked, now: dt.datetime) -> Waiting:
    last = silent.last_answered_at
    return Waiting(
        name=silent.name,
        days=(company_day(now) - company_day(last)).days if last else None,
        has_failed=silent.failed_at is not None,
    )


def _voices(row: BoardRow, cell: Cell) -> tuple[Voice, ...]:
    before = {grade.contact_id: grade.letter for grade in cell.before}
    return tuple(
        Voice(
            name=row.people[grade.contact_id],
            grade=grade,
            before=before.get(grade.contact_id, ""),
            answer=row.comments.get(grade.contact_id, ""),
        )
        for grade in cell.grades
    )


def _ordered(rows: list[ReviewRow], order: Order) -> list[ReviewRow]:
    def name(each: ReviewRow) -> tuple[str, str, int]:
        return each.project.sort_key, each.project.name, each.project.pk

    def fall(each: ReviewRow) -> int:
        return min(each.row.worst_change, 0)

    def unsolved(each: ReviewRow) -> bool:
        return not each.row.cases

    def lowest(each: ReviewRow) -> int:
        return -each.row.lowest.position if each.row.lowest else 1

    if order == Order.NAME:
        return sorted(rows, key=name)
    if order == Order.LOWEST:
        return sorted(rows, key=lambda each: (lowest(each), fall(each), *name(each)))
    return sorted(rows, key=lambda each: (fall(each), unsolved(each), lowest(each), *name(each)))


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
    """``weeks``, ``words`` and ``cases``: the latest first. ``line``: 13 indices, oldest first."""

    labels: tuple[str, ...]
    weeks: tuple[PastWeek, ...]
    line: tuple[float | None, ...]
    words: tuple[Words, ...]
    cases: tuple[CorrectiveAction, ...]


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
    cases = CorrectiveAction.objects.filter(project=project).select_related("dimension", "owner", "customer")
    return ProjectHistory(
        labels=tuple(names[pk] for pk in picture.dimensions),
        weeks=tuple(reversed([each for each in weeks if each.index.invited])),
        line=tuple(each.index for each in picture.weeks),
        words=_words(project, picture.weeks[0].week, week, names),
        cases=tuple(cases.order_by(F("closed_at").desc(nulls_first=True), "-opened_at", "-pk")),
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
