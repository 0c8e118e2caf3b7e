"""The story of one letter: made, tried, taken, reminded, answered, or come back, with the servers' words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.occasions.models import OccasionAttempt, OccasionInvitation
from accounts.surveys.models import Invitation, LetterAttempt, LetterFate, LetterKind
from accounts.surveys.services import Letter
from crm.mail import delivery
from crm.queries.outbox import SORTS, AnyInvitation

ICONS = {
    LetterFate.ACCEPTED: "send",
    LetterFate.DEFERRED: "clock",
    LetterFate.REFUSED: "alert-triangle",
    LetterFate.NOT_SENT: "alert-triangle",
    LetterFate.BOUNCED: "alert-triangle",
}


@dataclass(frozen=True)
class Chapter:
    """What happened, or will, at an instant; ``reply``: what a mail server said. ``icon``: of the sprite."""

    at: dt.datetime
    icon: str
    what: str | Promise
    letter: str | Promise = ""
    reply: str = ""
    is_ahead: bool = False


@dataclass(frozen=True)
class Try:
    kind: LetterKind
    fate: LetterFate
    at: dt.datetime
    reply: str


def story_of(invitation: AnyInvitation, *, now: dt.datetime) -> list[Chapter]:
    """In the order of time, what is still to come at the end. Two reads, however long it is."""
    tries = _tries_of(invitation)
    told = [_made(invitation), *_of_tries(tries), *_of_columns(invitation, tries)]
    return sorted(told, key=lambda each: each.at) + _ahead(invitation, now)


def _tries_of(invitation: AnyInvitation) -> list[Try]:
    if isinstance(invitation, OccasionInvitation):
        first, again = SORTS[OccasionInvitation].kinds
        return [
            Try(again if each.is_reminder else first, LetterFate(each.fate), each.at, each.reply)
            for each in OccasionAttempt.objects.filter(invitation=invitation).order_by("pk")
        ]
    return [
        Try(LetterKind(each.kind), LetterFate(each.fate), each.at, each.reply)
        for each in LetterAttempt.objects.filter(invitation=invitation).order_by("pk")
    ]


def _made(invitation: AnyInvitation) -> Chapter:
    return Chapter(invitation.known_at, "mail", pgettext_lazy("letter", "Made"))


def _of_tries(tries: list[Try]) -> list[Chapter]:
    return [
        Chapter(
            each.at,
            ICONS[each.fate],
            each.fate.label,
            each.kind.label,
            delivery.reason_in_words(each.reply),
        )
        for each in tries
    ]


def _of_columns(invitation: AnyInvitation, tries: list[Try]) -> list[Chapter]:
    """What stands in the invitation alone: its answer, and letters from before tries were kept."""
    known = {(each.kind, each.fate) for each in tries}
    told = []
    first, again = SORTS[type(invitation)].kinds
    sent = ((first, invitation.sent_at), (again, invitation.reminded_at))
    for kind, at in sent:
        if at is not None and (kind, LetterFate.ACCEPTED) not in known:
            told.append(Chapter(at, "send", LetterFate.ACCEPTED.label, kind.label))
    if invitation.answered_at is not None:
        told.append(Chapter(invitation.answered_at, "check", _("Answered")))
    ends = {LetterFate.REFUSED, LetterFate.NOT_SENT, LetterFate.BOUNCED}
    if invitation.failed_at is not None and not any(fate in ends for _kind, fate in known):
        reason = delivery.reason_in_words(invitation.failure)
        told.append(Chapter(invitation.failed_at, "alert-triangle", LetterFate.NOT_SENT.label, reply=reason))
    return told


def _ahead(invitation: AnyInvitation, now: dt.datetime) -> list[Chapter]:
    if invitation.answered_at or invitation.failed_at or now >= invitation.closes_at:
        return []
    waiting = delivery.next_tries([Letter(kind, invitation.pk) for kind in SORTS[type(invitation)].kinds])
    ahead = [
        Chapter(at, "clock", _("Next try, not before"), letter.kind.label, is_ahead=True)
        for letter, at in waiting.items()
        if at is not None
    ]
    if not invitation.sent_at and invitation.due_at > now:
        ahead.append(Chapter(invitation.due_at, "clock", _("Goes out"), is_ahead=True))
    if invitation.sent_at and not invitation.reminded_at and invitation.reminder_at > now:
        due = Chapter(invitation.reminder_at, "clock", _("Reminder, if there is no answer"), is_ahead=True)
        ahead.append(due)
    closes = _("The week closes") if isinstance(invitation, Invitation) else _("The survey closes")
    ahead.append(Chapter(invitation.closes_at, "clock", closes, is_ahead=True))
    return ahead
