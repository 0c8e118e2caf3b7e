"""What the cells and rows of a week's board show, for the projects of one page; few and flat rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, Count, Exists, FilteredRelation, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from accounts import access
from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.models import OPEN, Answer, CorrectiveAction, Invitation, SurveyDimension
from accounts.surveys.services import remindable
from accounts.users.models import User
from crm.queries.cases import with_due_at

WEEK = dt.timedelta(days=7)
Statement = tuple[str, tuple[Any, ...]]

# The lowest grade of both weeks, and what there is to know behind it. A note about the whole week has no
# dimension: it matches no cell and comes as a row of its own.
_CELLS = """
with waiting as ({cases}), graded as (
    select g.project_id, g.dimension_id,
        max(p.position) filter (where g.week_id = %s) as position,
        max(p.position) filter (where g.week_id <> %s) as before,
        (array_agg(p.letter order by p.position desc) filter (where g.week_id = %s))[1] as letter,
        count(*) filter (where g.week_id = %s) as voices,
        bool_or(g.comment <> '' or (p.warns and a.comment <> '')) filter (where g.week_id = %s) as is_said,
        bool_or(a.is_late) filter (where g.week_id = %s) as is_late
    from surveys_answergrade g
    join surveys_programmegrade p on p.id = g.grade_id
    join surveys_answer a on a.id = g.answer_id
    where g.project_id = any(%s) and g.week_id = any(%s) and g.superseded_at is null
    group by 1, 2
), noted as (
    select project_id, dimension_id, count(*) as notes from surveys_reviewnote
    where project_id = any(%s) and week_id = %s group by 1, 2
)
select project_id, dimension_id, coalesce(letter, ''), before - position, coalesce(voices, 0),
    coalesce(is_said, false), coalesce(is_late, false), coalesce(notes, 0), case_id,
    coalesce(due_at <= %s, false)
from graded
full join waiting using (project_id, dimension_id)
full join noted using (project_id, dimension_id)
"""


class Cell(NamedTuple):
    """One project and dimension. ``letter``: the lowest of the week, else empty. ``change``: steps of it
    against last week's lowest, below zero is worse; None where either week has none. ``voices``: who graded;
    ``is_said``: somebody gave words; ``is_late``: a grade came after the week had closed; ``notes``: ours;
    ``case_id``: the open corrective action, unless a later week opened it."""

    project_id: int
    dimension_id: int | None
    letter: str
    change: int | None
    voices: int
    is_said: bool
    is_late: bool
    notes: int
    case_id: int | None
    is_overdue: bool

    @property
    def has_more(self) -> bool:
        return bool(self.voices > 1 or self.is_said or self.is_late or self.notes or self.case_id)


class Silent(NamedTuple):
    """Who was asked and has not answered; ``last_answered_at`` before this week, if ever. ``may_remind``: his
    one reminder has not gone out yet, and can; ``is_reminded``: it has, or goes out now, and he has time."""

    name: str
    contact_id: int
    invitation_id: int
    failed_at: dt.datetime | None
    last_answered_at: dt.datetime | None
    may_remind: bool
    is_reminded: bool


@dataclass(frozen=True)
class BoardProject:
    """``customer`` and ``manager``: their names; ``remarks``: how many wrote about the week as a whole;
    ``may_change``: the reader may mark and note it; ``may_log``: he logs what is talked about with the
    customer."""

    pk: int
    name: str
    customer_id: int
    customer: str
    manager: str
    remarks: int
    may_change: bool
    may_log: bool
    silent: tuple[Silent, ...]


def waiting_cases(project_ids: Sequence[int], week: dt.date) -> Statement:
    """SQL of the open corrective actions: project_id, dimension_id, case_id, due_at. What a later week opened
    says nothing about this one."""
    opened = CorrectiveAction.objects.filter(OPEN, project__in=among(project_ids), opened_by__week__lte=week)
    shown: tuple[str, ...] = ("project_id", "dimension_id", "pk", "due_at")
    inner, values = with_due_at(opened).values(*shown).query.sql_with_params()
    return "select * from (" + inner + ") as shown (project_id, dimension_id, case_id, due_at)", values  # noqa: S608


def cells_of(project_ids: Sequence[int], week: dt.date, *, now: dt.datetime) -> list[Cell]:
    """Of the week that begins on the Monday ``week``. One query."""
    ids = list(project_ids)
    if not ids:
        return []
    cases, values = waiting_cases(ids, week)
    span: tuple[Any, ...] = (*[week] * 6, ids, [week, week - WEEK], ids, week, now)
    with connection.cursor() as cursor:
        cursor.execute(_CELLS.format(cases=cases), (*values, *span))
        return [Cell._make(row) for row in cursor.fetchall()]


def projects_of(
    project_ids: Sequence[int], week: dt.date, user: User, *, now: dt.datetime
) -> dict[int, BoardProject]:
    """The projects of a page with who is silent, by id. One query."""
    earlier = Invitation.objects.filter(
        project=OuterRef("pk"), contact=OuterRef("asked__contact"), week__lt=week, answered_at__isnull=False
    )
    current = Answer.objects.filter(project=OuterRef("pk"), week=week, superseded_at=None).exclude(comment="")
    remarks = current.order_by().values("project").annotate(said=Count("pk")).values("said")
    changeable = access.changeable_projects(user).filter(pk=OuterRef("pk"))
    loggable = access.loggable_customers(user).filter(pk=OuterRef("customer"))
    silent = Q(invitations__week=week, invitations__answered_at=None)
    reminded = Q(asked__reminded_at__isnull=False) | Q(asked__reminder_at__lte=now)
    found = (
        Project.objects.filter(pk__in=among(project_ids))
        .annotate(
            asked=FilteredRelation("invitations", condition=silent),
            last_answered_at=Subquery(earlier.order_by("-week").values("answered_at")[:1]),
            said=Coalesce(Subquery(remarks), 0),
            may_change=Exists(changeable),
            may_log=Exists(loggable),
            may_remind=_so(remindable(now=now, prefix="asked__")),
            is_reminded=_so(reminded & Q(asked__closes_at__gt=now)),
        )
        .order_by("pk", "asked__contact__sort_key", "asked__pk")
        .values_list(
            *("pk", "name", "customer_id", "customer__short_name", "manager__name", "said", "may_change"),
            *("may_log", "asked__contact__name", "asked__contact", "asked__pk", "asked__failed_at"),
            *("last_answered_at", "may_remind", "is_reminded"),
        )
    )
    people: dict[tuple[Any, ...], list[Silent]] = defaultdict(list)
    for row in found:
        waiting = people[row[:8]]
        if row[8] is not None:
            waiting.append(Silent._make(row[8:]))
    return {row[0]: _project(row, who) for row, who in people.items()}


def _project(row: tuple[Any, ...], silent: list[Silent]) -> BoardProject:
    pk, name, customer_id, customer, manager, remarks, may_change, may_log = row
    about = (pk, name, customer_id, customer, manager)
    return BoardProject(*about, remarks, may_change, may_log, tuple(silent))


def _so(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def dimensions_of(
    project_ids: Sequence[int], met: Iterable[int], week: dt.date
) -> tuple[SurveyDimension, ...]:
    """Those that these projects were asked about in the week, in their order, then others that a grade or
    case has."""
    asked = """
        select dimension.* from surveys_surveydimension dimension
        left join (
            select part.dimension_id, min(part.position) as position
            from surveys_programmedimension part
            where part.version_id in (
                select distinct programme_version_id from surveys_invitation
                where project_id = any(%s) and week_id = %s
            )
            group by part.dimension_id
        ) part on part.dimension_id = dimension.id
        where part.dimension_id is not null or dimension.id = any(%s)
        order by part.position nulls last, dimension.id
    """
    return tuple(SurveyDimension.objects.raw(asked, [list(project_ids), week, list(met)]))
