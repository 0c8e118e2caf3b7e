"""Reads of the survey programme's pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.customers.models import Customer
from accounts.projects.models import FunctionalManager, FunctionalRole, Project
from accounts.surveys.models import (
    AnswerGrade,
    CalendarDay,
    HolidayCalendar,
    Invitation,
    ProgrammeVersion,
    VersionState,
)
from accounts.users.models import User

# The preview reads every grade of a week; beyond this it would no longer follow the typing.
MOST_GRADES = 50_000


@dataclass(frozen=True)
class Overview:
    """``general``: the active version; ``draft``: of the general programme, if any; ``overrides``: active
    versions of customers and projects and their drafts; ``versions``: of the general programme, the latest
    first."""

    general: ProgrammeVersion
    draft: ProgrammeVersion | None
    overrides: tuple[Override, ...]
    versions: tuple[ProgrammeVersion, ...]


@dataclass(frozen=True)
class Override:
    """``is_behind``: the general programme has changed since it was activated."""

    version: ProgrammeVersion
    is_behind: bool


@dataclass(frozen=True)
class WeekGrades:
    """What was said in a week: ``answers`` are the number of each answer's project, 0 to ``projects`` - 1;
    ``grades`` are (number of the answer, code of the dimension, letter)."""

    week: dt.date
    projects: int
    answers: tuple[int, ...]
    grades: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Manager:
    role: FunctionalRole
    user: User | None


def overview(versions: QuerySet[ProgrammeVersion]) -> Overview:
    """``versions``: those of the weekly programme that he may see. One query."""
    known = list(with_people(versions).order_by("-number"))
    of_all = [each for each in known if is_general(each)]
    general = next(each for each in of_all if each.state == VersionState.ACTIVE)
    own = [each for each in known if not is_general(each) and each.state != VersionState.RETIRED]
    return Overview(
        general=general,
        draft=next((each for each in of_all if each.state == VersionState.DRAFT), None),
        overrides=tuple(Override(each, _is_behind(each, general)) for each in sorted(own, key=_by_name)),
        versions=tuple(each for each in of_all if each.state != VersionState.DRAFT),
    )


def of_scope(
    versions: QuerySet[ProgrammeVersion], *, customer: Customer | None, project: Project | None
) -> tuple[ProgrammeVersion, ...]:
    """All versions of its own of a customer or project, the latest first; a draft stands before them."""
    found = with_people(versions).filter(customer=customer, project=project)
    return tuple(found.order_by("-number"))


def predecessor(version: ProgrammeVersion) -> ProgrammeVersion | None:
    """The version that held before in the same scope; of the first and of a draft what it was made from."""
    if version.activated_at is None:
        return version.based_on
    before = ProgrammeVersion.objects.filter(
        Q(activated_at__lt=version.activated_at) | Q(activated_at=version.activated_at, pk__lt=version.pk),
        programme=version.programme_id,
        customer=version.customer_id,
        project=version.project_id,
    )
    return before.order_by("-activated_at", "-pk").first() or version.based_on


def with_people(versions: QuerySet[ProgrammeVersion]) -> QuerySet[ProgrammeVersion]:
    related = ("programme", "created_by", "customer", "project__customer", "calendar", "based_on")
    return versions.select_related(*related)


def is_general(version: ProgrammeVersion) -> bool:
    return version.customer_id is None and version.project_id is None


def grades_of_last_week(now: dt.datetime) -> WeekGrades | None:
    """Of the latest week that has closed; None without one, or when it is too large. Two queries."""
    closed = Invitation.objects.filter(closes_at__lte=now).order_by("-week").values_list("week", flat=True)
    week = closed.first()
    if week is None:
        return None
    found = AnswerGrade.objects.filter(week=week, superseded_at=None)
    rows = found.values_list("answer", "project", "dimension__code", "grade__letter")[: MOST_GRADES + 1]
    said = list(rows)
    if not said or len(said) > MOST_GRADES:
        return None
    projects = {pk: number for number, pk in enumerate(dict.fromkeys(project for _a, project, *_r in said))}
    answers = {answer: projects[project] for answer, project, *_rest in said}
    numbers = {answer: number for number, answer in enumerate(answers)}
    grades = tuple((numbers[answer], code, letter) for answer, _project, code, letter in said)
    return WeekGrades(week, len(projects), tuple(answers.values()), grades)


def above(versions: QuerySet[ProgrammeVersion], customer: Customer | None) -> ProgrammeVersion:
    """The active version that holds where there is none of its own: the customer's, else the general one."""
    active = with_people(versions).filter(state=VersionState.ACTIVE, project=None)
    own = active.filter(customer=customer).first() if customer else None
    return own or active.get(customer=None)


def calendars_with_counts() -> QuerySet[HolidayCalendar]:
    """With ``first`` and ``last`` day, how many ``holidays`` and ``make_up_days``, and how many ``versions``
    count with it."""
    named = ProgrammeVersion.objects.filter(calendar=OuterRef("pk")).values("calendar")
    used = named.annotate(count=Count("pk")).values("count")
    return HolidayCalendar.objects.annotate(
        first=Min("days__day"),
        last=Max("days__day"),
        holidays=Count("days", filter=Q(days__is_working=False)),
        make_up_days=Count("days", filter=Q(days__is_working=True)),
        versions=Coalesce(Subquery(used), 0),
    ).order_by("name")


def calendar_names() -> dict[int, str]:
    """By id; a company has a handful."""
    return dict(HolidayCalendar.objects.values_list("pk", "name"))


def days_of(calendar: HolidayCalendar, year: int) -> list[CalendarDay]:
    return list(CalendarDay.objects.filter(calendar=calendar, day__year=year).order_by("day"))


def years_of(calendar: HolidayCalendar) -> list[int]:
    days = CalendarDay.objects.filter(calendar=calendar).dates("day", "year")
    return [day.year for day in days]


def functional_managers() -> tuple[Manager, ...]:
    """One line per functional role, also for those that nobody heads. One query."""
    heads = {each.functional_role: each.user for each in FunctionalManager.objects.select_related("user")}
    return tuple(Manager(role, heads.get(role.value)) for role in FunctionalRole)


def _is_behind(version: ProgrammeVersion, general: ProgrammeVersion) -> bool:
    since = version.activated_at or version.created_at
    return general.activated_at is not None and general.activated_at > since


def _by_name(version: ProgrammeVersion) -> tuple[str, str]:
    customer = version.project.customer if version.project else version.customer
    return (customer.sort_key if customer else "", version.project.name if version.project else "")
