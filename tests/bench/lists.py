"""What the database takes for the list of customers in each order, and for looking something up.

The statements of a page are explained and analysed one by one; their times add up, and the plan of the
slowest goes into the file of results.
"""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.users.models import User
from crm.queries.customers_order import SUBJECTS
from tests.bench.results import Results

TARGET = 50.0
TIMES = 3
# A part of a name, two Chinese characters, pinyin, its initials, one surname, a contact in each script.
WANTED = ("ianhe opt", "医疗", "yiliao", "hxyl", "王", "陈静华", "sofia lund", "C4711")
_TOOK = re.compile(r"(?:Planning|Execution) Time: ([0-9.]+) ms")
# What the audit's middleware puts before the first statement of a request.
_CONTEXT = re.compile(r"^SELECT set_config\(.*?true\); ", re.DOTALL)


def measure(results: Results) -> None:
    plans: dict[str, str] = {}
    executive, manager = _client("executive0@bench.example"), _client("account_manager0@bench.example")
    for sort in (f"{sign}{subject}" for subject in SUBJECTS for sign in ("", "-")):
        _add(results, plans, f"customers by {sort}: database", executive, f"/customers/?sort={sort}")
    for who, client in (("an executive", executive), ("who has 500", manager)):
        for text in WANTED:
            _add(results, plans, f"search {text}, {who}: database", client, f"/search/?q={text}")
    results.facts["plans"] = plans


def _client(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def _add(results: Results, plans: dict[str, str], what: str, client: Client, path: str) -> None:
    took, plan = min((_explained(client, path) for _ in range(TIMES)), key=lambda found: found[0])
    results.milliseconds(what, took / 1000, TARGET)
    plans[what] = plan


def _explained(client: Client, path: str) -> tuple[float, str]:
    """Milliseconds of planning and execution of all that the page reads, and the plan of the slowest."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    explained = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            text = _CONTEXT.sub("", query["sql"])
            if not re.match(r"\s*\(?(select|with)\b", text, re.IGNORECASE):
                continue
            cursor.execute(f"explain (analyze, buffers, timing off) {text}".replace("%", "%%"), [])
            plan = "\n".join(row for (row,) in cursor.fetchall())
            explained.append((sum(map(float, _TOOK.findall(plan))), plan))
    return sum(took for took, _plan in explained), max(explained)[1]
