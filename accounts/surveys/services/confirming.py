"""Asking who complained whether it is solved, and his verdict by the link in that letter.

Codes, by field: state: closed, not_corrected; comment: blank, too_long; contacts: nobody, not_a_complainant,
unreachable; contact: can_speak, no_stand_in; reason: blank, too_long; request: expired, reopened; respondent:
not_a_complainant.

A request is of one round of its case: when a repeat opens the case again, the questions of the round before
hold no longer, and their letters are not sent (`still_asked`).

Where everybody whose complaint stands has left or wants no letters, somebody else of the customer may be
asked instead of them (`ask_instead`). His word counts for those who cannot speak, and for nobody else.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.services import refuse
from accounts.surveys.links import hashed
from accounts.surveys.models import (
    CaseEvent,
    CaseEventKind,
    CaseState,
    ConfirmationRequest,
    ConfirmationToken,
    CorrectiveAction,
    Verdict,
)
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.queries.complaints import (
    Complainant,
    Reach,
    complainants_of,
    nobody_can_speak,
    stand_ins_for,
)
from accounts.surveys.queries.forms import MAX_TOKEN
from accounts.surveys.services.cases import (
    check_length,
    confirm_case,
    reject_case,
    require_words,
    taken,
)
from accounts.users.models import User

ASKED_FOR = dt.timedelta(days=28)
"""How long a link holds."""


class OvertakenError(Exception):
    """He has said something else meanwhile, in another window; nothing was written."""


@dataclass(frozen=True)
class Answered:
    """The request as it is now. ``is_new``: this call wrote it; ``is_closed``: whether the case is closed."""

    request: ConfirmationRequest
    is_new: bool
    is_closed: bool


@transaction.atomic
def ask_customer(
    case: CorrectiveAction,
    *,
    message: str,
    by: User,
    now: dt.datetime,
    contacts: Collection[Contact] | None = None,
    token: uuid.UUID | None = None,
) -> list[ConfirmationRequest]:
    """Ask everybody whose complaint stands, or those of them in ``contacts``, if it is solved.

    ``message`` is for the customer: what we did. Who was asked and has not answered is asked anew: the same
    row, with a later ``known_at`` and unsent, so links of the letter before hold too. A letter is therefore
    known by the request's id and its ``known_at``.
    """
    current = taken(case, token=token)
    if current.state != CaseState.CORRECTED:
        refuse("state", "not_corrected", _("Say first that it is corrected; then ask the customer."))
    require_words(message)
    asked = _to_ask(current, contacts, now=now)
    return _ask(current, asked, message=message, by=by, now=now, token=token)


@transaction.atomic
def ask_instead(
    case: CorrectiveAction,
    *,
    contact: Contact,
    message: str,
    reason: str,
    by: User,
    now: dt.datetime,
    token: uuid.UUID | None = None,
) -> ConfirmationRequest:
    """Ask one of `stand_ins_for` by the same letter, since nobody who complained can be asked any more.

    ``reason``: why him, for us to read; it stands in the log. Otherwise as `ask_customer`.
    """
    current = taken(case, token=token)
    if current.state != CaseState.CORRECTED:
        refuse("state", "not_corrected", _("Say first that it is corrected; then ask the customer."))
    require_words(message)
    _require_reason(reason)
    standing = complainants_of(current, now=now)
    if not nobody_can_speak(standing):
        refuse("contact", "can_speak", _("Somebody who complained can still be asked."))
    if not stand_ins_for(current, standing, now=now).filter(pk=contact.pk).exists():
        refuse("contact", "no_stand_in", _("This contact cannot be asked instead. Look at the list again."))
    about = max(each.invitation for each in standing)
    whom = Complainant(contact, about, Reach.YES)
    CaseEvent.objects.create(
        case=current,
        customer_id=current.customer_id,
        kind=CaseEventKind.COMMENTED,
        author=by,
        comment=reason,
        known_at=now,
    )
    return _ask(current, [whom], message=message, by=by, now=now, token=token)[0]


def request_by_token(token: str) -> ConfirmationRequest | None:
    """The request of a link, expired or answered too; None for any other text. One query."""
    if not token or len(token) > MAX_TOKEN:
        return None
    related = (
        "case__dimension",
        "case__project__manager",
        "contact",
        "customer__owner",
        "invitation",
        "asked_by",
    )
    found = ConfirmationRequest.objects.filter(tokens=ConfirmationToken(sha256=hashed(token)))
    return found.select_related(*related).first()


@transaction.atomic
def answer_request(
    request: ConfirmationRequest, *, verdict: Verdict, comment: str, now: dt.datetime, seen: str | None = None
) -> Answered:
    """His word: solved closes the case as far as he is concerned, not solved sends it back to a plan.

    The same verdict twice changes nothing. He may change his mind while the link holds; "solved" for a case
    that was closed meanwhile is logged, and "not solved" opens it again. ``seen``: the verdict that stood on
    the page where he pressed, empty for none; raises OvertakenError where another one stands by now.
    """
    case = CorrectiveAction.objects.select_for_update(no_key=True).get(pk=request.case_id)
    current = ConfirmationRequest.objects.select_related("invitation").get(pk=request.pk)
    if current.verdict == verdict:
        return Answered(current, is_new=False, is_closed=not case.is_open)
    if seen is not None and seen != current.verdict:
        raise OvertakenError
    if now >= current.expires_at:
        refuse("request", "expired", _("This question can no longer be answered."))
    if current.round != case.times_reopened:
        refuse("request", "reopened", _("Another low grade came since. We shall ask you again."))
    check_length(comment)
    if verdict == Verdict.REJECTED:
        case = reject_case(
            case, invitation=current.invitation, comment=comment, now=now, contact_id=current.contact_id
        )
    elif case.is_open:
        case = confirm_case(
            case, invitation=current.invitation, comment=comment, now=now, contact_id=current.contact_id
        )
    else:
        _log_word(case, current, comment, now=now)
    current.verdict, current.answered_at, current.round = verdict, now, case.times_reopened
    current.save(update_fields=["verdict", "answered_at", "round"])
    return Answered(current, is_new=True, is_closed=not case.is_open)


def _ask(
    current: CorrectiveAction,
    asked: list[Complainant],
    *,
    message: str,
    by: User,
    now: dt.datetime,
    token: uuid.UUID | None,
) -> list[ConfirmationRequest]:
    ConfirmationRequest.objects.bulk_create(
        [
            ConfirmationRequest(
                case=current,
                customer_id=current.customer_id,
                contact=each.contact,
                invitation_id=each.invitation,
                round=current.times_reopened,
                message=message,
                asked_by=by,
                expires_at=now + ASKED_FOR,
                known_at=now,
            )
            for each in asked
            if not _asked_anew(current, each, message=message, by=by, now=now)
        ]
    )
    _log_asked(current, asked, message=message, by=by, now=now, token=token)
    found = ConfirmationRequest.objects.filter(case=current, answered_at=None, known_at=now)
    return list(found.select_related("contact").order_by("contact__sort_key", "pk"))


def _to_ask(
    case: CorrectiveAction, contacts: Collection[Contact] | None, *, now: dt.datetime
) -> list[Complainant]:
    standing = complainants_of(case, now=now)
    if contacts is not None:
        wanted = {contact.pk for contact in contacts}
        if not wanted <= {each.contact.pk for each in standing}:
            refuse("contacts", "not_a_complainant", _("Only somebody who complained can be asked."))
        standing = [each for each in standing if each.contact.pk in wanted]
    if not standing:
        refuse("contacts", "nobody", _("Choose whom to ask."))
    reachable = [each for each in standing if each.reach == Reach.YES]
    if len(reachable) < (len(standing) if contacts is not None else 1):
        refuse(
            "contacts",
            "unreachable",
            _("Somebody chosen has no e-mail address, wants no letters, or has left."),
        )
    return reachable


def _require_reason(reason: str) -> None:
    if not reason.strip():
        refuse("reason", "blank", _("Say why this contact is the one to ask."))
    if len(reason) > MAX_COMMENT:
        refuse("reason", "too_long", _("A comment has at most 4,000 characters."))


def _asked_anew(
    case: CorrectiveAction, whom: Complainant, *, message: str, by: User, now: dt.datetime
) -> bool:
    """Whether a question to him was open, which is this one now."""
    unanswered = ConfirmationRequest.objects.filter(case=case, contact=whom.contact, answered_at=None)
    return bool(
        unanswered.update(
            message=message,
            invitation_id=whom.invitation,
            round=case.times_reopened,
            asked_by=by,
            known_at=now,
            expires_at=now + ASKED_FOR,
            sent_at=None,
            failed_at=None,
            failure="",
        )
    )


def _log_asked(
    case: CorrectiveAction,
    asked: list[Complainant],
    *,
    message: str,
    by: User,
    now: dt.datetime,
    token: uuid.UUID | None,
) -> None:
    """An event for each; the token of the form stands on the first of them."""
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case=case,
            customer_id=case.customer_id,
            kind=CaseEventKind.ASKED,
            author=by,
            contact=each.contact,
            comment=message,
            known_at=now,
            token=None if number else token,
        )
        for number, each in enumerate(asked)
    )


def _log_word(
    case: CorrectiveAction, request: ConfirmationRequest, comment: str, *, now: dt.datetime
) -> None:
    CaseEvent.objects.create(
        case=case,
        customer_id=case.customer_id,
        kind=CaseEventKind.CONFIRMED,
        contact_id=request.contact_id,
        comment=comment,
        known_at=now,
    )
