"""Reads about corrective actions: the clock that runs, the list by clock, and the page of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypedDict

from django.conf import settings
from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.functional import Promise

from accounts import access
from accounts.customers.services import company_day
from accounts.surveys.models import (
    OPEN,
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    CaseState,
    ConfirmationRequest,
    CorrectiveAction,
)
from accounts.surveys.services.cases import passed_over
from accounts.surveys.services.consequences import OUR_STEPS
from accounts.users.models import User
from crm.queries import keyset
from crm.queries.case_rounds import Attempt, attempts_of
from crm.queries.case_work import escalations_of, with_alarms

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedCase = WithAnnotations[CorrectiveAction, "LowestGrade"]

EXPORTED_AT_ONCE = 500
GRADES_SHOWN = 50
SAID_FIRST = 3
# The grade of a case: one that stands before one that was changed since, then the latest.
LATEST_SAID = (F("superseded_at").desc(nulls_first=True), "-known_at", "-pk")
SHOWN_IN_LIST = ("customer", "project", "dimension", "owner")


class LowestGrade(TypedDict):
    """Letters of the present round, None where there is none: the grade that stands and was given last, or
    after an edit the last there was, as Today has it; and the lowest. ``escalated_to``: who was told that a
    clock of the attempt that runs was missed."""

    letter: str | None
    lowest: str | None
    escalated_to: tuple[str, ...]


class Running(StrEnum):
    """What a corrective action waits for."""

    ACKNOWLEDGE = "acknowledge"
    PLAN = "plan"
    SOLVE = "solve"
    CUSTOMER = "customer"
    NOTHING = "nothing"


@dataclass(frozen=True)
class CaseClock:
    """``until``: an instant, or the last day in time; None when there is nothing for us to do."""

    running: Running
    until: dt.datetime | dt.date | None
    is_overdue: bool


def clock_of(case: CorrectiveAction, now: dt.datetime) -> CaseClock:
    """Which clock runs; `with_due_at` is the same in SQL."""
    until = case.next_clock
    if until is None:
        return CaseClock(Running.CUSTOMER if case.is_open else Running.NOTHING, None, is_overdue=False)
    if isinstance(until, dt.datetime):
        running = Running.ACKNOWLEDGE if case.state == CaseState.OPEN else Running.PLAN
        return CaseClock(running, until, is_overdue=now >= until)
    return CaseClock(Running.SOLVE, until, is_overdue=company_day(now) > until)


def with_due_at(cases: QuerySet[CorrectiveAction]) -> QuerySet[CorrectiveAction]:
    """``due_at``: the instant at which the clock that runs is over; null when none runs."""
    next_day = ExpressionWrapper(F("solve_by") + dt.timedelta(days=1), output_field=DateTimeField())
    day_over = Func(
        Value(settings.TIME_ZONE), next_day, function="timezone", output_field=DateTimeField(null=True)
    )
    return cases.annotate(
        due_at=Case(
            When(state=CaseState.OPEN, then=F("acknowledge_by")),
            When(closed_at__isnull=False, then=None),
            When(corrected_at__isnull=False, then=None),
            When(solve_by=None, then=F("plan_by")),
            default=day_over,
            output_field=DateTimeField(null=True),
        )
    )


def overdue(cases: QuerySet[CorrectiveAction], now: dt.datetime) -> QuerySet[CorrectiveAction]:
    return with_due_at(cases).filter(Q(("due_at__lte", now)))


def page_of_cases(
    found: QuerySet[CorrectiveAction], *, after: str = "", before: str = ""
) -> keyset.Page[ListedCase]:
    """By clock, longest overdue first; then those that wait for the customer, then closed ones."""
    page = keyset.page_or_first(_by_clock(found), after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(
        rows=rows_of(page.rows),
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )


def all_cases(found: QuerySet[CorrectiveAction]) -> Iterator[ListedCase]:
    """Everything found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    order, after = _by_clock(found), ""
    while True:
        page = keyset.page_of_ids(order, after=after, limit=EXPORTED_AT_ONCE)
        yield from rows_of(page.rows)
        if page.older is None:
            return
        after = page.older


def _by_clock(found: QuerySet[CorrectiveAction]) -> list[keyset.Part]:
    timed = with_due_at(found)
    return [
        keyset.Part(timed.filter(Q(("due_at__isnull", False))), ("due_at", "pk"), (dt.datetime, int)),
        keyset.Part(
            found.filter(OPEN, corrected_at__isnull=False), ("corrected_at", "pk"), (dt.datetime, int)
        ),
        keyset.Part(found.filter(closed_at__isnull=False), ("-closed_at", "-pk"), (dt.datetime, int)),
    ]


def rows_of(ids: list[int]) -> list[ListedCase]:
    grades = AnswerGrade.objects.filter(case=OuterRef("pk"), known_at__gte=OuterRef("opened_at"))
    latest = grades.order_by(*LATEST_SAID)
    by_id: dict[int, Any] = (
        CorrectiveAction.objects.select_related(*SHOWN_IN_LIST)
        .annotate(
            letter=Subquery(latest.values("grade__letter")[:1]),
            lowest=Subquery(grades.order_by("-grade__position").values("grade__letter")[:1]),
        )
        .in_bulk(ids)
    )
    told = escalations_of(ids)
    for pk, case in by_id.items():
        case.escalated_to = told.get(pk, ())
    return [by_id[pk] for pk in ids if pk in by_id]


@dataclass(frozen=True)
class Step:
    """A step of the way; ``at`` is None where it lies ahead or was passed over. ``fills``: the step that may
    be said afterwards, empty where none is missing."""

    fills: str
    label: str | Promise
    at: dt.datetime | None
    is_current: bool
    is_passed_over: bool


@dataclass(frozen=True)
class CaseRecord:
    """What the page of a case shows beside the case. Grades of the present round (``complaints``) and of
    rounds before it (``earlier``), the latest first; ``confirming``: the least grade that closes it.
    ``sees_customer``: whether he may open the customer, the project and the people behind it."""

    steps: tuple[Step, ...]
    attempts: tuple[Attempt, ...]
    sees_customer: bool
    complaints: tuple[AnswerGrade, ...]
    earlier: tuple[AnswerGrade, ...]
    confirming: str
    plan: CaseEvent | None
    others: tuple[CorrectiveAction, ...]

    @property
    def attempt(self) -> Attempt:
        """The one that runs."""
        return self.attempts[-1]

    @property
    def attempts_before(self) -> tuple[Attempt, ...]:
        """The latest first."""
        return self.attempts[-2::-1]

    @property
    def said(self) -> tuple[AnswerGrade, ...]:
        """The latest complaints, and the worst of all: it is what has to be answered."""
        worst = max(self.complaints, key=lambda grade: grade.grade.position, default=None)
        latest = self.complaints[:SAID_FIRST]
        return latest if worst is None or worst in latest else (*latest, worst)

    @property
    def said_before(self) -> tuple[AnswerGrade, ...]:
        return tuple(grade for grade in self.complaints if grade not in self.said)


def record_of(case: CorrectiveAction, user: User) -> CaseRecord:
    grades = list(_grades_of(case))
    siblings = access.visible_cases(user).filter(OPEN, project=case.project_id).exclude(pk=case.pk)
    return CaseRecord(
        steps=steps_of(case),
        attempts=attempts_of(case),
        sees_customer=access.visible_customers(user).filter(pk=case.customer_id).exists(),
        complaints=tuple(grade for grade in grades if grade.known_at >= case.opened_at),
        earlier=tuple(grade for grade in grades if grade.known_at < case.opened_at),
        confirming=_confirming(case),
        plan=_plan_of(case) if case.planned_at else None,
        others=tuple(siblings.select_related(*SHOWN_IN_LIST).order_by("acknowledge_by", "pk")),
    )


def steps_of(case: CorrectiveAction) -> tuple[Step, ...]:
    """From opened to confirmed, of the present round."""
    times = (
        (CaseState.OPEN, case.opened_at),
        (CaseState.ACKNOWLEDGED, case.acknowledged_at),
        (CaseState.PLANNED, case.planned_at),
        (CaseState.CONTAINED, case.contained_at),
        (CaseState.CAUSE_FOUND, case.cause_found_at),
        (CaseState.CORRECTED, case.corrected_at),
        (CaseState.CONFIRMED, case.closed_at),
    )
    reached = [state for state, _at in times].index(CaseState(case.state))
    missing = passed_over(case)
    return tuple(
        Step(
            state.value if state in missing else "",
            CaseEventKind.OPENED.label if state == CaseState.OPEN else state.label,
            at,
            is_current=number == reached,
            is_passed_over=number < reached and at is None,
        )
        for number, (state, at) in enumerate(times)
    )


def log_of(case: CorrectiveAction, *, after: str = "", before: str = "") -> keyset.Page[CaseEvent]:
    """What happened, the latest first, with the ``letter`` and words of the grade it came from. ``was``: the
    complaint that he changed to it before we took a step; ``instead_of``: who complained and could not be
    asked any more; ``rang``: the alarms of an event."""
    order = [keyset.Part(CaseEvent.objects.filter(case=case), ("-pk",), (int,))]
    page = keyset.page_or_first(order, after=after, before=before)
    grade = AnswerGrade.objects.filter(answer=OuterRef("answer"), dimension=case.dimension_id)
    events = (
        CaseEvent.objects.filter(pk__in=page.rows)
        .select_related("author", "assignee", "contact", "answer__week")
        .annotate(
            letter=Subquery(grade.values("grade__letter")[:1]),
            said=Subquery(grade.values("comment")[:1]),
            was=Subquery(_taken_back(case).values("grade__letter")[:1]),
            instead_of=Subquery(_stood_in(case).values("invitation__contact__name")[:1]),
        )
    )
    by_id = {event.pk: event for event in events}
    with_alarms(case, by_id.values())
    return keyset.Page([by_id[pk] for pk in page.rows if pk in by_id], page.newer, page.older)


def _stood_in(case: CorrectiveAction) -> QuerySet[ConfirmationRequest]:
    """The questions that the contact of an event was asked instead of somebody who complained."""
    asked = ConfirmationRequest.objects.filter(case=case, contact=OuterRef("contact"))
    return asked.exclude(invitation__contact=F("contact")).order_by("-pk")


def _taken_back(case: CorrectiveAction) -> QuerySet[AnswerGrade]:
    """The low grade that the answer behind a good one replaced, if we had not worked on it by then."""
    steps = CaseEvent.objects.filter(
        case=case,
        kind__in=OUR_STEPS,
        known_at__gte=OuterRef("known_at"),
        known_at__lte=OuterRef("superseded_at"),
    )
    return AnswerGrade.objects.filter(
        ~Exists(steps),
        case=case,
        answer__invitation=OuterRef("answer__invitation"),
        superseded_at=OuterRef("answer__known_at"),
    )


def _grades_of(case: CorrectiveAction) -> QuerySet[AnswerGrade]:
    """All that came into the case, the latest first. ``now_letter``: what the same answer says now."""
    present = AnswerGrade.objects.filter(
        answer__invitation=OuterRef("answer__invitation"), dimension=case.dimension_id, superseded_at=None
    )
    return (
        case.grades.select_related("grade", "week", "answer__invitation__contact")
        .annotate(now_letter=Subquery(present.values("grade__letter")[:1]))
        .order_by("-pk")[:GRADES_SHOWN]
    )


def _confirming(case: CorrectiveAction) -> str:
    grades = case.programme_version.grades.filter(confirms_case=True).order_by("-position")
    return grades.values_list("letter", flat=True).first() or ""


def _plan_of(case: CorrectiveAction) -> CaseEvent | None:
    plans = CaseEvent.objects.filter(case=case, kind=CaseEventKind.PLANNED, known_at__gte=case.opened_at)
    return plans.select_related("author").order_by("-pk").first()
