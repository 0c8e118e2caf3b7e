"""Which letters of the weekly survey are due, and who cannot be written to."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from accounts.customers.services import company_day
from accounts.surveys.models import ConfirmationRequest, Invitation, Respondent, RespondentState
from accounts.surveys.queries.complaints import still_asked

OPEN_AT_MOST = dt.timedelta(days=9)
"""No week is open longer. A bound that lets the partial indexes start beside today: whoever stayed silent is
in them for ever; under 1 ms instead of 270 ms with 600,000 of them."""
BEFORE_REMINDER = dt.timedelta(days=1)
"""A letter that went out late is not followed by its reminder at once."""


def to_send(*, now: dt.datetime) -> QuerySet[Invitation]:
    """Invitations whose hour has come, that are neither sent nor failed, and whose week is open."""
    return Invitation.objects.filter(
        sent_at=None,
        failed_at=None,
        due_at__lte=now,
        due_at__gt=now - OPEN_AT_MOST,
        closes_at__gt=now,
    ).order_by("due_at", "pk")


def to_remind(*, now: dt.datetime) -> QuerySet[Invitation]:
    """Sent ones without an answer whose reminder is due, of respondents who are still asked.

    Left out: who paused, opted out, left or lost his address since, and whose project has ended.
    """
    today = company_day(now)
    silent = Invitation.objects.filter(
        sent_at__lte=now - BEFORE_REMINDER,
        reminded_at=None,
        answered_at=None,
        failed_at=None,
        reminder_at__lte=now,
        reminder_at__gt=now - OPEN_AT_MOST,
        closes_at__gt=now,
    )
    reachable = silent.filter(
        Q(contact__left_on=None) | Q(contact__left_on__gt=today),
        Q(project__ended_on=None) | Q(project__ended_on__gte=today),
        respondent__state=RespondentState.ACTIVE,
        contact__opted_out=False,
        customer__merged_into=None,
    ).exclude(contact__email="")
    return reachable.order_by("reminder_at", "pk")


def to_ask(*, now: dt.datetime) -> QuerySet[ConfirmationRequest]:
    """Questions whether a case is solved that are neither sent nor failed, while they wait for a word."""
    unsent = still_asked(now=now).filter(
        sent_at=None, failed_at=None, known_at__lte=now, customer__merged_into=None
    )
    return unsent.order_by("known_at", "pk")


def without_address(*, now: dt.datetime) -> QuerySet[Respondent]:
    """Respondents of projects under way who should be asked and have no e-mail address."""
    today = company_day(now)
    asked = Respondent.objects.filter(
        Q(contact__left_on=None) | Q(contact__left_on__gt=today),
        Q(project__ended_on=None) | Q(project__ended_on__gte=today),
        state=RespondentState.ACTIVE,
        contact__opted_out=False,
        contact__email="",
        customer__merged_into=None,
    )
    return asked.select_related("contact", "project", "customer").order_by("contact__sort_key", "pk")
