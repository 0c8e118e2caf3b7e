"""The demo's company: what Today and the pages of projects need to have something to show."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from django.db.models import Count

from accounts.customers.models import Customer
from accounts.imports.fields import KEYS, guessed_mapping
from accounts.interactions.models import Interaction, Sentiment
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import Project
from crm.demo.story.book import create_book, write_order_file
from crm.demo.story.cast import create_cast
from crm.demo.story.plots import order_lines
from crm.demo.story.talks import RECENT_DAYS, Relation
from crm.demo.story.trade import name_projects
from crm.queries.customers import with_touches
from crm.queries.projects import rows_of

DAY = dt.timedelta(days=1)
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


def test_the_first_customers_orders_are_late_in_the_weeks_in_which_he_says_so(
    relations: list[Relation],
) -> None:
    plot, today = relations[0].plot, NOW.date()
    lines = order_lines(plot, today, np.random.default_rng(1))
    of_the_fall = [line for line in lines if line.promised_on > today - 28 * DAY]
    assert [(today - line.promised_on).days // 7 for line in of_the_fall] == [3, 2, 1, 0]
    late = [(line.delivered_on or today) - line.promised_on for line in of_the_fall]
    assert late[:3] == sorted(late[:3])
    assert min(late) > dt.timedelta(0)
    assert of_the_fall[-1].delivered_on is None
    assert max(line.ordered_on for line in lines) == today - plot.stops_before * DAY


def test_industries_fit_the_names(relations: list[Relation]) -> None:
    fitting = {
        "Medical": "Medical devices",
        "汽车电子": "Automotive electronics",
        "通信设备": "Telecom equipment",
    }
    fits = [
        industry in relation.customer.industry.name
        for relation in relations
        for word, industry in fitting.items()
        if relation.customer.short_name.endswith(word) and relation.customer.industry
    ]
    assert len(fits) > 5
    assert all(fits)


def test_what_is_called_negative_says_something_negative(relations: list[Relation]) -> None:
    told = Interaction.objects.exclude(summary="")
    for sentiment in Sentiment:
        said = set(told.filter(sentiment=sentiment).values_list("summary", flat=True))
        other = set(told.exclude(sentiment=sentiment).values_list("summary", flat=True))
        assert len(said) > 15
        assert not said & other
    most = told.values("summary").annotate(count=Count("pk")).order_by("-count")[0]["count"]
    assert most < 0.1 * told.count()


def test_every_order_is_of_the_project_of_its_customer(relations: list[Relation]) -> None:
    for relation in relations[:2]:
        facts = OrderFacts(ordered_on=NOW.date(), amount_minor=100, currency="CNY")
        add_order(customer=relation.customer, facts=facts, now=NOW)
    name_projects()
    projects = Order.objects.order_by("pk").values_list("project", flat=True)
    assert list(projects) == [relation.project.pk for relation in relations[:2] if relation.project]


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
