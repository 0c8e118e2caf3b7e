"""What every letter to a respondent has around its text: sender, recipient, the way back, how to stop it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.utils import parseaddr, quote

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.contacts.models import Contact
from accounts.surveys.services import Letter
from accounts.users.models import User
from crm.mail.bounces import return_path


@dataclass(frozen=True)
class Envelope:
    """``answers_to``: who reads what he writes back, if anybody; ``stop_url``: where one click ends these
    letters."""

    letter: Letter
    message_id: str
    contact: Contact | User
    answers_to: User | None
    stop_url: str = ""
    references: str = ""


def letter_in(envelope: Envelope, context: dict[str, object]) -> EmailMultiAlternatives:
    """The message with the texts of its kind (`templates/survey_mail`), in the active language.

    Its Message-ID is always the same, so that readers drop a letter that was sent twice.
    """
    subject, text, html = (
        render_to_string(f"survey_mail/{envelope.letter.kind}{ending}", context).strip()
        for ending in ("_subject.txt", ".txt", ".html")
    )
    sender, reader = _sender(), envelope.answers_to
    back = return_path(envelope.letter)
    message = EmailMultiAlternatives(
        subject=_one_line(subject),
        body=text,
        from_email=back or sender,
        to=[_address(envelope.contact.name, envelope.contact.email)],
        reply_to=[_address(reader.name, reader.email)] if reader is not None else None,
        headers=_headers(envelope, sender if back else ""),
    )
    message.attach_alternative(html, "text/html")
    return message


def message_id_of(facts: str) -> str:
    """The same for the same ``facts``, and nobody's guess."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(facts.encode()).hexdigest()[:32]}@{domain}>"


def _headers(envelope: Envelope, sender: str) -> dict[str, str]:
    headers = {"Message-ID": envelope.message_id, "Auto-Submitted": "auto-generated"}
    if sender:  # what comes back goes to another address than the one that readers see
        headers["From"] = sender
    if envelope.references:
        headers["References"] = envelope.references
    if envelope.stop_url:  # RFC 8058
        headers["List-Unsubscribe"] = f"<{envelope.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _sender() -> str:
    """The company whose work is graded, by its name if we know it."""
    if not settings.COMPANY_NAME:
        return settings.DEFAULT_FROM_EMAIL
    return _address(settings.COMPANY_NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def _address(name: str, email: str) -> str:
    """Not `formataddr`, which refuses a domain with other than ASCII letters; Django encodes it."""
    return f'"{quote(_one_line(name))}" <{email}>'


def _one_line(text: str) -> str:
    """A line break in a header would begin another one."""
    return " ".join(text.split())
