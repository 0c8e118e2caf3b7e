"""Letters kept in a folder instead of sent: where the demo's mail goes, and how the Outbox reads it.

One file per message, written beside and renamed, so that a reader never sees half of one. Its name starts
with the nanosecond it was kept in and ends with the Message-ID's first part.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email.message import EmailMessage as Parsed
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

BACKEND = "crm.mail.folder.EmailBackend"
ENDING = ".eml"
PAGE_LETTERS = 50
MAX_NAME = 64
MAX_SHOWN = 2 * 2**20
"""Bytes of a file that are read: our letters have some 30 kB."""
_UNREAD = {"content-type", "content-transfer-encoding", "mime-version"}
_NAME = re.compile(r"[0-9]{19}-[A-Za-z0-9_-]{1,64}")


class EmailBackend(BaseEmailBackend):
    """Django's interface: keeps every message in EMAIL_FILE_PATH."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            parsed = message.message()
            name = f"{time.time_ns():019}-{short_id(parsed['Message-ID'])}"
            half = folder / f".{name}.half"
            half.write_bytes(parsed.as_bytes())
            half.replace(folder / f"{name}{ENDING}")
        return len(email_messages)


@dataclass(frozen=True)
class Letter:
    """``name`` stands in its address; headers are decoded, a part that is missing is empty."""

    name: str
    subject: str
    sender: str
    to: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str

    @property
    def at(self) -> dt.datetime:
        """When it was kept."""
        return dt.datetime.fromtimestamp(int(self.name.partition("-")[0]) / 1e9, tz=dt.UTC)


@dataclass(frozen=True)
class LettersPage:
    """``older``: the name to stand ``after``, or None."""

    rows: list[Letter]
    older: str | None
    count: int
    newer: None = None
    count_is_exact: bool = True


def is_readable() -> bool:
    """Whether letters are kept for reading: never in production, where they hold links to log in."""
    return settings.EMAIL_BACKEND == BACKEND and not settings.PRODUCTION


def short_id(message_id: str) -> str:
    """The first part of a Message-ID as it stands in the name of the file."""
    first = str(message_id).strip().lstrip("<").partition("@")[0]
    return re.sub(r"[^A-Za-z0-9_-]", "_", first)[:MAX_NAME] or "_"


def page_of_letters(*, after: str = "") -> LettersPage:
    """The letters of the folder, the newest first."""
    names = _names()
    later = [name for name in names if not after or name < after]
    shown = later[:PAGE_LETTERS]
    letters = [letter for name in shown if (letter := letter_of(name))]
    return LettersPage(letters, shown[-1] if len(later) > PAGE_LETTERS else None, len(names))


def names_of(short_ids: Collection[str]) -> dict[str, str]:
    """By short Message-ID the name of its newest letter; what was never kept is left out."""
    wanted = set(short_ids)
    newest_last = reversed(_names())
    return {name.partition("-")[2]: name for name in newest_last if name.partition("-")[2] in wanted}


def letter_of(name: str) -> Letter | None:
    """The letter of this name; None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        with (_folder() / f"{name}{ENDING}").open("rb") as file:
            parsed = email.message_from_bytes(file.read(MAX_SHOWN), policy=email.policy.default)
    except OSError:
        return None
    return Letter(
        name=name,
        subject=str(parsed["Subject"] or ""),
        sender=str(parsed["From"] or ""),
        to=str(parsed["To"] or ""),
        headers=tuple((key, str(value)) for key, value in parsed.items() if key.lower() not in _UNREAD),
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
    )


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _names() -> list[str]:
    found = (path.name.removesuffix(ENDING) for path in _folder().glob(f"[0-9]*{ENDING}"))
    return sorted((name for name in found if _NAME.fullmatch(name)), reverse=True)


def _part(parsed: Parsed, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
