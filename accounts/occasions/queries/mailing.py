"""Which letters of the surveys beside the weekly one are due."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from accounts.customers.services import company_day
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries.asking import reachable
from accounts.surveys.models import ProgrammeVersion, VersionState
from accounts.surveys.queries.mailing import BEFORE_REMINDER
from accounts.surveys.weeks import DAY

REMINDED_WITHIN = 30 * DAY
"""A reminder is made up for so long. A bound that lets the partial index start beside today: whoever stayed
silent is in it for ever."""


def to_send(*, now: dt.datetime) -> QuerySet[OccasionInvitation]:
    """Invitations whose hour has come, that are neither sent, failed nor answered, while they can be."""
    return OccasionInvitation.objects.filter(
        sent_at=None, failed_at=None, answered_at=None, due_at__lte=now, closes_at__gt=now
    ).order_by("due_at", "pk")


def to_remind(*, now: dt.datetime) -> QuerySet[OccasionInvitation]:
    """Sent ones without an answer whose reminder is due, of contacts who can still be asked, unless the
    survey was withdrawn."""
    asking = ProgrammeVersion.objects.filter(state=VersionState.ACTIVE).values("programme")
    silent = OccasionInvitation.objects.filter(
        sent_at__lte=now - BEFORE_REMINDER,
        reminded_at=None,
        answered_at=None,
        failed_at=None,
        reminder_at__lte=now,
        reminder_at__gt=now - REMINDED_WITHIN,
        closes_at__gt=now,
        occasion__programme__in=asking,
    )
    return silent.filter(reachable(company_day(now))).order_by("reminder_at", "pk")
