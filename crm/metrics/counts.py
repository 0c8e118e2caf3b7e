"""Requests: how many of which view ended with which status, and how long they took.

By the view's name, never by the path: a path holds ids, and strangers invent paths. gunicorn.conf.py names
the folder in which the processes of one web server add up; without it each process counts for itself.
"""

from __future__ import annotations

import socket

from prometheus_client import Histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Several web servers behind one address answer in turn; under one name their counts would jump.
WEB = socket.gethostname()
REQUESTS = Histogram(
    "truenorth_request_seconds",
    "Requests by view and status, and the seconds until the answer began.",
    ["web", "view", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def request_ended(view: str, method: str | None, status: int, *, seconds: float) -> None:
    """``view``: its URL name, empty for an address that no view has."""
    known = method if method in METHODS else "other"
    REQUESTS.labels(WEB, view or "none", known, str(status)).observe(seconds)
