"""What a letter about clocks says: how the corrective actions stand when it is sent, not when it was posted.

A letter may wait through an outage: what was to end soon is over by then, or done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.surveys.models import AlarmStep, CaseAlarm, CaseClock, CorrectiveAction
from accounts.surveys.services.alarms import last_day_of
from accounts.users.models import User
from crm import deadlines
from crm.queries.cases import Running, clock_of

SOON: dict[str, str | Promise] = {
    CaseClock.ACKNOWLEDGE: _("to be acknowledged by %(due)s"),
    CaseClock.PLAN: _("to be planned by %(due)s"),
    CaseClock.SOLVE: _("to be solved by %(due)s"),
}
LATE: dict[str, str | Promise] = {
    CaseClock.ACKNOWLEDGE: _("was to be acknowledged by %(due)s"),
    CaseClock.PLAN: _("was to be planned by %(due)s"),
    CaseClock.SOLVE: _("was to be solved by %(due)s"),
}
DONE: dict[str, str | Promise] = {
    CaseClock.ACKNOWLEDGE: _("acknowledged on %(at)s; it was due by %(due)s"),
    CaseClock.PLAN: _("planned on %(at)s; it was due by %(due)s"),
    CaseClock.SOLVE: _("corrected on %(at)s; it was due by %(due)s"),
}
CLOCKS = {
    Running.ACKNOWLEDGE: CaseClock.ACKNOWLEDGE,
    Running.PLAN: CaseClock.PLAN,
    Running.SOLVE: CaseClock.SOLVE,
}
MISSED = (AlarmStep.LINE, AlarmStep.EXECUTIVES)


@dataclass(frozen=True)
class Line:
    """``duty``: what is to be done until when, as the reader says it; ``owner``: empty where he is it."""

    name: str
    customer: str
    owner: str
    duty: str
    url: str


@dataclass(frozen=True)
class Digest:
    """One line for each corrective action: those that are late, those that are due soon, and those that were
    answered late, while nobody looked."""

    late: tuple[Line, ...]
    soon: tuple[Line, ...]
    done: tuple[Line, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.late or self.soon or self.done)


def digest_of(user: User, alarm_ids: Collection[int], *, now: dt.datetime | None) -> Digest:
    """As of ``now``; None: as of when each rang. What ended first comes first. One query.

    Left out: what is closed by now, was done in time, has another day since, or is not his to see.
    """
    found = (
        CaseAlarm.objects.filter(pk__in=alarm_ids, case__in=access.visible_cases(user).values("pk"))
        .filter(case__closed_at=None)
        .select_related("case__project", "case__customer", "case__dimension", "case__owner")
        .order_by("due_at", "case_id", "pk")
    )
    by_case: dict[int, list[CaseAlarm]] = {}
    for alarm in found:
        by_case.setdefault(alarm.case_id, []).append(alarm)
    late: list[Line] = []
    soon: list[Line] = []
    done: list[Line] = []
    for alarms in by_case.values():
        case = alarms[0].case
        clock = clock_of(case, now or max(alarm.raised_at for alarm in alarms))
        if any(_is_of(alarm, clock.until) for alarm in alarms) and clock.until is not None:
            words = LATE if clock.is_overdue else SOON
            duty = words[CLOCKS[clock.running]] % {"due": deadlines.in_words(clock.until)}
            (late if clock.is_overdue else soon).append(_line(case, user, duty))
        elif duty := _done_late(alarms):
            done.append(_line(case, user, duty))
    return Digest(tuple(late), tuple(soon), tuple(done))


def is_escalation(alarm_ids: Collection[int]) -> bool:
    """Whether one of the alarms says that a clock was missed."""
    return CaseAlarm.objects.filter(pk__in=alarm_ids, step__in=MISSED).exists()


def _is_of(alarm: CaseAlarm, until: deadlines.Deadline | None) -> bool:
    """Whether the clock that rang is the one that runs now."""
    return until is not None and until == _end_of(alarm)


def _end_of(alarm: CaseAlarm) -> deadlines.Deadline:
    return last_day_of(alarm.due_at) if alarm.clock == CaseClock.SOLVE else alarm.due_at


def _done_late(alarms: Iterable[CaseAlarm]) -> str:
    """The last clock of a case that was stopped after its end; empty where none was."""
    duties = [""]
    for alarm in alarms:
        case = alarm.case
        stopped = {
            CaseClock.ACKNOWLEDGE: case.acknowledged_at,
            CaseClock.PLAN: case.planned_at or case.corrected_at,
            CaseClock.SOLVE: case.corrected_at,
        }[CaseClock(alarm.clock)]
        if stopped is not None and stopped > alarm.due_at and alarm.step in MISSED:
            times = {"at": deadlines.in_words(stopped), "due": deadlines.in_words(_end_of(alarm))}
            duties.append(DONE[alarm.clock] % times)
    return duties[-1]


def _line(case: CorrectiveAction, user: User, duty: str) -> Line:
    return Line(
        name=f"{case.number} · {case.project.name} · {case.dimension.name_in(get_language() or 'en')}",
        customer=case.customer.short_name,
        owner="" if case.owner_id == user.pk else case.owner.name,
        duty=duty,
        url=settings.PUBLIC_URL + reverse("case", args=[case.pk]),
    )
