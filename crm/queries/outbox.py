"""Reads for the Outbox: what became of every letter to a respondent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.customers.services import company_day
from accounts.surveys.models import Invitation, Respondent, Week
from accounts.surveys.queries.mailing import without_address
from accounts.users.models import User
from crm.mail import delivery, folder
from crm.mail.surveys import Kind, message_id
from crm.queries import keyset

SHOWN_WEEKS = 26
SHOWN_UNREACHABLE = 10


class State(StrEnum):
    """Each invitation is in exactly one of them."""

    WAITING = "waiting"
    SENT = "sent"
    REMINDED = "reminded"
    ANSWERED = "answered"
    FAILED = "failed"


LABELS = {
    State.WAITING: _("Not sent yet"),
    State.SENT: _("Sent"),
    State.REMINDED: _("Reminded"),
    State.ANSWERED: _("Answered"),
    State.FAILED: _("Failed"),
}
TRIED_STATES = {State.WAITING, State.SENT}
_SILENT = Q(answered_at=None, failed_at=None)
CONDITIONS = {
    State.WAITING: _SILENT & Q(sent_at=None),
    State.SENT: _SILENT & Q(sent_at__isnull=False, reminded_at=None),
    State.REMINDED: _SILENT & Q(sent_at__isnull=False, reminded_at__isnull=False),
    State.ANSWERED: Q(answered_at__isnull=False),
    State.FAILED: Q(answered_at=None, failed_at__isnull=False),
}


@dataclass(frozen=True)
class OutboxRow:
    """``letters``: the names of the letters that the folder of the demo holds, with their kind."""

    invitation: Invitation
    state: State
    reason: str
    is_tried_again: bool
    may_be_sent_again: bool
    letters: tuple[tuple[Kind, str], ...]

    @property
    def label(self) -> str | Promise:
        return LABELS[self.state]


@dataclass(frozen=True)
class StateCount:
    state: State
    count: int

    @property
    def label(self) -> str | Promise:
        return LABELS[self.state]


@dataclass(frozen=True)
class Unreachable:
    """Respondents without an e-mail address, who are not asked; ``shown``: the first of them."""

    count: int
    shown: list[Respondent]


def unreachable(*, now: dt.datetime) -> Unreachable:
    found = without_address(now=now)
    shown = list(found[: SHOWN_UNREACHABLE + 1])
    count = len(shown) if len(shown) <= SHOWN_UNREACHABLE else found.count()
    return Unreachable(count, shown[:SHOWN_UNREACHABLE])


def weeks_with_letters() -> list[dt.date]:
    """Mondays of the latest weeks that somebody was asked about, the newest first."""
    return list(Week.objects.order_by("-monday").values_list("monday", flat=True)[:SHOWN_WEEKS])


def counts_of(user: User, week: dt.date) -> list[StateCount]:
    """How many letters of the week are in each state. One query over the week's index."""
    counted = access.visible_invitations(user).filter(week=week)
    sums = {state.value: Count("pk", filter=where) for state, where in CONDITIONS.items()}
    found = counted.aggregate(**sums)
    return [StateCount(state, found[state]) for state in State]


def page_of_outbox(
    user: User, *, week: dt.date, state: str, now: dt.datetime, after: str = "", before: str = ""
) -> keyset.Page[OutboxRow]:
    """The letters of a week, the newest first; ``state`` is one of `State` or empty for all."""
    found = access.visible_invitations(user).filter(week=week)
    if state:
        found = found.filter(CONDITIONS[State(state)])
    page = keyset.page_or_first([keyset.Part(found, ("-pk",), (int,))], after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(
        rows=_rows(Invitation.objects.filter(pk__in=page.rows), now),
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )


def state_of(invitation: Invitation) -> State:
    """The same as CONDITIONS say of a row."""
    if invitation.answered_at is not None:
        return State.ANSWERED
    if invitation.failed_at is not None:
        return State.FAILED
    if invitation.sent_at is None:
        return State.WAITING
    return State.SENT if invitation.reminded_at is None else State.REMINDED


def _rows(found: QuerySet[Invitation], now: dt.datetime) -> list[OutboxRow]:
    related = ("contact", "respondent", "customer", "project__customer")
    invitations = list(found.select_related(*related).order_by("-pk"))
    waiting = delivery.waiting_ids([invitation.pk for invitation in invitations])
    kept = _kept(invitations) if folder.is_readable() else {}
    return [
        OutboxRow(
            invitation=invitation,
            state=(state := state_of(invitation)),
            reason=delivery.reason_in_words(invitation.failure),
            is_tried_again=invitation.pk in waiting and state in TRIED_STATES,
            may_be_sent_again=state == State.FAILED and _can_arrive(invitation, now),
            letters=tuple(kept.get(invitation.pk, ())),
        )
        for invitation in invitations
    ]


def _can_arrive(invitation: Invitation, now: dt.datetime) -> bool:
    return now < invitation.closes_at and not delivery.obstacle_to(invitation, company_day(now))


def _kept(invitations: list[Invitation]) -> dict[int, list[tuple[Kind, str]]]:
    ids = {
        folder.short_id(message_id(invitation, kind)): (invitation.pk, kind)
        for invitation in invitations
        for kind in Kind
    }
    kept: dict[int, list[tuple[Kind, str]]] = {}
    for short_id, name in sorted(folder.names_of(ids).items(), key=lambda pair: pair[1]):
        pk, kind = ids[short_id]
        kept.setdefault(pk, []).append((kind, name))
    return kept
