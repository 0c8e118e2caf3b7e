"""One answer, followed by its id through the lines of the web server and of a real worker."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from crm.demo import processes
from tests.conftest import World
from tests.crm.links import grades_form, invited, link_of
from tests.crm.web_server import gunicorn
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

Event = dict[str, Any]


def events_in(log: Path) -> list[Event]:
    """Each line but Celery's banner, and gunicorn's about its processes."""
    lines = log.read_text().splitlines()
    plain = [line for line in lines if line.startswith("[20") and "] [INFO] " not in line]
    assert plain == []
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_the_request_of_an_answer_is_named_by_every_line_that_came_of_it(
    celery_worker_process: StartWorker, world: World, tmp_path: Path
) -> None:
    office = invited(world)
    link = link_of(office, office.li)
    form = grades_form(Client().get(link).content.decode())
    said = {"delivery": "D", "comment.delivery": "Ask anna.berg@example.com"}
    body = urlencode(form.fill(**said), doseq=True).encode()
    worker = celery_worker_process(LOG_FORMAT="json")
    with gunicorn(tmp_path / "web.log") as web:
        assert web.asked(link, body) == 200, "it leads to the thanks"

        def is_done() -> bool:
            return '"event": "task_succeeded"' in worker.log.read_text()

        assert processes.wait_until(is_done, seconds=300), worker.log.read_text()
    of_web, of_worker = events_in(tmp_path / "web.log"), events_in(worker.log)
    (answered,) = [event for event in of_web if event["event"] == "request_finished" and event["code"] == 303]
    assert answered["request"] == "POST /s/…"
    assert answered["invitation_id"] == office.invitation(office.li).pk
    same = {"request_id": answered["request_id"]}
    (queued,) = [event for event in of_web if event["event"] == "task_enqueued"]
    assert same.items() <= queued.items()
    of_task = [event for event in of_worker if event.get("task_id") == queued["child_task_id"]]
    assert [event["event"] for event in of_task] == ["task_started", "task_succeeded"]
    assert of_task[0]["task"] == "scoring.tasks.rescore_customers"
    for event in of_task:
        assert same.items() <= event.items()


def test_every_line_of_a_request_or_task_has_its_ids_and_nothing_of_a_person(
    celery_worker_process: StartWorker, world: World, tmp_path: Path
) -> None:
    office = invited(world)
    link = link_of(office, office.chen)
    form = grades_form(Client().get(link).content.decode())
    said = {"quality": "C", "comment.quality": "Ask anna.berg@example.com"}
    body = urlencode(form.fill(**said), doseq=True).encode()
    worker = celery_worker_process(
        "-B", "--schedule", str(tmp_path / "beat"), LOG_FORMAT="json", SWEEP_SECONDS="1"
    )
    with gunicorn(tmp_path / "web.log") as web:
        for path, sent in ((link, None), (link, body), ("/customers/?q=anna.berg@example.com", None)):
            web.asked(path, sent)
        web.asked("/accounts/login/", b"login=anna.berg@example.com&password=wrong-one")

        def has_worked() -> bool:
            text = worker.log.read_text()
            return '"task": "scoring.tasks.sweep_stale"' in text and "rescore_customers" in text

        assert processes.wait_until(has_worked, seconds=300), worker.log.read_text()
    requests = [event for event in events_in(tmp_path / "web.log") if event["event"].startswith("request_")]
    tasks = [event for event in events_in(worker.log) if event["event"].startswith("task_")]
    assert len(requests) >= 8
    assert len(tasks) >= 3
    for event in requests:
        assert uuid.UUID(event["request_id"])
    for event in tasks:
        assert uuid.UUID(event["child_task_id" if event["event"] == "task_enqueued" else "task_id"])
    written = (tmp_path / "web.log").read_text() + worker.log.read_text()
    for private in (
        "anna.berg",
        "wrong-one",
        link.removeprefix("/s/"),
        "chen@",
        "Chen",
        form.fields["key"][0],
    ):
        assert private not in written, private
