"""How many messages wait in the queues, and since when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from crm.metrics.valkey import queue_key

QUEUES = ("celery", "letters")
ENQUEUED_AT = "truenorth_enqueued_at"
"""The header that says when a message was published, in seconds since 1970: Celery's own say nothing."""


@dataclass(frozen=True)
class QueueLength:
    """``oldest_seconds``: how long the message has waited that is taken next; None for an empty queue."""

    name: str
    waiting: int
    oldest_seconds: float | None


@dataclass(frozen=True)
class Queues:
    """``held``: messages that workers took and have not acknowledged: worked on, or put off for a while."""

    lengths: tuple[QueueLength, ...]
    held: int
    held_oldest_seconds: float | None
    server: str


def ask(pipe: Any) -> None:
    """Put the questions into a pipeline; `read` takes the answers in the same order."""
    for name in QUEUES:
        pipe.llen(queue_key(name))
        pipe.lindex(queue_key(name), -1)
    pipe.hlen(queue_key("unacked"))
    pipe.zrange(queue_key("unacked_index"), 0, 0, withscores=True)
    pipe.info("server")


def read(answers: list[Any], *, now: float) -> Queues:
    *pairs, held, first_held, server = answers
    lengths = tuple(
        QueueLength(name, waiting, _age(message, now))
        for name, waiting, message in zip(QUEUES, pairs[::2], pairs[1::2], strict=True)
    )
    held_oldest = max(now - first_held[0][1], 0.0) if first_held else None
    return Queues(lengths, held, held_oldest, str(server.get("valkey_version") or server["redis_version"]))


def _age(message: bytes | None, now: float) -> float | None:
    if message is None:
        return None
    published: float | None = json.loads(message).get("headers", {}).get(ENQUEUED_AT)
    return None if published is None else max(now - published, 0.0)
