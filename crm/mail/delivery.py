"""Sending letters to respondents: each of them once, whatever beat and the workers do.

1. What is due stands in the database (`accounts.surveys.queries.mailing`). The timetable asks for it again
   and again, so a message that is lost in the queue costs a minute and a doubled one nothing.
2. A worker takes a letter by an atomic `add` in the cache, and only then looks whether it is still due. Of a
   worker that was killed the letter is free again after LETTER_LEASE_SECONDS.
3. What the mail server took is noted in the cache first and marked in the database then. Killed in between,
   the next worker only marks it. Killed between the server's OK and that note, the letter goes out again with
   the same Message-ID, and readers drop the double.
4. What the server could not take now waits 10 s, 20 s, 40 s ... up to an hour, until the week closes. What it
   refused for good is marked as failed with the reason; an admin can ask for it again.
5. Every try is kept with the server's reply (`LetterAttempt`). A letter that the limit of MAIL_PER_MINUTE
   keeps back is no try: it stays due.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import smtplib
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext, gettext_noop
from redis.exceptions import RedisError

from accounts.appointments import mailing as of_meetings
from accounts.customers.services import company_day
from accounts.occasions.services import mailing as of_occasions
from accounts.surveys.models import LetterKind
from accounts.surveys.services import (
    Letter,
    give_up_unsent,
    letter_deferred,
    letter_failed,
    letter_sent,
    try_again,
    try_confirmation_again,
)
from accounts.surveys.services.inviting import CAME_BACK
from crm.mail import occasions, pace, smtp
from crm.mail.sorts import (
    BAD_ADDRESS,
    CLOSED,
    ENDED,
    LEFT,
    MEETING_BEGAN,
    NO_ADDRESS,
    NO_LETTERS,
    NOT_ASKED,
    SORTS,
    SURVEY_CLOSED,
    WITHDRAWN,
    WORKS_NO_LONGER,
    obstacle_to,
    obstacle_to_survey,
)
from crm.mail.surveys import WEEKLY

__all__ = [
    "BAD_ADDRESS",
    "CLOSED",
    "ENDED",
    "LEFT",
    "NOT_ASKED",
    "NO_ADDRESS",
    "deliver",
    "due_letters",
    "next_tries",
    "obstacle_to",
    "obstacle_to_survey",
    "reason_in_words",
    "send_again",
    "send_meeting_again",
    "send_question_again",
    "send_survey_again",
]

logger = logging.getLogger(__name__)

TAKEN, WAITING, SENT = "taken", "waiting", "sent"
REMEMBERED_SECONDS = 14 * 24 * 3600
FIRST_WAIT, LONGEST_WAIT = 10, 3600
LOOKED_AT = 1000
"""Letters whose leases are asked for at once: 4 ms."""

REFUSED = gettext_noop("The mail server refused the letter.")
_OF_SURVEYS = (WITHDRAWN, SURVEY_CLOSED)
_OF_MEETINGS = (NO_LETTERS, WORKS_NO_LONGER, MEETING_BEGAN)
_OF_ALL = (NO_ADDRESS, BAD_ADDRESS, LEFT, NOT_ASKED, REFUSED, CAME_BACK)
_REASONS = (*_OF_ALL, ENDED, CLOSED, *_OF_SURVEYS, *_OF_MEETINGS)


def due_letters(*, now: dt.datetime, limit: int) -> list[tuple[int, LetterKind]]:
    """The letters to be sent now, at most ``limit``, sort by sort (`SORTS`), the longest due first.

    Left out are those that a worker holds or that wait to be tried again, so that a thousand addresses at a
    server that is down keep nobody else waiting.
    """
    give_up_unsent(reason=CLOSED, now=now)
    of_occasions.give_up_unsent(reason=SURVEY_CLOSED, now=now)
    of_meetings.give_up_unsent(reason=MEETING_BEGAN, now=now)
    return list(islice(_free(now), limit))


def deliver(pk: int, kind: LetterKind, *, now: dt.datetime) -> bool:
    """Send a letter if it is still due and nobody else is sending it; whether this call sent it."""
    letter, sort = Letter(kind, pk), SORTS[kind]
    key = _key(letter)
    if not cache.add(key, TAKEN, settings.LETTER_LEASE_SECONDS):
        if cache.get(key) == SENT:
            _mark(letter, "", now)
        return False
    row = sort.due(now=now).filter(pk=pk).select_related(*sort.related).first()
    if row is None:
        cache.delete(key)
        return False
    if reason := sort.obstacle(row, company_day(now)):
        _fail(letter, reason, "", now)
        return False
    if not pace.may_send():
        cache.delete(key)
        return False
    return _send(row, letter, now)


def send_again(invitation_id: int, *, now: dt.datetime) -> bool:
    """Make a letter that failed or came back due again, at once; whether one had and its week is open."""
    _forget(Letter(kind, invitation_id) for kind in WEEKLY)
    return try_again(invitation_id, now=now)


def send_question_again(request_id: int, *, now: dt.datetime) -> bool:
    """The same for a question whether a case is solved."""
    _forget([Letter(LetterKind.CONFIRMATION, request_id)])
    return try_confirmation_again(request_id, now=now)


def send_survey_again(invitation_id: int, *, now: dt.datetime) -> bool:
    """The same for a letter of a survey beside the weekly one."""
    _forget(Letter(kind, invitation_id) for kind in occasions.KINDS)
    return of_occasions.try_again(invitation_id, now=now)


def send_meeting_again(letter_id: int, *, now: dt.datetime) -> bool:
    """The same for a letter about a meeting."""
    _forget([Letter(LetterKind.MEETING, letter_id)])
    return of_meetings.try_again(letter_id, now=now)


def next_tries(letters: Collection[Letter]) -> dict[Letter, dt.datetime | None]:
    """Of these the ones that the mail server did not take yet, and the earliest instant of the next try.

    Without the cache none is known to wait, and none can be sent.
    """
    keys = {_key(letter): letter for letter in letters}
    try:
        states = cache.get_many(keys)
    except RedisError:
        return {}
    return {
        keys[key]: _instant(state.removeprefix(WAITING).strip())
        for key, state in states.items()
        if state.startswith(WAITING)
    }


def reason_in_words(failure: str) -> str:
    """A stored reason in the reader's language; what a mail server said stays as it is."""
    for reason in _REASONS:
        if failure.startswith(reason):
            return gettext(reason) + failure.removeprefix(reason)
    return failure


def _free(now: dt.datetime) -> Iterator[tuple[int, LetterKind]]:
    for kind, sort in SORTS.items():
        ids = sort.due(now=now).values_list("pk", flat=True).iterator(chunk_size=LOOKED_AT)
        while chunk := list(islice(ids, LOOKED_AT)):
            held = cache.get_many([_key(Letter(kind, pk)) for pk in chunk])
            for pk in chunk:
                state = held.get(_key(Letter(kind, pk)), "")
                if state != TAKEN and not state.startswith(WAITING):
                    yield pk, kind


def _send(row: Any, letter: Letter, now: dt.datetime) -> bool:
    message = SORTS[letter.kind].write(row, now=now)
    try:
        reply = smtp.send(message)
    except OSError as error:  # smtplib's own errors are OSErrors, too
        if said := _refusal(error):
            _fail(letter, REFUSED, said, now)
        else:
            _wait(letter, error, now)
        return False
    except ValueError:  # what Django says of an address that cannot stand in a header
        _fail(letter, BAD_ADDRESS, "", now)
        return False
    cache.set(_key(letter), SENT, REMEMBERED_SECONDS)
    _mark(letter, reply, now)
    return True


def _refusal(error: OSError) -> str:
    """What the mail server said when it refused this letter for good; empty when trying again may help.

    A sender or a log-in that it refuses is our own mistake and concerns every letter: they wait.
    """
    if not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        return ""
    code, words = _said(error)
    return words if 500 <= code < 600 else ""


def _said(error: OSError) -> tuple[int, str]:
    """The reply's code and the whole of it; of another error 0 and its name."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return code, smtp.in_words(code, said)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, smtp.in_words(error.smtp_code, error.smtp_error)
    return 0, type(error).__name__


def _mark(letter: Letter, reply: str, now: dt.datetime) -> None:
    letter_sent(letter, reply=reply, now=now)
    _forget([letter])


def _fail(letter: Letter, reason: str, reply: str, now: dt.datetime) -> None:
    logger.warning("The letter %s of %d failed.", letter.kind, letter.pk)
    letter_failed(letter, reason=reason, reply=reply, now=now)
    _forget([letter])


def _wait(letter: Letter, error: OSError, now: dt.datetime) -> None:
    counter = _tries(letter)
    cache.add(counter, 0, REMEMBERED_SECONDS)
    longest = min(FIRST_WAIT * 2 ** (cache.incr(counter) - 1), LONGEST_WAIT)
    wait = int(random.uniform(longest / 2, longest)) + 1  # noqa: S311
    again = now + dt.timedelta(seconds=wait)
    cache.set(_key(letter), f"{WAITING} {again.isoformat()}", wait)
    # The name alone: what the server said holds the address.
    logger.warning("The letter %s of %d waits %d s: %s", letter.kind, letter.pk, wait, type(error).__name__)
    letter_deferred(letter, reply=_said(error)[1], now=now)


def _forget(letters: Collection[Letter] | Iterator[Letter]) -> None:
    cache.delete_many([key for letter in letters for key in (_key(letter), _tries(letter))])


def _instant(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _key(letter: Letter) -> str:
    return f"survey-letter:{letter.pk}:{letter.kind}"


def _tries(letter: Letter) -> str:
    return f"{_key(letter)}:tries"
