"""Which letters about meetings are due, and what is written about them while they go out."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet

from accounts.appointments.models import AppointmentLetter
from accounts.surveys.services.inviting import MAX_FAILURE


def to_send(*, now: dt.datetime) -> QuerySet[AppointmentLetter]:
    """Neither sent nor failed, of meetings that have not begun; of a guest only the latest, so that nobody
    is told what no longer holds."""
    later = AppointmentLetter.objects.filter(guest=OuterRef("guest"), sequence__gt=OuterRef("sequence"))
    waiting = _waiting().filter(~Exists(later), guest__appointment__starts_at__gt=now)
    return waiting.order_by("known_at", "pk")


def give_up_unsent(*, reason: str, now: dt.datetime) -> int:
    """Mark what could not be sent before the meeting began as failed; how many there were."""
    late = _waiting().filter(guest__appointment__starts_at__lte=now).values("pk")
    return AppointmentLetter.objects.filter(pk__in=late).update(failed_at=now, failure=reason[:MAX_FAILURE])


def try_again(letter_id: int, *, now: dt.datetime) -> bool:
    """Make a letter that failed or came back due again; whether it had, and its meeting is to come."""
    failed = AppointmentLetter.objects.filter(
        pk=letter_id, failed_at__isnull=False, guest__appointment__starts_at__gt=now
    )
    return bool(
        AppointmentLetter.objects.filter(pk__in=failed.values("pk")).update(
            sent_at=None, failed_at=None, failure=""
        )
    )


def _waiting() -> QuerySet[AppointmentLetter]:
    return AppointmentLetter.objects.filter(sent_at=None, failed_at=None)
