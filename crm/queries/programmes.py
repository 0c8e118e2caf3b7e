"""Reads of the survey programme's pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
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
from accounts.surveys.queries.programmes import versions_of_week
from accounts.surveys.weeks import first_week_after
from accounts.users.models import User

DAY, WEEK, NO_TIME = dt.timedelta(days=1), dt.timedelta(weeks=1), dt.timedelta()
# The preview reads every grade of a week; beyond this it would no longer follow the typing.
MOST_GRADES = 50_000


@dataclass(frozen=True)
class Held:
    """The weeks for which a version holds: from the Monday ``first`` to the Sunday ``last``, None while
    nothing replaces it. ``current``: the Monday of the week under way."""

    first: dt.date
    last: dt.date | None
    current: dt.date

    @property
    def is_never(self) -> bool:
        """Replaced or ended before its first week began."""
        return self.last is not None and self.last < self.first

    @property
    def is_now(self) -> bool:
        return self.first <= self.current and (self.last is None or self.current < self.last)

    @property
    def is_next(self) -> bool:
        return self.current < self.first and not self.is_never


@dataclass(frozen=True)
class Overview:
    """``general``: what holds for the week under way; ``follows``: what is active from the next week on, if
    that is another version; ``draft``: of the general programme, if any; ``overrides``: those of customers
    and projects, their drafts, and the last one of those that have ended; ``versions``: of the general
    programme, the latest first."""

    general: ProgrammeVersion
    follows: ProgrammeVersion | None
    draft: ProgrammeVersion | None
    overrides: tuple[Override, ...]
    versions: tuple[ProgrammeVersion, ...]


@dataclass(frozen=True)
class Override:
    """``is_behind``: the general programme has changed since it was activated. ``held``: None of a draft."""

    version: ProgrammeVersion
    held: Held | None
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


def overview(versions: QuerySet[ProgrammeVersion], *, now: dt.datetime) -> Overview:
    """``versions``: those of the weekly programme that he may see. One query."""
    known = list(with_people(versions).order_by("-number"))
    of_all = [each for each in known if is_general(each) and each.state != VersionState.DRAFT]
    active = next(each for each in of_all if each.state == VersionState.ACTIVE)
    held = held_by(of_all, now=now)
    general = next(each for each in of_all if held[each.pk].is_now)
    drafts = (each for each in known if is_general(each) and each.state == VersionState.DRAFT)
    return Overview(
        general=general,
        follows=None if active == general else active,
        draft=next(drafts, None),
        overrides=_overrides([each for each in known if not is_general(each)], active, now),
        versions=tuple(of_all),
    )


def held_by(versions: Collection[ProgrammeVersion], *, now: dt.datetime) -> dict[int, Held]:
    """By id, of versions that are or were active. With general ones among them, all of them: the first one
    also holds for the week in which it was activated."""
    general = [each for each in versions if is_general(each)]
    earliest = min(general, key=lambda each: (each.activated_at, each.pk)) if general else None
    return {each.pk: _held(each, now, is_earliest=each == earliest) for each in versions}


def _held(version: ProgrammeVersion, now: dt.datetime, *, is_earliest: bool) -> Held:
    assert version.activated_at is not None
    first = first_week_after(version.activated_at) - (WEEK if is_earliest else NO_TIME)
    last = first_week_after(version.retired_at) - DAY if version.retired_at else None
    return Held(first, last, first_week_after(now) - WEEK)


def _overrides(
    own: list[ProgrammeVersion], general: ProgrammeVersion, now: dt.datetime
) -> tuple[Override, ...]:
    """``own``: the latest first. Of each customer or project its draft and what was active last."""
    held = held_by([each for each in own if each.activated_at], now=now)
    shown, last = [], set()
    for each in own:
        if each.state == VersionState.DRAFT:
            shown.append(each)
        elif (key := (each.customer_id, each.project_id)) not in last:
            last.add(key)
            shown.append(each)
    return tuple(
        Override(each, held.get(each.pk), each.state != VersionState.RETIRED and _is_behind(each, general))
        for each in sorted(shown, key=_by_name)
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


def above(
    versions: QuerySet[ProgrammeVersion], customer: Customer | None, *, monday: dt.date
) -> ProgrammeVersion:
    """What holds for the week where there is none of its own: the customer's, else the general one."""
    holding = versions_of_week(monday)
    found = holding.by_customer.get(customer.pk) if customer else None
    return with_people(versions).get(pk=(found or holding.general).pk)


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
