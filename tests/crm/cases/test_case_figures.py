"""The board of cases, and how fast they are answered, counted by hand."""

from __future__ import annotations

import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.surveys.models import CorrectiveAction
from accounts.surveys.worktime import Worktime, due_after
from crm.queries.case_figures import By, Quarter, figures_of, worked_hours
from tests.accounts.surveys.office import HOUR, Office, project_of

OPENED = dt.datetime(2026, 3, 9, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
BEFORE = dt.datetime(2025, 12, 9, 1, tzinfo=dt.UTC)
WORK = Worktime(
    weekdays=frozenset({1, 2, 3, 4, 5}),
    from_minute=540,
    until_minute=1050,
    zone=ZoneInfo("Europe/Berlin"),
    holidays=frozenset({dt.date(2026, 4, 3)}),
    extra_days=frozenset({dt.date(2026, 4, 11)}),
)


@given(minutes=st.integers(0, 40 * 24 * 60), hours=st.integers(1, 80))
def test_worked_hours_are_those_that_a_clock_ran(minutes: int, hours: int) -> None:
    start = dt.datetime(2026, 3, 20, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    end = due_after(start, hours, WORK)
    worked = worked_hours(np.array([start.timestamp()]), np.array([end.timestamp()]), WORK)
    assert worked[0] == pytest.approx(hours)


def opened(
    office: Office,
    name: str,
    *,
    at: dt.datetime = OPENED,
    acknowledged: float | None = None,
    planned: float | None = None,
) -> CorrectiveAction:
    """Times in hours after it was opened."""
    first = CorrectiveAction.objects.earliest("pk")
    state = "open" if acknowledged is None else "acknowledged" if planned is None else "planned"
    return CorrectiveAction.objects.create(
        customer=office.world.customer,
        project=project_of(office.world, name),
        dimension=first.dimension,
        programme_version=first.programme_version,
        opened_by=first.opened_by,
        owner=office.world.manager,
        state=state,
        opened_at=at,
        acknowledge_by=at + 24 * HOUR,
        plan_by=at + 72 * HOUR,
        acknowledged_at=None if acknowledged is None else at + acknowledged * HOUR,
        planned_at=None if planned is None else at + planned * HOUR,
        known_at=at,
    )


@pytest.fixture
def book(office: Office, case: CorrectiveAction) -> Office:
    """Three of this quarter and one of the quarter before; the fixture's own is moved far away."""
    CorrectiveAction.objects.filter(pk=case.pk).update(opened_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    opened(office, "fast", acknowledged=2, planned=10)
    opened(office, "late", acknowledged=30)
    opened(office, "never")
    opened(office, "before", at=BEFORE, acknowledged=1, planned=80)
    return office


def test_medians_and_shares_are_those_counted_by_hand(book: Office) -> None:
    found = figures_of(CorrectiveAction.objects.all(), Quarter(2026, 1), By.OWNER, language="en", now=NOW)
    line = found.everything
    assert line.cases == 3
    assert (line.acknowledge.now.median, line.acknowledge.now.done) == (16.0, 2)
    assert (line.acknowledge.now.share, line.acknowledge.now.decided) == (pytest.approx(1 / 3), 3)
    assert (line.acknowledge.before.share, line.acknowledge.before.decided) == (1.0, 1)
    assert line.acknowledge.change == pytest.approx(-2 / 3)
    assert line.acknowledge.shown_change is None
    assert (line.plan.now.share, line.plan.now.decided) == (pytest.approx(1 / 3), 3)
    assert (line.plan.before.share, line.plan.before.median) == (0.0, 80.0)
    assert (line.solve.now.share, line.solve.now.median) == (None, None)
    assert [each.label for each in found.lines] == ["Manager"]
    assert [age.open for age in found.ages] == [0, 3, 0, 2]
    assert [age.overdue for age in found.ages] == [0, 3, 0, 2]


@pytest.mark.parametrize(
    ("by", "labels"),
    [(By.MANAGER, ["Manager"]), (By.DIMENSION, ["按时交货"]), (By.MONTH, ["2026-03"]), (By.TEAM, [])],
)
def test_they_are_grouped_as_wished(book: Office, by: By, labels: list[str]) -> None:
    found = figures_of(CorrectiveAction.objects.all(), Quarter(2026, 1), by, language="zh-hans", now=NOW)
    assert [line.label for line in found.lines] == labels
    for line in found.lines:
        assert (line.cases, line.acknowledge.before.decided) == (3, 1)


def test_what_the_customer_closed_in_time_was_neither_in_time_nor_late(book: Office) -> None:
    CorrectiveAction.objects.filter(project__name="never").update(
        state="confirmed", closed_at=OPENED + 3 * HOUR
    )
    found = figures_of(CorrectiveAction.objects.all(), Quarter(2026, 1), By.OWNER, language="en", now=NOW)
    assert found.everything.acknowledge.now.decided == 2


def test_the_file_holds_what_the_page_shows(book: Office, manager: Client) -> None:
    page = manager.get("/cases/figures", {"quarter": "2026-Q1"})
    text = " ".join(page.content.decode().split())
    assert "1 of 3" in text
    assert "too few for a share" in text
    assert "33%" not in text
    assert "worse than" not in text
    text = manager.get("/cases/figures.csv", {"quarter": "2026-Q1"}).getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == ["Owner", "All", "Manager"]
    assert rows[1][1:6] == ["3", "16.0", "2", "0.3333", "3"]


def test_of_enough_cases_shares_are_compared_and_long_medians_are_days(book: Office, manager: Client) -> None:
    for number in range(4):
        opened(book, f"slow {number}", acknowledged=60 + number)
        opened(book, f"before {number}", at=BEFORE, acknowledged=1)
    found = figures_of(CorrectiveAction.objects.all(), Quarter(2026, 1), By.OWNER, language="en", now=NOW)
    line = found.everything.acknowledge
    assert (line.now.in_time, line.now.decided, line.before.decided) == (1, 7, 5)
    assert line.shown_change == pytest.approx(1 / 7 - 1)
    assert (line.now.rate.low, line.now.rate.high) == (
        pytest.approx(0.0257, abs=1e-3),
        pytest.approx(0.513, abs=1e-3),
    )
    assert line.now.median_days == pytest.approx(60.5 / 24)
    text = " ".join(manager.get("/cases/figures", {"quarter": "2026-Q1"}).content.decode().split())
    assert "median 2.5 days, n = 6" in text
    assert "worse than 100%" in text


def test_a_quarter_is_named_and_counted_back() -> None:
    assert str(Quarter(2026, 1).back(1)) == "2025-Q4"
    assert str(Quarter(2025, 4).back(-1)) == "2026-Q1"
    assert Quarter.named("2026-Q3") == Quarter(2026, 3)
    for text in ("", "2026", "2026-Q5", "0000-Q1", "x" * 9):
        assert Quarter.named(text) is None


def test_the_board_has_a_column_for_each_state(book: Office, manager: Client) -> None:
    columns = {str(each.state): each for each in manager.get("/cases/board").context["columns"]}
    assert {state: column.count for state, column in columns.items()} == {
        "open": 2,
        "acknowledged": 1,
        "planned": 2,
        "contained": 0,
        "cause_found": 0,
        "corrected": 0,
    }
    assert [case.project.name for case in columns["planned"].cases] == ["before", "fast"]


@pytest.mark.parametrize("address", ["/cases/board", "/cases/figures?quarter=2026-Q1", "/cases/"])
def test_the_same_queries_for_three_cases_and_for_thirty(book: Office, manager: Client, address: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert manager.get(address).status_code == 200
        return len(found)

    few = queries()
    for number in range(27):
        opened(book, f"Line {number + 10}", acknowledged=number, planned=number + 5)
    assert queries() == few
