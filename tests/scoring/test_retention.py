"""Scores of past runs go, but not those that something still needs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from scoring import retention, store
from scoring.models import RunKind
from tests.scoring.book import make_book, score, scores

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_old_runs_are_dropped_but_month_ends_the_current_and_what_it_looks_back_to() -> None:
    make_book(2, orders_each=1, first=FIRST)
    start = dt.datetime(2025, 1, 29, 2, tzinfo=dt.UTC)
    runs = [score(start + dt.timedelta(days=n), kind=RunKind.NIGHTLY) for n in range(40)]
    now = runs[-1].as_of
    dropped = retention.drop_old_runs(now=now, zone="UTC")
    kept_month_end = runs[2]
    assert kept_month_end.as_of.date() == dt.date(2025, 1, 31)
    assert dropped == [run.pk for run in runs[:5] if run != kept_month_end]
    assert retention.drop_old_runs(now=now, zone="UTC") == []
    assert len(scores(kept_month_end)) == 2
    assert scores(runs[0]) == {}
    assert len(scores(runs[5])) == 2
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [store.partition(store.STATE_TABLE, runs[0].pk)])
        assert cursor.fetchone() == (None,)
