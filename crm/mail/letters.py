"""Letters to people who log in: written in their language and sent by a worker, each of them once.

1. `post` enqueues the letter's kind and the person's id after commit: neither address nor link waits in
   the queue.
2. The worker takes the letter by an atomic `add` in the cache; a second delivery of the same task finds it
   taken, or sent, and does nothing twice.
3. A letter that could not be sent is given back and tried again by the task. One whose worker was killed
   is free again after TAKEN_SECONDS.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from email.utils import formataddr, make_msgid, parseaddr
from enum import StrEnum

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.http import int_to_base36
from django.utils.translation import gettext_lazy as _

from accounts.surveys.weeks import zone_of
from accounts.users.models import User
from accounts.users.services import note_invitation
from crm.mail import alarms, digest, pace, smtp

TAKEN_SECONDS = 300
REMEMBERED_SECONDS = 7 * 24 * 3600
ALARMS = uuid.UUID("5b6f1b1e-3f0d-4d0c-9c8a-3d6f3f7a2c11")
"""Any constant: what letters about clocks are named under."""
DIGESTS = uuid.UUID("a2f0c3a4-5a0e-4c53-9a6e-0f4c7f0f8d52")


class Kind(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- the name of a letter
    SECURITY_NOTICE = "security_notice"
    CASE_REMINDER = "case_reminder"
    CASE_ESCALATED = "case_escalated"
    DIGEST = "digest"


ABOUT_CASES = {Kind.CASE_REMINDER, Kind.CASE_ESCALATED}
"""Both are written from the same templates: what they say follows from how the clocks stand by then."""

CHANGES: dict[str, str | Promise] = {
    "password_changed": _("Your password was changed."),
    "password_set": _("A password was set."),
    "password_reset": _("Your password was set anew through a link in an e-mail."),
    "totp_activated": _("An authenticator app was added."),
    "totp_deactivated": _("The authenticator app was removed."),
    "webauthn_added": _("A passkey was added."),
    "webauthn_removed": _("A passkey was removed."),
    "recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
}
"""What a security notice says, by the name that django-allauth gives to the change."""


class NotSentError(Exception):
    """The mail server took nothing; try again. Holds no address: the text ends up in logs."""


class TakenError(Exception):
    """Another delivery of the same letter is being sent just now."""


class NothingToSayError(Exception):
    """Every corrective action that the letter is about is closed by now, or none of the reader's; or nothing
    needs him today."""


def post(kind: Kind, user: User, **facts: str) -> None:
    """Enqueue a letter once the transaction commits; a queue that is down must not undo what was done."""
    _enqueue(uuid.uuid4().hex, kind, user, facts)


def post_alarm(user: User, alarm_ids: Sequence[int]) -> None:
    """One letter about all these clocks (`CaseAlarm`), once the transaction commits.

    The same alarms are the same letter: asked for twice, it goes out once.
    """
    if not alarm_ids:
        return
    facts = {"alarms": " ".join(str(pk) for pk in sorted(alarm_ids))}
    letter = uuid.uuid5(ALARMS, f"{user.pk} {facts['alarms']}").hex
    kind = Kind.CASE_ESCALATED if alarms.is_escalation(alarm_ids) else Kind.CASE_REMINDER
    _enqueue(letter, kind, user, facts)


def post_digest(user: User, day: dt.date) -> None:
    """The letter of that day, once the transaction commits; asked for twice, it goes out once."""
    _enqueue(uuid.uuid5(DIGESTS, f"{user.pk} {day.isoformat()}").hex, Kind.DIGEST, user, {})


def deliver(
    letter: str, kind: str, user_id: int, facts: dict[str, str], *, now: dt.datetime | None = None
) -> bool:
    """Send a letter unless it went out before; whether it was sent now. Raises NotSentError, TakenError.

    A letter about clocks says how they stand ``now``; without it, how they stood when they rang. That of an
    invitation is noted with the person, who may never log in.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return False
    key = f"letter:{letter}"
    if not cache.add(key, "taken", TAKEN_SECONDS):
        if cache.get(key) == "sent":
            return False
        raise TakenError
    try:
        message = write(letter, Kind(kind), user, facts, now=now)
        pace.count()
        smtp.send(message)
    except NothingToSayError:
        cache.set(key, "sent", REMEMBERED_SECONDS)
        return False
    except OSError as error:  # smtplib's own errors are OSErrors, too
        cache.delete(key)
        raise NotSentError(type(error).__name__) from None
    cache.set(key, "sent", REMEMBERED_SECONDS)
    if kind == Kind.INVITATION and now is not None:
        note_invitation(user, at=now)
    return True


def write(
    letter: str, kind: Kind, user: User, facts: dict[str, str], *, now: dt.datetime | None = None
) -> EmailMultiAlternatives:
    """The message in the person's language; its Message-ID is the letter's, so that readers drop a double.

    Raises NothingToSayError.
    """
    with translation.override(user.language), timezone.override(zone_of(user.time_zone)):
        context = _context(kind, user, facts)
        template: str = kind
        if kind in ABOUT_CASES:
            alarm_ids = [int(pk) for pk in facts["alarms"].split()]
            clocks = alarms.digest_of(user, alarm_ids, now=now)
            if clocks.is_empty:
                raise NothingToSayError
            context["digest"], template = clocks, "case_clocks"
        if kind == Kind.DIGEST and now is not None:
            context |= _morning(user, now)
        parts = {
            part: render_to_string(f"account/email/{template}{part}", context).strip()
            for part in ("_subject.txt", "_message.txt", "_message.html")
        }
    message = EmailMultiAlternatives(
        subject=" ".join(parts["_subject.txt"].split()),
        body=parts["_message.txt"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((user.name, user.email))],
        headers=_headers(letter, kind, user),
    )
    message.attach_alternative(parts["_message.html"], "text/html")
    return message


def _morning(user: User, now: dt.datetime) -> dict[str, object]:
    morning = digest.morning_of(user, now=now)
    if not morning.count:
        raise NothingToSayError
    return {"morning": morning, "stop": digest.stop_url(user)}


def _headers(letter: str, kind: Kind, user: User) -> dict[str, str]:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {"Message-ID": _message_id(letter, sender[1]), "Auto-Submitted": "auto-generated"}
    if kind == Kind.DIGEST:  # RFC 8058
        headers["List-Unsubscribe"] = f"<{digest.stop_url(user)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _context(kind: Kind, user: User, facts: dict[str, str]) -> dict[str, object]:
    return {
        "person": user,
        "link": settings.PUBLIC_URL + reverse("cases") if kind in ABOUT_CASES else _link(kind, user),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        "change": CHANGES.get(facts.get("change", ""), ""),
        "home": settings.PUBLIC_URL,
        "language": translation.get_language(),
    }


def _enqueue(letter: str, kind: Kind, user: User, facts: dict[str, str]) -> None:
    from crm.tasks import send_mail  # the task calls `deliver`

    user_id = user.pk

    def enqueue() -> None:
        send_mail.delay(letter, kind.value, user_id, facts)

    transaction.on_commit(enqueue, robust=True)


def _link(kind: Kind, user: User) -> str:
    from crm.adapter import LinkTokens  # the adapter posts letters

    if kind == Kind.DIGEST:
        return settings.PUBLIC_URL + reverse("today")
    if kind == Kind.SECURITY_NOTICE:
        return settings.PUBLIC_URL + reverse("account_reset_password")
    key = {"uidb36": int_to_base36(user.pk), "key": LinkTokens().make_token(user)}
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs=key)


def _message_id(letter: str, sender: str) -> str:
    domain = sender.rpartition("@")[2] or make_msgid().rpartition("@")[2].rstrip(">")
    return f"<{letter}@{domain}>"
