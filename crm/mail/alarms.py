"""What a letter about missed and ending clocks lists: corrective actions that the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from babel.dates import format_datetime
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.surveys.models import AlarmStep, CaseAlarm, CaseClock
from accounts.users.models import User
from crm.templatetags.formats import reader_locale

DUTIES: dict[str, str | Promise] = {
    CaseClock.ACKNOWLEDGE: _("to be acknowledged by"),
    CaseClock.PLAN: _("to be planned by"),
    CaseClock.SOLVE: _("to be solved by"),
}


@dataclass(frozen=True)
class Line:
    """``duty`` and ``due`` as the reader says them; ``owner``: empty where he is it himself."""

    name: str
    customer: str
    owner: str
    duty: str | Promise
    due: str
    url: str


def lines_of(user: User, alarm_ids: Collection[int]) -> tuple[Line, ...]:
    """One line for each clock of an open case, what ended first before the others. One query.

    Left out: cases that are closed by now or that he may not see, and the earlier alarms of a clock.
    """
    found = (
        CaseAlarm.objects.filter(pk__in=alarm_ids, case__in=access.visible_cases(user).values("pk"))
        .filter(case__closed_at=None)
        .select_related("case__project", "case__customer", "case__dimension", "case__owner")
        .order_by("due_at", "case_id", "pk")
    )
    return tuple({(each.case_id, each.clock): _line(each, user) for each in found}.values())


def is_escalation(alarm_ids: Collection[int]) -> bool:
    """Whether one of the alarms says that a clock was missed."""
    missed = (AlarmStep.LINE, AlarmStep.EXECUTIVES)
    return CaseAlarm.objects.filter(pk__in=alarm_ids, step__in=missed).exists()


def _line(alarm: CaseAlarm, user: User) -> Line:
    case = alarm.case
    return Line(
        name=f"{case.project.name} · {case.dimension.name_in(get_language() or 'en')}",
        customer=case.customer.short_name,
        owner="" if case.owner_id == user.pk else case.owner.name,
        duty=DUTIES[alarm.clock],
        due=_moment(alarm.due_at),
        url=settings.PUBLIC_URL + reverse("case", args=[case.pk]),
    )


def _moment(instant: dt.datetime) -> str:
    return str(format_datetime(timezone.localtime(instant), "medium", locale=reader_locale()))
