"""The demo's company: what Today and the pages of projects need to have something to show."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from accounts.customers.models import Customer
from accounts.imports.fields import KEYS, guessed_mapping
from accounts.interactions.models import Interaction
from accounts.projects.models import Project
from crm.demo.story.book import create_book, write_order_file
from crm.demo.story.cast import create_cast
from crm.demo.story.talks import RECENT_DAYS, Relation
from crm.queries.customers import with_touches
from crm.queries.projects import rows_of

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def relations(db: None) -> list[Relation]:
    return create_book(create_cast(), NOW, count=40)


def test_the_import_knows_every_column_of_the_order_file(relations: list[Relation], tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    write_order_file(relations, file, NOW)
    with file.open(newline="", encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    mapping = guessed_mapping(header)
    assert len(mapping) == len(header)
    assert set(KEYS) - mapping.keys() == {"rate"}  # all orders are in the company's currency
    delivered = [row[mapping["delivered_on"]] for row in rows if row[mapping["delivered_on"]]]
    assert len(delivered) > 0.9 * len(rows)
    assert max(delivered) <= NOW.date().isoformat()


def test_most_teams_are_complete_and_a_few_have_gaps(relations: list[Relation]) -> None:
    rows = rows_of(Project.objects.all())
    with_gap = [row for row in rows if row.gaps.roles]
    assert len(rows) == 40
    assert 1 <= len(with_gap) <= 8
    assert all(len(row.gaps.roles) <= 2 for row in with_gap)


def test_some_recent_talks_have_a_follow_up_and_few_of_them_are_overdue(relations: list[Relation]) -> None:
    recent = Interaction.objects.filter(started_at__gt=NOW - dt.timedelta(days=RECENT_DAYS))
    promised = recent.filter(follow_up_on__isnull=False)
    assert 0.08 < promised.count() / recent.count() < 0.22
    assert not promised.filter(follow_up_by=None).exists()
    still_open = with_touches(Customer.objects.all()).filter(follow_up_on__isnull=False)
    overdue = still_open.filter(follow_up_on__lt=NOW.date()).count()
    due = still_open.filter(follow_up_on__gte=NOW.date()).count()
    assert 1 <= overdue < due
