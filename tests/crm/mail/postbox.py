"""An SMTP server on this machine that takes, defers, refuses or hangs up, as a test wishes."""

from __future__ import annotations

import asyncio
import email
import email.policy
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from crm.demo.servers import free_port
from crm.mail.smtp import BACKEND, leave

HANG_UP = "hang up"
LOSE = "lose the answer"
"""The letter is taken, and the line dies before that is said."""


@dataclass
class Postbox:
    """``recipients``: the answer to RCPT by address; ``answers``: those to DATA, one letter each, then OK.

    ``senders`` and ``times``: the return path of each letter, and when it came. ``seconds``: how long it
    waits before it answers a letter that it has kept already. ``tires_after`` so many letters over one
    connection it says 421, ``hangs_up_after`` so many it is gone without a word; 0 is never.
    """

    port: int
    recipients: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    seconds: float = 0.0
    messages: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    tires_after: int = 0
    hangs_up_after: int = 0
    connections: int = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if 0 < self.tires_after <= getattr(session, "letters", 0):
            return "421 4.7.0 enough over this connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            answer = self.answers.pop(0)
            if answer == LOSE:
                self._keep(envelope)
            if answer in {HANG_UP, LOSE}:
                server.transport.abort()
            return answer
        self._keep(envelope)
        await asyncio.sleep(self.seconds)
        session.letters = getattr(session, "letters", 0) + 1
        if session.letters == self.hangs_up_after:
            asyncio.get_running_loop().call_later(0.01, server.transport.close)
        return "250 taken"

    def _keep(self, envelope: Any) -> None:
        self.senders.append(envelope.mail_from)
        self.times.append(time.monotonic())
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]

    @property
    def variables(self) -> dict[str, str]:
        """What makes a process send here."""
        return {"EMAIL_BACKEND": BACKEND, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port)}

    @property
    def by_id(self) -> Counter[str]:
        return Counter(str(message["Message-ID"]) for message in self.messages)

    @property
    def by_recipient(self) -> Counter[str]:
        return Counter(message["To"].addresses[0].addr_spec for message in self.messages)

    def wait_for(self, count: int, *, seconds: float = 300) -> None:
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(self.messages) >= count


@contextmanager
def postbox() -> Iterator[Postbox]:
    box = Postbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    leave()
    controller.stop()
