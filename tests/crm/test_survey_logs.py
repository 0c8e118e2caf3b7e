"""The secret of a respondent's link reaches no log: of no renderer, of no server, of no error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accounts.surveys.office import DAY, HOUR
from tests.conftest import World
from tests.crm.links import invited, keep_open, link_of
from tests.crm.web_server import gunicorn
from tests.servers import PROJECT, database_url_of_tests

VISIT = """
import logging, os
import django; django.setup()
import structlog
from django.test import Client
link = os.environ["LINK"]
client = Client(raise_request_exception=False)
for path in (link, link + "?delivery=D", link + "/cases/1", "/s/another-secret", link + "/nothing"):
    client.get(path)
    client.head(path)
    client.post(path, {"delivery": "E"})
    client.put(path)
logging.getLogger("gunicorn.error").error("Error handling request %s %s", "POST", link)
try:
    raise ValueError(f"https://truenorth.test{link}?lang=en")
except ValueError:
    structlog.get_logger("truenorth").exception("failed", url=f"https://truenorth.test{link}")
    logging.getLogger("another.package").exception("failed at %s", link)
"""


def logged(link: str, **environment: str) -> str:
    """What a process writes that opens the link in every way."""
    run = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings", "LINK": link, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stderr


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_no_log_holds_the_token(transactional_db: None, world: World, log_format: str, level: str) -> None:
    office = invited(world)
    link = link_of(office, office.chen)
    url = database_url_of_tests()
    text = logged(link, DATABASE_URL=url, LOG_FORMAT=log_format, LOG_LEVEL=level)
    for said in (
        "request_finished",
        "Unprocessable Entity: /s/…",
        "Not Found: /s/…",
        "Error handling request",
    ):
        assert said in text, said
    assert "https://truenorth.test/s/…" in text
    assert link.removeprefix("/s/") not in text
    assert "another-secret" not in text


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_an_error_of_ours_holds_no_token_either(db: None, log_format: str) -> None:
    """No database answers: every request fails with its traceback."""
    nobody = "postgres://nobody@127.0.0.1:1/nothing"
    text = logged("/s/the-secret-of-a-link", DATABASE_URL=nobody, LOG_FORMAT=log_format)
    assert "request_failed" in text
    assert "Traceback" in text
    assert "Service Unavailable: /s/…" in text
    assert "the-secret-of-a-link" not in text


def test_the_web_servers_own_logs_hold_no_token(transactional_db: None, world: World, tmp_path: Path) -> None:
    office = invited(world)
    links = [link_of(office, office.chen), "/s/another-secret"]
    with gunicorn(tmp_path / "web.log") as web:
        assert [web.asked(f"{link}?delivery=D") for link in links] == [200, 404]
        assert [web.asked(link, b"delivery=E") for link in links] == [422, 404]
        assert web.asked(links[0].replace("/s/", "/S//") + ".") == 200
        keep_open(closes_in=-DAY, expires_in=-HOUR)
        assert web.asked(links[0]) == 410
    text = web.log.read_text()
    assert '\\"GET /s/…' in text, "the access log speaks of the page"
    assert '\\"GET /S//…' in text
    for link in links:
        assert link.removeprefix("/s/") not in text
