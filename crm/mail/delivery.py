"""Sending the weekly letters: each of them once, whatever beat and the workers do.

1. What is due stands in the database (`accounts.surveys.queries.mailing`). The timetable asks for it again
   and again, so a message that is lost in the queue costs a minute and a doubled one nothing.
2. A worker takes a letter by an atomic `add` in the cache, and only then looks whether it is still due. Of a
   worker that was killed the letter is free again after LETTER_LEASE_SECONDS.
3. What the mail server took is noted in the cache first and marked in the database then. Killed in between,
   the next worker only marks it. Killed between the server's OK and that note, the letter goes out again with
   the same Message-ID, and readers drop the double.
4. What the server could not take now waits 10 s, 20 s, 40 s ... up to an hour, until the week closes. What it
   refused for good is marked as failed with the reason; an admin can ask for it again.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import smtplib
from collections.abc import Callable, Iterator
from itertools import islice

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop
from redis.exceptions import RedisError

from accounts.customers.services import company_day
from accounts.surveys.models import Invitation, RespondentState
from accounts.surveys.queries.mailing import to_remind, to_send
from accounts.surveys.services import (
    ask_again,
    give_up_unsent,
    issue_token,
    mark_failed,
    mark_reminded,
    mark_sent,
)
from crm.mail import surveys
from crm.mail.surveys import Kind

logger = logging.getLogger(__name__)

TAKEN, WAITING, SENT = "taken", "waiting", "sent"
REMEMBERED_SECONDS = 14 * 24 * 3600
FIRST_WAIT, LONGEST_WAIT = 10, 3600
LOOKED_AT = 1000
"""Letters whose leases are asked for at once: 4 ms."""

NO_ADDRESS = gettext_noop("The contact has no e-mail address.")
BAD_ADDRESS = gettext_noop("The contact's e-mail address is not valid.")
LEFT = gettext_noop("The contact has left the company.")
NOT_ASKED = gettext_noop("The contact is no longer asked.")
ENDED = gettext_noop("The project had ended.")
REFUSED = gettext_noop("The mail server refused the letter.")
CLOSED = gettext_noop("The week closed before the letter could be sent.")
_REASONS = (NO_ADDRESS, BAD_ADDRESS, LEFT, NOT_ASKED, ENDED, REFUSED, CLOSED)

_Due = Callable[..., QuerySet[Invitation]]
_DUE: dict[Kind, _Due] = {Kind.INVITATION: to_send, Kind.REMINDER: to_remind}
_MARK: dict[Kind, Callable[..., bool]] = {Kind.INVITATION: mark_sent, Kind.REMINDER: mark_reminded}


def due_letters(*, now: dt.datetime, limit: int) -> list[tuple[int, Kind]]:
    """The letters to be sent now, at most ``limit``, invitations first, the longest due first.

    Left out are those that a worker holds or that wait to be tried again, so that a thousand addresses at a
    server that is down keep nobody else waiting.
    """
    give_up_unsent(reason=CLOSED, now=now)
    return list(islice(_free(now), limit))


def deliver(invitation_id: int, kind: Kind, *, now: dt.datetime) -> bool:
    """Send a letter if it is still due and nobody else is sending it; whether this call sent it."""
    key = _key(invitation_id, kind)
    if not cache.add(key, TAKEN, settings.LETTER_LEASE_SECONDS):
        if cache.get(key) == SENT:
            _mark(invitation_id, kind, now)
        return False
    related = ("contact", "project__manager", "customer", "respondent")
    invitation = _DUE[kind](now=now).filter(pk=invitation_id).select_related(*related).first()
    if invitation is None:
        cache.delete(key)
        return False
    if reason := obstacle_to(invitation, company_day(now)):
        _fail(invitation_id, kind, reason, now)
        return False
    return _send(invitation, kind, now)


def send_again(invitation_id: int, *, now: dt.datetime) -> bool:
    """Make a letter that failed due again, at once; whether it had failed and its week is open."""
    for kind in Kind:
        cache.delete_many([_key(invitation_id, kind), _tries(invitation_id, kind)])
    return ask_again(invitation_id, now=now)


def waiting_ids(invitation_ids: list[int]) -> set[int]:
    """Of these the ones with a letter that the mail server did not take yet and that is tried again.

    Without the cache none is known to wait, and none can be sent.
    """
    keys = {_key(pk, kind): pk for pk in invitation_ids for kind in Kind}
    try:
        states = cache.get_many(keys)
    except RedisError:
        return set()
    return {keys[key] for key, state in states.items() if state == WAITING}


def reason_in_words(failure: str) -> str:
    """A stored reason in the reader's language; what a mail server said stays as it is."""
    for reason in _REASONS:
        if failure.startswith(reason):
            return gettext(reason) + failure.removeprefix(reason)
    return failure


def _free(now: dt.datetime) -> Iterator[tuple[int, Kind]]:
    for kind, due in _DUE.items():
        ids = due(now=now).values_list("pk", flat=True).iterator(chunk_size=LOOKED_AT)
        while chunk := list(islice(ids, LOOKED_AT)):
            held = cache.get_many([_key(pk, kind) for pk in chunk])
            for pk in chunk:
                if held.get(_key(pk, kind)) not in {TAKEN, WAITING}:
                    yield pk, kind


def _send(invitation: Invitation, kind: Kind, now: dt.datetime) -> bool:
    message = surveys.write(invitation, kind, token=issue_token(invitation, now=now))
    try:
        message.send()
    except OSError as error:  # smtplib's own errors are OSErrors, too
        if said := _refusal(error):
            _fail(invitation.pk, kind, f"{REFUSED} {said}", now)
        else:
            _wait(invitation.pk, kind, error)
        return False
    except ValueError:  # what Django says of an address that cannot stand in a header
        _fail(invitation.pk, kind, BAD_ADDRESS, now)
        return False
    cache.set(_key(invitation.pk, kind), SENT, REMEMBERED_SECONDS)
    _mark(invitation.pk, kind, now)
    return True


def obstacle_to(invitation: Invitation, today: dt.date) -> str:
    """Why an invitation that is due is not sent all the same, or empty; reminders are not due then."""
    contact, project = invitation.contact, invitation.project
    if contact.left_on is not None and contact.left_on <= today:
        return LEFT
    if not contact.email:
        return NO_ADDRESS
    if contact.opted_out or invitation.respondent.state != RespondentState.ACTIVE:
        return NOT_ASKED
    if project.ended_on is not None and project.ended_on < invitation.week_id:
        return ENDED
    if invitation.customer.merged_into_id is not None:
        return NOT_ASKED
    return ""


def _refusal(error: OSError) -> str:
    """What the mail server said when it refused this letter for good; empty when trying again may help.

    A sender or a log-in that it refuses is our own mistake and concerns every letter: they wait.
    """
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPDataError):
        code, said = error.smtp_code, error.smtp_error
    else:
        return ""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}" if 500 <= code < 600 else ""


def _mark(invitation_id: int, kind: Kind, now: dt.datetime) -> None:
    _MARK[kind](invitation_id, now=now)
    cache.delete_many([_key(invitation_id, kind), _tries(invitation_id, kind)])


def _fail(invitation_id: int, kind: Kind, reason: str, now: dt.datetime) -> None:
    logger.warning("The letter of invitation %d (%s) failed.", invitation_id, kind)
    mark_failed(invitation_id, reason=reason, now=now)
    cache.delete_many([_key(invitation_id, kind), _tries(invitation_id, kind)])


def _wait(invitation_id: int, kind: Kind, error: OSError) -> None:
    counter = _tries(invitation_id, kind)
    cache.add(counter, 0, REMEMBERED_SECONDS)
    wait = min(FIRST_WAIT * 2 ** (cache.incr(counter) - 1), LONGEST_WAIT)
    cache.set(_key(invitation_id, kind), WAITING, int(random.uniform(wait / 2, wait)) + 1)  # noqa: S311
    # The name alone: what the server said holds the address.
    logger.warning(
        "The letter of invitation %d (%s) waits %d s: %s", invitation_id, kind, wait, type(error).__name__
    )


def _key(invitation_id: int, kind: Kind) -> str:
    return f"survey-letter:{invitation_id}:{kind}"


def _tries(invitation_id: int, kind: Kind) -> str:
    return f"{_key(invitation_id, kind)}:tries"
