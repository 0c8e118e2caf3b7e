"""Valkey or PostgreSQL is killed under the product: it goes on, or it says when to come again."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from crm.demo import processes
from crm.mail import letters
from tests.accounts.surveys.office import office_of
from tests.chaos.browser import Answer, Browser, Traffic
from tests.conftest import PASSWORD, World
from tests.crm.mail.postbox import postbox
from tests.crm.web_server import gunicorn
from tests.servers import PROJECT, StartWorker, database_url_of_tests

if TYPE_CHECKING:
    from crm.demo.servers import Postgres, Valkey

pytestmark = pytest.mark.django_db(transaction=True)


def browser_of(port: int, email: str) -> Browser:
    browser = Browser(port, Traffic(), email, PASSWORD)
    assert browser.log_in()
    return browser


def logged(browser: Browser, customer: int) -> Answer:
    """A call that he had with a customer."""
    fields = {"kind": "call", "direction": "outbound", "started_at": "2026-03-02T09:00", "minutes": "5"}
    return browser.post(f"/customers/{customer}/interactions/new", fields | {"token": str(uuid.uuid4())})


def test_without_valkey_people_read_and_write_and_their_sessions_outlive_it(
    world: World, own_valkey: Valkey, tmp_path: Path
) -> None:
    with gunicorn(tmp_path / "web.log", REDIS_URL=own_valkey.url) as server:
        browser = browser_of(server.port, world.owner.email)
        page = f"/customers/{world.customer.pk}"
        assert browser.get(page).status == 200
        own_valkey.kill()
        began = time.monotonic()
        assert browser.get(page).status == 200
        assert logged(browser, world.customer.pk).is_done
        assert time.monotonic() - began < 10
        assert world.customer.interactions.count() == 1
        own_valkey.start()
        assert browser.get(page).status == 200


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        ("executive", ["/today/", "/satisfaction/", "/customers/"]),
        ("manager", ["/today/", "/satisfaction/", "/cases/", "/notices/"]),
        ("admin", ["/today/", "/outbox/", "/jobs/", "/imports/", "/status/"]),
    ],
)
def test_without_valkey_everybody_reads_his_pages(
    world: World, own_valkey: Valkey, tmp_path: Path, who: str, pages: list[str]
) -> None:
    office = office_of(world)
    office.invite()
    with gunicorn(tmp_path / "web.log", REDIS_URL=own_valkey.url) as server:
        browser = browser_of(server.port, getattr(world, who).email)
        own_valkey.kill()
        assert {page: browser.get(page).status for page in pages} == dict.fromkeys(pages, 200)


def test_without_valkey_nobody_is_logged_out_by_half(
    world: World, own_valkey: Valkey, tmp_path: Path
) -> None:
    """A copy of the session that came back with the cache would let the next person at this browser in."""
    with gunicorn(tmp_path / "web.log", REDIS_URL=own_valkey.url) as server:
        browser = browser_of(server.port, world.owner.email)
        own_valkey.kill()
        assert browser.post("/accounts/logout/", {}).status == 503
        assert browser.get("/customers/").status == 200
        own_valkey.start()
        kept = dict(browser.cookies)
        assert browser.post("/accounts/logout/", {}).is_done
        thief = Browser(server.port, Traffic(), cookies=kept)
        assert thief.get("/customers/").status == 302


def test_without_postgres_everybody_is_asked_to_come_again_and_can(
    own_postgres: Postgres, world: World, tmp_path: Path
) -> None:
    copy_of_the_tests(own_postgres)
    with gunicorn(tmp_path / "web.log", DATABASE_URL=own_postgres.url, DATABASE_POOL="true") as server:
        browser = browser_of(server.port, world.owner.email)
        own_postgres.kill()
        page = browser.get(f"/customers/{world.customer.pk}")
        assert page.status == 503
        assert "One moment" in page.body
        assert "never saved twice" in logged(browser, world.customer.pk).body
        survey = Browser(server.port, Traffic()).get("/s/" + "x" * 43)
        assert (survey.status, "Truenorth" in survey.body) == (503, False)
        api = browser.get("/api/v1/customers")
        assert (api.status, json.loads(api.body)["error"]) == (503, "unavailable")
        began = time.monotonic()
        scraped = Browser(server.port, Traffic()).get("/metrics")
        assert (scraped.status, 'truenorth_up{part="database"} 0' in scraped.body) == (200, True)
        assert time.monotonic() - began < 9, "Prometheus gives up after ten seconds"
        own_postgres.start()
        began = time.monotonic()
        while browser.get(f"/customers/{world.customer.pk}").status == 503:
            assert time.monotonic() - began < 15, "The database is back, and nobody asks it."
            time.sleep(0.2)
        assert logged(browser, world.customer.pk).is_done


@pytest.mark.worker
def test_a_letter_to_a_colleague_waits_until_the_database_is_back(
    own_postgres: Postgres, world: World, celery_worker_process: StartWorker
) -> None:
    copy_of_the_tests(own_postgres)
    with postbox() as box:
        worker = celery_worker_process(DATABASE_URL=own_postgres.url, **box.variables)
        own_postgres.kill()
        letters.post(letters.Kind.INVITATION, world.owner)
        tried = processes.wait_until(lambda: "OperationalError" in worker.log.read_text(), seconds=300)
        assert tried
        assert not box.messages
        own_postgres.start()
        box.wait_for(1)


def copy_of_the_tests(postgres: Postgres) -> None:
    """Schema and people of this test, on a server that it may kill."""
    dump = [postgres.program("pg_dump"), "--format=custom", database_url_of_tests()]
    restore = [postgres.program("pg_restore"), "--no-owner", "--dbname", postgres.url]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    kept = subprocess.run(dump, cwd=PROJECT, env=environment, capture_output=True, check=True).stdout
    subprocess.run(restore, cwd=PROJECT, env=environment, input=kept, check=True)
    with psycopg.connect(postgres.url) as session:
        assert session.execute("select count(*) from users_user").fetchone() == (8,)
