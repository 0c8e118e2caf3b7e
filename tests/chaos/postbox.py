"""``python -m tests.chaos.postbox PORT FILE``: an SMTP server that keeps every letter as a line of a file."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Letter:
    """``link``: the path of the respondent's form, without the grades that a letter fills in."""

    message_id: str
    to: str
    link: str


class _Keeper:
    def __init__(self, file: TextIO) -> None:
        self._file = file

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Kept before it is answered: a sender that is killed in between has sent it."""
        message: Any = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = message.get_body(("plain",)).get_content()
        found = re.search(r"https?://[^/\s]+(/s/[^\s?<>]+)", text)
        plain = {
            "message_id": str(message["Message-ID"]),
            "to": message["To"].addresses[0].addr_spec,
            "link": found[1] if found else "",
        }
        self._file.write(json.dumps(plain) + "\n")
        self._file.flush()
        return "250 taken"


def letters_in(file: Path, *, start: int = 0) -> list[Letter]:
    """The letters of a file from the ``start``-th on, oldest first; a line that is being written waits."""
    lines = file.read_text().split("\n")[:-1]
    return [Letter(**json.loads(line)) for line in lines[start:]]


async def _serve(port: int, path: Path) -> None:
    with path.open("a") as file:
        keeper = _Keeper(file)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(keeper), "127.0.0.1", port)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
