"""Reads for the Outbox: what became of every letter to a respondent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.occasions.models import OccasionInvitation
from accounts.surveys.models import Invitation, LetterKind, Respondent, SurveyProgramme, Week
from accounts.surveys.queries.mailing import without_address
from accounts.surveys.services import Letter
from accounts.surveys.services.inviting import CAME_BACK
from accounts.users.models import User
from crm.mail import delivery, folder, occasions
from crm.mail.surveys import WEEKLY, message_id
from crm.queries import customers, keyset

SHOWN_WEEKS = 26
SHOWN_UNREACHABLE = 10


class State(StrEnum):
    """Each invitation is in exactly one of them."""

    WAITING = "waiting"
    SENT = "sent"
    REMINDED = "reminded"
    ANSWERED = "answered"
    FAILED = "failed"
    CAME_BACK = "came_back"


LABELS = {
    State.WAITING: _("Not sent yet"),
    State.SENT: _("Sent"),
    State.REMINDED: _("Reminded"),
    State.ANSWERED: _("Answered"),
    State.FAILED: _("Failed"),
    State.CAME_BACK: _("Came back"),
}
TRIED_STATES = {State.WAITING, State.SENT}
GIVEN_UP_STATES = {State.FAILED, State.CAME_BACK}
_SILENT = Q(answered_at=None, failed_at=None)
_GIVEN_UP = Q(answered_at=None, failed_at__isnull=False)
CONDITIONS = {
    State.WAITING: _SILENT & Q(sent_at=None),
    State.SENT: _SILENT & Q(sent_at__isnull=False, reminded_at=None),
    State.REMINDED: _SILENT & Q(sent_at__isnull=False, reminded_at__isnull=False),
    State.ANSWERED: Q(answered_at__isnull=False),
    State.FAILED: _GIVEN_UP & ~Q(failure__startswith=CAME_BACK),
    State.CAME_BACK: _GIVEN_UP & Q(failure__startswith=CAME_BACK),
}


AnyInvitation = Invitation | OccasionInvitation


@dataclass(frozen=True)
class Sort:
    """What the weekly survey and the others do not share: what comes with a row, the kinds of its letters,
    what stands in the way of one."""

    related: tuple[str, ...]
    kinds: tuple[LetterKind, ...]
    message_id: Callable[..., str]
    obstacle: Callable[..., str]


SORTS: dict[Any, Sort] = {
    Invitation: Sort(
        ("contact", "respondent", "customer", "project__customer"),
        WEEKLY,
        message_id,
        delivery.obstacle_to,
    ),
    OccasionInvitation: Sort(
        ("contact", "customer", "occasion__programme", "occasion__project"),
        occasions.KINDS,
        occasions.message_id,
        delivery.obstacle_to_survey,
    ),
}


@dataclass(frozen=True)
class OutboxRow:
    """``letters``: the names of the letters that the folder of the demo holds, with their kind.

    ``next_try``: not before then, where that is known.
    """

    invitation: AnyInvitation
    state: State
    reason: str
    is_tried_again: bool
    next_try: dt.datetime | None
    may_be_sent_again: bool
    letters: tuple[tuple[LetterKind, str], ...]

    @property
    def label(self) -> str | Promise:
        return LABELS[self.state]

    @property
    def is_about_occasion(self) -> bool:
        return isinstance(self.invitation, OccasionInvitation)


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


def found_by(user: User, *, week: dt.date | None, text: str) -> QuerySet[Invitation]:
    """The letters of a week, or of every week where ``text`` says whose: every word of it in the contact's
    name or address or in the customer's name. There is an index for each of the three.
    """
    found = access.visible_invitations(user)
    if week is not None:
        found = found.filter(week=week)
    return found.filter(_to_whom(text))


def surveys_with_letters() -> list[SurveyProgramme]:
    """The surveys beside the weekly one that somebody was asked by, by name."""
    asked = SurveyProgramme.objects.filter(is_weekly=False, occasions__isnull=False)
    return list(asked.distinct().order_by("name"))


def found_about_occasions(
    user: User, *, programme_id: int | None, text: str, now: dt.datetime
) -> QuerySet[OccasionInvitation]:
    """The letters of one of the other surveys, or of all of them; ``text`` as in `found_by`. Without it those
    of surveys that closed in the last half year, or are open."""
    found = access.visible_occasion_invitations(user)
    if not text:
        found = found.filter(closes_at__gt=now - dt.timedelta(weeks=SHOWN_WEEKS))
    if programme_id is not None:
        found = found.filter(occasion__programme=programme_id)
    return found.filter(_to_whom(text))


def _to_whom(text: str) -> Q:
    found = Q()
    for word in text.split()[: customers.MAX_SEARCH_WORDS]:
        known = customers.matching(word)
        ids = (
            Contact.objects.filter(known)
            .values("pk")
            .union(
                Contact.objects.filter(email__icontains=word).values("pk"),
                Contact.objects.filter(customer__in=Customer.objects.filter(known).values("pk")).values("pk"),
            )
        )
        found &= Q(contact__in=ids)
    return found


def counts_of(counted: QuerySet[Any]) -> list[StateCount]:
    """How many letters of those found are in each state."""
    sums = {state.value: Count("pk", filter=where) for state, where in CONDITIONS.items()}
    found = counted.aggregate(**sums)
    return [StateCount(state, found[state]) for state in State]


def page_of_outbox(
    found: QuerySet[Any], *, state: str, now: dt.datetime, after: str = "", before: str = ""
) -> keyset.Page[OutboxRow]:
    """The letters found, the newest first; ``state`` is one of `State` or empty for all."""
    if state:
        found = found.filter(CONDITIONS[State(state)])
    page = keyset.page_or_first([keyset.Part(found, ("-pk",), (int,))], after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(
        rows=_rows(found.model._default_manager.filter(pk__in=page.rows), now),
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )


def state_of(invitation: AnyInvitation) -> State:
    """The same as CONDITIONS say of a row."""
    if invitation.answered_at is not None:
        return State.ANSWERED
    if invitation.failed_at is not None:
        return State.CAME_BACK if invitation.failure.startswith(CAME_BACK) else State.FAILED
    if invitation.sent_at is None:
        return State.WAITING
    return State.SENT if invitation.reminded_at is None else State.REMINDED


def row_of(invitation: AnyInvitation, *, now: dt.datetime) -> OutboxRow:
    """The one letter as a row of the list."""
    return _rows(type(invitation)._default_manager.filter(pk=invitation.pk), now)[0]


def _rows(found: QuerySet[Any], now: dt.datetime) -> list[OutboxRow]:
    sort = SORTS[found.model]
    invitations = list(found.select_related(*sort.related).order_by("-pk"))
    waiting = {
        letter.pk: at
        for letter, at in delivery.next_tries(
            [Letter(kind, row.pk) for row in invitations for kind in sort.kinds]
        ).items()
    }
    kept = _kept(invitations, sort) if folder.is_readable() else {}
    return [
        OutboxRow(
            invitation=invitation,
            state=(state := state_of(invitation)),
            reason=delivery.reason_in_words(invitation.failure),
            is_tried_again=(is_tried_again := invitation.pk in waiting and state in TRIED_STATES),
            next_try=waiting[invitation.pk] if is_tried_again else None,
            may_be_sent_again=state in GIVEN_UP_STATES and _can_arrive(invitation, now),
            letters=tuple(kept.get(invitation.pk, ())),
        )
        for invitation in invitations
    ]


def _can_arrive(invitation: AnyInvitation, now: dt.datetime) -> bool:
    obstacle = SORTS[type(invitation)].obstacle
    return now < invitation.closes_at and not obstacle(invitation, company_day(now))


def _kept(invitations: list[AnyInvitation], sort: Sort) -> dict[int, list[tuple[LetterKind, str]]]:
    ids = {
        folder.short_id(sort.message_id(invitation, kind)): (invitation.pk, kind)
        for invitation in invitations
        for kind in sort.kinds
    }
    kept: dict[int, list[tuple[LetterKind, str]]] = {}
    for short_id, name in sorted(folder.names_of(ids).items(), key=lambda pair: pair[1]):
        pk, kind = ids[short_id]
        kept.setdefault(pk, []).append((kind, name))
    return kept
