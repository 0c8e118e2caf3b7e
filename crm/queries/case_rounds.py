"""The attempts at a corrective action: each ends when the customer says that it is not solved.

A new attempt begins with his word that it is not solved, with a low grade that opens the case again, and with
a low grade given after we said that it is corrected. What was done before stays readable.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from accounts.surveys.models import CaseEvent, CaseEventKind, CorrectiveAction
from accounts.surveys.services.consequences import OUR_STEPS

SETBACKS = (CaseEventKind.REJECTED, CaseEventKind.REOPENED)
WORK = (*OUR_STEPS, CaseEventKind.PREVENTED)
TOLD = (*SETBACKS, CaseEventKind.ATTACHED, CaseEventKind.CONFIRMED, *WORK)


@dataclass(frozen=True)
class Attempt:
    """``number``: from 1. ``setbacks``: what began it, none for the first; ``work``: our steps in it;
    ``agreed``: who said meanwhile that it is solved. Oldest first."""

    number: int
    setbacks: tuple[CaseEvent, ...]
    work: tuple[CaseEvent, ...]
    agreed: tuple[CaseEvent, ...] = ()

    @property
    def began_at(self) -> dt.datetime | None:
        """None of the first, which began with the case."""
        return self.setbacks[0].known_at if self.setbacks else None

    @property
    def standing(self) -> tuple[CaseEvent, ...]:
        """The last word of each respondent, of those whose last word is that it is not solved."""
        last: dict[int | None, CaseEvent] = {}
        for event in sorted((*self.setbacks, *self.agreed), key=lambda each: each.pk):
            last.pop(event.contact_id, None)
            last[event.contact_id] = event
        return tuple(event for event in last.values() if event.kind != CaseEventKind.CONFIRMED)

    @property
    def latest_word(self) -> CaseEvent | None:
        """The last that says it is not solved, in words or by a grade."""
        return self.standing[-1] if self.standing else None


@dataclass
class _Running:
    """An attempt while its events are read."""

    setbacks: list[CaseEvent] = field(default_factory=list)
    work: list[CaseEvent] = field(default_factory=list)
    agreed: list[CaseEvent] = field(default_factory=list)
    corrected: dt.datetime | None = None

    def as_attempt(self, number: int) -> Attempt:
        return Attempt(number, tuple(self.setbacks), tuple(self.work), tuple(self.agreed))


def attempts_of(case: CorrectiveAction) -> tuple[Attempt, ...]:
    """Oldest first; the last one runs. One query."""
    events = CaseEvent.objects.filter(case=case, kind__in=TOLD).order_by("pk")
    return split(list(events.select_related("author", "contact", "answer")))


def attempts_begun(case_ids: Collection[int]) -> dict[int, dt.datetime]:
    """When the attempt that runs began, by id of the case; without those in their first. One query."""
    events: dict[int, list[CaseEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(case__in=case_ids, kind__in=TOLD).order_by("pk"):
        events[event.case_id].append(event)
    begun = {case: split(told)[-1].began_at for case, told in events.items()}
    return {case: at for case, at in begun.items() if at is not None}


def split(events: Sequence[CaseEvent]) -> tuple[Attempt, ...]:
    """Events of the kinds `TOLD`, oldest first. Two who say it before we did anything begin one attempt."""
    found: list[Attempt] = []
    running = _Running()
    for event in events:
        if event.kind in SETBACKS or _is_repeat(event, running.corrected):
            if running.work or not running.setbacks:
                found.append(running.as_attempt(len(found) + 1))
                running = _Running()
            running.setbacks.append(event)
        elif event.kind in WORK:
            running.work.append(event)
            if event.kind == CaseEventKind.CORRECTED:
                running.corrected = event.known_at
        elif event.kind == CaseEventKind.CONFIRMED:
            running.agreed.append(event)
    return (*found, running.as_attempt(len(found) + 1))


def _is_repeat(event: CaseEvent, corrected: dt.datetime | None) -> bool:
    """Whether a further low grade says that the correction did not help."""
    return event.kind == CaseEventKind.ATTACHED and corrected is not None and event.known_at >= corrected
