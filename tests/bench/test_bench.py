"""The bench's book keeps every rule of the database, and its results can be read and compared."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.surveys.models import AnswerGrade, CorrectiveAction
from scoring.models import CustomerScore
from tests.bench.book import INTERACTIONS_EACH, ORDERS_EACH, USAGES_EACH, WEEKS, Book, generate
from tests.bench.results import Line, Results, compare
from tests.scoring.book import score

NOW = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
CUSTOMERS = 60
TABLES = {
    "customers_customer": CUSTOMERS,
    "orders_order": CUSTOMERS * ORDERS_EACH,
    "interactions_interactionparticipant": CUSTOMERS * INTERACTIONS_EACH,
    "costs_activityusage": CUSTOMERS * USAGES_EACH,
    "surveys_invitation": CUSTOMERS * WEEKS,
    "lists_lastcontact": CUSTOMERS,
    "needs_need": CUSTOMERS // 2,
    "actions_action": CUSTOMERS + CUSTOMERS // 10,
}
INDEXES = "select indexname from pg_indexes where schemaname = 'public' order by 1"


@pytest.fixture
def customers_from_one(transactional_db: None) -> None:
    """As in a new database. Runs go on counting: each has tables of its own, which other tests left there."""
    with connection.cursor() as cursor:
        cursor.execute("select setval(pg_get_serial_sequence('customers_customer', 'id'), 1, false)")


def test_the_book_passes_every_check_of_the_database_and_can_be_scored(customers_from_one: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
    generate(Book.at(CUSTOMERS, NOW), say=lambda text: None, is_checked=True)
    with connection.cursor() as cursor:
        for table, rows in TABLES.items():
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (rows,), table
        cursor.execute(INDEXES)
        assert cursor.fetchall() == indexes
    assert Customer.objects.filter(search_tokens__contains=["医疗"], short_name__contains="医疗").exists()
    assert not Contact.objects.filter(search_tokens=[]).exists()
    low = AnswerGrade.objects.filter(opens_case=True)
    assert low.count() == CorrectiveAction.objects.count() == CUSTOMERS // 20
    run = score(NOW)
    assert CustomerScore.objects.filter(run_id=run.pk, tier__gt=0).count() == CUSTOMERS


def test_a_line_says_whether_it_meets_its_target() -> None:
    assert Line("list", 40, "ms", 50).verdict == "ok"
    assert Line("list", 60, "ms", 50).verdict == "SHORT"
    assert Line("against a loop", 120, "x", 100, at_least=True).verdict == "ok"
    assert Line("rebuild", 9, "s", floors=3.5, floors_target=3).verdict == "SHORT"
    assert Line("floor", 9, "s", floors=1).verdict == ""


def test_two_files_of_results_stand_side_by_side(tmp_path: Path) -> None:
    for name, value in (("a", 2.0), ("b", 1.0)):
        results = Results(100, floor=0.5)
        results.seconds("rebuild", value, floors=3)
        if name == "b":
            results.milliseconds("list", 0.04, 50)
        results.write(tmp_path / f"{name}.json")
    text = compare(tmp_path / "a.json", tmp_path / "b.json")
    (rebuild,) = [line for line in text.splitlines() if line.startswith("rebuild")]
    assert rebuild.split()[1:] == ["2", "1", "-50", "%", "ok"]
    assert [line.split()[-1] for line in text.splitlines() if line.startswith("list")] == ["new"]
