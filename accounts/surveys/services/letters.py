"""What becomes of letters to respondents: every try with the mail server's reply, what was sent, what failed.

A letter is known by its kind and an id: of the invitation for invitations and reminders, of the confirmation
request for the question whether a case is solved, of an occasion's invitation for the other surveys, of the
letter itself for one about a meeting.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.appointments.models import AppointmentAttempt, AppointmentLetter
from accounts.occasions.models import OccasionAttempt, OccasionInvitation
from accounts.surveys.links import hashed, new_token
from accounts.surveys.models import (
    ConfirmationRequest,
    ConfirmationToken,
    Invitation,
    LetterAttempt,
    LetterFate,
    LetterKind,
)
from accounts.surveys.models.letters import MAX_REPLY
from accounts.surveys.services.inviting import (
    CAME_BACK,
    MAX_FAILURE,
    ask_again,
    mark_reminded,
    mark_sent,
    taken_at,
)

REMINDERS = frozenset({LetterKind.REMINDER, LetterKind.SURVEY_REMINDER})
MODELS: dict[LetterKind, Any] = {
    LetterKind.INVITATION: Invitation,
    LetterKind.REMINDER: Invitation,
    LetterKind.CONFIRMATION: ConfirmationRequest,
    LetterKind.SURVEY: OccasionInvitation,
    LetterKind.SURVEY_REMINDER: OccasionInvitation,
    LetterKind.MEETING: AppointmentLetter,
}


@dataclass(frozen=True)
class Letter:
    """``pk``: of the invitation, of a confirmation that of the request."""

    kind: LetterKind
    pk: int

    @property
    def is_reminder(self) -> bool:
        return self.kind in REMINDERS

    @property
    def is_about_occasion(self) -> bool:
        return MODELS[self.kind] is OccasionInvitation


@transaction.atomic
def letter_sent(letter: Letter, *, reply: str, now: dt.datetime) -> bool:
    """The mail server took it; whether this call is the one that marked it."""
    if not _mark(letter, now):
        return False
    _log(letter, LetterFate.ACCEPTED, reply, now)
    return True


def letter_deferred(letter: Letter, *, reply: str, now: dt.datetime) -> None:
    """The mail server could not take it now; ``reply``: what it said, or what went wrong."""
    _log(letter, LetterFate.DEFERRED, reply, now)


@transaction.atomic
def letter_failed(letter: Letter, *, reason: str, reply: str = "", now: dt.datetime) -> None:
    """It will not be tried again by itself. With a ``reply`` the mail server refused it for good."""
    _fail(letter, f"{reason} {reply}".strip(), now)
    _log(letter, LetterFate.REFUSED if reply else LetterFate.NOT_SENT, reply or reason, now)


@transaction.atomic
def letter_came_back(letter: Letter, *, reply: str, is_final: bool, now: dt.datetime) -> bool:
    """A mail server on the way reported that it could not deliver; whether that was new.

    ``is_final``: the address is of no use, so nothing more is sent to it for this letter. Otherwise the
    report is only noted. The same report twice is noted once.
    """
    if not _lock(letter):
        return False
    words = _clean(reply, MAX_REPLY)
    tries = _tries(letter).order_by("-pk")
    accepted = tries.filter(fate=LetterFate.ACCEPTED).values_list("pk", flat=True).first()
    if tries.filter(fate=LetterFate.BOUNCED, reply=words, pk__gt=accepted or 0).exists():
        return False
    _log(letter, LetterFate.BOUNCED, words, now)
    if is_final:
        _fail(letter, f"{CAME_BACK} {words}".strip(), now, unless_answered=True)
    return True


@transaction.atomic
def letter_delayed(letter: Letter, *, reply: str, now: dt.datetime) -> bool:
    """A mail server on the way reported that it still tries; whether that was new. It is only noted."""
    if not _lock(letter):
        return False
    words = _clean(reply, MAX_REPLY)
    if _tries(letter).filter(fate=LetterFate.DEFERRED, reply=words).exists():
        return False
    _log(letter, LetterFate.DEFERRED, words, now)
    return True


@transaction.atomic
def try_again(invitation_id: int, *, now: dt.datetime) -> bool:
    """Make the letter that failed or came back due again; whether one had, and its week is open."""
    invitation = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
    if invitation is None or not ask_again(invitation_id, now=now):
        return False
    if invitation.failure.startswith(CAME_BACK):
        bounced = LetterAttempt.objects.filter(invitation=invitation_id, fate=LetterFate.BOUNCED)
        is_reminder = bounced.order_by("-pk").values_list("kind", flat=True).first() == LetterKind.REMINDER
        invitation.reminded_at = None
        invitation.sent_at = invitation.sent_at if is_reminder else None
        invitation.save(update_fields=["sent_at", "reminded_at"])
    return True


def try_confirmation_again(request_id: int, *, now: dt.datetime) -> bool:
    """Make a question that failed or came back due again; whether it had, and can still be answered."""
    failed = ConfirmationRequest.objects.filter(
        pk=request_id, failed_at__isnull=False, answered_at=None, expires_at__gt=now
    )
    return bool(failed.update(sent_at=None, failed_at=None, failure=""))


@transaction.atomic
def issue_confirmation_token(request: ConfirmationRequest, *, now: dt.datetime) -> str:
    """A new link's secret, in clear this once; only its hash is kept. Links issued before still work."""
    token = new_token()
    ConfirmationToken.objects.create(sha256=hashed(token), request=request, issued_at=now)
    return token


def _mark(letter: Letter, now: dt.datetime) -> bool:
    if letter.kind in {LetterKind.INVITATION, LetterKind.REMINDER}:
        return (mark_reminded if letter.is_reminder else mark_sent)(letter.pk, now=now)
    if letter.is_reminder:
        return bool(_rows(letter).filter(reminded_at=None, answered_at=None).update(reminded_at=now))
    return bool(_rows(letter).filter(sent_at=None).update(**taken_at(now)))


def _fail(letter: Letter, failure: str, now: dt.datetime, *, unless_answered: bool = False) -> None:
    rows = _rows(letter)
    if unless_answered and letter.kind != LetterKind.MEETING:
        rows = rows.filter(answered_at=None)
    rows.update(failed_at=now, failure=_clean(failure, MAX_FAILURE))


def _lock(letter: Letter) -> bool:
    """Whether there is such a letter; reports about it wait for each other."""
    return _rows(letter).select_for_update().values_list("pk", flat=True).first() is not None


def _rows(letter: Letter) -> QuerySet[Any]:
    found: QuerySet[Any] = MODELS[letter.kind].objects.filter(pk=letter.pk)
    return found


def _tries(letter: Letter) -> QuerySet[Any]:
    model: Any = OccasionAttempt if letter.is_about_occasion else LetterAttempt
    if letter.kind == LetterKind.MEETING:
        model = AppointmentAttempt
    found: QuerySet[Any] = model.objects.filter(**_name(letter))
    return found


def _name(letter: Letter) -> dict[str, Any]:
    """The columns by which its tries name it."""
    if letter.kind == LetterKind.MEETING:
        return {"letter_id": letter.pk}
    if letter.is_about_occasion:
        return {"invitation_id": letter.pk, "is_reminder": letter.is_reminder}
    of = "request_id" if letter.kind == LetterKind.CONFIRMATION else "invitation_id"
    return {of: letter.pk, "kind": letter.kind}


def _log(letter: Letter, fate: LetterFate, reply: str, now: dt.datetime) -> None:
    _tries(letter).create(**_name(letter), fate=fate, at=now, reply=_clean(reply, MAX_REPLY))


def _clean(text: str, longest: int) -> str:
    """One line without what PostgreSQL refuses: the words are a stranger's."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:longest]
