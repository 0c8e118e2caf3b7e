"""Notices: in words for every kind, read when opened, counted at the bell."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.customers.models import Customer
from accounts.imports.models import Import, ImportKind
from accounts.notices.models import Notice
from accounts.notices.services import tell
from accounts.surveys.services import assign_case, reject_case
from accounts.users.models import User
from crm.telling import KINDS
from tests.accounts.surveys.office import DUE, HOUR, Office, office_of
from tests.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    office = office_of(world)
    office.invite()
    return office


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def texts(client: Client) -> list[str]:
    return [told.text for _notice, told in client.get("/notices/").context["rows"]]


def bell(client: Client) -> str:
    page = client.get("/notices/").content.decode()
    found = re.search(r'<a class="topbar-button" href="/notices/">.*?</a>', page, re.DOTALL)
    assert found
    count = re.search(r'<span class="chip num">(.*?)</span>', found[0])
    return count[1] if count else ""


def test_a_low_grade_is_told_with_names_and_leads_to_its_case(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="B-")
    client = logged_in(office.world.manager)
    ((notice, told),) = client.get("/notices/").context["rows"]
    assert told.text == "Chen gave B- for Quality, D for On-time delivery (Line 4)."
    assert told.url == f"/cases/{office.case().pk}"
    answer = client.post(f"/notices/{notice.pk}")
    assert answer["Location"] == f"/cases/{office.case().pk}"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_case_that_is_assigned_confirmed_or_rejected_is_told(office: Office) -> None:
    world = office.world
    office.say(office.chen, delivery="D")
    assign_case(office.case(), owner=world.owner, by=world.manager, now=DUE + HOUR)
    reject_case(
        office.case(), invitation=office.invitation(office.chen), comment="Still late", now=DUE + 2 * HOUR
    )
    office.say(office.chen, delivery="A", at=DUE + 3 * HOUR)
    case = office.case().pk
    assert texts(logged_in(world.owner))[:3] == [
        f"Chen changed the grade to A: CA-{case}, On-time delivery, Line 4.",
        f"The customer says that it is not solved: CA-{case}, On-time delivery, Line 4.",
        f"Manager made you the owner of a corrective action: CA-{case}, On-time delivery, Line 4.",
    ]


def test_a_complaint_that_was_taken_back_is_told_and_leads_to_its_case(office: Office) -> None:
    office.say(office.li, delivery="D")
    office.say(office.chen, delivery="C", quality="D", at=DUE + 2 * HOUR)
    office.say(office.chen, delivery="B-", at=DUE + 3 * HOUR)
    client = logged_in(office.world.manager)
    changes = "no D for Quality, C to B- for On-time delivery"
    text = f"Chen changed the answer: {changes} (Line 4). The corrective action stays."
    rows = client.get("/notices/").context["rows"]
    assert {told.text: told.url for _notice, told in rows}[text] == f"/cases/{office.case('quality').pk}"


def test_imports_and_flags_are_told(world: World) -> None:
    done = Import.objects.create(kind=ImportKind.ORDERS, file_name="orders.csv", sha256="0" * 64, bytes=1)
    counts = {"rows_added": 1200, "rows_corrected": 3, "rows_refused": 0}
    tell(world.admin, "import_done", {"import": done.pk, "file": "orders.csv", "error": "", **counts})
    failed = {"import": 0, "file": "broken.csv", "error": "empty|0|"}
    tell(world.admin, "import_failed", failed)
    flag = {"flag": 1, "level": 2, "before": 1, "score": 51.2}
    tell(world.admin, "churn_flag", flag, world.customer)
    tell(world.admin, "churn_flag", flag | {"before": 0}, world.customer)
    client = logged_in(world.admin)
    assert texts(client) == [
        "A churn flag opened: At risk (51 of 100).",
        "The churn flag rose from Watch to At risk (51 of 100).",
        "broken.csv could not be imported. The file is empty.",
        "orders.csv is imported: 1,200 added, 3 corrected, 0 refused.",
    ]
    urls = [told.url for _notice, told in client.get("/notices/").context["rows"]]
    customer = f"/customers/{world.customer.pk}"
    assert urls == [customer, customer, "", f"/imports/{done.pk}"]


def test_a_kind_nobody_knows_and_things_that_are_gone_are_told_sensibly(world: World) -> None:
    tell(world.owner, "from_the_future", {"what": "ever"}, world.customer)
    tell(world.owner, "survey_case_assigned", {"case": 987654, "by": 987654})
    tell(
        world.owner,
        "survey_grades_low",
        {"grades": {"style": "D"}, "contact": 5, "project": 6},
        world.customer,
    )
    client = logged_in(world.owner)
    assert texts(client) == [
        "A respondent gave D for style (a project).",
        "Somebody made you the owner of a corrective action: a project you do not see.",
        "Something happened here.",
    ]
    pk = Notice.objects.get(kind="survey_case_assigned").pk
    assert client.post(f"/notices/{pk}")["Location"] == "/notices/"


def test_a_name_is_told_only_to_those_who_see_the_project_today(office: Office) -> None:
    world = office.world
    office.say(office.chen, delivery="D")
    office.project.manager = world.mate
    office.project.save()
    client = logged_in(world.manager)
    assert "Line 4" not in client.get("/notices/").content.decode()
    assert bell(client) == ""
    Customer.objects.filter(pk=world.customer.pk).update(owner=world.stranger)
    assert texts(logged_in(world.owner)) == []
    assert logged_in(world.owner).post(f"/notices/{Notice.objects.first().pk}").status_code == 404


def test_reading_the_page_changes_nothing_and_marking_takes_what_was_shown(world: World) -> None:
    for _ in range(3):
        tell(world.owner, "from_the_future", {}, world.customer)
    client = logged_in(world.owner)
    latest = client.get("/notices/").context["latest"]
    assert bell(client) == "3"
    tell(world.owner, "from_the_future", {}, world.customer)
    tell(world.mate, "from_the_future", {})
    assert client.post("/notices/read", {"up_to": latest})["Location"] == "/notices/"
    assert bell(client) == "1"
    assert Notice.objects.filter(user=world.mate, read_at=None).count() == 1
    for wrong in ("", "x", "-1", "9" * 40):
        assert client.post("/notices/read", {"up_to": wrong}).status_code == 302
    assert bell(client) == ""


@pytest.mark.parametrize(("count", "shown"), [(99, "99"), (100, "99+"), (150, "99+")])
def test_the_bell_counts_to_99(world: World, count: int, shown: str) -> None:
    Notice.objects.bulk_create(Notice(user=world.owner, kind="x") for _ in range(count))
    assert bell(logged_in(world.owner)) == shown


def test_a_notice_of_another_person_does_not_exist(world: World) -> None:
    notice = tell(world.owner, "from_the_future", {})
    assert logged_in(world.mate).post(f"/notices/{notice.pk}").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_pages_of_notices_follow_each_other(world: World) -> None:
    Notice.objects.bulk_create(Notice(user=world.owner, kind="x") for _ in range(120))
    client = logged_in(world.owner)
    met: list[int] = []
    after = ""
    while after is not None:
        page = client.get("/notices/", {"after": after}).context["page"]
        met += [notice.pk for notice in page.rows]
        after = page.older
    assert met == sorted(Notice.objects.values_list("pk", flat=True), reverse=True)


def test_thirty_notices_take_as_many_queries_as_three(office: Office) -> None:
    client = logged_in(office.world.manager)
    office.say(office.chen, delivery="D")
    (notice,) = Notice.objects.filter(user=office.world.manager)

    def taken(count: int) -> int:
        Notice.objects.bulk_create(
            Notice(user=notice.user, kind=notice.kind, facts=notice.facts, customer=notice.customer)
            for _ in range(count)
        )
        with CaptureQueriesContext(connection) as captured:
            client.get("/notices/")
        return len(captured)

    taken(1)
    assert taken(2) == taken(27) <= 16


def test_every_kind_that_is_told_has_words() -> None:
    """Whoever calls `tell` or writes a notice in SQL names the kind in a constant of the module or there."""
    kinds: set[str] = set()
    for room in ("accounts", "scoring"):
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            source = path.read_text()
            if "tell(" not in source and "notices_notice" not in source:
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Assign) and "NOTICE" in getattr(node.targets[0], "id", ""):
                    kinds.add(ast.literal_eval(node.value))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tell":
                    kinds |= {
                        each.value
                        for each in ast.walk(node.args[1])
                        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value
                    }
    assert len(kinds) >= 7
    assert kinds <= KINDS
