"""Pages and API by a real web server: time at 1 and 8 clients, SQL queries, size."""

from __future__ import annotations

import datetime as dt
import http.client
import itertools
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import brotli
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import get_token_model

from accounts.surveys.models import Invitation
from accounts.surveys.services import issue_token
from accounts.users.models import User
from crm.demo import processes
from crm.demo.servers import free_port
from tests.bench.book import Book
from tests.bench.results import PROJECT, Line, Results, median, percentile

DAY = dt.timedelta(days=1)
CLIENTS = 8
REQUESTS = 40
TIMES = 10


@dataclass(frozen=True)
class Form:
    """A filled-in form and the address it is sent to."""

    path: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Page:
    """What is asked and what it may take: p95 in ms at 1 and 8 clients, queries, bytes, median in ms."""

    what: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    one: float | None = None
    eight: float | None = None
    queries: int | None = None
    size: int | None = None
    compressed: int | None = None
    median: float | None = None
    form: Callable[[], Form] | None = None


def measure(book: Book, results: Results, folder: Path) -> None:
    with server(folder) as port:
        for page in pages(book):
            _measure(page, port, results)


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """gunicorn with two processes, as docs/operate.md starts it."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "crm.wsgi", "--workers", "2", "--worker-class", "gthread"]
    command += ["--threads", "4", "--bind", f"127.0.0.1:{port}"]
    environment = os.environ | {"DATABASE_POOL": "true", "API_RATE": "1000000/min"}
    started = processes.spawn(command, log=folder / "web.log", folder=PROJECT, environment=environment)
    try:
        if not processes.wait_until(lambda: _is_ready(port), seconds=60):
            raise RuntimeError("The web server did not start; see web.log.")
        yield port
    finally:
        processes.end(started.pid, ask=signal.SIGTERM, seconds=20)
        started.wait()


def _is_ready(port: int) -> bool:
    try:
        return _get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/health/ready", {})[0] == 200
    except OSError:
        return False


def pages(book: Book) -> list[Page]:
    admin = _logged_in("admin0@bench.example")
    manager = _logged_in("project_manager0@bench.example")
    owner = _logged_in("account_manager0@bench.example")
    executive = _logged_in("executive0@bench.example")
    # The list fetches its rows while one types.
    typing = admin | {"HX-Request": "true"}
    customer = book.customers // 2
    log = f"/customers/{customer}/interactions/new"
    return [
        Page("customer list", "/customers/", admin, 50, 250, 8, 60_000, 12_000),
        Page("customer list, 20 pages deep", _deep("/customers/", admin), admin, 50, 250, 8, 60_000, 12_000),
        Page("search by part of a name", "/customers/?q=ianhe+opt", typing, 60, 300, 8, 25_000),
        Page("search by name", "/customers/?q=huaxing+med", admin, 60, 300, 8),
        Page("search over everything", "/search/?q=huaxing+med", owner, 100, 500, 8),
        Page("customer page", f"/customers/{customer}", admin, 60, 300, 12, 50_000),
        Page("customer's satisfaction", f"/customers/{customer}/satisfaction", admin, 80, 400, 14),
        Page("week's board, 100 projects", "/satisfaction/", manager, 80, 400, 10),
        Page("Today of an account manager", "/today/", owner, 80, 400),
        Page("Today of an executive", "/today/", executive, 80, 400),
        Page("index of every project, an executive", "/satisfaction/index", executive, queries=10),
        Page("survey page", f"/s/{_survey_token(book)}", {}, 20, 100, 4, 30_000),
        Page("REST list of 50", "/api/v1/customers", _token("admin0@bench.example"), 40, 200, 5, 40_000),
        Page("log an interaction (POST)", log, admin, 35, 180, 10, form=_interaction(log, admin)),
        Page("answer a survey (POST)", "", {}, median=50, queries=14, form=_answer(book)),
    ]


def _measure(page: Page, port: int, results: Results) -> None:
    queries, body = _in_process(page)
    web, database = _processor_times(page)
    one = _times(page, port, REQUESTS)
    with ThreadPoolExecutor(CLIENTS) as pool:
        many = [
            t for part in pool.map(lambda _: _times(page, port, REQUESTS // 4), range(CLIENTS)) for t in part
        ]
    results.milliseconds(f"{page.what}: p50, 1 client", median(one), page.median)
    results.milliseconds(f"{page.what}: p95, 1 client", percentile(one, 0.95), page.one)
    results.milliseconds(f"{page.what}: p95, {CLIENTS} clients", percentile(many, 0.95), page.eight)
    results.milliseconds(f"{page.what}: processor time, web", web)
    results.milliseconds(f"{page.what}: processor time, database", database)
    results.add(Line(f"{page.what}: queries", queries, "", page.queries))
    if body:
        results.add(Line(f"{page.what}: size", len(body), "B", page.size))
        results.add(
            Line(f"{page.what}: compressed", len(brotli.compress(body, quality=5)), "B", page.compressed)
        )


def _in_process(page: Page) -> tuple[int, bytes]:
    """SQL queries and the answer, as the same code gives them in this process."""
    client = Client(headers=page.headers)
    if page.form is not None:
        form = page.form()
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(form.path, form.fields)
        assert answer.status_code in (302, 303), answer.content[:2000]
        return len(captured), b""
    client.get(page.path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(page.path)
    assert answer.status_code == 200, (page.path, answer.status_code)
    return len(captured), answer.content


def _processor_times(page: Page) -> tuple[float, float]:
    """Seconds of the process that answers and of its database's: the best of several, which others who use
    the machine spoil least."""
    client = Client(headers=page.headers)
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()
    spent = []
    for _ in range(TIMES):
        form = page.form() if page.form is not None else None
        ran, began = _ran(backend), time.thread_time()
        answer = client.get(page.path) if form is None else client.post(form.path, form.fields)
        spent.append((time.thread_time() - began, _ran(backend) - ran))
        assert answer.status_code in (200, 302, 303), (page.path, answer.status_code)
    return min(web for web, _database in spent), min(database for _web, database in spent)


def _ran(process: int) -> float:
    """Seconds that a process was on a processor; more exact than its ticks."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _times(page: Page, port: int, count: int) -> list[float]:
    """Seconds per request of one client on one connection; the first two warm it up."""
    kept = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken = []
    for _ in range(count + 2):
        began = time.perf_counter()
        status = _post(kept, page) if page.form is not None else _get(kept, page.path, page.headers)[0]
        taken.append(time.perf_counter() - began)
        assert status in (200, 302, 303), (page.path, status)
    return taken[2:]


def _get(kept: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    kept.request("GET", path, headers=headers)
    answer = kept.getresponse()
    return answer.status, answer.read()


def _post(kept: http.client.HTTPConnection, page: Page) -> int:
    assert page.form is not None
    form = page.form()
    headers = page.headers | {"Content-Type": "application/x-www-form-urlencoded"}
    kept.request("POST", form.path, urlencode(form.fields), headers)
    answer = kept.getresponse()
    answer.read()
    return answer.status


def _logged_in(email: str) -> dict[str, str]:
    client = Client()
    client.force_login(User.objects.get(email=email))
    csrf = "a" * 32
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}",
        "X-CSRFToken": csrf,
    }


def _token(email: str) -> dict[str, str]:
    _row, token = get_token_model().objects.create(user=User.objects.get(email=email))
    return {"Authorization": f"Bearer {token}"}


def _deep(path: str, headers: dict[str, str]) -> str:
    """The address 20 pages behind the first."""
    client, address = Client(headers=headers), path
    for _ in range(20):
        page = client.get(address).content.decode()
        (older,) = set(re.findall(r'href="([^"]*[?&;]after=[^"]+)"', page))
        query = older.replace("&amp;", "&")
        address = path + query if query.startswith("?") else query
    return address


def _survey_token(book: Book) -> str:
    invitation = Invitation.objects.filter(week=book.monday, answered_at__isnull=False).earliest("pk")
    return issue_token(invitation, now=book.now)


def _answer(book: Book) -> Callable[[], Form]:
    """A respondent's first answer to the latest week, another's each time; every tenth gives a low grade."""
    wanted = 4 * REQUESTS + TIMES
    silent = Invitation.objects.filter(week=book.monday, answered_at=None).order_by("pk")[:wanted]
    invitations = list(silent)
    Invitation.objects.filter(pk__in=[each.pk for each in invitations]).update(
        closes_at=book.now + 2 * DAY, expires_at=book.now + 3 * DAY
    )
    for each in invitations:
        each.expires_at = book.now + 3 * DAY
    links = iter([issue_token(each, now=book.now) for each in invitations])
    letters = itertools.cycle(["A", "A-", "B+", "A", "B", "A", "A-", "A", "A", "D"])

    def form() -> Form:
        fields = {"quality": "A", "delivery": next(letters), "communication": "A-", "service": "B+"}
        own = {"week": book.monday.isoformat(), "key": str(uuid.uuid4()), "support": "not_applicable"}
        return Form(f"/s/{next(links)}", fields | own)

    return form


def _interaction(path: str, headers: dict[str, str]) -> Callable[[], Form]:
    """A new form each time, with the hidden fields of the page."""
    page = Client(headers=headers).get(path).content.decode()
    started = re.search(r'name="started_at"[^>]*value="([^"]+)"', page) or re.search(
        r'value="([^"]+)"[^>]*name="started_at"', page
    )
    assert started is not None

    def form() -> Form:
        fields = {
            "kind": "call",
            "direction": "outbound",
            "started_at": started.group(1),
            "minutes": "15",
            "summary": "Went through open orders and dates.",
            "token": str(uuid.uuid4()),
        }
        return Form(path, fields)

    return form
