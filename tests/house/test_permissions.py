"""Who gets which answer from which address: the table of tests/house/permissions.py, swept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts import access
from accounts.users.models import User
from tests.conftest import rows_for_module, world_of
from tests.house.permissions import BODIES, KEYS, LINES, PEOPLE, Line, Office, office_of
from tests.house.sweep import Address, addresses


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Office]:
    yield from rows_for_module(django_db_blocker, lambda: office_of(world_of()))


@pytest.fixture
def office(shared: Office, db: None) -> Office:
    """The same for every line: whatever a request writes is taken back."""
    cache.clear()
    return shared


@pytest.fixture(scope="module")
def sessions(shared: Office, django_db_blocker: DjangoDbBlocker) -> dict[str, str]:
    """Each person's, made once: a log-in costs as much as a page."""
    with django_db_blocker.unblock():
        name = settings.SESSION_COOKIE_NAME
        return {who: client_of(user).cookies[name].value for who, user in shared.people.items() if user}


def fingerprint() -> str:
    """One hash over every row of every table but sessions, which a log-in itself writes."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name != "django_session"]
        parts = [
            f"select '{name}' name, md5(string_agg(t::text, '' order by t::text)) hash from \"{name}\" t"
            for name in tables
        ]
        together = " union all ".join(parts)
        cursor.execute(
            f"select md5(string_agg(name || coalesce(hash, ''), '' order by name)) from ({together}) x"
        )
        return str(cursor.fetchone()[0])


def rows_written() -> dict[str, int]:
    """How many rows of each table were written since the transaction began, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables"
            " where n_tup_ins + n_tup_upd + n_tup_del > 0 and relname <> 'django_session'"
        )
        return dict(cursor.fetchall())


def none() -> dict[str, int]:
    """What a question writes, its session and its trace, is nothing that is looked at."""
    return {}


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def answer(line: Line, office: Office, session: str | None) -> str:
    """The status, "login" for the way to the log-in page; undone before the next asks."""
    given, has_written = asked(line, office, session, state=none if line.method == "GET" else rows_written)
    if line.method != "GET" and has_written and not given.startswith("2") and given != "302":
        # Written and taken back is not written: so the rows themselves are compared.
        _given, has_written = asked(line, office, session, state=fingerprint)
        assert not has_written, f"{line.name} refused {line.method} and wrote all the same"
    return given


def asked(
    line: Line, office: Office, session: str | None, *, state: Callable[[], object]
) -> tuple[str, bool]:
    """What came of one request, and whether it has changed the state; undone again."""
    url = reverse(line.name, kwargs=KEYS.get(line.name, lambda office: {})(office))
    body = BODIES.get((line.name, line.method), lambda office: None)(office)
    with transaction.atomic():
        client = client_of(None)
        if session is not None:
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        before = state()
        is_json = url.startswith("/api/") and body is not None and "file" not in body
        options = {"content_type": "application/json"} if is_json else {}
        page = (
            client.generic(line.method, url)
            if body is None
            else getattr(client, line.method.lower())(url, body, **options)
        )
        has_written = state() != before
        transaction.set_rollback(True)
    to_login = page.status_code == 302 and page["Location"].startswith("/accounts/login/")
    return "login" if to_login else str(page.status_code), has_written


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.method} {line.name}")
def test_each_person_gets_the_answer_of_the_table(
    office: Office, sessions: dict[str, str], line: Line
) -> None:
    answers = {who: answer(line, office, sessions.get(who)) for who in PEOPLE}
    assert answers == line.answers


def missing(found: list[Address], lines: list[Line]) -> list[str]:
    """What the table lacks, one line each to copy."""
    listed = {(line.name, line.method) for line in lines}
    return sorted(
        f"{address.name:40} {method:6} (route {address.route})"
        for address in found
        for method in address.methods
        if (address.name, method) not in listed
    )


def test_every_address_and_method_stands_in_the_table() -> None:
    lacking = missing(addresses(), LINES)
    assert len(addresses()) > 40
    assert not lacking, "Add to the table in tests/house/permissions.py:\n" + "\n".join(lacking)


def test_nothing_in_the_table_is_gone() -> None:
    names = {address.name for address in addresses()}
    gone = sorted({line.name for line in LINES} - names)
    assert not gone, f"Remove from tests/house/permissions.py: {', '.join(gone)}"
    unused = {name for name, _ in BODIES} | set(KEYS)
    assert unused <= {line.name for line in LINES}


def test_no_line_stands_twice() -> None:
    keys = [(line.name, line.method) for line in LINES]
    assert len(keys) == len(set(keys))


def test_the_sweep_names_an_address_that_the_table_lacks() -> None:
    planted = Address("planted", "planted/<int:pk>", frozenset({"GET", "POST"}))
    assert missing([*addresses(), planted], LINES) == [
        f"{'planted':40} GET    (route planted/<int:pk>)",
        f"{'planted':40} POST   (route planted/<int:pk>)",
    ]


@pytest.mark.parametrize("state", [rows_written, fingerprint])
def test_a_write_that_is_refused_too_late_would_be_seen(office: Office, state: Callable[[], object]) -> None:
    before = state()
    assert state() == before
    User.objects.filter(pk=office.world.owner.pk).update(name="Somebody else")
    assert state() != before


def ids_in_links(page: str) -> set[int]:
    return {int(pk) for pk in re.findall(r'href="/customers/(\d+)"', page)}


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "nobody"])
def test_list_page_search_export_picker_and_api_agree_on_the_visible_customers(
    office: Office, who: str
) -> None:
    user = office.people[who]
    assert user is not None
    client, words = client_of(user), ("Huaxing", "Nordlicht")
    both = (office.world.customer, office.world.foreign)

    def rows(**query: str) -> set[int]:
        return {row["id"] for row in client.get(reverse("customer-list"), query).json()["results"]}

    def opens(name: str) -> set[int]:
        return {c.pk for c in both if client.get(reverse(name, kwargs={"pk": c.pk})).status_code == 200}

    def found(name: str, **query: str) -> str:
        return client.get(reverse(name), query).content.decode()

    exported = b"".join(client.get(reverse("customers_csv")).streaming_content).decode()
    answers = {
        "export": {c.pk for c in both if c.short_name in exported},
        "list": ids_in_links(found("customers")),
        "search": {pk for word in words for pk in ids_in_links(found("customers", q=word))},
        "page": opens("customer"),
        "picker": {
            c.pk for c, word in zip(both, words, strict=True) if word in found("customer_options", q=word)
        },
        "api list": rows(),
        "api search": {pk for word in words for pk in rows(q=word)},
        "api page": opens("customer-detail"),
    }
    visible = set(access.visible_customers(user).values_list("pk", flat=True))
    assert answers == dict.fromkeys(answers, visible)
