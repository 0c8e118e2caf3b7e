"""Letters that come back: reports of mail servers on the way (RFC 3464), known by the address they go to.

Each letter has a return path of its own, `bounces+<kind><id>-<signature>@…`: whoever did not get the letter
cannot report about it. Only a report counts whose address is signed by us; answers of absent people and
anything else are left alone, and every report counts once.
"""

from __future__ import annotations

import base64
import datetime as dt
import email
import email.policy
import logging
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from accounts.surveys.models import LetterKind
from accounts.surveys.services import Letter, letter_came_back, letter_delayed

logger = logging.getLogger(__name__)

MAX_BYTES = 2**20
"""Of a report that are read: its facts stand before the letter that it brings back."""
AT_ONCE = 500
SIGNATURE_BYTES = 10
_SIGNS = {
    "i": LetterKind.INVITATION,
    "r": LetterKind.REMINDER,
    "c": LetterKind.CONFIRMATION,
    "s": LetterKind.SURVEY,
    "t": LetterKind.SURVEY_REMINDER,
    "m": LetterKind.MEETING,
}
_TOKEN = re.compile(r"([ircstm])([0-9a-z]{1,13})-([a-z2-7]{16})")
_STATUS = re.compile(r"\b([245])\.[0-9]{1,3}\.[0-9]{1,3}\b")
# Where a mail server notes the address that it took the message for, and the one it is written to.
_ADDRESSED = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")


class Taken(StrEnum):
    """What was made of a message."""

    CAME_BACK = "came_back"
    DELAYED = "delayed"
    KNOWN = "known"
    """A report that was there before, or of a letter that is gone."""
    NO_REPORT = "no_report"
    FOREIGN = "foreign"
    """It is addressed to no letter of ours."""


def return_path(letter: Letter) -> str:
    """The address that reports about this letter come to; empty where none is set up."""
    local, at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    if not at:
        return ""
    sign = next(sign for sign, kind in _SIGNS.items() if kind == letter.kind)
    facts = f"{sign}{int_to_base36(letter.pk)}"
    return f"{local}+{facts}-{_signature(facts, settings.SECRET_KEY)}@{domain}"


def letter_of(address: str) -> Letter | None:
    """The letter whose return path this is; None for what we did not sign."""
    local, _, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    before, plus, rest = address.strip().lower().partition("+")
    token, _, at = rest.rpartition("@")
    found = _TOKEN.fullmatch(token)
    if not (plus and found and before == local and at == domain):
        return None
    facts = found[1] + found[2]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(_signature(facts, key), found[3]) for key in keys):
        return None
    return Letter(_SIGNS[found[1]], base36_to_int(found[2]))


def take(raw: bytes, *, now: dt.datetime) -> Taken:
    """Note what a report says of its letter. Any bytes are taken; the same ones twice change nothing."""
    try:
        message = email.message_from_bytes(raw[:MAX_BYTES], policy=email.policy.compat32)
        letter = next((found for each in _addresses(message) if (found := letter_of(each))), None)
        fields = _report_of(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Taken.NO_REPORT  # what no mail server writes
    if letter is None:
        return Taken.FOREIGN
    if fields is None:
        return Taken.NO_REPORT
    return _note(letter, fields, now)


def take_folder(*, now: dt.datetime) -> int:
    """Take the new messages of the Maildir BOUNCE_MAILDIR; how many there were.

    A report is removed once it is noted: killed before that, the next call takes it again, without effect.
    What is none is kept as read, for people to look at.
    """
    folder = Path(settings.BOUNCE_MAILDIR)
    paths = sorted((folder / "new").iterdir())[:AT_ONCE]
    for path in paths:
        try:
            with path.open("rb") as file:
                taken = take(file.read(MAX_BYTES), now=now)
            if taken in {Taken.NO_REPORT, Taken.FOREIGN}:
                path.rename(folder / "cur" / f"{path.name}:2,S")
            else:
                path.unlink()
        except FileNotFoundError:
            continue  # another worker took it
        logger.info("A message to the address of bounces: %s", taken)
    return len(paths)


def _note(letter: Letter, fields: dict[str, str], now: dt.datetime) -> Taken:
    status = fields["status"]
    reply = fields["diagnostic"] or status
    if status not in reply:
        reply = f"{status} {reply}"
    if fields["action"] == "delayed":
        return Taken.DELAYED if letter_delayed(letter, reply=reply, now=now) else Taken.KNOWN
    is_final = status.startswith("5")
    is_new = letter_came_back(letter, reply=reply, is_final=is_final, now=now)
    return Taken.CAME_BACK if is_new else Taken.KNOWN


def _report_of(message: Message) -> dict[str, str] | None:
    """What a delivery status notification says of the recipient; None for any other message."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if not isinstance(block, Message):
                continue
            action = str(block.get("Action", "")).strip().lower()
            status = _STATUS.search(str(block.get("Status", "")))
            if action in {"failed", "delayed"} and status:
                diagnostic = str(block.get("Diagnostic-Code", "")).partition(";")[2]
                return {"action": action, "status": status[0], "diagnostic": " ".join(diagnostic.split())}
    return None


def _addresses(message: Message) -> Iterator[str]:
    for name in _ADDRESSED:
        yield from (address for _, address in getaddresses([str(each) for each in message.get_all(name, [])]))


def _signature(facts: str, key: str) -> str:
    """In letters and digits that survive a mail server which writes addresses small."""
    digest = salted_hmac("crm.mail.bounces", facts, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest[:SIGNATURE_BYTES]).decode().lower()
