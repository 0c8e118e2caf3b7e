"""The six stories of the demo stand on Today, with their reasons: what docs/demo.md promises."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from accounts.customers.models import Customer
from accounts.notices.models import Notice
from accounts.users.models import User
from crm.demo.story.cast import email
from crm.management.commands.demo_advance import Command as Advance
from crm.management.commands.demo_data import Command as Fill
from crm.queries import today as queries
from crm.queries.contacts import people_by_level
from crm.queries.org_chart import org_chart_of
from tests.crm.demo.test_story_weeks import CUSTOMERS, SUNDAY

SLIDING, CHAMPION_LEFT, EARNS_NOTHING, GROWING, SILENT, SAVED = (f"C{1001 + place}" for place in range(6))
BETWEEN_TWO_WEEKS = dt.datetime(2026, 3, 6, 4, tzinfo=dt.UTC)
"""Friday noon in Shanghai, before the letters."""


@pytest.fixture(autouse=True)
def _company_week_of_this_book_alone() -> Iterator[None]:
    """An executive's page keeps the index of the week, for whatever book."""
    cache.clear()
    yield
    cache.clear()


def story(now: dt.datetime, media: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = media
    Fill(stdout=io.StringIO()).fill("story", CUSTOMERS, now)


def found(mailbox: str, number: str, kind: str, now: dt.datetime) -> Any:
    """The item about a customer on somebody's list."""
    user = User.objects.get(email=email(mailbox))
    today = queries.today_of(queries.scope_of(user, now=now, today=now.date()))
    name = Customer.objects.get(number=number).short_name
    items = [item for section in (*today.sections, *today.chances) for item in section.items]
    items = [item for item in items if item.kind == kind]
    (item,) = [
        item
        for item in items
        if (item.case.customer.short_name if kind == "case" else item.customer) == name  # type: ignore[attr-defined]
    ]
    return item


def weeks_of_silence(now: dt.datetime) -> int | None:
    reasons = found("am", SILENT, "flag", now).reasons
    return next(reason.weeks for reason in reasons if reason.weeks is not None)


def assert_notices_are_in_order() -> None:
    """Their page shows the latest written first."""
    written = list(Notice.objects.order_by("pk").values_list("created_at", flat=True))
    assert len(set(written)) > 5
    assert written == sorted(written)


@pytest.mark.parametrize("now", [SUNDAY, BETWEEN_TWO_WEEKS])
def test_each_story_is_found_from_today_and_goes_on_in_the_next_week(
    db: None, now: dt.datetime, tmp_path: Path, settings: Any
) -> None:
    story(now, tmp_path, settings)
    for who in ("am", "lead", "pm"):
        assert found(who, SLIDING, "case", now).fall.letters[-5:] == ("A", "A-", "B", "B-", "C")
    for who in ("am", "lead"):
        reason = found(who, CHAMPION_LEFT, "flag", now).reasons[0]
        assert (reason.on, bool(reason.who)) == ((now - dt.timedelta(days=25)).date(), True)
        assert found(who, GROWING, "growing", now).growth > 1
        saved = found(who, SAVED, "saved", now)
        assert [solved.dimension for solved in saved.solved] == ["On-time delivery"]
        assert saved.orders_back.days > 30
    for who in ("am", "lead", "executive"):
        nothing = found(who, EARNS_NOTHING, "unprofitable", now)
        assert min(nothing.lost_minor, nothing.cost_to_serve_minor) > 0
    silent_for = weeks_of_silence(now)
    assert silent_for is not None
    assert silent_for >= 5
    champion = Customer.objects.get(number=CHAMPION_LEFT)
    assert org_chart_of(people_by_level(champion)) is not None
    assert_notices_are_in_order()

    Advance(stdout=io.StringIO()).advance(now)
    assert weeks_of_silence(now) == silent_for + 1
    left_on = found("am", CHAMPION_LEFT, "flag", now).reasons[0].on
    assert left_on == (now - dt.timedelta(days=25 + 7)).date()
    assert found("am", SAVED, "saved", now).cleared_at < now - dt.timedelta(days=7)
    assert found("am", GROWING, "growing", now).growth > 0.5
    assert found("executive", EARNS_NOTHING, "unprofitable", now).lost_minor > 0
    assert_notices_are_in_order()
