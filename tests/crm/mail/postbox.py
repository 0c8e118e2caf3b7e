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


@dataclass
class Postbox:
    """``recipients``: the answer to RCPT by address; ``answers``: those to DATA, one letter each, then OK.

    ``seconds``: how long it waits before it answers a letter that it has kept already.
    """

    port: int
    recipients: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    seconds: float = 0.0
    messages: list[EmailMessage] = field(default_factory=list)

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
            if answer == HANG_UP:
                server.transport.abort()
            return answer
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        await asyncio.sleep(self.seconds)
        return "250 taken"

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

    def wait_for(self, count: int, *, seconds: float = 60) -> None:
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
