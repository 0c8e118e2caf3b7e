"""SMTP with the server's words kept, over a connection that stays open for the letters that follow.

A worker that sends a thousand letters greets the server once in a while, not a thousand times. A connection
that the server closed meanwhile is opened anew; a letter whose text was already on its way is not sent again
here: whether the server took it is not known.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp

BACKEND = "crm.mail.smtp.EmailBackend"
IDLE_SECONDS = 20.0
"""After that a connection is not trusted: what lies between may have forgotten it without a word."""
MOST_LETTERS = 100
"""Over one connection, since servers set a limit."""
CLOSING = 421


class _Listening:
    """Mixed into smtplib's classes. ``words``: what the server said of the last letter."""

    words = ""
    is_under_way = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.is_under_way = True
        code, said = super().data(msg)  # type: ignore[misc]
        self.words = in_words(code, said)
        return code, said


class _SMTP(_Listening, smtplib.SMTP):
    pass


class _SMTPOverTLS(_Listening, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's own, listening."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SMTPOverTLS if self.use_ssl else _SMTP


@dataclass
class _Kept:
    """``key``: process and server it is good for."""

    key: tuple[object, ...]
    backend: EmailBackend
    letters: int = 0
    used_at: float = 0.0

    @property
    def is_under_way(self) -> bool:
        """Whether the text of the last letter was sent, and perhaps taken."""
        return bool(getattr(self.backend.connection, "is_under_way", False))


_of_thread = threading.local()


def send(message: EmailMessage) -> str:
    """Send it; what the server said, or nothing where another backend is set. Raises OSError, ValueError."""
    if settings.EMAIL_BACKEND != BACKEND:
        get_connection().send_messages([message])
        return ""
    kept, is_used = _connection()
    try:
        return _send_over(kept, message)
    except OSError as error:
        is_stale = is_used and _is_closed(error) and not kept.is_under_way
        if not _is_whole(kept, error):
            leave()
        if not is_stale:
            raise
    return _send_over(_connection()[0], message)


def in_words(code: int, said: bytes | str) -> str:
    """A reply on one line."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"


def leave() -> None:
    """Close the connection of this thread, if there is one, without waiting for an answer."""
    kept: _Kept | None = getattr(_of_thread, "kept", None)
    _of_thread.kept = None
    if kept is not None and kept.backend.connection is not None:
        connection = kept.backend.connection
        kept.backend.connection = None
        with contextlib.suppress(OSError):
            if kept.key[0] == os.getpid() and connection.sock is not None:
                connection.sock.sendall(b"QUIT\r\n")
        connection.close()


def _send_over(kept: _Kept, message: EmailMessage) -> str:
    kept.backend.open()
    connection: Any = kept.backend.connection
    connection.is_under_way = False
    kept.backend.send_messages([message])
    kept.letters += 1
    kept.used_at = time.monotonic()
    return str(connection.words)


def _connection() -> tuple[_Kept, bool]:
    """The connection of this thread, and whether a letter went over it before."""
    key = (os.getpid(), settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER)
    kept: _Kept | None = getattr(_of_thread, "kept", None)
    if kept is not None:
        is_good = kept.key == key and kept.letters < MOST_LETTERS
        if is_good and kept.backend.connection is not None and time.monotonic() - kept.used_at < IDLE_SECONDS:
            return kept, True
        leave()
    backend = EmailBackend()
    _of_thread.kept = _Kept(key, backend)
    return _of_thread.kept, False


def _is_closed(error: OSError) -> bool:
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code == CLOSING
    return isinstance(error, smtplib.SMTPServerDisconnected)


def _is_whole(kept: _Kept, error: OSError) -> bool:
    """Whether only this letter was refused: smtplib has then told the server to forget it."""
    answers = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
    connection = kept.backend.connection
    return isinstance(error, answers) and connection is not None and connection.sock is not None
