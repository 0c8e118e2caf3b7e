"""Schemathesis over the real application: it reads the OpenAPI document and tries to break its promises."""

from __future__ import annotations

from collections import Counter
from typing import Any

import schemathesis
from django.db import connection
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.transport.wsgi import WSGI_TRANSPORT

from crm.wsgi import application

SEED = 20260302
# 422: well-formed, and refused by a rule that a schema cannot say (docs/api.md).
ACCEPTED = ["2xx", "403", "404", "409", "422"]

_send = WSGI_TRANSPORT.send


def _send_in_process(case: Any, **options: Any) -> Any:
    """Schemathesis 4.32 gives some of its own requests options of sockets, which its WSGI client refuses."""
    for name in ("max_redirects", "verify", "cert", "proxies"):
        options.pop(name, None)
    return _send(case, **options)


def _closing(environ: Any, start_response: Any) -> Any:
    """The application; its threads end with their connections open, and the database could not be dropped."""
    try:
        return application(environ, start_response)
    finally:
        connection.close()


WSGI_TRANSPORT.send = _send_in_process  # type: ignore[method-assign]


def settings(token: str, *, seconds: int, examples: int, seed: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "max-time": seconds,
        # What an earlier run saw would make this one differ.
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "workers": 1,
        "headers": {"Authorization": f"Bearer {token}"},
        "suppress-health-check": ["all"],
        "generation": {
            "mode": "all",
            "max-examples": examples,
            "no-shrink": True,
            "database": "none",
            "allow-extra-parameters": False,
        },
        "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
        # It takes the names in our error bodies for fields of the request.
        "phases": {"stateful": {"max-steps": 8}, "fuzzing": {"error-feedback": {"enabled": False}}},
    }


def attack(token: str, *, seconds: int, examples: int, seed: int = SEED) -> tuple[list[str], Counter[int]]:
    """What it found, in words, each once; and how many answers of each status it got."""
    config = SchemathesisConfig.from_dict(settings(token, seconds=seconds, examples=examples, seed=seed))
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/schema.json", _closing, config=config, headers={"Authorization": f"Bearer {token}"}
    )
    found: dict[str, None] = {}
    statuses: Counter[int] = Counter()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found[f"{event.label}: {event.value!r}"] = None
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            statuses.update(
                interaction.response.status_code
                for interaction in event.recorder.interactions.values()
                if interaction.response is not None
            )
            found |= dict.fromkeys(_failures(event))
    return list(found), statuses


def _failures(event: events.ScenarioFinished) -> list[str]:
    texts = []
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                texts.append(
                    f"{event.label}: {check.name}: {failure.title}\n{failure.message}\n"
                    f"{check.failure_info.code_sample}"
                )
    return texts
