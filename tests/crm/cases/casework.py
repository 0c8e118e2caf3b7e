"""Shorthand for the tests of corrective actions."""

from __future__ import annotations

import datetime as dt

from accounts.surveys.models import CaseEvent, CorrectiveAction
from tests.accounts.surveys.office import DAY, WEEK

NOW = dt.datetime.now(dt.UTC)
LATER = NOW.date() + 30 * DAY
NEXT = WEEK + 7 * DAY


def address(case: CorrectiveAction, verb: str = "") -> str:
    return f"/cases/{case.pk}/{verb}".rstrip("/")


def kinds(case: CorrectiveAction) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("kind", flat=True))


def again(case: CorrectiveAction) -> CorrectiveAction:
    return CorrectiveAction.objects.get(pk=case.pk)


def step(to: str, comment: str = "Two trucks are booked.", **more: object) -> dict[str, object]:
    return {"to": to, "comment": comment} | more
