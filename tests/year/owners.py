"""Owners of corrective actions: they notice by themselves at some time, and sooner when a clock rings."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from accounts.surveys.models import (
    AlarmStep,
    CaseAlarm,
    CaseClock,
    CaseEvent,
    CaseEventKind,
    CaseState,
    CorrectiveAction,
)
from accounts.surveys.services import acknowledge_case, advance_case, plan_case
from tests.year.book import Book
from tests.year.expected import COMPANY, DAY, after, rules_of

NOTICES = 26 * 60
"""Mean working minutes until an owner looks at his list by himself."""
HEARS = 0.97
"""Of the reminders that he reacts to."""
REACTS = 150
"""Mean working minutes until he does."""
CALLED = 100
"""The same when his lead was told."""
LATELY = 7 * DAY
SNAPSHOT = """
select id, acknowledge_by, acknowledged_at, plan_by, coalesce(planned_at, corrected_at), solve_by,
  corrected_at
from surveys_correctiveaction where closed_at is null
"""


@dataclass
class Round:
    """A corrective action from its opening, or opening again, until the customer closes it.

    ``noticed``: when its owner would have looked by himself. ``until``, ``plan_until``: as they should be;
    ``stored``, ``plan_stored``: as they are.
    """

    case: int
    opened: dt.datetime
    until: dt.datetime
    plan_until: dt.datetime
    stored: dt.datetime
    plan_stored: dt.datetime
    noticed: dt.datetime
    project: int
    dimension: str
    acknowledged: dt.datetime | None = None
    is_planned: bool = False
    is_corrected: bool = False


@dataclass
class Owners:
    """``missed``: clocks that ran out, (case, clock, due), and the first beat that could know it."""

    book: Book
    rolled: random.Random
    at: Callable[[dt.datetime, Callable[[dt.datetime], None]], None]
    rounds: list[Round] = field(default_factory=list)
    missed: dict[tuple[int, str, dt.datetime], dt.datetime] = field(default_factory=dict)
    current: dict[int, Round] = field(default_factory=dict)
    closed: dict[tuple[int, dt.datetime], dt.datetime] = field(default_factory=dict)
    _events: int = 0
    _alarms: int = 0

    def open_dimensions(self, project: int) -> dict[str, bool]:
        found = [each for each in self.current.values() if each.project == project]
        return {each.dimension: each.is_corrected for each in found}

    def look_at_cases(self) -> None:
        """New rounds and closed ones, from the log."""
        kinds = (CaseEventKind.OPENED, CaseEventKind.REOPENED, CaseEventKind.CLOSED, CaseEventKind.ATTACHED)
        events = CaseEvent.objects.filter(pk__gt=self._events, kind__in=kinds).order_by("pk")
        related = ("case__dimension", "case__project", "answer__invitation")
        for event in events.select_related(*related):
            self._events = event.pk
            case = event.case
            if event.kind == CaseEventKind.CLOSED:
                if (ended := self.current.pop(case.pk, None)) is not None:
                    self.closed[ended.case, ended.opened] = event.known_at
            elif event.kind == CaseEventKind.ATTACHED:
                self._again(case, event.known_at)
            else:
                self._begin(event, case)

    def _begin(self, event: CaseEvent, case: CorrectiveAction) -> None:
        assert event.answer is not None
        rules = rules_of(self.book.ledger, event.answer.invitation.week_id, case.customer_id)
        opened = event.known_at
        begun = Round(
            case=case.pk,
            opened=opened,
            until=after(opened, rules.acknowledge_hours * 60),
            plan_until=after(opened, rules.plan_hours * 60),
            stored=case.acknowledge_by,
            plan_stored=case.plan_by,
            noticed=after(opened, self.rolled.expovariate(1 / NOTICES)),
            project=case.project_id,
            dimension=case.dimension.code,
        )
        self.rounds.append(begun)
        self.current[case.pk] = begun
        self.at(begun.noticed, lambda now: self._acknowledge(begun, now))

    def _again(self, case: CorrectiveAction, now: dt.datetime) -> None:
        """What was corrected is not: it needs another plan."""
        begun = self.current.get(case.pk)
        if begun is not None and begun.is_corrected and case.corrected_at is None:
            begun.is_planned = begun.is_corrected = False
            self._soon(now, 300, lambda later: self._plan(begun, later))

    def look_at_clocks(self, now: dt.datetime) -> None:
        """Which clocks of open cases have run out by this beat, and were not stopped in time."""
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT)
            rows = cursor.fetchall()
        for case, acknowledge_by, acknowledged, plan_by, planned, solve_by, corrected in rows:
            clocks = [
                (CaseClock.ACKNOWLEDGE, acknowledge_by, acknowledged),
                (CaseClock.PLAN, plan_by, planned),
            ]
            if solve_by is not None:
                midnight = dt.datetime.combine(solve_by + DAY, dt.time(), COMPANY).astimezone(dt.UTC)
                clocks.append((CaseClock.SOLVE, midnight, corrected))
            for clock, due, stopped in clocks:
                if due <= now and (stopped is None or (stopped > due and stopped > now - LATELY)):
                    self.missed.setdefault((case, str(clock), due), now)

    def hear(self, now: dt.datetime) -> None:
        """Alarms that rang since: the owner reacts, mostly; and when the line was told, surely."""
        rung = CaseAlarm.objects.filter(pk__gt=self._alarms).order_by("pk")
        acts = {
            str(CaseClock.ACKNOWLEDGE): self._acknowledge,
            str(CaseClock.PLAN): self._plan,
            str(CaseClock.SOLVE): self._correct,
        }
        for pk, case, clock, step in rung.values_list("pk", "case", "clock", "step"):
            self._alarms = pk
            begun = self.current.get(case)
            if begun is None:
                continue
            is_lead = step in {AlarmStep.LINE, AlarmStep.EXECUTIVES}
            if is_lead or self.rolled.random() < HEARS:
                act: Any = acts[clock]
                self._soon(now, CALLED if is_lead else REACTS, lambda at, act=act, it=begun: act(it, at))

    def _soon(self, now: dt.datetime, mean: float, action: Callable[[dt.datetime], None]) -> None:
        self.at(after(now, self.rolled.expovariate(1 / mean)), action)

    def _case(self, begun: Round) -> CorrectiveAction | None:
        """Unless this round is over."""
        if self.current.get(begun.case) is not begun:
            return None
        return CorrectiveAction.objects.select_related("owner").get(pk=begun.case)

    def _acknowledge(self, begun: Round, now: dt.datetime) -> None:
        case = self._case(begun)
        if case is None or begun.acknowledged is not None:
            return
        acknowledge_case(case, by=case.owner, now=now)
        begun.acknowledged = now
        self._soon(now, 14 * 60, lambda later: self._plan(begun, later))

    def _plan(self, begun: Round, now: dt.datetime) -> None:
        case = self._case(begun)
        if case is None or begun.is_planned:
            return
        begun.acknowledged = begun.acknowledged or now
        begun.is_planned = True
        solve_by = now.astimezone(COMPANY).date() + DAY * self.rolled.randrange(4, 15)
        plan_case(case, by=case.owner, plan="Another way.", solve_by=solve_by, now=now)
        days = (solve_by - now.astimezone(COMPANY).date()).days
        self._soon(now, days * 200, lambda later: self._correct(begun, later))

    def _correct(self, begun: Round, now: dt.datetime) -> None:
        case = self._case(begun)
        if case is None or begun.is_corrected or not begun.is_planned:
            return
        try:
            advance_case(case, to=CaseState.CORRECTED, by=case.owner, comment="It runs.", now=now)
        except ValidationError:
            return
        begun.is_corrected = True
