"""The attempts at a corrective action: each ends when the customer says that it is not solved.

A new attempt begins with his word that it is not solved, with a low grade that opens the case again, and with
a low grade for a week that ended after we said that it is corrected. What was done before stays readable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.customers.services import company_day
from accounts.surveys.models import CaseEvent, CaseEventKind, CorrectiveAction
from accounts.surveys.services.consequences import OUR_STEPS, WEEK

SETBACKS = (CaseEventKind.REJECTED, CaseEventKind.REOPENED)
WORK = (*OUR_STEPS, CaseEventKind.PREVENTED)
TOLD = (*SETBACKS, CaseEventKind.ATTACHED, *WORK)


@dataclass(frozen=True)
class Attempt:
    """``number``: from 1. ``setbacks``: what began it, none for the first; ``work``: our steps in it. Oldest
    first."""

    number: int
    setbacks: tuple[CaseEvent, ...]
    work: tuple[CaseEvent, ...]

    @property
    def latest_word(self) -> CaseEvent | None:
        """The last that said it is not solved, in words or by a grade."""
        return self.setbacks[-1] if self.setbacks else None


def attempts_of(case: CorrectiveAction) -> tuple[Attempt, ...]:
    """Oldest first; the last one runs. One query."""
    events = CaseEvent.objects.filter(case=case, kind__in=TOLD).order_by("pk")
    return split(list(events.select_related("author", "contact", "answer")))


def split(events: Sequence[CaseEvent]) -> tuple[Attempt, ...]:
    """Events of the kinds `TOLD`, oldest first. Two who say it before we did anything begin one attempt."""
    found: list[Attempt] = []
    setbacks: list[CaseEvent] = []
    work: list[CaseEvent] = []
    corrected: dt.datetime | None = None
    for event in events:
        if event.kind in SETBACKS or _is_repeat(event, corrected):
            if work or not setbacks:
                found.append(Attempt(len(found) + 1, tuple(setbacks), tuple(work)))
                setbacks, work, corrected = [], [], None
            setbacks.append(event)
        elif event.kind in WORK:
            work.append(event)
            corrected = event.known_at if event.kind == CaseEventKind.CORRECTED else corrected
    return (*found, Attempt(len(found) + 1, tuple(setbacks), tuple(work)))


def _is_repeat(event: CaseEvent, corrected: dt.datetime | None) -> bool:
    """Whether a further low grade says that the correction did not help."""
    if event.kind != CaseEventKind.ATTACHED or corrected is None or event.answer is None:
        return False
    return event.answer.week_id + WEEK > company_day(corrected)
