"""Logs: one JSON object per event, as in production, with ids and without personal data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from tests.conftest import person
from tests.servers import PROJECT, database_url_of_tests

VISIT = """
import django; django.setup()
from django.test import Client
from accounts.users.models import User
client = Client()
client.post("/accounts/login/", {"login": "owner@truenorth.test", "password": "wrong"})
client.get("/accounts/password/reset/key/1-secret-token/")
client.force_login(User.objects.get(email="owner@truenorth.test"))
client.get("/people/?q=anna.berg@example.com&state=%E7%8E%8B")
import structlog, logging
structlog.get_logger("truenorth").warning("mail_failed", reason="refused by owner@truenorth.test")
logging.getLogger("another.package").error("no such user %s", "owner@truenorth.test")
try:
    raise ValueError("owner@truenorth.test is gone")
except ValueError:
    structlog.get_logger("truenorth").exception("failed")
"""


def events_of(code: str, **environment: str) -> tuple[list[dict[str, object]], str]:
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stderr.splitlines()], run.stderr


def test_every_line_is_an_event_with_ids_and_no_personal_data(transactional_db: None) -> None:
    user = person("owner")
    events, text = events_of(VISIT, DATABASE_URL=database_url_of_tests(), LOG_FORMAT="json")
    requests = [event for event in events if event["event"] == "request_finished"]
    assert len(requests) == 3, [event["event"] for event in events]
    assert all(event["request_id"] and event["timestamp"] and event["level"] for event in requests)
    assert requests[-1]["user_id"] == user.pk
    assert {event["event"] for event in events} >= {"mail_failed", "failed"}
    assert "ValueError" in str(next(event for event in events if event["event"] == "failed")["exception"])
    for secret in ("owner@", "anna.berg", "secret-token", "%E7%8E%8B", "wrong", "127.0.0.1"):
        assert secret not in text, secret


def test_a_task_logs_its_id_and_that_of_the_request_it_came_from(
    transactional_db: None, celery_worker_process: object
) -> None:
    """The mail cannot be written, so the worker has something to say about it."""
    user = person("owner")
    worker = celery_worker_process(LOG_FORMAT="json", EMAIL_FILE_PATH="/dev/null/outbox")  # type: ignore[operator]
    code = """
import django; django.setup()
import structlog
from accounts.users.models import User
from crm.mail import letters
structlog.contextvars.bind_contextvars(request_id="request-7")
letters.post(letters.Kind.INVITATION, User.objects.get(email="owner@truenorth.test"))
"""
    events_of(code, DATABASE_URL=database_url_of_tests(), LOG_FORMAT="json")
    deadline = time.monotonic() + 300
    while "task_retrying" not in worker.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    retrying = next(event for event in lines if event["event"] == "task_retrying")
    of_task = [event for event in lines if event.get("task_id") == retrying["task_id"]]
    assert "task_started" in {event["event"] for event in of_task}
    assert {event["request_id"] for event in of_task} == {"request-7"}
    assert user.email not in worker.log.read_text()
