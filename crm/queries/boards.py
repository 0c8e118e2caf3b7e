"""The weekly review: which projects, in which order, and a page of a week's board with indices and clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.customers.services import company_day
from accounts.surveys.models import SurveyDimension
from accounts.users.models import Team, User
from crm.queries.board_cells import (
    BoardProject,
    Cell,
    Silent,
    cells_of,
    dimensions_of,
    projects_of,
    waiting_cases,
)
from crm.queries.board_words import Line
from crm.queries.graded import NOTHING, Graded, graded_of
from crm.queries.keyset import Page
from scoring.satisfaction import WeekIndex, board_of, group_week

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
), reviewed as (
    select count(*) as n, sum(id) as ids from surveys_weekreview where project_id = any(%(projects)s)
      and week_id = (select week from shown)
)
select first, latest, week,
    (select max(closes_at) from asked where week_id = week),
    (select count(*) from asked),
    (select count(failed_at) from asked),
    (select max(id) from said),
    (select max(e.id) from surveys_caseevent e join surveys_correctiveaction c on c.id = e.case_id
        where c.project_id = any(%(projects)s)),
    (select max(h.id) from surveys_respondentchange h join surveys_respondent r on r.id = h.respondent_id
        where r.project_id = any(%(projects)s)),
    (select n from reviewed),
    (select ids from reviewed),
    (select max(id) from surveys_reviewnote where project_id = any(%(projects)s)
        and week_id = (select week from shown))
from span, shown
"""
# Every project of the board in its order, before any row of it is made: thousands take as long as a page.
_ORDER = """
with waiting as ({cases}), asked as (
    select distinct project_id from surveys_invitation where project_id = any(%s) and week_id = %s
), graded as (
    select g.project_id, max(p.position) filter (where g.week_id = %s) as lowest,
        max(p.position) filter (where g.week_id <> %s) as before
    from surveys_answergrade g join surveys_programmegrade p on p.id = g.grade_id
    where g.project_id = any(%s) and g.week_id = any(%s) and g.superseded_at is null
    group by g.project_id, g.dimension_id
), fallen as (
    select project_id, max(lowest) as lowest, least(min(before - lowest), 0) as fall from graded group by 1
), open as (
    select project_id, count(*) as cases, count(*) filter (where due_at <= %s) as overdue
    from waiting group by 1
)
select p.id, coalesce(o.cases, 0), coalesce(o.overdue, 0), r.id is not null
from projects_project p
join customers_customer c on c.id = p.customer_id
left join asked on asked.project_id = p.id
left join open o on o.project_id = p.id
left join fallen f on f.project_id = p.id
left join surveys_weekreview r on r.project_id = p.id and r.week_id = %s
where p.id = any(%s) and (asked.project_id is not null or o.project_id is not null)
order by {order} c.sort_key collate "C", p.name collate "C", p.id
"""


class Whose(models.TextChoices):
    MINE = "mine", _("Projects I manage or lead")
    ALL = "all", _("All projects I see")


class Order(models.TextChoices):
    FALL = "fall", _("Worst fall first")
    LOWEST = "lowest", _("Lowest grade first")
    NAME = "name", _("By customer and project")


class Left(models.TextChoices):
    ALL = "", _("Reviewed or not")
    UNREVIEWED = "not", _("Not yet reviewed")


_ORDERS = {
    Order.FALL: "coalesce(f.fall, 0), o.cases is null, coalesce(o.overdue, 0) = 0, f.lowest desc nulls last,",
    Order.LOWEST: "f.lowest desc nulls last, coalesce(f.fall, 0),",
    Order.NAME: "",
}


class Scoped(NamedTuple):
    """A project whose grades somebody sees; ``is_managed``: he or his people manage it."""

    pk: int
    manager: int
    manager_name: str
    is_managed: bool


class Placed(NamedTuple):
    """A project on the board: its open corrective actions, and whether its week was reviewed."""

    pk: int
    cases: int
    overdue: int
    is_reviewed: bool


@dataclass(frozen=True)
class Shown:
    """A cell under its dimension."""

    dimension: SurveyDimension
    label: str
    cell: Cell


@dataclass(frozen=True)
class Waiting:
    """Who was asked and has not answered. ``days`` since his last answer; None where there is none.
    ``may_remind``: the reader may send the week's one reminder now."""

    name: str
    contact_id: int
    invitation_id: int
    days: int | None
    has_failed: bool
    may_remind: bool
    is_reminded: bool


@dataclass(frozen=True)
class ReviewRow:
    """``history``: 13 weeks, oldest first, the week of the board last. ``notes``: ours about all of it;
    ``graded``: how much of what its answers could say."""

    project: BoardProject
    cells: tuple[Shown, ...]
    history: tuple[WeekIndex, ...]
    waiting: tuple[Waiting, ...]
    notes: int
    is_reviewed: bool
    graded: Graded

    @property
    def week(self) -> WeekIndex:
        return self.history[-1]

    @property
    def line(self) -> tuple[float | None, ...]:
        return tuple(week.index for week in self.history)


@dataclass(frozen=True)
class Review:
    """``labels`` of the ``dimensions``; ``whole``: these projects as a group; ``page``: the rows that are
    shown; ``reviewed`` of ``count``."""

    labels: tuple[str, ...]
    dimensions: tuple[int, ...]
    whole: WeekIndex
    page: Page[ReviewRow]
    count: int
    reviewed: int
    open_cases: int
    overdue: int

    @property
    def has_actions(self) -> bool:
        """Whether anything stands in the last column: for who only reads there is nothing to do."""
        return any(row.project.may_change or row.is_reviewed for row in self.page.rows)


@dataclass(frozen=True)
class SaidWords:
    """``label``: of the dimension; empty for the week as a whole."""

    project: BoardProject
    label: str
    line: Line


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


def scope_of(user: User) -> list[Scoped]:
    """Every project whose grades he sees. One query."""
    people = access.people_of(user).filter(pk=OuterRef("manager"))
    found = access.graded_projects(user).annotate(is_managed=Exists(people)).order_by("pk")
    rows = found.values_list("pk", "manager", "manager__name", "is_managed")
    return [Scoped._make(row) for row in rows]


def teams_of(managers: Sequence[int]) -> dict[int, tuple[str, frozenset[int]]]:
    """Teams in which one of these people is: name, and who of them. One query."""
    found = Team.objects.filter(members__user__in=managers).order_by("name", "pk")
    teams: dict[int, tuple[str, frozenset[int]]] = {}
    for pk, name, member in found.values_list("pk", "name", "members__user"):
        teams[pk] = (name, teams.get(pk, ("", frozenset()))[1] | {member})
    return teams


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


def order_of(
    project_ids: Sequence[int], week: dt.date, *, order: Order, now: dt.datetime
) -> tuple[Placed, ...]:
    """Projects somebody was asked about in that week, and those with a case that was open by then."""
    ids = list(project_ids)
    if not ids:
        return ()
    cases, values = waiting_cases(ids, week)
    statement = _ORDER.format(cases=cases, order=_ORDERS[order])
    span = (ids, week, week, week, ids, [week, week - WEEK], now, week, ids)
    with connection.cursor() as cursor:
        cursor.execute(statement, (*values, *span))
        return tuple(Placed._make(row) for row in cursor.fetchall())


def page_of(
    placed: Sequence[Placed], *, after: str = "", before: str = "", most: int | None = None
) -> Page[Placed]:
    """`MOST_ROWS` behind a project, or in front of it; a cursor is the id of a project. The first ones where
    it is none of the board."""
    most = most or MOST_ROWS
    place = {str(each.pk): number for number, each in enumerate(placed)} if after or before else {}
    start = place[after] + 1 if after in place else 0
    if before in place:
        start = max(place[before] - most, 0)
    shown = list(placed[start : start + most])
    return Page(
        rows=shown,
        newer=str(shown[0].pk) if shown and start else None,
        older=str(shown[-1].pk) if start + len(shown) < len(placed) else None,
        count=len(placed),
    )


def review_of(
    placed: Sequence[Placed],
    page: Page[Placed],
    week: dt.date,
    *,
    user: User,
    language: str,
    now: dt.datetime,
) -> Review:
    """The board of the Monday ``week``; the number of queries does not depend on that of the projects."""
    ids = [each.pk for each in page.rows]
    cells = {(cell.project_id, cell.dimension_id): cell for cell in cells_of(ids, week, now=now)}
    met = {cell.dimension_id for cell in cells.values() if cell.has_more or cell.letter}
    everybody = [each.pk for each in placed]
    dimensions = dimensions_of(everybody, [pk for pk in met if pk], week)
    labels = tuple(each.name_in(language) for each in dimensions)
    histories, whole = _indices(everybody, ids, week, now=now)
    projects, today = projects_of(ids, week, user, now=now), company_day(now)
    graded = graded_of(ids, week, as_of=now)

    def row(each: Placed) -> ReviewRow:
        shown = tuple(
            Shown(dimension, label, cells.get((each.pk, dimension.pk)) or _nothing(each.pk, dimension.pk))
            for dimension, label in zip(dimensions, labels, strict=True)
        )
        general, project = cells.get((each.pk, None)), projects[each.pk]
        waiting, notes = _waiting(project, today), general.notes if general else 0
        of_asked = graded.get(each.pk, NOTHING)
        return ReviewRow(project, shown, histories[each.pk], waiting, notes, each.is_reviewed, of_asked)

    return Review(
        labels=labels,
        dimensions=tuple(each.pk for each in dimensions),
        whole=whole,
        page=Page([row(each) for each in page.rows], page.newer, page.older, page.count),
        count=len(placed),
        reviewed=sum(each.is_reviewed for each in placed),
        open_cases=sum(each.cases for each in placed),
        overdue=sum(each.overdue for each in placed),
    )


def _indices(
    everybody: list[int], shown: list[int], week: dt.date, *, now: dt.datetime
) -> tuple[dict[int, tuple[WeekIndex, ...]], WeekIndex]:
    """The 13 weeks of the projects ``shown`` at least, and the week of everybody."""
    if len(everybody) <= MOST_ROWS:
        return board_of(everybody, week=week, as_of=now)
    histories, _whole = board_of(shown, week=week, as_of=now)
    return histories, group_week(everybody, week=week, as_of=now)


def words_of(review: Review, lines: Sequence[Line]) -> tuple[SaidWords, ...]:
    """Lines about projects of the board, each with its project and dimension."""
    labels = dict(zip(review.dimensions, review.labels, strict=True))
    projects = {row.project.pk: row.project for row in review.page.rows}
    return tuple(
        SaidWords(projects[line.project_id], labels.get(line.dimension_id or 0, ""), line) for line in lines
    )


def _nothing(project: int, dimension: int) -> Cell:
    return Cell(project, dimension, "", None, 0, False, False, 0, None, False)


def _waiting(project: BoardProject, today: dt.date) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            name=silent.name,
            contact_id=silent.contact_id,
            invitation_id=silent.invitation_id,
            days=_days(silent, today),
            has_failed=silent.failed_at is not None,
            may_remind=silent.may_remind and project.may_change,
            is_reminded=silent.is_reminded,
        )
        for silent in project.silent
    )


def _days(silent: Silent, today: dt.date) -> int | None:
    last = silent.last_answered_at
    return (today - company_day(last)).days if last else None
