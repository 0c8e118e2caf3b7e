"""The one reminder of a week, sent before its hour because somebody asks for it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from accounts.surveys.models import Invitation
from accounts.surveys.queries.mailing import BEFORE_REMINDER


def remindable(*, now: dt.datetime, prefix: str = "") -> Q:
    """Invitations, or those behind ``prefix``, whose reminder neither went out nor is due yet."""
    facts = {
        "sent_at__lte": now - BEFORE_REMINDER,
        "answered_at": None,
        "failed_at": None,
        "reminded_at": None,
        "reminder_at__gt": now,
        "closes_at__gt": now,
    }
    return Q(**{f"{prefix}{name}": value for name, value in facts.items()})


def remind_now(invitation: Invitation, *, now: dt.datetime) -> bool:
    """Make his reminder due at once; whether there was one to bring forward. Nobody gets a second one."""
    waiting = Invitation.objects.filter(remindable(now=now), pk=invitation.pk)
    return bool(waiting.update(reminder_at=now))
